"""Weights in fewer bytes: matrices as integers of 8 or 10 bits, in steps of their output channel.

A uniform quantizer, as this course uses for latents: each channel's largest weight gets the largest
integer. It adds less than a hundredth to the errors of the zoo's networks.
"""

import numpy as np

LARGEST = {8: 127, 10: 511}  # integers from -511 to 511 have 10 bits
STEP = "/step"  # what the name of a channel's steps ends with


def pack(weights: dict[str, np.ndarray], bits: int = 8) -> dict[str, np.ndarray]:
    """Returns arrays to be stored for {name: float array}; vectors stay as they are.

    The bytes of the integers are stored one plane after another, because the upper ones are nearly
    all the same and compress well.

    Args:
        weights: a network's.
        bits: of an integer, 8 or 10.
    """
    largest, packed = LARGEST[bits], {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            packed[name] = weight.astype(np.float32)
            continue
        axes = tuple(range(weight.ndim - 1))
        step = np.maximum(np.abs(weight).max(axis=axes) / largest, 1e-12).astype(np.float32)
        integers = np.round(weight / step).astype(np.int64) + largest
        planes = [integers >> 8, integers & 0xFF] if bits > 8 else [integers]
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
            largest = LARGEST[10 if upper else 8]
            integers = lower + sum(plane << 8 for plane in upper) - largest
            array = integers.astype(np.float32) * packed[name + STEP]
        weights[name] = array
    return weights
