"""Codecs: encode images to bytes, decode bytes to images, and measure both."""

from kerascomp.codecs import classical, transform
from kerascomp.codecs.base import Codec, CodecError, RatePoint, header_free, measure, sweep
from kerascomp.codecs.search import nearest_in_bytes

__all__ = [
    "Codec",
    "CodecError",
    "RatePoint",
    "classical",
    "header_free",
    "measure",
    "nearest_in_bytes",
    "sweep",
    "transform",
]
