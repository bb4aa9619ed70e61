"""The classical codecs: one small class each, around the libraries that everybody uses."""

from kerascomp.codecs.classical.families import (
    blank_bytes,
    largest_quality,
    lossless,
    lossy_families,
)
from kerascomp.codecs.classical.formats import AVIF, JPEG, JPEG2000, PNG, WebP, WebPLossless
from kerascomp.codecs.classical.jpegxl import JPEGXL, JPEGXLLossless
from kerascomp.codecs.classical.mosaic import Mosaic
from kerascomp.codecs.classical.raw import Raw

__all__ = [
    "AVIF",
    "JPEG",
    "JPEG2000",
    "JPEGXL",
    "PNG",
    "JPEGXLLossless",
    "Mosaic",
    "Raw",
    "WebP",
    "WebPLossless",
    "blank_bytes",
    "largest_quality",
    "lossless",
    "lossy_families",
]
