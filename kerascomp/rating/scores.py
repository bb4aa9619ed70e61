"""Bradley–Terry scores with ties: how much is each item preferred to the others?

    P(i is nearer) : P(j is nearer) : P(not sure) = exp(s_i) : exp(s_j) : ν exp((s_i + s_j) / 2)

A difference of scores is the log odds of being preferred where the rater has decided. R. Bradley
and M. Terry, "Rank analysis of incomplete block designs", 1952; with ties by R. Davidson, "On
extending the Bradley–Terry model to accommodate ties", 1970.

An item that nobody has ever preferred would have a score of minus infinity. A weak prior keeps it
finite: scores are normal with a standard deviation of 3, which is odds of 20 to 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.csgraph import connected_components

from kerascomp.rating.answers import Answer, Choices
from kerascomp.rating.study import Item
from kerascomp.statistics import NUM_DRAWS, Estimates, Interval, resample

PRIOR_DEVIATION = 3.0
EXACT = {"gtol": 1e-6, "ftol": 0.0}  # to the accuracy of floating-point numbers


@dataclass(frozen=True)
class Ranking(Estimates):
    """Scores of all items, with the mean zero in each group.

    Groups were never compared, not even by way of others, and a score in one says nothing about a
    score in another: a study at three sizes has three.
    """

    groups: np.ndarray  # the group of each of K items
    tie: float  # log of ν, how readily raters say "not sure"

    @property
    def scores(self) -> dict[Item, Interval]:
        """The score of each item, the best first within each group."""
        intervals = self.intervals
        order = np.lexsort((-self.values, self.groups))
        return {self.labels[index]: intervals[self.labels[index]] for index in order}

    def difference(self, one: Item, other: Item) -> Interval:
        """Returns the `Interval` of the score of `one` less that of `other`, draw by draw.

        Raises:
            ValueError: one of them has no score, or they were never compared.
        """
        if self.groups[self.index(one)] != self.groups[self.index(other)]:
            raise ValueError(
                f"{one} and {other} were never compared, not even by way of others; their scores "
                "have nothing in common"
            )
        return super().difference(one, other)


def bradley_terry(
    answers: Iterable[Answer], *, num_draws: int = NUM_DRAWS, seed: int = 0
) -> Ranking:
    """Returns the `Ranking` of all items that were compared, from all answers.

    The bootstrap draws raters and trials at once: other raters would have answered otherwise, and
    so would the same raters about other pairs. An answer counts as often as its rater and its trial
    were drawn, multiplied. With a single rater only the trials vary: the interval then says nothing
    about other people. Catch trials do not count; leave out who has not looked first, see `screen`.

    Raises:
        ValueError: there is no answer to a comparison.

    Reference:
        A. Owen, "The pigeonhole bootstrap", 2007.
    """
    choices = Choices.of(answers)
    num_items, sizes = len(choices.items), (len(choices.raters), len(choices.trials))
    if not num_items:
        raise ValueError("expected answers to comparisons, received none")
    first, second = np.sort([choices.left, choices.right], axis=0)
    outcome = 1 - np.where(first == choices.left, choices.values, -choices.values)
    pairs, pair = np.unique([first, second], axis=1, return_inverse=True)  # (2, P), (N,)
    cells = np.eye(3 * pairs.shape[1])[3 * pair.ravel() + outcome]  # (N, 3P), one is 1

    drawn = resample(np.random.default_rng(seed), *sizes, num_draws=num_draws)
    of_raters, of_trials = (
        np.array([np.bincount(indices, minlength=size) for indices in draws])
        for draws, size in zip(drawn, sizes, strict=True)
    )
    weights = of_raters[:, choices.rater] * of_trials[:, choices.trial]  # (num_draws, N)
    counts = np.concatenate([cells.sum(axis=0, keepdims=True), weights @ cells])
    parameters = _fit(counts.reshape(len(counts), -1, 3), pairs, num_items)

    adjacency = np.zeros((num_items, num_items))
    adjacency[tuple(pairs)] = 1
    _, groups = connected_components(adjacency, directed=False)
    scores = parameters[:, :-1]
    return Ranking(choices.items, scores[0], scores[1:], groups, float(parameters[0, -1]))


def _fit(counts, pairs, num_items):
    """Returns the most probable K scores and log ν of each of D draws, (D, K + 1).

    All draws are one problem for the optimizer, which is many times as fast as one after another.
    The logarithm of the probability is concave, so there is one maximum.

    Args:
        counts: (D, P, 3), how often each outcome of each pair: first is nearer, not sure, second.
        pairs: (2, P), places of items.
        num_items: K.
    """
    totals = counts.sum(axis=2, keepdims=True)
    first, second = np.eye(num_items)[pairs]  # (P, K)
    features = np.zeros((len(first), 3, num_items + 1))  # the model's terms, their logarithms ...
    features[:, 0, :-1] = (first - second) / 2  # ... less (s_i + s_j) / 2
    features[:, 1, -1] = 1
    features[:, 2, :-1] = (second - first) / 2
    features = features.reshape(-1, num_items + 1)

    def surprise(flat):
        """Returns minus the log probability, without what is constant, and its gradient."""
        parameters = flat.reshape(len(counts), -1)
        log_odds = (parameters @ features.T).reshape(counts.shape)
        odds = np.exp(log_odds)
        sums = odds.sum(axis=2, keepdims=True)
        excess = (totals * odds / sums - counts).reshape(len(counts), -1)
        prior = parameters / PRIOR_DEVIATION**2
        value = (totals * np.log(sums)).sum() - (counts * log_odds).sum()
        return value + (parameters * prior).sum() / 2, (excess @ features + prior).ravel()

    start = np.zeros(len(counts) * (num_items + 1))
    fit = minimize(surprise, start, jac=True, method="L-BFGS-B", options=EXACT)
    return fit.x.reshape(len(counts), -1)


def preferences(answers: Iterable[Answer]) -> dict[tuple[Item, Item], float]:
    """Returns in which share of answers the first of two items was nearer; "not sure" is a half."""
    choices = Choices.of(answers)
    points, totals = np.zeros((2, len(choices.items), len(choices.items)))
    for one, other, sign in ((choices.left, choices.right, 1), (choices.right, choices.left, -1)):
        np.add.at(points, (one, other), (1 + sign * choices.values) / 2)
        np.add.at(totals, (one, other), 1)
    return {
        (choices.items[i], choices.items[j]): points[i, j] / totals[i, j]
        for i, j in np.argwhere(totals)
    }
