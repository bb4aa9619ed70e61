"""The entropy bottleneck: a rate–distortion model, its prior in integers, and the codec."""

from kerascomp.codecs.bottleneck.codec import BottleneckCodec, RefinedCodec
from kerascomp.codecs.bottleneck.model import RateDistortion
from kerascomp.codecs.bottleneck.pictures import PictureCodec
from kerascomp.codecs.bottleneck.systems import of_autoencoder

__all__ = ["BottleneckCodec", "PictureCodec", "RateDistortion", "RefinedCodec", "of_autoencoder"]
