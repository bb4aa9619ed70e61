"""How far a reconstruction is from its original, and how many bits its file has.

Images are uint8 batches (N, H, W, C); every function returns one float64 for each image.
Distortions are of pixels scaled to [0, 1]; bits are per pixel, not per channel.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import ndimage

from kerascomp.datasets import to_float

# Wang, Simoncelli, Bovik, "Multi-scale structural similarity", 2003, section 3.2.
MS_SSIM_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
C1, C2 = 0.01**2, 0.03**2  # the constants of SSIM for pixels in [0, 1]
SIGMA = 1.5  # of its Gaussian window, pixels


class WindowError(ValueError):
    """Images are smaller than the window of a metric."""


def mse(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Returns the mean squared error of each image (the report's L2 loss), shape (N,).

    Example:
        >>> black = np.zeros((1, 2, 2, 1), np.uint8)
        >>> mse(black, black + 51)
        array([0.04])
    """
    x, x_hat = _checked(images, reconstructions)
    return np.mean((x - x_hat) ** 2, axis=(1, 2, 3), dtype=np.float64)


def mae(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Returns the mean absolute error of each image (the report's L1 loss), shape (N,)."""
    x, x_hat = _checked(images, reconstructions)
    return np.mean(np.abs(x - x_hat), axis=(1, 2, 3), dtype=np.float64)


def psnr_db(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Returns the peak signal-to-noise ratio of each image in dB, shape (N,); inf if equal.

    The PSNR of a data set is `mse_to_psnr_db` of the mean MSE, not the mean of these values.
    """
    return mse_to_psnr_db(mse(images, reconstructions))


def mse_to_psnr_db(mean_squared_error: ArrayLike) -> np.ndarray:
    """Returns −10 log10 of MSEs of pixels in [0, 1], in dB, of the same shape.

    Example:
        >>> float(mse_to_psnr_db(0.01))
        20.0
    """
    with np.errstate(divide="ignore"):
        return -10 * np.log10(mean_squared_error)


def ssim(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Returns the structural similarity of each image, shape (N,), 1 if equal.

    Gaussian window of 11×11 pixels; channels are averaged.

    Raises:
        WindowError: the images are smaller than the window.

    Reference:
        Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to
        structural similarity", 2004, section III-B.
    """
    x, x_hat = _checked(images, reconstructions)
    luminance, contrast_structure = _ssim_terms(x, x_hat, window=11)
    return np.mean(luminance * contrast_structure, axis=(1, 2, 3))


def ms_ssim(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Returns the multi-scale structural similarity of each image, shape (N,), 1 if equal.

    Five scales with an 11×11 window where the smaller side has at least 176 pixels; below that
    (down to 28) three scales with a 7×7 window, their weights scaled to the sum of one, because
    the fifth scale of a 28×28 digit would have a single pixel.

    Raises:
        WindowError: the images are smaller than 28×28.

    Reference:
        Wang, Simoncelli, Bovik, "Multi-scale structural similarity", 2003, section 3.
    """
    x, x_hat = _checked(images, reconstructions)
    num_scales, window = (5, 11) if min(x.shape[1:3]) >= 11 * 2**4 else (3, 7)
    weights = MS_SSIM_WEIGHTS[:num_scales] / MS_SSIM_WEIGHTS[:num_scales].sum()
    powers = []
    for scale, weight in enumerate(weights):
        luminance, contrast_structure = _ssim_terms(x, x_hat, window=window)
        last = scale == num_scales - 1
        similarity = luminance * contrast_structure if last else contrast_structure
        # A negative similarity has no real power; it counts as zero.
        channels = np.maximum(similarity.mean(axis=(1, 2)), 0)  # (N, C)
        powers.append(channels**weight)
        x, x_hat = _halved(x), _halved(x_hat)
    return np.mean(np.prod(powers, axis=0), axis=-1)


def bits_per_pixel(files: Sequence[bytes], images: np.ndarray) -> np.ndarray:
    """Returns the rate of each file in bits per pixel of its image, shape (N,).

    Args:
        files: N byte strings, as they would be stored.
        images: the images that were encoded, (N, H, W, C); only their size matters.

    Raises:
        ValueError: there are not as many files as images.

    Example:
        >>> bits_per_pixel([b"four"], np.zeros((1, 4, 8, 3), np.uint8))
        array([1.])
    """
    num_images, height, width, _ = np.shape(images)
    if len(files) != num_images:
        raise ValueError(f"received {len(files)} files for {num_images} images")
    return np.array([8 * len(file) / (height * width) for file in files])


def bd_rate(reference: Sequence, test: Sequence) -> float:
    """Returns the mean difference in rate of two codecs at equal PSNR, in percent.

    Args:
        reference, test: lists of `codecs.RatePoint`, at least four each, of lossy codecs.

    Returns:
        float: −10 means that `test` needs 10 % fewer bits than `reference`.

    Raises:
        ValueError: too few points, or no common range of PSNR.

    Reference:
        G. Bjøntegaard, "Calculation of average PSNR differences between RD-curves", VCEG-M33, 2001.
    """
    import bjontegaard  # imported here: it costs half a second

    curves = []
    for points in (reference, test):
        points = sorted((point.psnr_db, point.bpp) for point in points if point.psnr_db is not None)
        if len(points) < 4:
            raise ValueError(f"a curve needs at least 4 lossy points, received {len(points)}")
        curves.append(np.array(points).T)
    (psnr, rate), (test_psnr, test_rate) = curves
    if max(psnr[0], test_psnr[0]) >= min(psnr[-1], test_psnr[-1]):
        raise ValueError(
            f"the curves have no PSNR in common: {psnr[0]:.1f} to {psnr[-1]:.1f} dB and "
            f"{test_psnr[0]:.1f} to {test_psnr[-1]:.1f} dB"
        )
    options = {"method": "akima", "require_matching_points": False, "min_overlap": 0}
    return float(bjontegaard.bd_rate(rate, psnr, test_rate, test_psnr, **options))


def _checked(images, reconstructions):
    """Returns both as float32 in [0, 1] after checking that they can be compared."""
    images, reconstructions = np.asarray(images), np.asarray(reconstructions)
    for name, array in (("images", images), ("reconstructions", reconstructions)):
        if array.dtype != np.uint8 or array.ndim != 4:
            raise ValueError(
                f"expected {name} as uint8 of shape (N, H, W, C), received {array.dtype} "
                f"{array.shape}; datasets.to_uint8 converts pixels in [0, 1]"
            )
    if images.shape != reconstructions.shape:
        raise ValueError(
            f"images are {images.shape} but reconstructions {reconstructions.shape}; "
            "expected the same shape"
        )
    return to_float(images), to_float(reconstructions)


def _ssim_terms(x, x_hat, *, window):
    """Returns SSIM's luminance and contrast-structure maps where the window fits, (N, h, w, C)."""
    if min(x.shape[1:3]) < window:
        raise WindowError(
            f"images of {x.shape[1]}×{x.shape[2]} pixels are too small for a window of "
            f"{window}×{window} at this scale"
        )
    radius = window // 2
    inside = (slice(None), slice(radius, -radius), slice(radius, -radius))
    x, x_hat = x.astype(np.float64), x_hat.astype(np.float64)

    def local_mean(values):
        blurred = ndimage.gaussian_filter(values, SIGMA, axes=(1, 2), truncate=radius / SIGMA)
        return blurred[inside]

    mean, mean_hat = local_mean(x), local_mean(x_hat)
    variance = local_mean(x * x) - mean**2
    variance_hat = local_mean(x_hat * x_hat) - mean_hat**2
    covariance = local_mean(x * x_hat) - mean * mean_hat
    luminance = (2 * mean * mean_hat + C1) / (mean**2 + mean_hat**2 + C1)
    contrast_structure = (2 * covariance + C2) / (variance + variance_hat + C2)
    return luminance, contrast_structure


def _halved(x):
    """Returns images of half the size: means of 2×2 pixels, a last odd row or column left out."""
    height, width = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    x = x[:, :height, :width]
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4
