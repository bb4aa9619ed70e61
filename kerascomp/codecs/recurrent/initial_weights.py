"""Initial weights of the recurrent codecs: a linear code that sends signs of DCT coefficients.

The best single bit of a Gaussian coefficient is its sign, and leaves 1 - 2/π of its variance (Max,
"Quantizing for minimum distortion", 1960). So each iteration sends the signs of those coefficients
of a block of which most is left. Training begins there, and finds what is better.
"""

import numpy as np

from kerascomp.codecs.dct import dct_basis, dct_frequencies

LEFT = 1 - 2 / np.pi  # of a Gaussian's variance, when its sign is known
STEP = np.sqrt(2 / np.pi)  # its mean when it is positive, in standard deviations
LOUDNESS = 2.0  # of a coefficient of one standard deviation before tanh
COLORS = 0.1, 0.03  # variances of both color differences, those of gray being 1


def signs(side: int, channels: int, num_bits: int, num_iterations: int) -> list[np.ndarray]:
    """Returns (to_bits, to_pixels, gains), what each iteration begins with.

    Args:
        side: of a block in pixels.
        channels: of a pixel.
        num_bits: of a block in an iteration.
        num_iterations: T.

    Returns:
        to_bits: float32 (T, pixels of a block, num_bits), matrices from amplified residuals.
        to_pixels: float32 (T, num_bits, pixels of a block), matrices to amplified residuals.
        gains: float32 (T,), how much a residual is amplified, so that it stays about as large.
    """
    basis = dct_basis(side, channels)
    variances = _variances(side, channels)
    start, parts = variances.sum(), []
    for _ in range(num_iterations):
        chosen = np.argsort(-variances, kind="stable")[:num_bits]
        deviations, gain = np.sqrt(variances[chosen]), np.sqrt(start / variances.sum())
        to_bits = LOUDNESS * basis[:, chosen] / (gain * deviations)
        to_pixels = gain * STEP * deviations[:, None] * basis[:, chosen].T
        parts.append((to_bits, to_pixels, gain))
        variances[chosen] *= LEFT
    return [np.stack(arrays).astype(np.float32) for arrays in zip(*parts, strict=True)]


def _variances(side, channels):
    """Returns about what the coefficients of images have, in the order of `dct_basis`.

    They fall with the square of the frequency (Field, "Relations between the statistics of natural
    images and the response properties of cortical cells", 1987).
    """
    u, v, channel = dct_frequencies(side, channels)
    return 0.3 * np.array([1, *COLORS])[channel] / (u**2 + v**2 + 0.05)
