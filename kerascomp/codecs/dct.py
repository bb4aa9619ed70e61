"""The cosine transform of blocks of pixels as a matrix, to begin the training of networks with."""

import numpy as np
from scipy import fft


def dct_basis(side: int, channels: int = 1) -> np.ndarray:
    """Returns the orthonormal DCT of side × side pixels, (side² · C, side² · C), a column each.

    Low frequencies come first. Color is turned to one mean and two differences, and these come
    later than gray, as in JPEG.
    """
    wave = fft.dct(np.eye(side), norm="ortho", axis=0)  # (frequency, pixel)
    color = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]], float)[:channels, :channels]
    color /= np.linalg.norm(color, axis=1, keepdims=True)
    basis = np.einsum("ui,vj,dc->ijcuvd", wave, wave, color)  # rows as in space_to_depth
    size = side * side * channels
    return basis.reshape(size, size)[:, _order(side, channels)].astype(np.float32)


def dct_frequencies(side: int, channels: int = 1) -> tuple[np.ndarray, ...]:
    """Returns (u, v, channel) of the columns of `dct_basis`, three integer arrays."""
    order = _order(side, channels)
    return tuple(index.ravel()[order] for index in np.indices((side, side, channels)))


def _order(side, channels):
    u, v, channel = np.indices((side, side, channels))
    return np.argsort((np.hypot(u, v) + 1.5 * (channel > 0) + 0.01 * u).ravel(), kind="stable")
