"""The synthesis of `network.Overfitted` in NumPy: a decoder that needs no TensorFlow."""

from collections.abc import Sequence

import numpy as np
from scipy.special import erf

Weights = dict[str, np.ndarray]


def picture(latents: Sequence[np.ndarray], weights: Weights) -> np.ndarray:
    """Returns the picture, float32 (H, W, C), of grids (h, w) of latents, from fine to coarse."""
    stack = latents[-1][..., None].astype(np.float32)
    for finer in reversed(latents[:-1]):
        large = enlarged(stack, weights["enlarge"][..., 0, 0])[: finer.shape[0], : finer.shape[1]]
        stack = np.concatenate([finer[..., None].astype(np.float32), large], axis=2)
    h = stack
    for index in range(3):
        x = gelu(h) if index else h
        h = x @ weights[f"synthesis{index}"] + weights[f"synthesis{index}_bias"]
    index = 0
    while (name := f"filter{index}") in weights:
        h = h + filtered(h, weights[name]) + weights[f"{name}_bias"]
        index += 1
    return h


def gelu(x: np.ndarray) -> np.ndarray:
    """Returns x · Φ(x), Φ being the normal distribution function."""
    return x * (np.float32(0.5) * (1 + erf(x / np.float32(np.sqrt(2)))))


def enlarged(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Returns grids (h, w, n) twice as large: each number spreads over 4×4 ones by a kernel."""
    height, width, number = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)), "edge")
    large = np.zeros((height, 2, width, 2, number), np.float32)
    for row in range(4):  # the large rows 2 i - 1 to 2 i + 2 get something of row i
        for column in range(4):
            up, left = (4 - row) // 2, (4 - column) // 2
            part = padded[up : up + height, left : left + width]
            large[:, (row + 1) % 2, :, (column + 1) % 2] += kernel[row, column] * part
    return large.reshape(2 * height, 2 * width, number)


def filtered(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Returns the convolution of (H, W, C) with a 3×3 kernel; zeros are around it."""
    height, width, _ = x.shape
    padded, total = np.pad(x, ((1, 1), (1, 1), (0, 0))), np.zeros_like(x)
    for row in range(3):
        for column in range(3):
            total = (
                total + padded[row : row + height, column : column + width] @ kernel[row, column]
            )
    return total
