"""The entropy bottleneck: a rate–distortion model, its prior in integers, and the codec."""

from kerascomp.codecs.bottleneck.codec import BottleneckCodec

__all__ = ["BottleneckCodec"]
