"""How sure a number is: 95 % intervals, by the bootstrap or from the normal distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

NORMAL_975 = 1.959964  # quantile of the normal distribution
PERCENT = (2.5, 97.5)  # where the middle 95 % of draws begin and end
NUM_DRAWS = 1000


class Interval(NamedTuple):
    """A number and the 95 % interval around it.

    Attributes:
        value: from all of the data.
        low, high: ends of the interval.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, draws: np.ndarray) -> "Interval":
        """Returns the interval that holds the middle 95 % of the draws of a number."""
        low, high = np.percentile(draws, PERCENT)
        return cls(float(value), float(low), float(high))

    def signed(self, digits: int) -> str:
        """Returns a difference as text, such as "+0.12 (−0.03 to +0.27)"."""
        value, low, high = (signed(number, digits) for number in self)
        return f"{value} ({low} to {high})"


def signed(number: float, digits: int = 0) -> str:
    """Returns a number as text with its sign; the minus sign is not a hyphen.

    Example:
        >>> signed(-28.4), signed(0.25, 2)
        ('−28', '+0.25')
    """
    return f"{number:+.{digits}f}".replace("-", "−")


def mean_interval(values: Sequence[float]) -> Interval:
    """Returns the mean of a few independent measurements, and its interval by Student's t.

    Raises:
        ValueError: fewer than two.
    """
    if len(values) < 2:
        raise ValueError(f"expected at least two values, received {len(values)}")
    mean, degrees = np.mean(values), len(values) - 1
    half = float(stdtrit(degrees, PERCENT[1] / 100) * np.std(values, ddof=1) / len(values) ** 0.5)
    return Interval(float(mean), float(mean) - half, float(mean) + half)


@dataclass(frozen=True)
class Estimates:
    """Numbers that were estimated together, and again in each draw of a bootstrap.

    Attributes:
        labels: what the K numbers belong to.
        values: the numbers, (K,).
        draws: what they were in each draw, (num_draws, K).
    """

    labels: tuple
    values: np.ndarray
    draws: np.ndarray

    @property
    def intervals(self) -> dict[Any, Interval]:
        """The `Interval` of each label."""
        return {
            label: Interval.of(value, draws)
            for label, value, draws in zip(self.labels, self.values, self.draws.T, strict=True)
        }

    def difference(self, one: Any, other: Any) -> Interval:
        """Returns the `Interval` of the number of `one` less that of `other`, draw by draw.

        It tells two numbers apart whose own intervals may be much wider.

        Raises:
            ValueError: there is no such label.
        """
        i, j = self.index(one), self.index(other)
        return Interval.of(self.values[i] - self.values[j], self.draws[:, i] - self.draws[:, j])

    def index(self, label: Any) -> int:
        """Returns the place of a label.

        Raises:
            ValueError: there is no such label.
        """
        if label not in self.labels:
            raise ValueError(f"there is no {label}; there are {', '.join(map(str, self.labels))}")
        return self.labels.index(label)


def resample(rng: np.random.Generator, *sizes: int, num_draws: int = NUM_DRAWS) -> list[np.ndarray]:
    """Returns bootstrap samples: for each size n an array (num_draws, n) of indices below n.

    Each draw takes as many elements as there are, with replacement. Several sizes are drawn in
    turn, as the bootstrap over raters and over trials needs it.

    Args:
        rng: random generator, which goes on behind the draws.
        sizes: how many elements each group has.
        num_draws: how many.

    Reference:
        B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> [indices.shape for indices in resample(rng, 12, 180, num_draws=5)]
        [(5, 12), (5, 180)]
    """
    draws = [[rng.integers(size, size=size) for size in sizes] for _ in range(num_draws)]
    return [np.array(indices) for indices in zip(*draws, strict=True)]


def interval(
    samples: Sequence[np.ndarray], *, num_draws: int = NUM_DRAWS, seed: int = 0
) -> Interval:
    """Returns the `Interval` of a score that is a mean: what if other images had been judged?

    Each draw takes as many values of every sample as it has, with replacement, and computes the
    mean again. The samples themselves, each with a seed of its own, stay.

    Two scores on the same images are compared by the interval of their difference:
    `interval([one - other for one, other in zip(samples, others)])`, which is much narrower than
    their own.

    Args:
        samples: arrays (N,), one for each seed: a value for each image.
        num_draws: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        ValueError: no samples, or an empty one.
    """
    if not len(samples) or min(map(len, samples)) == 0:
        raise ValueError("expected at least one sample with at least one value")
    rng = np.random.default_rng(seed)
    means = np.zeros(num_draws)
    for sample in samples:
        (indices,) = resample(rng, len(sample), num_draws=num_draws)
        means += np.asarray(sample)[indices].mean(axis=1) / len(samples)
    return Interval.of(np.mean([np.mean(sample) for sample in samples]), means)
