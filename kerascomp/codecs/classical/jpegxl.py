"""JPEG XL, by the package imagecodecs."""

import dataclasses
from types import ModuleType

import numpy as np

from kerascomp.codecs.base import CodecError
from kerascomp.codecs.classical.image_by_image import ImageByImage, WithQuality, with_channels


@dataclasses.dataclass(frozen=True)
class JPEGXL(WithQuality):
    """JPEG XL: cosine transforms of many sizes and arithmetic-like coding; the bare codestream.

    Args:
        quality: 0 to 99, on the scale of JPEG's qualities.
    """

    name, library, qualities = "JPEG XL", "imagecodecs", (0, 99)

    @property
    def distance(self) -> float:
        """The quality as libjxl's distance from the original; 1 is hardly visible."""
        quality = self.quality
        if quality >= 30:
            return 0.1 + (100 - quality) * 0.09
        return 53 / 3000 * quality**2 - 23 / 20 * quality + 25

    def encode_one(self, image: np.ndarray) -> bytes:
        return _jpegxl(image, distance=self.distance)

    def decode_one(self, file: bytes) -> np.ndarray:
        return with_channels(imagecodecs_or_error().jpegxl_decode(file, numthreads=1))


class JPEGXLLossless(ImageByImage):
    """JPEG XL without loss."""

    name, library = "JPEG XL lossless", "imagecodecs"

    def encode_one(self, image: np.ndarray) -> bytes:
        return _jpegxl(image, lossless=True)

    def decode_one(self, file: bytes) -> np.ndarray:
        return with_channels(imagecodecs_or_error().jpegxl_decode(file, numthreads=1))


def imagecodecs_or_error() -> ModuleType:
    """Returns the package imagecodecs, or raises a CodecError that says how to get it."""
    try:
        import imagecodecs
    except ImportError:
        raise CodecError("JPEG XL needs the package imagecodecs: pip install imagecodecs") from None
    return imagecodecs


def _jpegxl(image, **options):
    """Returns a JPEG XL codestream of a uint8 image (H, W, C)."""
    pixels = np.ascontiguousarray(image[..., 0] if image.shape[-1] == 1 else image)
    options |= {"effort": 7, "usecontainer": False, "numthreads": 1}
    return imagecodecs_or_error().jpegxl_encode(pixels, **options)
