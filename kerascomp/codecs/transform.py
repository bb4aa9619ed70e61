"""Transform codes: an orthonormal transform, rounding, and an arithmetic coder.

    x -> transform -> coefficients -> divide by step, round -> arithmetic coding -> file

An orthonormal transform keeps squared errors, so the error of the pixels is the error of the
rounding; it pays because the energy of an image collects in a few coefficients, and the others are
nearly always zero, which costs nearly nothing. Each coefficient has its own histogram, learned on
the training set; the histograms belong to the codec as a network's weights do.

Song, "Entropy encoding in wavelet image compression", 2007, compares coders for such coefficients.
"""

import struct

import numpy as np
import pywt
from scipy import fft

from kerascomp import pca
from kerascomp.codecs.base import CodecError, check_batch
from kerascomp.coders import ArithmeticDecoder, ArithmeticEncoder, FrequencyTable
from kerascomp.datasets import to_float, to_uint8

BYTE_TABLE = FrequencyTable(np.ones(256))
ESCAPE_BYTES = 2  # of a value that the training set never had
COUNT = struct.Struct(">I")  # the number of images, in front of a file of several


class TransformCode:
    """Quantized coefficients of an orthonormal transform in an arithmetic coder's stream.

    Subclasses define `forward` and `inverse`. A value outside a coefficient's training range is
    sent as an escape symbol and two bytes.

    Args:
        images: uint8, shape (N, H, W, C): the training set, for the histograms.
        step: quantization step in pixels of [0, 1], above 0.
        rounding: 0.5 rounds to the nearest multiple; less widens the bin of zero, the dead zone.
        images_per_file: how many images share one stream.

    Raises:
        ValueError: a wrong batch, step or rounding.
    """

    name = ""

    def __init__(self, images, step, *, rounding=0.5, images_per_file=1):
        check_batch(images)
        if not step > 0 or not 0 < rounding <= 0.5:
            raise ValueError(
                "expected a step above 0 and a rounding above 0 and up to 0.5, received "
                f"{step} and {rounding}"
            )
        self.image_shape = images.shape[1:]
        self.step, self.rounding, self.images_per_file = step, rounding, images_per_file
        values = self.quantize(images)  # (N, K)
        self.lowest = values.min(axis=0).tolist()
        # The last symbol of a table is the escape, never seen in training.
        self.tables = [
            FrequencyTable([*np.bincount(column - lowest), 0])
            for column, lowest in zip(values.T, self.lowest, strict=True)
        ]

    def forward(self, x):
        """Returns the coefficients (N, K) of images (N, H, W, C), float32 in [0, 1]."""
        raise TypeError(f"{type(self).__name__} defines no transform")

    def inverse(self, coefficients):
        """Returns the images (N, H, W, C) of coefficients (N, K)."""
        raise TypeError(f"{type(self).__name__} defines no transform")

    @property
    def setting(self):
        """The step."""
        return f"step {self.step:g}"

    def quantize(self, images):
        """Returns the integer coefficients (N, K) of uint8 images (N, H, W, C)."""
        scaled = self.forward(to_float(images)) / self.step
        return (np.sign(scaled) * np.floor(np.abs(scaled) + self.rounding)).astype(np.int64)

    def encode(self, images):
        """Returns one file for each image (or for each `images_per_file` images).

        Raises:
            ValueError: the images are not uint8, or of another size than the training images.
        """
        check_batch(images)
        if images.shape[1:] != self.image_shape:
            raise ValueError(
                f"this {self.name} code takes images of {self.image_shape}, "
                f"received {images.shape[1:]}"
            )
        rows = self.quantize(images).tolist()
        starts = range(0, len(rows), self.images_per_file)
        return [self._encode_file(rows[start : start + self.images_per_file]) for start in starts]

    def decode(self, files):
        """Returns the uint8 images (N, H, W, C) of files that `encode` wrote.

        Raises:
            CodecError: a file of several images is not of this codec. (A single image's file has
                nothing but its coefficients: any bytes decode to some image.)
        """
        values = np.array([row for file in files for row in self._decode_file(file)])  # (N, K)
        return to_uint8(self.inverse(values * self.step))

    def _encode_file(self, rows):
        encoder = ArithmeticEncoder()
        for row in rows:
            for value, lowest, table in zip(row, self.lowest, self.tables, strict=True):
                escape = table.num_symbols - 1
                if 0 <= value - lowest < escape:
                    encoder.encode(*table.part_of(value - lowest))
                else:
                    encoder.encode(*table.part_of(escape))
                    for byte in value.to_bytes(ESCAPE_BYTES, "big", signed=True):
                        encoder.encode(*BYTE_TABLE.part_of(byte))
        header = COUNT.pack(len(rows)) if self.images_per_file > 1 else b""
        return header + encoder.finish()

    def _decode_file(self, file):
        num_images = 1
        if self.images_per_file > 1:
            num_images = COUNT.unpack_from(file)[0] if len(file) >= COUNT.size else 0
            if not 1 <= num_images <= self.images_per_file:
                raise CodecError(
                    f"{self.name} cannot decode this file of {len(file)} bytes: it is truncated, "
                    "or was not written by this codec"
                )
            file = file[COUNT.size :]
        decoder = ArithmeticDecoder(file)
        models = list(zip(self.lowest, self.tables, strict=True))
        return [
            [self._decode_value(decoder, lowest, table) for lowest, table in models]
            for _ in range(num_images)
        ]

    def _decode_value(self, decoder, lowest, table):
        symbol = decoder.decode(table)
        if symbol < table.num_symbols - 1:
            return lowest + symbol
        content = bytes(decoder.decode(BYTE_TABLE) for _ in range(ESCAPE_BYTES))
        return int.from_bytes(content, "big", signed=True)


