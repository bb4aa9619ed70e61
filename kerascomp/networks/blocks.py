"""Blocks of pixels as channels, and back: layers without weights."""

import tensorflow as tf
from keras import layers


class ToBlocks(layers.Layer):
    """Blocks of side × side pixels as channels."""

    def __init__(self, side: int, **options):
        super().__init__(**options)
        self.side = side

    def get_config(self) -> dict:
        return super().get_config() | {"side": self.side}

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.nn.space_to_depth(x, self.side)


class ToPixels(ToBlocks):
    """Channels as blocks of side × side pixels."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.nn.depth_to_space(x, self.side)
