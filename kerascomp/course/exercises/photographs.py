"""Exercises of lesson 13: padding, receptive fields, and the price of a rival."""

import math

from kerascomp import metrics
from kerascomp.course import results
from kerascomp.course.exercises.kinds import Exercise, Function, Numbers

SIDE = 16  # of a block in pixels


def places_and_added() -> list[float]:
    """Returns the blocks of a photograph of 1000×700 pixels, and the pixels added in percent."""
    places = math.ceil(1000 / SIDE) * math.ceil(700 / SIDE)
    return [places, 100 * (places * SIDE**2 / (1000 * 700) - 1)]


def receptive_field(kernels: list[int], strides: list[int]) -> int:
    """Returns the pixels of a side that an output of convolutions depends on."""
    field, step = 1, 1  # of the layer's input, in pixels
    for kernel, stride in zip(kernels, strides, strict=True):
        field += (kernel - 1) * step
        step *= stride
    return field


def needed_by_jpeg() -> float:
    """Returns the BD-rate in percent of JPEG against AVIF on Kodak."""
    stored = results.load("photographs")
    return metrics.bd_rate(stored["AVIF"], stored["JPEG"])


EXERCISES: dict[str, Exercise] = {
    "13a": Numbers(
        places_and_added,
        0.01,
        "round both sides up to multiples of 16; compare the pixels of all blocks with 1000 · 700",
    ),
    "13b": Function(
        receptive_field,
        [([3], [1]), ([3, 3, 3], [1, 1, 1]), ([4, 3, 3], [4, 1, 1]), ([5, 3, 5, 3], [2, 2, 2, 1])],
        "behind a stride of 2, neighbors are two pixels apart: a kernel of k adds k − 1 times the "
        "product of all strides before it",
    ),
    "13c": Numbers(
        needed_by_jpeg,
        1,
        'metrics.bd_rate(reference, test): the reference is stored["AVIF"]; more bits are positive',
    ),
}
