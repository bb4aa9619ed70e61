"""The rate–distortion model: analysis, rounding, prior, synthesis; one network for every rate.

    loss = bits per pixel + lmbda · distortion

Every image of a batch is trained at a quality of its own, drawn at random. The quality sets lmbda
and the quantization steps of the latents; transforms and prior are conditioned on it.
"""

import math

import keras
import numpy as np
import tensorflow as tf

from kerascomp.codecs.bottleneck.conditioning import NUM_CONDITIONS, NUM_LEVELS, condition_of
from kerascomp.codecs.bottleneck.prior import Prior
from kerascomp.codecs.bottleneck.transforms import Transforms
from kerascomp.networks import stack
from kerascomp.networks.rate_distortion import Losses, RateDistortionModel


class EveryRate(RateDistortionModel):
    """What models for every rate share: lmbda and quantization steps follow from the quality.

    Subclasses define `analyze` and `synthesize` for codecs, and `num_coded`; and for `refinement`
    `scaled` latents and the `costs` of symbols.

    Attributes:
        lmbdas: (lowest, highest); equal for a network of one rate.
        prior: of the latents, with a `plan` and `to_integers`.
        last_refined: the highest level whose latents can be refined.
        refinement_rate: quantization steps that latents go in a step of `refinement` at first.
    """

    lmbdas: tuple[float, float]
    last_refined: int = NUM_LEVELS - 1
    refinement_rate: float = 0.02  # most latents of photographs are zero, and remain it

    def lmbda(self, quality: tf.Tensor) -> tf.Tensor:
        """Returns the lmbda (N,) of qualities (N,): from lowest to highest by equal factors."""
        return between(self.lmbdas, quality)

    def num_coded(self, level: int) -> int:
        """Returns how many latent channels are coded at a level from 0 to 64, the first ones."""
        del level
        return self.latent_shape[-1]

    def _theoretical_step(self, quality):
        """Returns steps (N, 1) of an orthonormal transform's latents, by high-resolution theory."""
        per_sample = 6 * np.log(np.e) / np.log(2) * self.image_shape[-1]
        return tf.sqrt(per_sample / self.lmbda(quality))[:, None]

    def _step_layer(self, num_latents, name):
        options = {"kernel_initializer": "zeros", "dtype": "float32", "name": name}
        layer = keras.layers.Dense(num_latents, **options)
        stack.build(layer, (None, NUM_CONDITIONS))
        return layer


