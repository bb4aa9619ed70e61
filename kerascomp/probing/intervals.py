"""How sure a score is: the bootstrap, over seeds and over digits."""

import typing

import numpy as np


class Interval(typing.NamedTuple):
    """A score and the 95 % interval around it.

    Attributes:
        value: the mean over the seeds.
        low, high: ends of the interval.
    """

    value: float
    low: float
    high: float


def interval(samples, statistic=np.mean, *, num_draws=200, seed=0):
    """Returns the `Interval` of a score: what if other digits and other seeds had been drawn?

    Each draw takes as many samples as there are, and from each as many digits, all with
    replacement, and computes the score again. The interval holds the middle 95 % of the draws.

    Args:
        samples: list of arrays (N, ...), one for each seed: a value, or a row, for each digit.
        statistic: function of such an array, the score.
        num_draws: how many.
        seed: int.

    Raises:
        ValueError: no samples, or an empty one.

    Reference:
        B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993, chapter 13.
    """
    if not samples or min(map(len, samples)) == 0:
        raise ValueError("expected at least one sample with at least one digit")
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(num_draws):
        chosen = [samples[index] for index in rng.integers(len(samples), size=len(samples))]
        again = [sample[rng.integers(len(sample), size=len(sample))] for sample in chosen]
        draws.append(np.mean([statistic(sample) for sample in again]))
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(float(np.mean([statistic(s) for s in samples])), float(low), float(high))
