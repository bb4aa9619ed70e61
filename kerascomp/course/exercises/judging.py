"""Exercises of lessons 10 to 12: raters, probes, and curves on the plane."""

import math

import numpy as np

from kerascomp import rating
from kerascomp.course import figures, results, studies
from kerascomp.course.exercises.kinds import Choice, Exercise, Function, Numbers

PROBED = ("raw digits", "dense code, 32", "PCA, 32 numbers", "dense code, untrained")
PLANE = ("bottleneck", "KLT", "recurrent", "AVIF, mosaic", "JPEG XL, mosaic")


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Returns Spearman's rank correlation of two rows without equal numbers."""
    ranks = [[sum(other < value for other in row) for value in row] for row in (a, b)]
    gaps = np.array(ranks[0]) - ranks[1]
    return 1 - 6 * (gaps**2).sum() / (len(a) * (len(a) ** 2 - 1))


def preferred_share() -> float:
    """Returns the share of answers that prefer the bottleneck to the KLT at 60 bytes."""
    answers = rating.screen(studies.answers()).answers
    pair = rating.Item("bottleneck", 60), rating.Item("KLT", 60)
    return rating.preferences(answers)[pair]


def silhouette_of_4() -> float:
    """Returns the silhouette of 4 in the class {0, 2, 4}, beside the class {7, 9}."""
    own, other = np.mean([4 - 0, 4 - 2]), np.mean([7 - 4, 9 - 4])
    return float((other - own) / max(other, own))


def nearest_accuracy(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Returns the share of vectors whose nearest other vector has the same label."""
    hits = 0
    for i, vector in enumerate(vectors):
        others = [j for j in range(len(vectors)) if j != i]
        nearest = min(others, key=lambda j: math.dist(vector, vectors[j]))
        hits += labels[nearest] == labels[i]
    return hits / len(vectors)


def best_neighbors() -> str:
    """Returns the representation with the highest k-NN accuracy in figure 11_scores."""
    rows = figures.record("11_scores")["arguments"]["rows"]
    return max(PROBED, key=lambda name: rows[name]["knn"]["value"])


def bytes_at(num_bytes: np.ndarray, psnr_db: np.ndarray, target_db: float) -> float:
    """Returns a curve's bytes at a PSNR, interpolated linearly in the logarithm of the bytes."""
    i = next(i for i in range(1, len(psnr_db)) if target_db <= psnr_db[i])
    part = (target_db - psnr_db[i - 1]) / (psnr_db[i] - psnr_db[i - 1])
    return num_bytes[i - 1] * (num_bytes[i] / num_bytes[i - 1]) ** part


def fewest_bytes_at(target_db: float) -> str:
    """Returns the codec with the fewest bytes for a CIFAR-10 image at a PSNR."""
    sizes = {}
    for label in PLANE:
        points = [(p.bytes_per_image, p.psnr_db) for p in results.load("cifar10")[label]]
        num_bytes, psnr_db = np.array(points).T
        if psnr_db[-1] >= target_db:
            sizes[label] = bytes_at(num_bytes, psnr_db, target_db)
    return min(sizes, key=sizes.__getitem__)


_random = np.random.default_rng(0)
_clouds = _random.normal(np.repeat([[0], [2]], 12, axis=0), 1, (24, 3))
_curve = np.array([10.0, 20.0, 80.0]), np.array([18.0, 21.0, 27.0])

EXERCISES: dict[str, Exercise] = {
    "10a": Numbers(
        lambda: 1 / (1 + math.exp(0.4 - 1.5)),
        0.005,
        "the odds are e to the power of the difference; a probability is odds divided by one plus "
        "odds",
    ),
    "10b": Function(
        spearman,
        [
            (np.array([1.0, 2.0, 3.0, 10.0]), np.array([0.1, 0.3, 0.2, 0.9])),
            (_random.normal(size=9), _random.normal(size=9)),
        ],
        "replace each number by its rank (argsort, and argsort of that), then take Pearson's "
        "correlation of the ranks",
    ),
    "10c": Numbers(
        preferred_share,
        0.005,
        "look it up in `shares`; the scores' probability is that of raters who decide, whereas "
        "here 'not sure' counts half",
    ),
    "11a": Numbers(
        silhouette_of_4,
        0.005,
        "a is the mean distance to the two others of its own class, b that to the other class",
    ),
    "11b": Function(
        nearest_accuracy,
        [
            (np.array([[0.0], [1.0], [3.0], [3.5]]), np.array([0, 1, 1, 1])),
            (_clouds, np.repeat([0, 1], 12)),
        ],
        "a vector is not its own neighbor; a distance is taken over all numbers of a vector",
    ),
    "11c": Choice(
        PROBED,
        best_neighbors,
        "look at the k-NN column of the scores, at the controls too",
    ),
    "12a": Numbers(
        lambda: [math.sqrt(100 * 400), -50],
        0.5,
        "half way in the logarithm is the geometric mean; fewer bits at equal PSNR are negative",
    ),
    "12b": Function(
        bytes_at,
        [(*_curve, 19.5), (*_curve, 24.0), (*_curve, 27.0)],
        "interpolate log(bytes) linearly between the points, then take the exponential",
    ),
    "12c": Choice(
        PLANE,
        lambda: fewest_bytes_at(33),
        "which curves reach 33 dB at all, and which of those is farthest to the left there?",
    ),
}