class RateDistortion(EveryRate):
    """A Keras model to be compiled with a distortion and fit like any other.

    Args:
        transforms: (analysis, synthesis), Keras models, see `transforms`.
        prior: of the latents.
        lmbdas: (lowest, highest); equal for a network of one rate.
        name: of the model.

    Raises:
        ValueError: the prior is one for another number of latent channels.

    Example:
        model.compile("adam", loss="mse")
        model.fit(x_train, x_train, validation_data=(x_test, x_test))
    """

    def __init__(self, transforms: Transforms, prior: Prior, *, lmbdas, name: str):
        super().__init__(name=name)
        (self.analysis, self.synthesis), self.prior, self.lmbdas = transforms, prior, lmbdas
        if self.latent_shape[-1] != prior.plan.num_channels:
            raise ValueError(
                f"expected a prior whose slices add up to {self.latent_shape[-1]} channels, "
                f"received {prior.plan.slices}"
            )
        self.step_layer = self._step_layer(self.latent_shape[-1], "steps")
        self.built = True  # every layer is; to run them once more takes seconds

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, C) of the images; H and W are None where any size will do."""
        return self.analysis.input_shape[0][1:]

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """(h, w, K) of the latents, as many places as the images have blocks."""
        return self.analysis.output_shape[1:]

    def steps(self, quality: tf.Tensor) -> tf.Tensor:
        """Returns the quantization steps (N, K) of qualities (N,).

        They begin where high-resolution theory has them, at lmbda ** -1/2, and are learned.
        """
        learned = self.step_layer(condition_of(quality))
        return self._theoretical_step(quality) * tf.exp(learned)

    @tf.function(autograph=False, reduce_retracing=True)  # several times as fast as layer by layer
    def analyze(self, inputs, training=False) -> tf.Tensor:
        """Returns the latents y (N, h, w, K) of [images, qualities (N,), steps]."""
        x, quality, _ = inputs
        return self.analysis([x, condition_of(quality)], training=training)

    @tf.function(autograph=False, reduce_retracing=True)
    def synthesize(self, inputs, training=False) -> tf.Tensor:
        """Returns the images of [decoded latents (N, h, w, K), qualities (N,)]."""
        y_hat, quality = inputs
        return self.synthesis([y_hat, condition_of(quality)], training=training)

    def scaled(self, x, quality, step) -> tf.Tensor:
        """Returns the latents (N, h, w, K) of images in units of their steps (K,), not rounded."""
        return self.analysis([x, condition_of(quality)], training=False) / step

    def costs(self, symbols, x, quality, step) -> Losses:
        """Returns (losses, bits, distortions), (N,) each, of symbols (N, h, w, K) for images.

        A loss is bits + lmbda · distortion · pixels.
        """
        condition, y_hat = condition_of(quality), symbols * step
        bits = tf.reduce_sum(self.prior.bits(symbols, y_hat, step, condition), (1, 2, 3))
        x_hat = self.synthesis([y_hat, condition], training=False)
        distortion = tf.reduce_mean(keras.losses.get(self.loss)(x, x_hat), axis=(1, 2))
        num_pixels = tf.cast(tf.size(x[0, ..., 0]), tf.float32)
        return bits + self.lmbda(quality) * num_pixels * distortion, bits, distortion

    def call(self, x, quality=None, training=None) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns (x_hat, bits): decoded images (N, H, W, C) and their estimated bits (N,).

        Args:
            x: float32 (N, H, W, C) in [0, 1].
            quality: float32 (N,) from 0 to 1; the middle when not given.
            training: whether symbols get noise for the rate; they are rounded otherwise.
        """
        if quality is None:
            quality = tf.fill([tf.shape(x)[0]], 0.5)
        condition = condition_of(quality)
        step = self.steps(quality)[:, None, None]
        y = self.analysis([x, condition], training=training)
        scaled = tf.cast(y, tf.float32) / step  # y has half the bits in mixed precision
        y_hat = straight_through(scaled) * step
        symbols = symbols_of(scaled, training)
        bits = tf.reduce_sum(self.prior.bits(symbols, y_hat, step, condition), (1, 2, 3))
        x_hat = self.synthesis([y_hat, condition], training=training)
        return tf.cast(x_hat, tf.float32), bits

    def losses_of(self, x: tf.Tensor, training: bool) -> Losses:
        """Returns (loss, bits per pixel (N,), distortions (N,)) at qualities drawn at random.

        Otherwise than in training, every quality comes in turn.
        """
        number = tf.shape(x)[0]
        if training:
            levels = tf.random.uniform([number], maxval=NUM_LEVELS, dtype=tf.int32)
        else:
            levels = tf.range(number) % NUM_LEVELS
        quality = tf.cast(levels, tf.float32) / (NUM_LEVELS - 1)
        x_hat, bits = self(x, quality, training=training)
        bpp = bits / float(math.prod(x.shape[1:3]))
        distortion = tf.reduce_mean(keras.losses.get(self.loss)(x, x_hat), axis=(1, 2))
        lmbda = self.lmbda(quality)
        # High qualities have larger losses; divided by their scale, all count alike.
        return tf.reduce_mean((bpp + lmbda * distortion) / tf.sqrt(lmbda)), bpp, distortion


def between(ends: tuple[float, float], position: tf.Tensor) -> tf.Tensor:
    """Returns numbers from the first to the second end by equal factors; positions are 0 to 1."""
    first, last = np.log(ends).astype(np.float32)
    return tf.exp(first + (last - first) * position)


def straight_through(scaled: tf.Tensor) -> tf.Tensor:
    """Returns rounded numbers, with the gradient of numbers that were not."""
    return scaled + tf.stop_gradient(tf.round(scaled) - scaled)


def symbols_of(scaled: tf.Tensor, training: bool) -> tf.Tensor:
    """Returns what the rate is estimated of: with noise in training, rounded otherwise."""
    if training:
        return scaled + tf.random.uniform(tf.shape(scaled), -0.5, 0.5)
    return tf.round(scaled)
