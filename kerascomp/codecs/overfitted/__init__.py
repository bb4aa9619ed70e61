"""Codecs overfitted to one picture: the file is the network."""

from kerascomp.codecs.overfitted.codec import OverfittedCodec

__all__ = ["OverfittedCodec"]
