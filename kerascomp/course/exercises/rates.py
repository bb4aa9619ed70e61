"""Exercises of lessons 07 to 09: cross-entropy, contexts, lambda and bit-planes."""

import math

import numpy as np

from kerascomp import metrics, zoo
from kerascomp.course import results
from kerascomp.course.exercises.kinds import Exercise, Function, Numbers


def cross_entropy_and_divergence() -> list[float]:
    """Returns H(q) + D(q‖p) and D(q‖p) in bits of q = (1/2, 1/4, 1/4), p = (1/4, 1/4, 1/2)."""
    q, p = np.array([0.5, 0.25, 0.25]), np.array([0.25, 0.25, 0.5])
    return [-(q * np.log2(p)).sum(), (q * np.log2(q / p)).sum()]


def rate_bits(rows: np.ndarray, tables: np.ndarray) -> float:
    """Returns the mean bits of rows (N, L) whose latent l has the probabilities tables[l]."""
    probabilities = [math.prod(tables[i][s] for i, s in enumerate(row)) for row in rows.tolist()]
    return -sum(map(math.log2, probabilities)) / len(rows)


def slope_between(*lmbdas: int) -> float:
    """Returns the bits per pixel paid for a unit of MSE between the networks of two lambdas."""
    histories = [zoo.card(f"mnist-dense-factorized-{lmbda}")["history"] for lmbda in lmbdas]
    bpp, mse = zip(*((h["val_bpp"][-1], h["val_distortion"][-1]) for h in histories), strict=True)
    return (bpp[1] - bpp[0]) / (mse[0] - mse[1])


def entropies_of_a_pair() -> list[float]:
    """Returns H(Y2) and H(Y2 | Y1) in bits of the joint table ((3/8, 1/8), (1/8, 3/8))."""
    joint = np.array([[3, 1], [1, 3]]) / 8
    return [_entropy(joint.sum(axis=0)), conditional_entropy_bits(joint)]


def conditional_entropy_bits(counts: np.ndarray) -> float:
    """Returns H(Y2 | Y1) = H(Y1, Y2) − H(Y1) in bits of a table of counts, a row for each y1."""
    joint = counts / counts.sum()
    return _entropy(joint.ravel()) - _entropy(joint.sum(axis=1))


def _entropy(probabilities):
    positive = probabilities[probabilities > 0]
    return -(positive * np.log2(positive)).sum()


def saved_by_a_context() -> float:
    """Returns the BD-rate in percent of the bottleneck against the dense one at every rate."""
    stored = results.load("mnist")
    return metrics.bd_rate(stored["dense, bottleneck"], stored["bottleneck"])


def raw_bytes_and_bpp() -> list[float]:
    """Returns the raw bytes and bpp of four iterations for a photograph of 168×168 pixels."""
    bits = 4 * 24 * (168 // 8) ** 2
    return [bits / 8, bits / 168**2]


def refine(x: float, num_iterations: int) -> float:
    """Returns the middle of the interval of width 2 · 2^−n in which x lies, x in [−1, 1)."""
    num_intervals = 2**num_iterations
    return (2 * math.floor((x + 1) / 2 * num_intervals) + 1) / num_intervals - 1


def saved_in_sixteen() -> float:
    """Returns the share of raw bits that files of 16 iterations of CIFAR-10 images save."""
    last = results.load("cifar10")["recurrent"][-1]
    return 1 - 8 * last.bytes_per_image / (16 * 24 * (32 // 8) ** 2)


_random = np.random.default_rng(0)

EXERCISES: dict[str, Exercise] = {
    "07a": Numbers(
        cross_entropy_and_divergence,
        0.001,
        "each symbol comes with the probability q and costs −log2 p; the divergence is what is "
        "paid above the entropy of q",
    ),
    "07b": Function(
        rate_bits,
        [
            (np.array([[0, 1], [1, 1]]), np.array([[0.5, 0.5], [0.25, 0.75]])),
            (_random.integers(0, 3, (5, 4)), _random.dirichlet((2, 2, 2), 4)),
        ],
        "latent l of a row costs −log2 tables[l, symbol]; add over the latents, take the mean over "
        "the rows",
    ),
    "07c": Numbers(
        lambda: slope_between(10, 40),
        0.5,
        "divide the difference of the last 'val_bpp' by that of the last 'val_distortion'; should "
        "the price lie between the two lambdas?",
    ),
    "08a": Numbers(
        entropies_of_a_pair,
        0.002,
        "H(Y2) follows from the sums of the columns; for H(Y2 | Y1) take the entropy of each row, "
        "divided by its sum, and the mean over the rows",
    ),
    "08b": Function(
        conditional_entropy_bits,
        [(np.array([[3, 1], [1, 3]]),), (np.array([[4, 0, 2], [1, 1, 1]]),), (np.eye(3),)],
        "weight the entropy of a row by how often the row comes, and leave out counts of zero",
    ),
    "08c": Numbers(
        saved_by_a_context,
        1,
        "metrics.bd_rate(reference, test): the reference is 'dense, bottleneck'; fewer bits are "
        "negative",
    ),
    "09a": Numbers(
        raw_bytes_and_bpp,
        0.01,
        "how many blocks of 8×8 pixels are there? Each sends 24 bits in each iteration",
    ),
    "09b": Function(
        refine,
        [(0.3, 1), (0.3, 4), (-0.71, 3), (0.0, 1), (0.99, 6)],
        "start at 0; iteration t adds 2^−t if the residual is not negative, else subtracts it",
    ),
    "09c": Numbers(
        saved_in_sixteen,
        0.006,
        "16 iterations have 16·384 raw bits; compare them with the bytes of the last stored point",
    ),
}
