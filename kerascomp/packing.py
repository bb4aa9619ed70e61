"""Weights in fewer bytes: matrices as integers of 10 bits, in steps of their output channel.

A uniform quantizer, as this course uses for latents: each channel's largest weight gets the largest
integer. It adds less than a hundredth to the errors of the zoo's networks.
"""

import numpy as np

LARGEST = 511  # integers from -511 to 511: 10 bits
STEP = "/step"  # what the name of a channel's steps ends with


def pack(weights):
    """Returns arrays to be stored for {name: float array}; vectors stay as they are.

    The two bytes of the integers are stored one after another, because the upper ones are nearly
    all the same and compress well.
    """
    packed = {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            packed[name] = weight.astype(np.float32)
            continue
        axes = tuple(range(weight.ndim - 1))
        step = np.maximum(np.abs(weight).max(axis=axes) / LARGEST, 1e-12).astype(np.float32)
        integers = np.round(weight / step).astype(np.int64) + LARGEST
        packed[name] = np.stack([integers >> 8, integers & 0xFF]).astype(np.uint8)
        packed[name + STEP] = step
    return packed


def unpack(packed):
    """Returns the {name: float32 array} of what `pack` returned, up to half a step."""
    weights = {}
    for name, array in packed.items():
        if name.endswith(STEP):
            continue
        if name + STEP in packed:
            upper, lower = array.astype(np.int64)
            integers = (upper << 8) + lower - LARGEST
            array = integers.astype(np.float32) * packed[name + STEP]
        weights[name] = array
    return weights
