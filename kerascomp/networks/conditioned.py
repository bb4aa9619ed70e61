"""Layers that depend on a condition (N, n), so that one network serves every rate.

A conditioned layer scales and shifts its channels (FiLM; Perez et al. 2018).
"""

import keras
import tensorflow as tf
from keras import layers

INITIALIZER = "he_normal"


class Film(layers.Layer):
    """x · (1 + a) + b on each channel, a and b linear in the condition."""

    def build(self, shape) -> None:
        options = {"kernel_initializer": "zeros"}
        self.scale = layers.Dense(shape[-1], name="scale", **options)
        self.shift = layers.Dense(shape[-1], name="shift", **options)
        super().build(shape)

    def call(self, x: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
        shape = [-1, *(1,) * (len(x.shape) - 2), x.shape[-1]]
        scale, shift = (tf.reshape(dense(condition), shape) for dense in (self.scale, self.shift))
        return x * (1 + scale) + shift


class FadeIn(layers.Layer):
    """x · a, a linear in the condition; before training it rises from 0 to 1 with the quality.

    Args:
        first: channels of x before this one are left out.
    """

    def __init__(self, first: int = 0, **options):
        super().__init__(**options)
        self.first = first

    def get_config(self) -> dict:
        return super().get_config() | {"first": self.first}

    def build(self, shape) -> None:
        def start(shape, dtype):
            first = tf.range(shape[0])[:, None] == 0  # the half wave that falls from 1 to -1
            return tf.where(tf.broadcast_to(first, shape), -0.5, 0.0)

        half = keras.initializers.Constant(0.5)
        self.gain = layers.Dense(
            shape[-1] - self.first, kernel_initializer=start, bias_initializer=half, name="gain"
        )
        super().build(shape)

    def call(self, x: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
        return x[..., self.first :] * self.gain(condition)


class Residual(layers.Layer):
    """x + what two layers, with a conditioned ReLU between them, make of it.

    Args:
        units: of the first of both layers.
        kernel_size: of its convolution; None for a dense layer. The second is dense.
    """

    def __init__(self, units: int, kernel_size: int | None = None, **options):
        super().__init__(**options)
        self.units, self.kernel_size = units, kernel_size

    def get_config(self) -> dict:
        return super().get_config() | {"units": self.units, "kernel_size": self.kernel_size}

    def build(self, shape) -> None:
        options = {"kernel_initializer": INITIALIZER, "name": "inner"}
        if self.kernel_size is None:
            self.inner = layers.Dense(self.units, **options)
        else:
            self.inner = layers.Conv2D(self.units, self.kernel_size, padding="same", **options)
        self.film = Film(name="film")
        self.outer = layers.Dense(shape[-1], kernel_initializer="zeros", name="outer")
        super().build(shape)

    def call(self, x: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
        return x + self.outer(tf.nn.relu(self.film(self.inner(x), condition)))
