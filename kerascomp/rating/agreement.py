"""Do raters agree with each other, and metrics with raters?"""

from collections.abc import Iterable

import numpy as np
from scipy.stats import rankdata

from kerascomp import metrics
from kerascomp.rating.answers import Answer, Choices
from kerascomp.rating.study import Study
from kerascomp.statistics import NUM_DRAWS, Estimates, resample

HIGHEST_DB = 100.0  # instead of infinity, where images are equal
METRICS = {  # of one image, higher is better
    "MSE": lambda images, decoded: -metrics.mse(images, decoded),
    "PSNR": lambda images, decoded: np.minimum(metrics.psnr_db(images, decoded), HIGHEST_DB),
    "SSIM": metrics.ssim,
    "MS-SSIM": metrics.ms_ssim,
}


def krippendorff(answers: Iterable[Answer]) -> float:
    """Returns Krippendorff's alpha of raters' answers: 1 if all agree, 0 as by chance.

    "Left", "not sure" and "right" are 1, 0 and −1, so that "not sure" is half a disagreement with
    both. Catch trials do not count, and neither do trials that only one rater has answered.

    Raises:
        ValueError: no trial has two answers, or all answers are the same.
    """
    choices = Choices.of(answers)
    return alpha(choices.trial, choices.values)


def alpha(units: np.ndarray, values: np.ndarray) -> float:
    """Returns Krippendorff's alpha, interval metric, of numbers (N,) given to `units` (N,).

    Reference:
        K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011.
    """
    paired = np.bincount(units)[units] > 1
    units, values = units[paired], values[paired]
    if not len(values):
        raise ValueError("agreement needs trials that two raters have answered, received none")
    if np.ptp(values) == 0:
        raise ValueError("all answers are the same; agreement needs answers that could differ")
    sizes = np.bincount(units)[units]
    deviations = values - np.bincount(units, values)[units] / sizes
    within = np.mean(deviations**2 * sizes / (sizes - 1))
    return float(1 - within / values.var(ddof=1))


def preference(answers: Iterable[Answer]) -> dict[str, float]:
    """Returns {trial: mean answer}, from −1 (all right) to 1 (all left), without catch trials."""
    choices = Choices.of(answers)
    means = np.bincount(choices.trial, choices.values) / np.bincount(choices.trial)
    return dict(zip(choices.trials, means.tolist(), strict=True))


def metric_differences(study: Study) -> dict[str, dict[str, float]]:
    """Returns {metric: {trial: how much better the left side is by it}} of all comparisons.

    The metrics are `METRICS`, each image's own; differences of MSE are turned, so that positive
    always means that the left side is nearer to the original.
    """
    names = [trial.name for trial in study.comparisons]
    left, original, right = study.views(study.comparisons)
    return {
        name: dict(zip(names, metric(original, left) - metric(original, right), strict=True))
        for name, metric in METRICS.items()
    }


def metric_agreement(
    study: Study, answers: Iterable[Answer], *, num_draws: int = NUM_DRAWS, seed: int = 0
) -> Estimates:
    """Returns Spearman's rank correlation of each metric with people.

    Correlated are, over the comparisons, a metric's difference between left and right and the mean
    answer of the raters. The bootstrap draws other comparisons and leaves the raters as they are:
    fewer of them would answer with more noise, which no metric can follow, so that drawing them too
    would find all correlations too low.

    Raises:
        ValueError: fewer than three comparisons have answers, or answers are to another study.
    """
    differences, preferred = metric_differences(study), preference(answers)
    if strange := set(preferred) - set(differences["MSE"]):
        raise ValueError(
            f"{len(strange)} trials, such as {min(strange)}, are not of study {study.name}; "
            "read the answers that were given to it"
        )
    people = np.array(list(preferred.values()))  # (T,)
    if len(people) < 3:
        raise ValueError(f"expected answers to 3 comparisons or more, received {len(people)}")
    values = np.array([[of[name] for name in preferred] for of in differences.values()])  # (M, T)
    (draws,) = resample(np.random.default_rng(seed), len(people), num_draws=num_draws)
    correlations = _spearman(values[:, draws], people[draws]).T  # (num_draws, M)
    return Estimates(tuple(differences), _spearman(values, people), correlations)


def _spearman(one, other):
    """Returns rank correlations along the last axis of two arrays; 0 where one does not vary."""
    middle = (one.shape[-1] + 1) / 2  # mean of all ranks
    one, other = (rankdata(values, axis=-1) - middle for values in (one, other))
    lengths = np.sqrt((one**2).sum(axis=-1) * (other**2).sum(axis=-1))
    products = (one * other).sum(axis=-1)
    return np.divide(products, lengths, out=np.zeros_like(lengths), where=lengths > 0)
