"""A rate–distortion model of two layers: a picture from few numbers, then what it is missing.

    x -> encoder -> base, rounded -> decoder -> picture
    x - picture -> details, rounded -> what is added to the picture

Low qualities are the base alone. Above the last level of the base its picture stays what it is
there, and details complete it: the error of every pixel, rounded. Their prior knows the base, and
so where the edges are; elsewhere an error is zero and costs nothing. Scalable video coding calls
both a base layer and an enhancement layer.
"""

import keras
import numpy as np
import tensorflow as tf

from kerascomp.codecs.bottleneck.conditioning import NUM_LEVELS, condition_of
from kerascomp.codecs.bottleneck.model import EveryRate, between, straight_through, symbols_of
from kerascomp.codecs.bottleneck.prior import LayeredPrior, mixture_bits
from kerascomp.networks.rate_distortion import Losses

DETAIL_SHARE = 8  # one image of so many in a batch trains the details


class Layered(EveryRate):
    """A Keras model to be compiled with a distortion and fit like any other.

    Args:
        networks: (encoder, decoder): [pixels (N, P), condition (N, 6)] to a base (N, B) and back.
        prior: of base and details.
        order: of the pixels' errors in a row of details, a permutation (P,).
        lmbdas: (lowest, highest) of the base, and of the details. A base that is nearly as good as
            it can be pays more for little; details begin below its highest.
        image_shape: (H, W, C) with P numbers.
        name: of the model.

    Attributes:
        only_level: see `restrict`; None to train every rate.
    """

    only_level: int | None = None
    refinement_rate = 0.05

    def __init__(self, networks, prior: LayeredPrior, order, *, lmbdas, image_shape, name: str):
        super().__init__(name=name)
        (self.encoder, self.decoder), self.prior = networks, prior
        self.priors = [prior.base, prior.features, prior.details]  # so that Keras knows of them
        self.image_shape = tuple(image_shape)
        self.base_lmbdas, self.details_lmbdas = lmbdas
        self.num_base, self.num_details = self.encoder.output_shape[-1], len(order)
        self.latent_shape = (1, 1, self.num_base + self.num_details)
        self.last_base = np.float32(prior.last_base_level / (NUM_LEVELS - 1))
        self.last_refined = prior.last_base_level
        self.base_steps = self._step_layer(self.num_base, "base_steps")
        self.details_steps = self._step_layer(prior.details_shape[-1], "details_steps")
        self.order, self.places = np.asarray(order), np.argsort(order)
        self.built = True

    def restrict(self, level: int) -> None:
        """Trains for one level of the base alone from now on: no other rate, and no details."""
        self.only_level = level
        for layer in (self.prior.features, self.prior.details, self.details_steps):
            layer.trainable = False

    def lmbda(self, quality: tf.Tensor) -> tf.Tensor:
        """Returns the lmbda (N,) of qualities (N,): those of the base, then those of details."""
        first = self.last_base + np.float32(1 / (NUM_LEVELS - 1))  # quality with details
        base = between(self.base_lmbdas, quality / self.last_base)
        details = between(self.details_lmbdas, (quality - first) / (1 - first))
        return tf.where(quality > self.last_base, details, base)

    def num_coded(self, level: int) -> int:
        return int(self.prior.counts[level])

    def steps(self, quality: tf.Tensor) -> tf.Tensor:
        """Returns the quantization steps (N, K) of qualities (N,), the base's first."""
        base = self._base_step(self._of_base(quality))
        places = self.num_details // self.prior.details_shape[-1]
        return tf.concat([base, tf.tile(self._details_step(quality), [1, places])], axis=1)

    @tf.function(autograph=False)
    def analyze(self, inputs, training=False) -> tf.Tensor:
        """Returns the latents y (N, 1, 1, K) of [images, qualities (N,), steps]."""
        x, quality, step = inputs
        x, step = self._pixels(x), step[:, 0, 0, : self.num_base]
        condition = condition_of(self._of_base(quality))
        base = self.encoder([x, condition], training=training) * self.coded(quality)[0]

        def details():
            picture = self.decoder([tf.round(base / step) * step, condition], training=training)
            return tf.gather(x - picture, self.order, axis=1)

        has_details = tf.reduce_any(quality > self.last_base)
        y = tf.concat([base, tf.cond(has_details, details, lambda: tf.zeros_like(x))], axis=1)
        return y[:, None, None]

    @tf.function(autograph=False)
    def synthesize(self, inputs, training=False) -> tf.Tensor:
        """Returns the images of [decoded latents (N, 1, 1, K), qualities (N,)]."""
        y_hat, quality = inputs
        base, details = tf.split(y_hat[:, 0, 0], [self.num_base, self.num_details], axis=1)
        condition = condition_of(self._of_base(quality))
        picture = self.decoder([base, condition], training=training)
        return tf.reshape(self._completed(picture, details), [-1, *self.image_shape])

    def losses_of(self, x: tf.Tensor, training: bool) -> Losses:
        """Returns (loss, bits per pixel (N,), distortions (N,)) at many qualities.

        They are drawn at random in training; otherwise every one comes in turn. The last eighth
        of the images has details. To these the picture is a constant: it is trained as if they did
        not exist, and so remains the best at its own rate.
        """
        x, number, last = self._pixels(x), tf.shape(x)[0], self.prior.last_base_level
        few, levels = number // DETAIL_SHARE, (0, last + 1)
        if self.only_level is not None:
            few, levels = 0, (self.only_level, self.only_level + 1)
        quality = tf.concat(
            [_qualities(number - few, *levels, training), tf.fill([few], self.last_base)], 0
        )
        step = self._base_step(quality)
        scaled = self.scaled(x, quality, step)
        base, symbols = straight_through(scaled) * step, symbols_of(scaled, training)
        picture, bits = self._decoded_base(symbols, base, quality, step, training)
        losses = self._loss(quality, bits, x, picture)
        if self.only_level is not None:
            return tf.reduce_mean(losses), bits / self.num_pixels, self._error(x, picture)
        finer = _qualities(few, last + 1, NUM_LEVELS, training)
        start = number - few
        known = (tf.stop_gradient(base)[start:], tf.stop_gradient(picture)[start:])
        more, completed = self._coded_details(x[start:], *known, finer, training)
        losses += tf.pad(self._loss(finer, more, x[start:], completed), [[start, 0]])
        bits += tf.pad(more, [[start, 0]])
        x_hat = tf.concat([picture[:start], completed], 0)
        return tf.reduce_mean(losses), bits / self.num_pixels, self._error(x, x_hat)

    def scaled(self, x, quality, step) -> tf.Tensor:
        """Returns the base (N, B) of images (N, H, W, C) in units of its steps, not rounded."""
        base = self.encoder([self._pixels(x), condition_of(quality)])
        return base * self.coded(quality)[0] / step

    def costs(self, symbols, x, quality, step) -> Losses:
        """Returns (losses, bits, errors), (N,) each, of symbols (N, B) of a base for images."""
        picture, bits = self._decoded_base(symbols, symbols * step, quality, step)
        x = self._pixels(x)
        return self._loss(quality, bits, x, picture), bits, self._error(x, picture)

    def _decoded_base(self, symbols, base, quality, step, training=False):
        """Returns (picture (N, P), bits (N,))."""
        condition = condition_of(quality)
        bits = mixture_bits(self.prior.base(base, condition), symbols, step)
        bits = tf.reduce_sum(bits * self.coded(quality)[0], 1)
        return self.decoder([base, condition], training=training), bits

    def _coded_details(self, x, base, picture, quality, training):
        """Returns (bits (N,), completed pictures (N, P))."""
        step = self._details_step(quality)[:, None, None]
        errors = tf.gather(x - picture, self.order, axis=1)
        scaled = tf.reshape(errors, [-1, *self.prior.details_shape]) / step
        details = straight_through(scaled) * step
        known = (details, step, condition_of(quality), (self.prior.features(base),))
        bits = self.prior.details.bits(symbols_of(scaled, training), *known)
        completed = self._completed(picture, tf.reshape(details, tf.shape(errors)))
        return tf.reduce_sum(bits, (1, 2, 3)), completed

    def _completed(self, picture, details):
        return picture + tf.gather(details, self.places, axis=1)

    def _loss(self, quality, bits, x, x_hat):
        """Returns bits + lmbda · error, divided by a scale, so that all qualities count alike."""
        lmbda = self.lmbda(quality) * self.num_pixels
        return (bits + lmbda * self._error(x, x_hat)) / tf.sqrt(lmbda)

    def _error(self, x, x_hat):
        return keras.losses.get(self.loss)(x, x_hat)

    def coded(self, quality):
        """Returns 1 for latents that are coded at qualities (N,), 0 for others: (N, B), (N, D)."""
        levels = tf.cast(tf.round(quality * (NUM_LEVELS - 1)), tf.int32)
        counts = tf.gather(self.prior.counts.astype(np.int32), levels)
        mask = tf.sequence_mask(counts, self.latent_shape[-1], tf.float32)
        return tf.split(mask, [self.num_base, self.num_details], axis=1)

    def _base_step(self, quality):
        """Returns the steps (N, B) of a base, which begin at 1."""
        return tf.exp(self.base_steps(condition_of(quality)))

    def _details_step(self, quality):
        """Returns the steps (N, channels) of details, which begin where theory has them."""
        learned = self.details_steps(condition_of(quality))
        return self._theoretical_step(quality) * tf.exp(learned)

    def _of_base(self, quality):
        return tf.minimum(quality, self.last_base)

    def _pixels(self, x):
        return tf.reshape(x, [-1, self.encoder.input_shape[0][-1]])


def _qualities(number, first, end, training):
    """Returns qualities (number,) of levels from `first` to `end` - 1."""
    if training:
        levels = tf.random.uniform([number], first, end, tf.int32)
    else:
        levels = first + tf.range(number) % (end - first)
    return tf.cast(levels, tf.float32) / (NUM_LEVELS - 1)
