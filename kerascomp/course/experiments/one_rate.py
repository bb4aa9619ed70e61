"""What `mnist-bottleneck` pays for serving every rate: against networks for one rate each."""

import functools
from collections.abc import Sequence

import numpy as np

from kerascomp import codecs, datasets, metrics
from kerascomp.codecs.bottleneck import systems
from kerascomp.course.experiments import trials
from kerascomp.statistics import Estimates, resample

LEVELS = (8, 20, 32)  # of the networks for one rate
EVERY = range(4, 45, 2)  # of the network for every rate: the errors of the others are between


def run(*, epochs: int = 15) -> dict:
    """Returns the rate points of networks for one level each, and of one for every rate.

    Args:
        epochs: of each training.

    Returns:
        {"epochs": number, "one": points, one a network, "every": points of one network, "prices":
        {level, or "mean": [percent, low, high]}}. The ends are those of the 95 % interval over
        test images; other seeds of the trainings would move a price as well.
    """
    images, one = datasets.mnist().test.images, []
    for level in LEVELS:
        build = functools.partial(systems.digits, only_level=level)
        codec, _ = trials.fit_digits(f"level-{level}", build, epochs)
        one.append(codec.at_level(level))
    codec, _ = trials.fit_digits("ours", systems.digits, epochs)
    every = [codec.at_level(level) for level in EVERY]
    families = {"one": one, "every": every}
    points = {label: trials.points(family, images) for label, family in families.items()}
    costs = [costs_of(family, images) for family in families.values()]
    (samples,) = resample(np.random.default_rng(0), len(images))
    draws = [_with_mean(*(cost[..., sample] for cost in costs)) for sample in samples]
    labels = (*map(str, LEVELS), "mean")
    intervals = Estimates(labels, _with_mean(*costs), np.array(draws)).intervals
    return {"epochs": epochs, **points, "prices": {k: list(v) for k, v in intervals.items()}}


def costs_of(family: Sequence[codecs.Codec], images: np.ndarray) -> np.ndarray:
    """Returns the bytes and the squared error of each image's file, float (L, 2, N).

    Args:
        family: L codecs.
        images: uint8, shape (N, H, W, C).
    """
    costs = []
    for codec in family:
        files = codec.encode(images)
        costs.append([list(map(len, files)), metrics.mse(images, codec.decode(files))])
    return np.array(costs, float)


def prices(one: np.ndarray, every: np.ndarray) -> np.ndarray:
    """Returns how many percent more bits one network for every rate needs at equal errors, (L,).

    Between its levels the logarithm of its bits is linear in PSNR; beyond them there is no price,
    but NaN.

    Args:
        one: float (L, 2, N), `costs_of` networks for one rate each.
        every: float (M, 2, N), the same of the network for every rate, from low to high rate.
    """
    bits, errors = np.log(one.mean(axis=2)).T
    every_bits, every_errors = np.log(every.mean(axis=2)).T
    needed = np.interp(-errors, -every_errors, every_bits, left=np.nan, right=np.nan)
    return 100 * np.expm1(needed - bits)


def _with_mean(one, every):
    """Returns the prices of all levels, and their mean behind them."""
    of_levels = prices(one, every)
    return np.append(of_levels, of_levels.mean())
