"""Recurrent codecs: one network that sends an image as bit-planes, each refining the last."""

from kerascomp.codecs.recurrent.codec import RecurrentCodec
from kerascomp.codecs.recurrent.model import Recurrent

__all__ = ["Recurrent", "RecurrentCodec"]
