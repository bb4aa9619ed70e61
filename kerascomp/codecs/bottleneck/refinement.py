"""Latents refined for one image: the decoder stays, the encoder takes its time.

An encoder network answers in one pass, the same way for all images. Its answer is a good start, not
the best: a few gradient steps on the latents themselves lower bits + lmbda · error for this image.

In between, a latent is one of its two neighboring integers by a chance that gets harder from step
to step (stochastic Gumbel annealing; Yang, Bamler and Mandt, "Improving inference for neural image
compression", 2020).
"""

import numpy as np
import tensorflow as tf

from kerascomp.codecs import progress
from kerascomp.codecs.batches import batches
from kerascomp.codecs.bottleneck.codec import BottleneckCodec
from kerascomp.datasets import to_float

NUM_STEPS = 100
LEARNING_RATE = 0.05  # quantization steps that a step of Adam goes at first
HOTTEST, COLDEST = 0.5, 0.1  # temperatures of the annealing
BETA_1, BETA_2, EPSILON = 0.9, 0.99, 1e-7  # Adam's
EDGE = 1e-4  # nearer to an integer, a latent's chance to become the other does not fall


class RefinedCodec(BottleneckCodec):
    """A bottleneck's base with refined latents; a `BottleneckCodec` of its level decodes its files.

    Example:
        codec = zoo.codec("mnist-bottleneck").at(quality=0.3)
        refined = RefinedCodec(codec.model, codec.context, codec.level)
        files = refined.encode(digits)  # smaller than codec's, or better
    """

    def to_symbols(self, images: np.ndarray) -> np.ndarray:
        """Returns integers (N, B) whose losses are lower than those of the encoder's.

        Where the steps found nothing better, these are the encoder's own.

        Raises:
            ValueError: this level has details.
        """
        if self.level > self.model.prior.last_base_level:
            raise ValueError(f"only a base is refined, and level {self.level} has details")
        steps, parts = tf.constant(self.steps[: self.model.num_base]), []
        with progress.bar(len(images), "refining", images.size) as bar:
            for (x,), number in batches([to_float(images)]):
                quality = tf.fill([len(x)], np.float32(self.quality))
                found = refined(self.model, tf.constant(x), quality, steps)
                parts.append(found.numpy()[:number])
                bar.update(number)
        return np.concatenate(parts)[:, : self.coder.num_columns].astype(np.int64)


def refined(model, x, quality, step) -> tf.Tensor:
    """Returns symbols (N, B) of images (N, H, W, C) at qualities (N,) with steps (B,)."""
    start = _scaled_base(model, x, quality, step)
    latents, moments = start, (tf.zeros_like(start), tf.zeros_like(start))
    for index in range(1, NUM_STEPS + 1):
        latents, moments = _stepped(
            model, x, quality, step, (latents, *moments), tf.constant(index)
        )
    before, after = tf.round(start), tf.round(latents)
    losses = [_losses(model, symbols, x, quality, step) for symbols in (before, after)]
    return tf.where((losses[1] < losses[0])[:, None], after, before)


# Each is one graph; autograph, which could make one of the whole loop, does not know Python 3.13.


@tf.function(autograph=False)
def _scaled_base(model, x, quality, step):
    return model.scaled_base(x, quality, step)


@tf.function(autograph=False)
def _losses(model, symbols, x, quality, step):
    return model.base_losses(symbols, x, quality, step)


@tf.function(autograph=False)
def _stepped(model, x, quality, step, state, index):
    """Returns latents and their moments after one step of Adam."""
    (scaled, first, second), (coded, _) = state, model.coded(quality)
    power = tf.cast(index, tf.float32)
    done = power / NUM_STEPS
    temperature = HOTTEST * (COLDEST / HOTTEST) ** done
    with tf.GradientTape() as tape:
        tape.watch(scaled)
        symbols = coded * _annealed(scaled, temperature, seed=index)
        losses = model.base_losses(symbols, x, quality, step)
    gradient = tape.gradient(losses, scaled)
    first = BETA_1 * first + (1 - BETA_1) * gradient
    second = BETA_2 * second + (1 - BETA_2) * gradient**2
    mean, square = first / (1 - BETA_1**power), second / (1 - BETA_2**power)
    scaled -= LEARNING_RATE * (1 - done) * mean / (tf.sqrt(square) + EPSILON)
    return scaled, (first, second)


def _annealed(scaled, temperature, *, seed):
    """Returns numbers that are soft choices between the two neighboring integers."""
    below = tf.floor(scaled)
    above_by = tf.clip_by_value(scaled - below, EDGE, 1 - EDGE)
    logits = tf.stack([-tf.atanh(above_by), -tf.atanh(1 - above_by)]) / temperature
    uniform = tf.random.stateless_uniform(tf.shape(logits), [seed, 0], 1e-6, 1 - 1e-6)
    gumbel = -tf.math.log(-tf.math.log(uniform))
    chance = tf.nn.softmax((logits + gumbel) / temperature, axis=0)[1]
    return below + chance
