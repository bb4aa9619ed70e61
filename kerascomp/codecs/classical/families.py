"""Lists of classical codecs to measure, one of a size, and the price of their headers."""

import bisect
import functools
from collections.abc import Sequence

import numpy as np

from kerascomp.codecs.base import Codec, CodecError
from kerascomp.codecs.classical.formats import AVIF, JPEG, JPEG2000, PNG, WebP, WebPLossless
from kerascomp.codecs.classical.jpegxl import JPEGXL, JPEGXLLossless, imagecodecs_or_error
from kerascomp.codecs.classical.raw import COMPRESSORS, Raw

Format = JPEG | WebP | AVIF  # those with a quality and a size of their own


def lossless() -> list[Codec]:
    """Returns one codec of each lossless family; a missing library is named once, and left out."""
    families: list[Codec] = [PNG(), WebPLossless(), *(Raw(name) for name in COMPRESSORS)]
    return families + ([JPEGXLLossless()] if _has_imagecodecs() else [])


def lossy_families() -> dict[str, Sequence[Codec]]:
    """Returns {name: codecs from low to high quality} of the lossy families."""
    qualities = (5, 12, 25, 45, 65, 80, 92)
    families: dict[str, Sequence[Codec]] = {
        "JPEG": [JPEG(quality) for quality in qualities],
        "JPEG 2000": [JPEG2000(psnr_db) for psnr_db in (16, 19, 22, 25, 29, 33, 37)],
        "WebP": [WebP(quality) for quality in (0, *qualities)],
        "AVIF": [AVIF(quality) for quality in qualities],
    }
    if _has_imagecodecs():
        families["JPEG XL"] = [JPEGXL(quality) for quality in qualities]
    return families


def largest_quality(kind: type[Format], image: np.ndarray, num_bytes: int) -> tuple[Format, bytes]:
    """Returns (codec, file): the largest quality whose file is not larger; else the smallest.

    Files are taken to grow with the quality: where one does not, the next is too large all the
    same.

    Args:
        kind: a classical format, called with a quality.
        image: uint8 (H, W, C).
        num_bytes: of the file as other programs read it.
    """
    low, high = kind.qualities

    def encoded(quality):
        return kind(quality).encode(image[None])[0]

    def size(quality):
        return len(encoded(quality)) - kind.extra_bytes

    above = bisect.bisect_right(range(low, high + 1), num_bytes, key=size)
    quality = max(low, low + above - 1)
    return kind(quality), encoded(quality)


def blank_bytes(codec: Codec, image_shape: Sequence[int]) -> int:
    """Returns how many bytes a codec writes for a black image (H, W, C): its headers' price."""
    return len(codec.encode(np.zeros((1, *image_shape), np.uint8))[0])


@functools.cache
def _has_imagecodecs():
    try:
        imagecodecs_or_error()
    except CodecError as error:
        print(f"{error}; left out")
        return False
    return True
