"""Bounds on the rate–distortion plane: what no codec can reach, and the error at rate zero.

C. E. Shannon, "Coding theorems for a discrete source with a fidelity criterion", 1959.
"""

import numpy as np
from numpy.typing import ArrayLike

from kerascomp import metrics
from kerascomp.datasets import to_float, to_uint8

# The only published estimate of R(D) for MNIST (E. Lei, H. Hassani, S. Saeedi Bidokhti, "Neural
# estimation of the rate-distortion function with applications to operational source coding",
# 2022): bits for an image, and squared error summed over the digit resized to 32×32.
MNIST_ESTIMATE = (
    (0.58, 52.7), (2.87, 39.7), (4.93, 31.3), (6.54, 26.2),
    (7.78, 23.1), (9.61, 19.5), (10.8, 17.6), (13.2, 15.1),
)  # fmt: skip
MNIST_ESTIMATE_VARIANCE = 57.82  # the squared error at zero bits, in the same unit

# What others published for the whole test set of CIFAR-10, (bpp, dB): E. Dupont et al., "COIN++:
# neural compression across modalities", 2022, in their repository's results/cifar10. BPG 4:4:4; the
# hyperprior of J. Ballé et al., "Variational image compression with a scale hyperprior", 2018.
CIFAR10_PUBLISHED = {
    "BPG": ((1.0, 27.1), (1.25, 28.7), (1.875, 32.0)),
    "hyperprior": ((0.37, 22.6), (0.746, 26.8), (1.11, 29.5), (1.63, 32.1)),
    "COIN++": ((0.548, 24.2), (1.10, 27.0)),
}
# Lossless, bits per number of an image: J. Townsend, T. Bird, D. Barber, "Practical lossless
# compression with latent variables using bits back coding", 2019; F. Kingma, P. Abbeel, J. Ho,
# "Bit-Swap", 2019; E. Hoogeboom et al., "Integer discrete flows", 2019.
LOSSLESS_PUBLISHED = {
    "mnist": {"BB-ANS": 1.41, "Bit-Swap": 1.27},
    "cifar10": {"Bit-Swap": 3.82, "IDF": 3.34},
}
# What others published for Kodak's 24 photographs: PSNR in dB at the rates below, MS-SSIM at the
# second, thousands of multiplications a pixel to decode; interpolated from the result files of
# CompressAI, tensorflow/compression, Yang and Mandt's shallow-ntc, C3 and Cool-chic.
KODAK_BPP = (0.25, 0.5, 1.0)
KODAK_PUBLISHED = {
    "Toderici et al. 2017": ((25.65, 28.27, 31.62), 0.9538, None),
    "JPEG": ((25.16, 29.20, 32.81), 0.9464, None),
    "Theis et al. 2017": ((27.06, 30.76, 34.91), 0.9586, None),
    "WebP": ((28.15, 31.13, 34.97), 0.9635, None),
    "JPEG 2000": ((28.86, 31.69, 35.28), 0.9576, None),
    "factorized prior": ((29.13, 31.80, 35.58), 0.9741, None),
    "Ballé et al. 2017": ((29.19, 31.90, 35.46), 0.9704, 82),
    "Yang & Mandt, linear synthesis": ((29.22, 32.21, 36.38), 0.9657, 16.4),
    "Cool-chic v1": ((29.19, 32.29, 36.35), None, 0.7),
    "hyperprior": ((29.83, 32.87, 36.94), 0.9743, 44),
    "Yang & Mandt, two layers": ((29.87, 32.97, 37.03), 0.9720, 20.5),
    "BPG": ((30.30, 33.31, 37.18), 0.9735, None),
    "mean-scale hyperprior": ((30.27, 33.38, 37.47), 0.9774, None),
    "AV1": ((30.51, 33.66, 37.58), 0.9754, None),
    "Minnen et al. 2018": ((30.70, 33.77, 37.67), 0.9783, 124),
    "C3": ((30.91, 34.22, 38.45), None, 3),
    "VVC": ((31.27, 34.36, 38.21), 0.9785, None),
    "Cool-chic 5.0": ((31.42, 34.72, 39.04), None, 2),
}


def zero_rate_mse(train_images: np.ndarray, images: np.ndarray) -> float:
    """Returns the MSE of a codec that sends nothing: it decodes the mean training image.

    Args:
        train_images, images: uint8, shape (N, H, W, C).
    """
    mean_image = to_uint8(to_float(train_images).mean(axis=0))
    return float(metrics.mse(images, np.broadcast_to(mean_image, images.shape)).mean())


