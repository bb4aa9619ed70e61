"""What one layer of latents tells the next: a row of numbers becomes an image of features."""

import itertools
import math

import tensorflow as tf
from keras import layers

from kerascomp.codecs.context.chained import LARGEST_FEATURE
from kerascomp.codecs.context.integers import WEIGHT_BITS, IntegerNetwork, fixed
from kerascomp.codecs.context.network import LevelBias
from kerascomp.codecs.context.tables import OUTPUT_BITS
from kerascomp.networks import stack


class Features(layers.Layer):
    """A dense network of one hidden layer; features are from 0 to LARGEST_FEATURE.

    Args:
        num_inputs: latents of the row.
        hidden: units of the hidden layer.
        shape: (h, w, channels) of the features.
        name: of the layer.
    """

    def __init__(self, num_inputs: int, hidden: int, shape, *, name: str):
        super().__init__(name=name, dtype="float32")
        self.num_inputs, self.hidden, self.shape = num_inputs, hidden, tuple(shape)
        stack.build(self, ())

    def get_config(self) -> dict:
        return {"name": self.name, "sizes": [self.num_inputs, self.hidden, self.shape]}

    def build(self, _) -> None:
        sizes = [self.num_inputs, self.hidden, math.prod(self.shape)]
        self.kernels, self.biases = [], []
        for name, shape in zip(("input", "output"), itertools.pairwise(sizes), strict=True):
            self.kernels.append(self.add_weight(name=name, shape=shape, initializer="he_normal"))
            self.biases.append(LevelBias(name, shape[1], None))
        super().build(())

    def call(self, row: tf.Tensor) -> tf.Tensor:
        """Returns features, float32 (N, h, w, channels), of decoded latents (N, K)."""
        hidden = tf.nn.relu(row @ self.kernels[0] + self.biases[0](None))
        features = hidden @ self.kernels[1] + self.biases[1](None)
        return tf.reshape(tf.clip_by_value(features, 0, LARGEST_FEATURE), [-1, *self.shape])

    def to_integers(self, step_bits: int) -> IntegerNetwork:
        """Returns the network in fixed point; latents have `step_bits` binary places."""
        first, second = (fixed(kernel, WEIGHT_BITS).astype(float) for kernel in self.kernels)
        places = step_bits + WEIGHT_BITS, OUTPUT_BITS
        biases = [bias.in_integers(bits) for bias, bits in zip(self.biases, places, strict=True)]
        return IntegerNetwork(first, first[:0], [second], biases)
