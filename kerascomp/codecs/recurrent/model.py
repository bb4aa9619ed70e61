"""The recurrent model: what is not right yet is encoded again, one bit-plane at a time.

    b_t = binarize(encoder(gain_t · (x - x_hat_{t-1})))
    x_hat_t = decoder(b_t) / gain_t + x_hat_{t-1}     additive
    x_hat_t = decoder(b_t)                            one-shot: all of it anew, from memory

Encoder and decoder have states, so that one network can do something else in every iteration. The
gain makes the small residuals of late iterations as large as those of early ones; it follows from
what was decoded before, so that it costs no bits. Beside both runs a linear code of each iteration,
which the training begins with (`initial_weights`). A one-shot network has only the encoder's part.

A training step has fewer iterations than a file may have. Later on, half of the steps skip some
after the first: those are computed, but the gradient does not see them (truncated backpropagation
through time; Williams and Peng, "An efficient gradient-based algorithm for on-line training of
recurrent network trajectories", 1990).
"""

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from kerascomp.codecs.recurrent.context import MAX_ITERATIONS, SIDE, Context
from kerascomp.codecs.recurrent.initial_weights import signs
from kerascomp.networks.cells import Binarizer, State, run
from kerascomp.networks.rate_distortion import Losses, RateDistortionModel

ADDITIVE, ONE_SHOT = "additive", "one-shot"
SMALLEST_ERROR = 1e-6


@dataclasses.dataclass(frozen=True)
class Unrolling:
    """How iterations follow each other in training, and what their bits cost.

    Attributes:
        num_iterations: in a training step; afterwards up to 16 are possible.
        reconstruction: ADDITIVE or ONE_SHOT.
        rate_weight: of the bits in the loss. With 0 the context model learns to code the bits, and
            the network does not care.
        late_rate_weight: of the bits of iterations behind the first `num_iterations`; the same when
            None. There a bit buys less quality, and at the price of early ones the network would
            send none.
        skip_after: training steps after which half of them skip iterations; None for never.
        linear_code: whether a linear code of each iteration runs beside both halves. Without it
            additive and one-shot networks have the same weights, and begin with the same ones.
    """

    num_iterations: int = 6
    reconstruction: str = ADDITIVE
    rate_weight: float = 0.0
    late_rate_weight: float | None = None
    skip_after: int | None = None
    linear_code: bool = True


