"""Do metrics agree with people? Rank correlation over the comparisons of a study."""

import numpy as np
from scipy.stats import rankdata

from kerascomp import metrics
from kerascomp.rating.agreement import preference
from kerascomp.rating.intervals import NUM_DRAWS, Estimates

HIGHEST_DB = 100.0  # instead of infinity, where images are equal
METRICS = {  # of one image, higher is better
    "MSE": lambda images, decoded: -metrics.mse(images, decoded),
    "PSNR": lambda images, decoded: np.minimum(metrics.psnr_db(images, decoded), HIGHEST_DB),
    "SSIM": metrics.ssim,
    "MS-SSIM": metrics.ms_ssim,
}


def metric_differences(study):
    """Returns {metric: {trial: how much better the left side is by it}} of all comparisons.

    The metrics are `METRICS`, each image's own; differences of MSE are turned, so that positive
    always means that the left side is nearer to the original.

    Args:
        study: `Study`.
    """
    trials = study.comparisons
    original, left, right = (
        np.stack([study.pixels(key) for key in keys])
        for keys in zip(*((t.original, t.left.image, t.right.image) for t in trials), strict=True)
    )
    return {
        name: dict(
            zip(
                [trial.name for trial in trials],
                (metric(original, left) - metric(original, right)).tolist(),
                strict=True,
            )
        )
        for name, metric in METRICS.items()
    }


def metric_agreement(study, answers, *, num_draws=NUM_DRAWS, seed=0):
    """Returns Spearman's rank correlation of each metric with people, as `Estimates`.

    Correlated are, over the comparisons, a metric's difference between left and right and the mean
    answer of the raters. The bootstrap draws other comparisons and leaves the raters as they are:
    fewer of them would answer with more noise, which no metric can follow, so that drawing them too
    would find all correlations too low.

    Args:
        study: `Study`.
        answers: list of `Answer` to it.
        num_draws: of the bootstrap over trials.
        seed: of the bootstrap.

    Raises:
        ValueError: fewer than three comparisons have answers, or answers are to another study.
    """
    differences, preferred = metric_differences(study), preference(answers)
    strange = set(preferred) - set(differences["MSE"])
    if strange:
        raise ValueError(
            f"{len(strange)} trials, such as {min(strange)}, are not of study {study.name}; "
            "read the answers that were given to it"
        )
    if len(preferred) < 3:
        raise ValueError(
            f"a rank correlation needs 3 comparisons with answers, received {len(preferred)}"
        )
    people = np.array(list(preferred.values()))  # (T,)
    values = np.array([[of[name] for name in preferred] for of in differences.values()])  # (M, T)
    rng = np.random.default_rng(seed)
    chosen = rng.integers(len(people), size=(num_draws, len(people)))
    found = np.array([_spearman(values[:, trials], people[trials]) for trials in chosen])
    return Estimates(tuple(differences), _spearman(values, people), found)


def _spearman(rows, other):
    """Returns the correlation of ranks of each of M rows (M, T) with another (T,): M numbers.

    It is 0 where one of both does not vary.
    """
    middle = (len(other) + 1) / 2  # mean of all ranks
    ranks, other_ranks = rankdata(rows, axis=1) - middle, rankdata(other) - middle
    lengths = np.sqrt((ranks**2).sum(axis=1) * (other_ranks**2).sum())
    return np.divide(ranks @ other_ranks, lengths, out=np.zeros(len(rows)), where=lengths > 0)
