"""Exercises of lessons 02 to 04: parameters, PCA, dead units, skips and dropout."""

import math

import numpy as np

from kerascomp import zoo
from kerascomp.course import figures
from kerascomp.course.exercises.kinds import Exercise, Function, Numbers


def pca_reconstruct(x: np.ndarray, k: int) -> np.ndarray:
    """Returns rows (N, D) decoded from their first k principal components."""
    mean = x.mean(axis=0)
    _, vectors = np.linalg.eigh((x - mean).T @ (x - mean))  # ascending eigenvalues
    largest = vectors[:, -k:]
    return (x - mean) @ largest @ largest.T + mean


def pca_size_of_dense_8() -> float:
    """Returns with how many numbers PCA has the test error of the dense network with 8."""
    sizes, errors, _ = figures.record("02_error_by_size")["arguments"]["lines"]["PCA"]
    dense = zoo.card("mnist-dense-8")["test"]["mse"]
    return math.exp(np.interp(-dense, np.negative(errors), np.log(sizes)))


def layer_parameters() -> list[int]:
    """Returns the parameters of two 3×3 convolutions, 1 → 16 → 8, and of a layer 128 → 32."""
    return [inputs * outputs + outputs for inputs, outputs in ((9, 16), (9 * 16, 8), (128, 32))]


def dead_share(values: np.ndarray) -> float:
    """Returns the share of units (columns) that are zero for every input (row)."""
    return sum(not any(unit) for unit in values.T) / values.shape[1]


def dense_over_cnn() -> float:
    """Returns the test MSE of the dense network with 8 numbers divided by the CNN's."""
    dense, cnn = (zoo.card(name)["test"]["mse"] for name in ("mnist-dense-8", "mnist-cnn"))
    return dense / cnn


def one_skip() -> list[float]:
    """Returns what a U-Net with its deepest skip sends: numbers, and the ratio to the image's."""
    code, deepest = zoo.card("cifar10-unet")["latent_shapes"][0], (4, 4, 128)
    sent = math.prod(code) + math.prod(deepest)
    return [sent, 32 * 32 * 3 / sent]


def max_pool(x: np.ndarray) -> np.ndarray:
    """Returns the maxima of the 2×2 blocks of x (H, W, C)."""
    return np.stack([x[i::2, j::2] for i in (0, 1) for j in (0, 1)]).max(axis=0)


def training_over_validation() -> list[float]:
    """Returns the last training loss over the last validation loss with dropout, both sets."""
    histories = [zoo.card(f"{name}-unet-dropout")["history"] for name in ("cifar10", "mnist")]
    return [history["loss"][-1] / history["val_loss"][-1] for history in histories]


_random = np.random.default_rng(0)
_rows = _random.normal(3, (5, 4, 3, 2, 1, 0.5), (30, 6))
_activations = np.maximum(_random.normal(-1.5, 1, (4, 12)), 0)

EXERCISES: dict[str, Exercise] = {
    "02a": Numbers(
        lambda: zoo.card("mnist-dense-8")["num_parameters"],
        0,
        "two layers change, 64 → code and code → 64; a dense layer has a weight for each pair of "
        "input and output, and a bias for each output",
    ),
    "02b": Function(
        pca_reconstruct,
        [(_rows, 1), (_rows, 3)],
        "subtract the mean row, project on the first k principal directions, go back, add the "
        "mean again",
    ),
    "02c": Numbers(
        pca_size_of_dense_8,
        1.5,
        "with 16 numbers PCA's error is above the network's, with 32 below; try sizes in between",
    ),
    "03a": Numbers(
        layer_parameters,
        0,
        "a kernel has a weight for each of its 3×3 pixels and each input channel, and there is a "
        "kernel and a bias for each output channel; the size of the image does not matter",
    ),
    "03b": Function(
        dead_share,
        [(_activations,), (np.eye(3),), (np.zeros((2, 5)),)],
        "a unit is dead if its whole column is zero; a single zero does not count",
    ),
    "03c": Numbers(
        dense_over_cnn,
        0.01,
        "divide the dense network's test MSE with 8 numbers by the CNN's; both are in the figure "
        "of the four methods",
    ),
    "04a": Numbers(
        one_skip,
        0.01,
        "add the numbers of the code and of the map, then divide the 32·32·3 of the image by them",
    ),
    "04b": Function(
        max_pool,
        [(_random.normal(size=(4, 6, 2)),), (np.arange(16.0).reshape(4, 4, 1),)],
        "the result has half the height and half the width; each value is the largest of a block "
        "of 2×2, for each channel by itself",
    ),
    "04c": Numbers(
        training_over_validation,
        0.015,
        "take the last entry of 'loss' and of 'val_loss' in the card's history; first CIFAR-10, "
        "then MNIST",
    ),
}
