"""Training of a codec on one picture: with soft rounding and noise, then with rounded latents.

Rounding has no gradient. A soft staircase has one; noise hides how soft it is. Both are annealed:
towards the end the staircase is steep and the noise nearly uniform, as rounding errors are (Kim et
al. 2023, section 3.2). The last tenth of the steps rounds, with the gradient of the staircase.
"""

import keras
import numpy as np
import tensorflow as tf

from kerascomp.codecs.overfitted.network import Overfitted
from kerascomp.networks.optimizer import FusedAdamW, Restarted

RATE, LAST_RATE = 1e-2, 1e-3  # of learning, at the beginning of both stages
SHARE = 0.9  # of the first stage
TEMPERATURES = 0.3, 0.1  # of the staircase, at both ends of the first stage
SHAPES = 2.0, 1.0  # of the noise; 1 is uniform


def soft_round(y: tf.Tensor, temperature) -> tf.Tensor:
    """Returns y on a staircase with round edges; the lower the temperature, the steeper."""
    low = tf.floor(y)
    rise = tf.tanh((y - low - 0.5) / temperature) / tf.tanh(tf.constant(0.5) / temperature)
    return low + 0.5 + 0.5 * rise


def noise(shape, peak) -> tf.Tensor:
    """Returns Kumaraswamy noise between ±½ with its mode at 0; with a peak of 1 it is uniform."""
    other = (2**peak * (peak - 1) + 1) / peak
    uniform = tf.random.uniform(shape, 1e-4, 1 - 1e-4)
    return (1 - (1 - uniform) ** (1 / other)) ** (1 / peak) - 0.5


class Training:
    """Adam on one picture, step by step.

    Args:
        model: of its shape.
        image: float32 (1, H, W, C) in [0, 1].
        lmbda: bits per pixel that a unit of mean squared error is worth.
        num_steps: of both stages.
    """

    def __init__(self, model: Overfitted, image: np.ndarray, *, lmbda: float, num_steps: int):
        self.model, self.image, self.lmbda = model, tf.constant(image), lmbda
        self.num_soft = int(SHARE * num_steps)
        num_hard = max(1, num_steps - self.num_soft)
        decay = keras.optimizers.schedules.CosineDecay
        both = decay(RATE, max(1, self.num_soft)), decay(LAST_RATE, num_hard)
        self.optimizer = FusedAdamW(Restarted(*both, self.num_soft), weight_decay=0.0)
        self.optimizer.build(model.trainable_variables)

    def run(self, number: int) -> tuple[float, float]:
        """Takes step `number`, from 0; returns (bits per pixel, mean squared error)."""
        if number >= self.num_soft:
            bpp, error = self._hard_step()
        else:
            ends = tf.constant([TEMPERATURES, SHAPES])
            position = number / self.num_soft
            bpp, error = self._soft_step(*(ends[:, 0] + (ends[:, 1] - ends[:, 0]) * position))
        return float(bpp), float(error)

    @tf.function(autograph=False)
    def _soft_step(self, temperature, peak):
        def decoded(y):
            soft = soft_round(y, temperature)
            return soft_round(soft + noise(tf.shape(y), peak), temperature)

        return self._step(decoded)

    @tf.function(autograph=False)
    def _hard_step(self):
        def decoded(y):
            soft = soft_round(y, TEMPERATURES[1])
            return soft + tf.stop_gradient(tf.round(y) - soft)

        return self._step(decoded)

    def _step(self, decoded):
        with tf.GradientTape() as tape:
            latents = [decoded(y) for y in self.model.latents()]
            bpp = self.model.bits(latents) / float(np.prod(self.image.shape[1:3]))
            error = tf.reduce_mean((self.model(latents) - self.image) ** 2)
            loss = bpp + self.lmbda * error
        weights = self.model.trainable_variables
        gradients = tape.gradient(loss, weights)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return bpp, error
