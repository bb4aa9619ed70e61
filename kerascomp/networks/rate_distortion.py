"""What rate–distortion models share: a loss of bits and errors, its training step, its means."""

import abc
import contextlib
import math

import keras
import tensorflow as tf

from kerascomp.networks import rounding

LARGEST_GRADIENT = 1.0  # norm
Losses = tuple[tf.Tensor, tf.Tensor, tf.Tensor]  # loss, bits per pixel, distortion


class Means:
    """What an epoch reports; not a part of the network, whose weights Keras would count it to."""

    def __init__(self):
        self.all = [keras.metrics.Mean(name=name) for name in ("loss", "bpp", "distortion")]


class RateDistortionModel(keras.Model):
    """A Keras model to be compiled and fit like any other; subclasses define `losses_of`.

    Attributes:
        image_shape: (H, W, C) of the images.
        latent_shape: (h, w, K) of what crosses from encoder to decoder.
        loss: the distortion; what `compile` got, once it was called.
        rounded_bits: of the weights as they are stored, to train for them; None for floats.
    """

    rounded_bits: int | None = None

    def __init__(self, *, name: str):
        super().__init__(name=name)
        self.loss, self._means = "mse", Means()

    @abc.abstractmethod
    def losses_of(self, x: tf.Tensor, training: bool) -> Losses:
        """Returns the losses of images (N, H, W, C); the first is a scalar."""

    @property
    def latent_shapes(self) -> list[tuple[int, int, int]]:
        """The shape of the latents in a list, as an autoencoder has it."""
        return [self.latent_shape]

    @property
    def num_latents(self) -> int:
        """How many numbers cross from encoder to decoder for one image, or block of any size."""
        return math.prod(size or 1 for size in self.latent_shape)

    @property
    def num_pixels(self) -> float:
        """Of an image, as a float."""
        return float(math.prod(self.image_shape[:2]))

    @property
    def metrics(self) -> list[keras.metrics.Mean]:
        return self._means.all

    def train_step(self, data) -> dict[str, tf.Tensor]:
        weights, bits = self.trainable_variables, self.rounded_bits
        with rounding.while_rounded(weights, bits) if bits else contextlib.nullcontext():
            with tf.GradientTape() as tape:
                losses = self.losses_of(data[0], training=True)
            gradients = tape.gradient(losses[0], weights)
        gradients, _ = tf.clip_by_global_norm(gradients, LARGEST_GRADIENT)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return self._logs(losses)

    def test_step(self, data) -> dict[str, tf.Tensor]:
        return self._logs(self.losses_of(data[0], training=False))

    def _logs(self, losses):
        for mean, value in zip(self.metrics, losses, strict=True):
            mean.update_state(value)
        return {mean.name: mean.result() for mean in self.metrics}
