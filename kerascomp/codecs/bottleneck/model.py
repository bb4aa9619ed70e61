"""The rate–distortion model: analysis, rounding, prior, synthesis; one network for every rate.

    loss = bits per pixel + lmbda · distortion

Every image of a batch is trained at a quality of its own, drawn at random. The quality sets lmbda,
the quantization steps of the latents, and what the transforms and the prior are told.
"""

import keras
import numpy as np
import tensorflow as tf

from kerascomp.codecs.bottleneck import transforms
from kerascomp.codecs.bottleneck.integers import NUM_LEVELS

LARGEST_GRADIENT = 1.0  # norm


class Terms:
    """What an epoch reports; not a part of the network, whose weights Keras would count it to."""

    def __init__(self):
        self.means = [keras.metrics.Mean(name=name) for name in ("loss", "bpp", "distortion")]


class RateDistortion(keras.Model):
    """A Keras model to be compiled with a distortion and fit like any other.

    Args:
        analysis, synthesis: Keras models, see `transforms`.
        prior: `prior.Prior`.
        lmbdas: (lowest, highest); equal for a network of one rate.
        name: string.

    Example:
        model.compile("adam", loss="mse")
        model.fit(x_train, x_train, validation_data=(x_test, x_test))
    """

    def __init__(self, analysis, synthesis, prior, *, lmbdas, name):
        super().__init__(name=name)
        self.analysis, self.synthesis, self.prior = analysis, synthesis, prior
        self.lmbdas = lmbdas
        self.step_layer = keras.layers.Dense(
            self.latent_shape[-1], kernel_initializer="zeros", name="steps"
        )
        self._terms = Terms()
        # As graphs, for codecs: several times as fast as layer by layer.
        self.analyze, self.synthesize = tf.function(analysis), tf.function(synthesis)
        with tf.name_scope("steps"):
            self.step_layer.build((None, transforms.NUM_CONDITIONS))
        self.built = True  # every layer is; to run them once more takes seconds

    @property
    def image_shape(self):
        """(H, W, C) of the images."""
        return self.analysis.input_shape[0][1:]

    @property
    def latent_shape(self):
        """(h, w, K) of the latents."""
        return self.analysis.output_shape[1:]

    @property
    def latent_shapes(self):
        """The same in a list, as an autoencoder has it."""
        return [self.latent_shape]

    @property
    def num_latents(self):
        """How many numbers cross from analysis to synthesis for one image."""
        return int(np.prod(self.latent_shape))

    @property
    def metrics(self):
        return self._terms.means

    def lmbda(self, quality):
        """Returns the lmbda (N,) of qualities (N,): from lowest to highest by equal factors."""
        lowest, highest = np.log(self.lmbdas).astype(np.float32)
        return tf.exp(lowest + (highest - lowest) * quality)

    def steps(self, quality):
        """Returns the quantization steps (N, K) of qualities (N,).

        They begin where high-resolution theory has them, at lmbda ** -1/2, and are learned.
        """
        learned = self.step_layer(transforms.condition(quality))
        per_sample = 6 * np.log(np.e) / np.log(2) * self.image_shape[-1]
        return tf.sqrt(per_sample / self.lmbda(quality))[:, None] * tf.exp(learned)

    def call(self, x, quality=None, training=None):
        """Returns (x_hat, bits): decoded images (N, H, W, C) and their estimated bits (N,).

        Args:
            x: float32 (N, H, W, C) in [0, 1].
            quality: float32 (N,) from 0 to 1; the middle when not given.
            training: whether symbols get noise for the rate; they are rounded otherwise.
        """
        if quality is None:
            quality = tf.fill([tf.shape(x)[0]], 0.5)
        told = transforms.condition(quality)
        step = self.steps(quality)[:, None, None]
        scaled = self.analysis([x, told], training=training) / step
        rounded = scaled + tf.stop_gradient(tf.round(scaled) - scaled)  # straight through
        y_hat = rounded * step
        symbols = scaled + tf.random.uniform(tf.shape(scaled), -0.5, 0.5) if training else rounded
        bits = self.prior.bits(symbols, y_hat, step, told)
        return self.synthesis([y_hat, told], training=training), tf.reduce_sum(bits, (1, 2, 3))

    def train_step(self, data):
        x = data[0]
        levels = tf.random.uniform([tf.shape(x)[0]], maxval=NUM_LEVELS, dtype=tf.int32)
        with tf.GradientTape() as tape:
            loss, logs = self._loss(x, levels, training=True)
        gradients = tape.gradient(loss, self.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, LARGEST_GRADIENT)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        return logs

    def test_step(self, data):
        x = data[0]
        levels = tf.range(tf.shape(x)[0]) % NUM_LEVELS  # every quality in turn
        return self._loss(x, levels, training=False)[1]

    def _loss(self, x, levels, training):
        quality = tf.cast(levels, tf.float32) / (NUM_LEVELS - 1)
        x_hat, bits = self(x, quality, training=training)
        bpp = bits / float(np.prod(self.image_shape[:2]))
        distortion = tf.reduce_mean(keras.losses.get(self.loss)(x, x_hat), axis=(1, 2))
        lmbda = self.lmbda(quality)
        # High qualities have larger losses; divided by their scale, all count alike.
        loss = tf.reduce_mean((bpp + lmbda * distortion) / tf.sqrt(lmbda))
        for mean, value in zip(self.metrics, (loss, bpp, distortion), strict=True):
            mean.update_state(value)
        return loss, {mean.name: mean.result() for mean in self.metrics}
