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


class Residual(layers.Layer):
    """x + what two layers, with conditioned units between them, make of it.

    Args:
        units: of the first of both layers.
        kernel_size: of its convolution; None for a dense layer. The second is dense.
        activation: of the units.
    """

    def __init__(self, units: int, kernel_size: int | None = None, activation="relu", **options):
        super().__init__(**options)
        self.units, self.kernel_size, self.activation = units, kernel_size, activation

    def get_config(self) -> dict:
        own = {"units": self.units, "kernel_size": self.kernel_size, "activation": self.activation}
        return super().get_config() | own

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
        h = self.film(self.inner(x), condition)
        return x + self.outer(keras.activations.get(self.activation)(h))
