"""Lists of classical codecs to measure, and the price of their headers."""

import functools

import numpy as np

from kerascomp.codecs.base import CodecError
from kerascomp.codecs.classical.formats import AVIF, JPEG, JPEG2000, PNG, WebP, WebPLossless
from kerascomp.codecs.classical.jpegxl import JPEGXL, JPEGXLLossless, imagecodecs_or_error
from kerascomp.codecs.classical.raw import COMPRESSORS, Raw


def lossless():
    """Returns one codec of each lossless family; a missing library is named once, and left out."""
    families = [PNG(), WebPLossless(), *(Raw(name) for name in COMPRESSORS)]
    return families + ([JPEGXLLossless()] if _has_imagecodecs() else [])


def lossy_families():
    """Returns {name: codecs from low to high quality} of the lossy families."""
    qualities = (5, 12, 25, 45, 65, 80, 92)
    families = {
        "JPEG": [JPEG(quality) for quality in qualities],
        "JPEG 2000": [JPEG2000(psnr_db) for psnr_db in (16, 19, 22, 25, 29, 33, 37)],
        "WebP": [WebP(quality) for quality in (0, *qualities)],
        "AVIF": [AVIF(quality) for quality in qualities],
    }
    if _has_imagecodecs():
        families["JPEG XL"] = [JPEGXL(quality) for quality in qualities]
    return families


def blank_bytes(codec, image_shape):
    """Returns how many bytes a codec writes for a black image: the price of its headers.

    Args:
        codec: a `Codec`.
        image_shape: (H, W, C).
    """
    return len(codec.encode(np.zeros((1, *image_shape), np.uint8))[0])


@functools.cache
def _has_imagecodecs():
    try:
        imagecodecs_or_error()
    except CodecError as error:
        print(f"{error}; left out")
        return False
    return True
