"""How sure a score is: the bootstrap over digits."""

import typing

import numpy as np


class Interval(typing.NamedTuple):
    """A score and the 95 % interval around it.

    Attributes:
        value: the mean over the samples.
        low, high: ends of the interval.
    """

    value: float
    low: float
    high: float


def interval(samples, *, num_draws=1000, seed=0):
    """Returns the `Interval` of a score that is a mean: what if other digits had been judged?

    Each draw takes as many digits of every sample as it has, with replacement, and computes the
    mean again. The interval holds the middle 95 % of the draws. Maps, clusters and classifiers stay
    those of the samples, each with a seed of its own.

    Two representations of the same digits are compared by the interval of their difference:
    `interval([one - other for one, other in zip(samples, others)])`, which is much narrower than
    their own.

    Args:
        samples: list of arrays (N,), one for each seed: a value for each digit.
        num_draws: how many.
        seed: int.

    Raises:
        ValueError: no samples, or an empty one.

    Reference:
        B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.
    """
    if not len(samples) or min(map(len, samples)) == 0:
        raise ValueError("expected at least one sample with at least one digit")
    rng = np.random.default_rng(seed)
    draws = np.zeros(num_draws)
    for sample in samples:
        chosen = rng.integers(len(sample), size=(num_draws, len(sample)))
        draws += np.asarray(sample)[chosen].mean(axis=1) / len(samples)
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(
        float(np.mean([np.mean(sample) for sample in samples])), float(low), float(high)
    )
