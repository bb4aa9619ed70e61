"""Latents refined for one image: the decoder stays, the encoder takes its time.

An encoder network answers in one pass, the same way for all images. Its answer is a good start, not
the best: a few gradient steps on the latents themselves lower bits + lmbda · error for this image.

In between, a latent is one of its two neighboring integers by a chance that gets harder from step
to step (stochastic Gumbel annealing; Yang, Bamler and Mandt, "Improving inference for neural image
compression", 2020).
"""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from kerascomp.codecs import progress, tiles
from kerascomp.codecs.batches import BATCH_SIZE, batches
from kerascomp.codecs.context.tables import HIGHEST, LOWEST
from kerascomp.datasets import to_float

HOTTEST, COLDEST = 0.5, 0.1  # temperatures of the annealing
BETA_1, BETA_2, EPSILON = 0.9, 0.99, 1e-7  # Adam's
EDGE = 1e-4  # nearer to an integer, a latent's chance to become the other does not fall


class Refinement:
    """The search for the latents of images at one quality.

    Where the steps found nothing better, the latents stay what they were.

    Args:
        model: an `EveryRate`, which has `scaled` latents and the `costs` of symbols.
        quality: from 0 to 1.
        steps: of quantization, float32 (K,).
        effort: how many steps of Adam.
    """

    def __init__(self, model, quality: float, steps: np.ndarray, *, effort: int):
        self.model, self.effort = model, effort
        self.quality, self.steps = np.float32(quality), tf.constant(steps)

    def of_rows(self, images: np.ndarray) -> np.ndarray:
        """Returns integers (N, K) for uint8 images (N, H, W, C), many side by side."""
        parts, num_batches = [], -(-len(images) // BATCH_SIZE)
        with progress.bar(num_batches * self.effort, "refining", images.size) as bar:
            for (x,), number in batches([to_float(images)]):
                known = self._known(x)
                moved = self.model.coded(known[1])[0] > 0
                start = latents = _scaled(self.model, *known)
                for step in self._steps(start, known, moved):
                    latents, costs = step
                    _show(bar, [part[:number] for part in costs])
                found = _better(self.model, tf.round(start), latents, known)
                parts.append(found.numpy()[:number])
        return np.concatenate(parts).astype(np.int64)

    def of_picture(self, image: np.ndarray, symbols: np.ndarray, halo: int) -> np.ndarray:
        """Returns integers (1, h, w, K) for an image, whose loss is lower than that of `symbols`.

        A large picture is refined part by part. A part's latents move, those around it stay; the
        loss is that of all the pixels and latents that they have an influence on. Memory is that of
        a part and its halo, about 2 GB for the network of photographs.

        Ctrl-C ends the search; what it has found until then is returned.

        Args:
            image: uint8 (1, h · side, w · side, C).
            symbols: integers (1, h, w, K), the encoder's.
            halo: places that an output of the networks sees on either side, see `tiles`.
        """
        symbols, side = symbols.copy(), image.shape[1] // symbols.shape[1]
        windows, is_stopped = tiles.windows(symbols.shape[1:3], halo), False
        num_pixels = image[..., 0].size * self.effort
        with progress.bar(len(windows) * self.effort, "refining", num_pixels) as bar:
            for number, (own, around) in enumerate(windows, 1):
                name = f" of part {number} of {len(windows)}" if len(windows) > 1 else ""
                known = self._known(to_float(image[:, *tiles.times(around, side)]))
                before = symbols[:, *around].astype(np.float32)
                inner = (slice(None), *tiles.within(own, around))
                moved = np.zeros((*before.shape[:3], 1), bool)
                moved[inner] = True
                start = latents = tf.where(moved, _scaled(self.model, *known), before)
                try:
                    for step in self._steps(start, known, tf.constant(moved)):
                        latents, costs = step
                        _show(bar, costs, name)
                except KeyboardInterrupt:
                    is_stopped = True
                found = _better(self.model, tf.constant(before), latents, known)
                symbols[:, *own] = found.numpy()[inner]
                if is_stopped:
                    break
        return symbols

    def _known(self, x):
        """Returns float images, their qualities (N,) and the steps (K,)."""
        return tf.constant(x), tf.fill([len(x)], self.quality), self.steps

    def _steps(self, start, known, moved) -> Iterator[tuple]:
        """Yields (latents, costs) after each step of Adam; only those move that are `moved`."""
        latents, moments = start, (tf.zeros_like(start), tf.zeros_like(start))
        for index in range(1, self.effort + 1):
            state, count = (latents, *moments), tf.constant(index)
            latents, moments, costs = _stepped(self.model, known, state, moved, count, self.effort)
            yield latents, costs


def _show(bar, costs, name=""):
    """Says on the bar how many bytes all images take and how good they are, both estimated."""
    if not bar.disable:
        _, bits, errors = (part.numpy() for part in costs)
        psnr_db = -10 * np.log10(np.maximum(errors.mean(), 1e-10))
        bar.set_postfix_str(f"about {bits.sum() / 8:,.0f} bytes{name}, {psnr_db:.2f} dB")
    bar.update()


def _better(model, before, latents, known):
    """Returns the symbols of each image with the lower loss: rounded latents, or those before."""
    after = tf.clip_by_value(tf.round(latents), LOWEST, HIGHEST)
    losses = [_costs(model, symbols, *known)[0] for symbols in (before, after)]
    is_better = tf.reshape(losses[1] < losses[0], [-1] + [1] * (len(after.shape) - 1))
    return tf.where(is_better, after, before)


# Each is one graph; autograph, which could make one of the whole loop, does not know Python 3.13.


@tf.function(autograph=False)
def _scaled(model, x, quality, step):
    return model.scaled(x, quality, step)


@tf.function(autograph=False)
def _costs(model, symbols, x, quality, step):
    return model.costs(symbols, x, quality, step)


@tf.function(autograph=False)
def _stepped(model, known, state, moved, index, num_steps):
    """Returns (latents, their moments, costs) after one step of Adam."""
    scaled, first, second = state
    power = tf.cast(index, tf.float32)
    done = power / num_steps
    temperature = HOTTEST * (COLDEST / HOTTEST) ** done
    with tf.GradientTape() as tape:
        tape.watch(scaled)
        annealed = _annealed(scaled, temperature, seed=index)
        symbols = tf.where(moved, annealed, tf.stop_gradient(scaled))
        costs = model.costs(symbols, *known)
    gradient = tape.gradient(costs[0], scaled)
    first = BETA_1 * first + (1 - BETA_1) * gradient
    second = BETA_2 * second + (1 - BETA_2) * gradient**2
    mean, square = first / (1 - BETA_1**power), second / (1 - BETA_2**power)
    scaled -= model.refinement_rate * (1 - done) * mean / (tf.sqrt(square) + EPSILON)
    return scaled, (first, second), costs


def _annealed(scaled, temperature, *, seed):
    """Returns numbers that are soft choices between the two neighboring integers."""
    below = tf.floor(scaled)
    above_by = tf.clip_by_value(scaled - below, EDGE, 1 - EDGE)
    logits = tf.stack([-tf.atanh(above_by), -tf.atanh(1 - above_by)]) / temperature
    uniform = tf.random.stateless_uniform(tf.shape(logits), [seed, 0], 1e-6, 1 - 1e-6)
    gumbel = -tf.math.log(-tf.math.log(uniform))
    chance = tf.nn.softmax((logits + gumbel) / temperature, axis=0)[1]
    return below + chance