class Recurrent(RateDistortionModel):
    """A Keras model to be compiled and fit like any other; its loss is its own.

    The loss is the mean over all iterations of log(mean squared error) + rate_weight · bits per
    pixel so far. The logarithm lets early and late iterations count alike.

    Args:
        encoder, decoder: lists of layers, from images (N, H, W, C) to (N, H/8, W/8, any), and from
            bit-planes (N, H/8, W/8, num_bits) to images; see `cells.run`.
        context: model of `num_bits` for each place of a bit-plane.
        image_shape: (H, W, C) of the training's images.
        name: of the model.
        options: of `Unrolling`.
    """

    def __init__(
        self, encoder, decoder, context: Context, *, image_shape, name="recurrent", **options
    ):
        super().__init__(name=name)
        self.encoder, self.decoder, self.context = encoder, decoder, context
        self.unrolling = Unrolling(**options)
        self.num_iterations = self.unrolling.num_iterations
        self.num_bits, self.image_shape = context.plan.num_channels, tuple(image_shape)
        self.is_additive = self.unrolling.reconstruction == ADDITIVE
        self.binarizer = Binarizer(name="binarizer")
        start = "zeros" if self.unrolling.linear_code else "glorot_uniform"
        self.to_bits = layers.Dense(self.num_bits, kernel_initializer=start, name="to_bits")
        to_bits, to_pixels, gains = signs(SIDE, image_shape[-1], self.num_bits, MAX_ITERATIONS)
        if self.unrolling.linear_code:
            self.direct_bits = self._weight("direct_bits", to_bits)
            if self.is_additive:
                self.direct_pixels = self._weight("direct_pixels", to_pixels)
        self.log_gains = self._weight("log_gains", np.log(gains))
        self.gain_of_state = layers.Dense(1, kernel_initializer="zeros", name="gain_of_state")
        self.call(tf.zeros((1, *self.image_shape)))  # builds the layers
        self.built = True

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """(h, w, num_bits) of a bit-plane."""
        return plane_shape(self.image_shape, self.num_bits)

    def encode_step(self, x, x_hat, states, iteration, training=None):
        """Returns (bits, x_hat, states): a bit-plane, and what is known after it.

        Args:
            x: float32 (N, H, W, C) from -1/2 to 1/2; sides are multiples of 8.
            x_hat: what was decoded before.
            states: (encoder's, decoder's); None before the first iteration.
            iteration: from 0.
            training: whether bits are drawn.
        """
        encoder_states, decoder_states = states or (None, None)
        residual = (x - x_hat) * _spread(self._gain(decoder_states, iteration))
        h, encoder_states = run(self.encoder, residual, encoder_states)
        logits = self.to_bits(h)
        if self.unrolling.linear_code:
            blocks = tf.nn.space_to_depth(residual, SIDE)
            logits += tf.tensordot(blocks, self.direct_bits[iteration], 1)
        bits = self.binarizer(logits, training=training)
        x_hat, decoder_states = self.decode_step(bits, x_hat, decoder_states, iteration)
        return bits, x_hat, (encoder_states, decoder_states)

    def decode_step(self, bits, x_hat, states, iteration) -> tuple[tf.Tensor, list[State]]:
        """Returns (x_hat, states) after a bit-plane of -1 and +1; see `encode_step`."""
        gain = self._gain(states, iteration)
        pixels, states = run(self.decoder, bits, states)
        if not self.is_additive:
            return pixels, states
        if self.unrolling.linear_code:
            direct = tf.tensordot(bits, self.direct_pixels[iteration], 1)
            pixels += tf.nn.depth_to_space(direct, SIDE)
        return x_hat + pixels / _spread(gain), states

    def call(self, x, training=None, skipped=None) -> list[tuple[tf.Tensor, tf.Tensor]]:
        """Returns [(x_hat, bits)] of all iterations: decoded images, estimated bits (N,) of each.

        Args:
            x: float32 (N, H, W, C) in [0, 1].
            training: whether bits are drawn.
            skipped: iterations to skip after the first, an integer tensor; None for none.
        """
        height, width = x.shape[1:3]
        x = padded(x) - 0.5
        x_hat, states, past, results = tf.zeros_like(x), None, None, []
        for index in range(self.num_iterations):
            iteration = index
            if skipped is not None and index:
                iteration += skipped
                if index == 1:
                    x_hat, states, past = self._skip(x, (x_hat, states, past), skipped, training)
            bits, x_hat, states = self.encode_step(x, x_hat, states, iteration, training)
            coded = bits if self.unrolling.rate_weight else tf.stop_gradient(bits)
            estimated, past = self.context.bits(coded, past, iteration)
            results.append((x_hat[:, :height, :width] + 0.5, tf.reduce_sum(estimated, (1, 2, 3))))
        return results

    def _skip(self, x, known, number, training):
        """Returns (x_hat, states, past) `number` iterations after the first, without gradient."""

        def body(iteration, *known):
            x_hat, states, past = tf.nest.map_structure(tf.stop_gradient, known)
            bits, x_hat, states = self.encode_step(x, x_hat, states, iteration, training)
            _, past = self.context.bits(bits, past, iteration)
            known = tf.nest.map_structure(tf.stop_gradient, (x_hat, states, past))
            return iteration + 1, *known

        start = tf.constant(1), *known
        return tf.while_loop(lambda iteration, *_: iteration <= number, body, start)[1:]

    def losses_of(self, x: tf.Tensor, training: bool) -> Losses:
        """Returns (loss, bits per pixel of all iterations, distortion of the last)."""
        skipped = self._drawn() if training else None
        terms, bpp, price = [], 0.0, 0.0
        for index, (x_hat, bits) in enumerate(self(x, training=training, skipped=skipped)):
            error = tf.reduce_mean(tf.square(x - x_hat))
            bits = tf.reduce_mean(bits) / self.num_pixels
            bpp += bits
            price += self._price(index, skipped) * bits
            terms.append(tf.math.log(error + SMALLEST_ERROR) + price)
        return tf.reduce_mean(terms), bpp, error

    def _drawn(self):
        """Returns how many iterations a training step skips: none in half of them."""
        if self.unrolling.skip_after is None:
            return None
        most = MAX_ITERATIONS - self.num_iterations
        drawn = tf.maximum(tf.random.uniform([], -most, most + 1, tf.int32), 0)
        return tf.where(self.optimizer.iterations < self.unrolling.skip_after, 0, drawn)

    def _price(self, index, skipped):
        """Returns the weight of the bits of a training step's iteration."""
        early, late = self.unrolling.rate_weight, self.unrolling.late_rate_weight
        early, late = early or 1.0, (early if late is None else late) or 1.0
        if skipped is None or not index:
            return early
        return tf.where(index + skipped < self.num_iterations, early, late)

    def _gain(self, decoder_states, iteration):
        """Returns how much larger a residual is made, (N, h, w, 1), or (1, 1, 1, 1) at first."""
        log_gain = tf.reshape(self.log_gains[iteration], (1, 1, 1, 1))
        if decoder_states:
            log_gain += self.gain_of_state(decoder_states[0][0])
        return tf.exp(log_gain)

    def _weight(self, name, start):
        return self.add_weight(
            name=name, shape=start.shape, initializer=keras.initializers.Constant(start)
        )


def padded(x: tf.Tensor) -> tf.Tensor:
    """Returns images (N, H, W, C) whose sides are multiples of 8: the edges are mirrored.

    So often as it takes: of an image with fewer pixels than are missing, tf.pad mirrors none.
    """
    for axis in (1, 2):
        side = x.shape[axis]
        if missing := -side % SIDE:
            x = tf.gather(x, np.pad(np.arange(side), (0, missing), "symmetric"), axis=axis)
    return x


def plane_shape(image_shape: Sequence[int], num_bits: int) -> tuple[int, int, int]:
    """Returns (h, w, num_bits) of a bit-plane of images (H, W, C)."""
    height, width, _ = image_shape
    return -(-height // SIDE), -(-width // SIDE), num_bits


def _spread(gain):
    """Returns a gain for each pixel of a block, the same for all."""
    if gain.shape[1] == 1 and gain.shape[2] == 1:
        return gain
    return tf.repeat(tf.repeat(gain, SIDE, axis=1), SIDE, axis=2)
