"""Codecs: encode images to bytes, decode bytes to images, and measure both.

The learned ones need TensorFlow, which is imported when one of their names is first asked for.
"""

import importlib

from kerascomp.codecs import classical, transform
from kerascomp.codecs.base import Codec, CodecError, nearest_in_bytes
from kerascomp.codecs.rates import RatePoint, header_free, measure, sweep

LEARNED = {
    "LatentCodec": "latent",
    "latents": "latent",
    "FactorizedCodec": "factorized",
    "LosslessCodec": "lossless",
    "BottleneckCodec": "bottleneck",
    "PictureCodec": "bottleneck",
    "RefinedCodec": "bottleneck",
    "RecurrentCodec": "recurrent",
    "OverfittedCodec": "overfitted",
}
__all__ = [
    "BottleneckCodec",
    "Codec",
    "CodecError",
    "FactorizedCodec",
    "LatentCodec",
    "LosslessCodec",
    "OverfittedCodec",
    "PictureCodec",
    "RatePoint",
    "RecurrentCodec",
    "RefinedCodec",
    "classical",
    "header_free",
    "latents",
    "measure",
    "nearest_in_bytes",
    "sweep",
    "transform",
]


def __getattr__(name):
    if name not in LEARNED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{LEARNED[name]}"), name)
