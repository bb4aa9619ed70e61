"""Transform codes: an orthonormal transform, rounding, and an arithmetic coder.

    x -> transform -> coefficients -> divide by step, round -> arithmetic coding -> file

An orthonormal transform keeps squared errors, so the error of the pixels is the error of the
rounding; it pays because the energy of an image collects in a few coefficients, and the others are
nearly always zero, which costs nearly nothing. Each coefficient has its own histogram, learned on
the training set; the histograms belong to the codec as a network's weights do.

Song, "Entropy encoding in wavelet image compression", 2007, surveys the coders for such
coefficients.
"""

import abc

import numpy as np
import pywt
from scipy import fft

from kerascomp import pca
from kerascomp.codecs.base import check_batch
from kerascomp.codecs.rows import RowCodec
from kerascomp.coders import Arithmetic
from kerascomp.datasets import to_float, to_uint8

PERIODIC = {"mode": "periodization", "axes": (1, 2)}  # an orthonormal transform


class TransformCode(RowCodec):
    """Quantized coefficients of an orthonormal transform in an arithmetic coder's stream.

    Subclasses define `forward` and `inverse`.

    Args:
        images: uint8, shape (N, H, W, C): the training set, for the histograms.
        step: quantization step in pixels of [0, 1], above 0.
        rounding: 0.5 rounds to the nearest multiple; less widens the bin of zero, the dead zone.

    Raises:
        ValueError: a wrong batch, step or rounding.
    """

    def __init__(self, images, step, *, rounding=0.5):
        check_batch(images)
        if not 0 < step < np.inf or not 0 < rounding <= 0.5:
            raise ValueError(
                "expected a step above 0 and a rounding above 0 and up to 0.5, received "
                f"{step} and {rounding}"
            )
        self.image_shape = images.shape[1:]
        self.step, self.rounding = step, rounding
        self.coder = Arithmetic.fit(self.to_symbols(images))

    @abc.abstractmethod
    def forward(self, x: np.ndarray) -> np.ndarray:
        """Returns the coefficients (N, K) of images (N, H, W, C), float32 in [0, 1]."""

    @abc.abstractmethod
    def inverse(self, coefficients: np.ndarray) -> np.ndarray:
        """Returns the images (N, H, W, C) of coefficients (N, K)."""

    @property
    def setting(self):
        """The step."""
        return f"step {self.step:g}"

    def to_symbols(self, images: np.ndarray) -> np.ndarray:
        """Returns the integer coefficients (N, K) of uint8 images (N, H, W, C)."""
        scaled = self.forward(to_float(images)) / self.step
        return (np.sign(scaled) * np.floor(np.abs(scaled) + self.rounding)).astype(np.int64)

    def to_images(self, symbols: np.ndarray) -> np.ndarray:
        """Returns the uint8 images (N, H, W, C) of integer coefficients (N, K)."""
        return to_uint8(self.inverse(symbols * self.step))


class KLT(TransformCode):
    """The Karhunen–Loève transform, or PCA: the best linear transform of a Gaussian source.

    Args:
        principal: scikit-learn's `PCA` of the training images with all components.
        images, step, rounding: as for every `TransformCode`.
    """

    name = "KLT"

    def __init__(self, principal, images, step, **options):
        self.principal = principal
        self._mean = principal.mean_.astype(np.float64)
        self._components = principal.components_.astype(np.float64)
        super().__init__(images, step, **options)

    @classmethod
    def fit(cls, images, step, **options):
        """Returns the KLT code whose components are learned on `images`, as its histograms are."""
        check_batch(images)
        size = min(len(images), int(np.prod(images.shape[1:])))
        return cls(pca.fit(images, size), images, step, **options)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Returns x's principal components (N, K)."""
        return (x.reshape(len(x), -1) - self._mean) @ self._components.T

    def inverse(self, coefficients: np.ndarray) -> np.ndarray:
        """Returns the images (N, H, W, C) of principal components (N, K)."""
        return (coefficients @ self._components + self._mean).reshape(-1, *self.image_shape)


class DCT(TransformCode):
    """The cosine transform of 8×8 blocks, JPEG's; colors are transformed by it as well.

    Images are continued by their edge pixels to whole blocks.
    """

    name = "DCT"
    block = 8

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Returns the coefficients (N, K) of all blocks."""
        blocks = _centered_and_padded(x, self.block).reshape(len(x), *self._grid)
        return fft.dctn(blocks, axes=(2, 4, 5), norm="ortho").reshape(len(x), -1)

    def inverse(self, coefficients: np.ndarray) -> np.ndarray:
        """Returns the images (N, H, W, C) of the blocks' coefficients (N, K)."""
        blocks = fft.idctn(coefficients.reshape(-1, *self._grid), axes=(2, 4, 5), norm="ortho")
        height, width, channels = self.image_shape
        rows, _, columns, _, _ = self._grid
        x = blocks.reshape(-1, rows * self.block, columns * self.block, channels)
        return x[:, :height, :width] + 0.5

    @property
    def _grid(self):
        """(rows of blocks, 8, columns of blocks, 8, C)."""
        height, width, channels = self.image_shape
        return -(-height // self.block), self.block, -(-width // self.block), self.block, channels


class Wavelet(TransformCode):
    """An orthonormal wavelet transform, JPEG 2000's kind; colors get a cosine transform.

    Images are continued by their edge pixels to a multiple of 8, for three levels.
    """

    name = "wavelet"
    wavelet, levels = "sym4", 3

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Returns the coefficients (N, K): a coarse image in the corner, details around it."""
        x = fft.dct(_centered_and_padded(x, 2**self.levels), axis=3, norm="ortho")
        for rows, columns in self._corners():
            corner = x[:, :rows, :columns]
            coarse, (low, right, diagonal) = pywt.dwt2(corner, self.wavelet, **PERIODIC)
            x[:, :rows, :columns] = _joined(coarse, right, low, diagonal)
        return x.reshape(len(x), -1)

    def inverse(self, coefficients: np.ndarray) -> np.ndarray:
        """Returns the images (N, H, W, C) of the levels' coefficients (N, K)."""
        rows, columns = self._corners()[0]
        x = np.array(coefficients, np.float64).reshape(-1, rows, columns, self.image_shape[2])
        for rows, columns in reversed(self._corners()):
            top, bottom = np.split(x[:, :rows, :columns], 2, axis=1)
            (coarse, right), (low, diagonal) = (np.split(half, 2, axis=2) for half in (top, bottom))
            bands = coarse, (low, right, diagonal)
            x[:, :rows, :columns] = pywt.idwt2(bands, self.wavelet, **PERIODIC)
        height, width, _ = self.image_shape
        return fft.idct(x, axis=3, norm="ortho")[:, :height, :width] + 0.5

    def _corners(self):
        """Returns (rows, columns) of the part that each level transforms, the whole first."""
        height, width = (-(-side // 2**self.levels) for side in self.image_shape[:2])
        return [(height << level, width << level) for level in range(self.levels, 0, -1)]


def _joined(coarse, right, low, diagonal):
    """Returns four arrays (N, h, w, C) as the quarters of one."""
    top, bottom = (np.concatenate(pair, axis=2) for pair in ((coarse, right), (low, diagonal)))
    return np.concatenate([top, bottom], axis=1)


def _centered_and_padded(x, multiple):
    """Returns x − 0.5, its sides continued by the edge pixels to multiples of `multiple`."""
    down, right = (-side % multiple for side in x.shape[1:3])
    return np.pad(x - 0.5, ((0, 0), (0, down), (0, right), (0, 0)), mode="edge")