def gaussian_rate_bpp(images: np.ndarray, psnr_db: float | np.ndarray) -> float | np.ndarray:
    """Returns the rate–distortion function of a Gaussian source like the images, bits per pixel.

    This is an *upper* bound on R(D) of the images' own source: of all sources with the same
    covariances, the Gaussian one has the largest. A codec below it uses more than covariances.

    Args:
        images: uint8, shape (N, H, W, C), N well above H·W·C; the training set.
        psnr_db: float or array of floats.

    Returns:
        float or array, like `psnr_db`; 0 where the mean image is good enough.
    """
    _, height, width, _ = images.shape
    variances = component_variances(images)
    bits = [reverse_water_filling_bits(variances, 10 ** (-db / 10)) for db in np.ravel(psnr_db)]
    return np.reshape(bits, np.shape(psnr_db))[()] / (height * width)


def component_variances(images: np.ndarray) -> np.ndarray:
    """Returns the variances along the principal components of images, float64, ascending.

    Args:
        images: uint8, shape (N, H, W, C).
    """
    x = to_float(images).reshape(len(images), -1)
    x -= x.mean(axis=0)
    num_images, num_values = x.shape
    # x.T @ x and x @ x.T have the same eigenvalues, but for zeros; the smaller one is quicker.
    products = x.T @ x if num_values <= num_images else x @ x.T
    variances = np.maximum(np.linalg.eigvalsh(products.astype(np.float64) / num_images), 0)
    return np.pad(variances, (num_values - len(variances), 0))


def reverse_water_filling_bits(variances: np.ndarray, mse: float) -> float:
    """Returns the bits that independent Gaussians of these variances need at a mean squared error.

    Every component has the same distortion, the water level, except those whose variance is
    smaller; they are not sent: R = sum of max(0, log2(variance / level) / 2).

    Args:
        variances: one for each component.
        mse: mean over the components, above 0.

    Returns:
        float, bits for all components together.

    Raises:
        ValueError: `mse` is not positive.

    Reference:
        Cover, Thomas, "Elements of Information Theory", 2006, section 10.3.3.

    Example:
        >>> reverse_water_filling_bits(np.array([1.0]), 0.25)
        1.0
        >>> reverse_water_filling_bits(np.array([1.0, 0.5]), 0.75)
        0.0
    """
    if not mse > 0:
        raise ValueError(f"expected a positive MSE, received {mse}")
    level = _water_level(np.sort(variances), mse)
    sent = variances[variances > level]
    return float(0.5 * np.log2(sent / level).sum())


def entropy_bits(symbols: ArrayLike) -> float:
    """Returns the empirical entropy of symbols, in bits per symbol.

    No code that encodes every symbol independently of the others is shorter on average.

    Args:
        symbols: array of integers.

    Reference:
        C. E. Shannon, "A mathematical theory of communication", 1948, section 7.

    Example:
        >>> entropy_bits([0, 0, 1, 2])
        1.5
    """
    counts = np.unique(symbols, return_counts=True)[1]
    probabilities = counts / counts.sum()
    return float((probabilities * np.log2(1 / probabilities)).sum())


def mnist_estimate() -> tuple[np.ndarray, np.ndarray]:
    """Returns the published estimate of MNIST's R(D) as (bpp, psnr_db), arrays for 28×28 digits.

    The estimate was made on digits resized to 32×32, so its distortions are converted as fractions
    of the variance; the mean image of MNIST has an MSE of 0.06747 on the test set.
    """
    bits, squared_errors = np.array(MNIST_ESTIMATE).T
    mse = squared_errors / MNIST_ESTIMATE_VARIANCE * 0.06747
    return bits / 28**2, metrics.mse_to_psnr_db(mse)


def _water_level(ascending, mse):
    """Returns the level at which the mean of min(variance, level) is `mse`."""
    total = mse * len(ascending)
    if total >= ascending.sum():
        return float(ascending[-1])
    # With the k smallest variances under water, level = (total - their sum) / (the others).
    below = np.concatenate([[0.0], np.cumsum(ascending)[:-1]])
    levels = (total - below) / np.arange(len(ascending), 0, -1)
    return float(levels[np.argmax(levels <= ascending)])