class KLT(TransformCode):
    """The Karhunen–Loève transform, or PCA: the best linear transform of a Gaussian source.

    Args:
        principal: scikit-learn's `PCA` of the training images with all components.
        images, step, rounding, images_per_file: as for every `TransformCode`.
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

    def forward(self, x):
        """Returns x's principal components (N, K)."""
        return (x.reshape(len(x), -1) - self._mean) @ self._components.T

    def inverse(self, coefficients):
        """Returns the images (N, H, W, C) of principal components (N, K)."""
        return (coefficients @ self._components + self._mean).reshape(-1, *self.image_shape)


class DCT(TransformCode):
    """The cosine transform of 8×8 blocks, JPEG's; colors are transformed by it as well.

    Images are continued by their edge pixels to whole blocks.
    """

    name = "DCT"
    block = 8

    def forward(self, x):
        """Returns the coefficients (N, K) of all blocks."""
        x = _centered_and_padded(x, self.block)
        num_images, height, width, channels = x.shape
        self._grid = (height // self.block, self.block, width // self.block, self.block, channels)
        blocks = x.reshape(num_images, *self._grid)
        return fft.dctn(blocks, axes=(2, 4, 5), norm="ortho").reshape(num_images, -1)

    def inverse(self, coefficients):
        """Returns the images (N, H, W, C) of the blocks' coefficients (N, K)."""
        blocks = fft.idctn(coefficients.reshape(-1, *self._grid), axes=(2, 4, 5), norm="ortho")
        rows, _, columns, _, channels = self._grid
        x = blocks.reshape(-1, rows * self.block, columns * self.block, channels)
        height, width, _ = self.image_shape
        return x[:, :height, :width] + 0.5


class Wavelet(TransformCode):
    """An orthonormal wavelet transform, JPEG 2000's kind; colors get a cosine transform.

    Images are continued by their edge pixels to a multiple of 8, for three levels.
    """

    name = "wavelet"
    wavelet, levels = "sym4", 3

    def forward(self, x):
        """Returns the coefficients (N, K) of all levels."""
        x = _centered_and_padded(x, 2**self.levels)
        x = fft.dct(x, axis=3, norm="ortho")
        bands = []
        for _ in range(self.levels):  # wavedec2 does this too, but warns of small images
            x, details = pywt.dwt2(x, self.wavelet, mode="periodization", axes=(1, 2))
            bands.insert(0, details)
        bands.insert(0, x)
        array, self._slices = pywt.coeffs_to_array(bands, axes=(1, 2))
        self._array_shape = array.shape[1:]
        return array.reshape(len(x), -1)

    def inverse(self, coefficients):
        """Returns the images (N, H, W, C) of the levels' coefficients (N, K)."""
        array = coefficients.reshape(-1, *self._array_shape)
        bands = pywt.array_to_coeffs(array, self._slices, output_format="wavedec2")
        x = pywt.waverec2(bands, self.wavelet, mode="periodization", axes=(1, 2))
        height, width, _ = self.image_shape
        return fft.idct(x, axis=3, norm="ortho")[:, :height, :width] + 0.5


def _centered_and_padded(x, multiple):
    """Returns x − 0.5, its sides continued by the edge pixels to multiples of `multiple`."""
    down, right = (-side % multiple for side in x.shape[1:3])
    return np.pad(x - 0.5, ((0, 0), (0, down), (0, right), (0, 0)), mode="edge")
