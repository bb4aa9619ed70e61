"""How sure a number is: the bootstrap over raters and trials at once.

Other raters would have answered otherwise, and so would the same raters about other pairs. Each
draw takes as many raters and as many trials as there are, both with replacement; an answer counts
as often as its rater and its trial were drawn, multiplied. With a single rater only the trials
vary: the interval then says nothing about other people.

A. Owen, "The pigeonhole bootstrap", 2007.
"""

import typing
from dataclasses import dataclass

import numpy as np

NUM_DRAWS = 1000
ENDS = (2.5, 97.5)  # percent


class Interval(typing.NamedTuple):
    """A number and the 95 % interval around it.

    Attributes:
        value: from all answers.
        low, high: ends of the interval.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value, draws):
        """Returns the interval of a number from what it was in each draw."""
        low, high = np.percentile(draws, ENDS)
        return cls(float(value), float(low), float(high))


@dataclass(frozen=True)
class Estimates:
    """Numbers that were estimated together, and again in each draw of a bootstrap.

    Attributes:
        labels: names of K numbers, a tuple.
        values: the numbers, (K,).
        draws: what they were in each draw, (num_draws, K).
    """

    labels: tuple
    values: np.ndarray
    draws: np.ndarray

    @property
    def intervals(self):
        """{label: `Interval`}."""
        return {
            label: Interval.of(self.values[index], self.draws[:, index])
            for index, label in enumerate(self.labels)
        }

    def difference(self, one, other):
        """Returns the `Interval` of `one` less `other`, draw by draw.

        It is what tells two numbers apart: each alone may be much less sure.

        Raises:
            ValueError: there is no such number.
        """
        i, j = self.index(one), self.index(other)
        return Interval.of(self.values[i] - self.values[j], self.draws[:, i] - self.draws[:, j])

    def index(self, label):
        """Returns the place of a label.

        Raises:
            ValueError: there is no such label.
        """
        if label not in self.labels:
            raise ValueError(f"there is no {label!r}; there are {', '.join(self.labels)}")
        return self.labels.index(label)


def codes(values):
    """Returns which of the different values each is: integers (N,), and how many differ.

    Example:
        >>> codes(["b", "a", "b"])
        (array([1, 0, 1]), 2)
    """
    different, found = np.unique(np.asarray(values), return_inverse=True)
    return found, len(different)


def draws(num_raters, num_trials, *, num_draws=NUM_DRAWS, seed=0):
    """Yields for each draw how often every rater and every trial was drawn: two integer arrays."""
    rng = np.random.default_rng(seed)
    for _ in range(num_draws):
        yield tuple(
            np.bincount(rng.integers(number, size=number), minlength=number)
            for number in (num_raters, num_trials)
        )
