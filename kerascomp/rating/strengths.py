"""Bradley–Terry scores with ties: how much is each version preferred to the others?

    P(i is nearer) : P(j is nearer) : P(not sure) = exp(s_i) : exp(s_j) : ν exp((s_i + s_j) / 2)

A difference of scores is the log odds of being preferred where the rater has decided. R. Bradley
and M. Terry, "Rank analysis of incomplete block designs", 1952; with ties by R. Davidson, "On
extending the Bradley–Terry model to accommodate ties", 1970.

A version that nobody has ever preferred would have a score of minus infinity. A weak prior keeps it
finite: scores are normal with a standard deviation of 3, which is odds of 20 to 1.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from kerascomp.rating.answers import ANSWERS, LEFT, RIGHT
from kerascomp.rating.intervals import NUM_DRAWS, Estimates, codes, draws
from kerascomp.rating.study import is_catch

PRIOR_DEVIATION = 3.0
LONGEST_STEP = 2.0  # of Newton's method, so that it cannot overshoot
SMALLEST_STEP = 1e-8


@dataclass(frozen=True)
class Ranking(Estimates):
    """Scores of all versions, each in the group of those that it was compared with.

    Scores of a group have the mean zero. Groups were never compared, not even by way of others,
    and a score in one says nothing about a score in another: a study at three sizes has three.

    Attributes:
        labels, values, draws: of K versions, see `Estimates`.
        groups: K integers, the group of each.
        tie: log of ν, how readily raters say "not sure".
    """

    groups: np.ndarray
    tie: float

    @property
    def scores(self):
        """{label: `Interval`}, the best first within each group."""
        found = self.intervals
        order = np.lexsort((-self.values, self.groups))
        return {self.labels[index]: found[self.labels[index]] for index in order}

    def difference(self, one, other):
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


def bradley_terry(answers, *, num_draws=NUM_DRAWS, seed=0):
    """Returns the `Ranking` of all versions that were compared, from all answers.

    Catch trials do not count. Leave out who has not looked first, see `screen`.

    Args:
        answers: list of `Answer`.
        num_draws: of the bootstrap over raters and trials.
        seed: of the bootstrap.

    Raises:
        ValueError: there is no answer to a comparison.
    """
    compared = [each for each in answers if not is_catch(each.left, each.right)]
    if not compared:
        raise ValueError(
            f"expected answers to comparisons, received {len(answers)} answers, of which none is"
        )
    labels = tuple(sorted({label for each in compared for label in (each.left, each.right)}))
    pairs, cells = _cells(compared, labels)
    features = _features(pairs, len(labels))

    rater, num_raters = codes([each.rater for each in compared])
    trial, num_trials = codes([each.trial for each in compared])

    def fitted(weights, start):
        counts = np.bincount(cells, weights=weights, minlength=3 * len(pairs))
        return _fit(counts.reshape(-1, 3), features, start)

    found = fitted(None, np.zeros(len(labels) + 1))
    fits = [
        fitted(of_raters[rater] * of_trials[trial], found)
        for of_raters, of_trials in draws(num_raters, num_trials, num_draws=num_draws, seed=seed)
    ]
    graph = coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(len(labels), len(labels)))
    _, groups = connected_components(graph, directed=False)
    return Ranking(labels, found[:-1], np.array(fits)[:, :-1], groups, float(found[-1]))


def preferences(answers):
    """Returns {(one, other): share of answers in which `one` was nearer}, "not sure" counting half.

    Args:
        answers: list of `Answer`; catch trials do not count.
    """
    points, totals = {}, {}
    for each in answers:
        if is_catch(each.left, each.right):
            continue
        share = {LEFT: 1.0, RIGHT: 0.0}.get(each.answer, 0.5)
        for pair, value in (((each.left, each.right), share), ((each.right, each.left), 1 - share)):
            points[pair] = points.get(pair, 0) + value
            totals[pair] = totals.get(pair, 0) + 1
    return {pair: points[pair] / totals[pair] for pair in sorted(points)}


def _cells(answers, labels):
    """Returns the different pairs (P, 2), and for each answer three times its pair plus outcome.

    The outcome is 0 if the first of the pair was nearer, 2 if the second, 1 for "not sure".
    """
    index = {label: number for number, label in enumerate(labels)}
    sides = np.array([[index[each.left], index[each.right]] for each in answers])
    outcomes = np.array([ANSWERS.index(each.answer) for each in answers])
    turned = sides[:, 0] > sides[:, 1]
    outcomes[turned] = 2 - outcomes[turned]
    pairs, pair = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    return pairs, 3 * pair.ravel() + outcomes


def _features(pairs, num_labels):
    """Returns the log odds of each outcome as linear in K scores and log ν, (P, 3, K + 1).

    The model's three terms are divided by exp((s_i + s_j) / 2).
    """
    features = np.zeros((len(pairs), 3, num_labels + 1))
    rows = np.arange(len(pairs))
    first, second = pairs.T
    features[rows, 0, first] = features[rows, 2, second] = 0.5
    features[rows, 0, second] = features[rows, 2, first] = -0.5
    features[:, 1, -1] = 1
    return features


def _fit(counts, features, start):
    """Returns the K scores and log ν that are most probable, (K + 1,), by Newton's method.

    The logarithm of the probability is concave, so there is one maximum.

    Args:
        counts: (P, 3), how often each outcome of each pair.
        features: what `_features` returns.
        start: (K + 1,).
    """
    totals = counts.sum(axis=1)
    flat = features.reshape(-1, features.shape[-1])
    precision = np.eye(features.shape[-1]) / PRIOR_DEVIATION**2
    found, length = start, np.inf
    while length > SMALLEST_STEP:
        odds = np.exp(features @ found)
        expected = totals[:, None] * odds / odds.sum(axis=1, keepdims=True)  # (P, 3)
        gradient = (counts - expected).ravel() @ flat - precision @ found
        means = np.einsum("po,pok->pk", expected, features)
        scaled = means / np.sqrt(np.maximum(totals, 1))[:, None]
        curvature = flat.T @ (expected.ravel()[:, None] * flat) - scaled.T @ scaled + precision
        step = np.linalg.solve(curvature, gradient)
        length = np.abs(step).max()
        found = found + step * min(1, LONGEST_STEP / max(length, SMALLEST_STEP))
    return found
