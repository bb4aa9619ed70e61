"""Weights in fewer bytes: matrices as integers of few bits, in steps of their output channel.

A uniform quantizer, as this course uses for latents: each channel's largest weight gets the largest
integer. It adds about a hundredth, or less, to the errors of the zoo's networks; those of fewer
than 8 bits were trained for that (`rounding`).
"""

import numpy as np

from kerascomp.networks.rounding import LARGEST, SMALLEST_STEP

ZEROS = {1: 127, 2: 511}  # what a zero is stored as in so many bytes
STEP = "/step"  # what the name of a channel's steps ends with


def pack(weights: dict[str, np.ndarray], bits: int = 8) -> dict[str, np.ndarray]:
    """Returns arrays to be stored for {name: float array}; vectors stay as they are.

    The bytes of the integers are stored one plane after another, because the upper ones are nearly
    all the same and compress well. Steps of fewer than 8 bits have half precision.

    Args:
        weights: a network's.
        bits: of an integer, 5, 7, 8 or 10.
    """
    largest, packed = LARGEST[bits], {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            packed[name] = weight.astype(np.float32)
            continue
        axes = tuple(range(weight.ndim - 1))
        step = np.maximum(np.abs(weight).max(axis=axes) / largest, SMALLEST_STEP)
        step = step.astype(np.float16 if bits < 8 else np.float32)
        num_planes = 1 + (bits > 8)
        integers = np.round(weight / step.astype(np.float32)).astype(np.int64) + ZEROS[num_planes]
        planes = [integers >> 8, integers & 0xFF] if num_planes > 1 else [integers]
        packed[name] = np.stack(planes).astype(np.uint8)
        packed[name + STEP] = step
    return packed


def unpack(packed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the {name: float32 array} of what `pack` returned, up to half a step."""
    weights = {}
    for name, array in packed.items():
        if name.endswith(STEP):
            continue
        if name + STEP in packed:
            *upper, lower = array.astype(np.int64)
            integers = lower + sum(plane << 8 for plane in upper) - ZEROS[len(array)]
            array = integers.astype(np.float32) * packed[name + STEP].astype(np.float32)
        weights[name] = array
    return weights
