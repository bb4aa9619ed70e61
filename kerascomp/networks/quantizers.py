"""Rounding, and four ways to train through it.

    y  ->  divide by the step  ->  round  ->  integers for the coder  ->  times the step  ->  y_hat

The gradient of rounding is zero wherever it exists, so no gradient reaches the layers before it.
Every layer here rounds when the network is used, and replaces rounding by a surrogate while it is
trained: L. Theis, W. Shi, A. Cunningham, F. Huszár, "Lossy image compression with compressive
autoencoders", 2017, section 2.1, compare the first three; the fourth is from E. Agustsson,
L. Theis, "Universally quantized neural compression", 2020, section 4.1.

All are called alike: `quantizer(y, training=True)` gives y_tilde, `quantizer(y)` gives y_hat.
"""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf


@keras.saving.register_keras_serializable("kerascomp")
class Quantizer(keras.layers.Layer):
    """Rounds latents to multiples of a step, one step for each entry of the last axis.

    Subclasses define `surrogate`, which replaces rounding in training.

    Args:
        step: initial value of all steps, or a list with one for each; above 0.
        learned: whether training changes the steps. Without a rate in its loss it makes them as
            small as it can.
        name: string.

    Raises:
        ValueError: `step` is not positive.
    """

    def __init__(
        self,
        step: float | Sequence[float] = 1.0,
        *,
        learned: bool = False,
        name: str = "quantizer",
        **options,
    ):
        super().__init__(name=name, **{"dtype": "float32", **options})
        if not (np.min(step) > 0 and np.max(step) < np.inf):
            raise ValueError(f"expected a step above 0, received {step}")
        self.initial_step, self.learned = step, learned

    def build(self, input_shape):
        self.log_step = self.add_weight(  # a logarithm, so that the step stays positive
            name="log_step",
            shape=input_shape[-1:],
            initializer=lambda shape, dtype: tf.broadcast_to(
                tf.constant(np.log(self.initial_step), dtype), shape
            ),
            trainable=self.learned,
        )
        super().build(input_shape)

    def call(self, y: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Returns y_tilde (training) or y_hat, of y's shape (N, …, K)."""
        step = self.step
        scaled = tf.cast(y, tf.float32) / step
        return (self.surrogate(scaled) if training else tf.round(scaled)) * step

    def surrogate(self, scaled: tf.Tensor) -> tf.Tensor:
        """Returns what replaces `tf.round(scaled)` in training."""
        raise TypeError(f"{type(self).__name__} defines no surrogate")

    def advance(self) -> None:
        """Is called after every training step; changes nothing unless a subclass is annealed."""

    @property
    def step(self) -> tf.Tensor:
        """The steps, float32 (K,)."""
        return tf.exp(self.log_step)

    def get_config(self) -> dict:
        return {**super().get_config(), "step": self.initial_step, "learned": self.learned}


@keras.saving.register_keras_serializable("kerascomp")
class StraightThrough(Quantizer):
    """Rounds in training too, but its gradient is one, as if nothing were rounded."""

    def surrogate(self, scaled: tf.Tensor) -> tf.Tensor:
        return scaled + tf.stop_gradient(tf.round(scaled) - scaled)


@keras.saving.register_keras_serializable("kerascomp")
class UniformNoise(Quantizer):
    """Adds uniform noise from −½ to ½: the range of rounding errors, and a gradient of one.

    J. Ballé, V. Laparra, E. P. Simoncelli, "End-to-end optimized image compression", 2017.
    """

    def surrogate(self, scaled: tf.Tensor) -> tf.Tensor:
        return scaled + tf.random.uniform(tf.shape(scaled), -0.5, 0.5)


@keras.saving.register_keras_serializable("kerascomp")
class StochasticRounding(Quantizer):
    """Rounds up with a probability equal to the fractional part, so that the mean is right."""

    def surrogate(self, scaled: tf.Tensor) -> tf.Tensor:
        rounded = tf.floor(scaled + tf.random.uniform(tf.shape(scaled)))
        return scaled + tf.stop_gradient(rounded - scaled)


@keras.saving.register_keras_serializable("kerascomp")
class SoftRounding(Quantizer):
    """A smooth staircase that becomes steeper while the network is trained, with its own gradient.

    With r the distance to the nearest jump of rounding, halfway between two integers,

        soft(y) = jump + tanh(sharpness · r) / (2 tanh(sharpness / 2)),   r from −½ to ½,

    which tends to y for small sharpness and to rounding for large.

    Args:
        step, learned, name: as for every `Quantizer`.
        sharpness: (first, last), both above 0.
        anneal_steps: training steps from the first to the last.
    """

    def __init__(
        self,
        step: float | Sequence[float] = 1.0,
        *,
        sharpness: tuple[float, float] = (1.0, 12.0),
        anneal_steps: int = 5000,
        **options,
    ):
        super().__init__(step, **options)
        self.first, self.last = map(float, sharpness)
        if not min(self.first, self.last) > 0 or not anneal_steps >= 1:
            raise ValueError(
                "expected a sharpness above 0 and at least one step, received "
                f"{sharpness} and {anneal_steps}"
            )
        self.anneal_steps = anneal_steps

    def build(self, input_shape):
        super().build(input_shape)
        self.steps_done = self.add_weight(
            name="steps_done", shape=(), initializer="zeros", trainable=False
        )

    @property
    def sharpness(self) -> tf.Tensor:
        """The present sharpness, a float32 scalar."""
        done = tf.minimum(self.steps_done / self.anneal_steps, 1.0)
        return self.first * (self.last / self.first) ** done

    def surrogate(self, scaled: tf.Tensor) -> tf.Tensor:
        return soft_round(scaled, self.sharpness)

    def advance(self) -> None:
        """Counts a training step, which increases the sharpness."""
        self.steps_done.assign_add(1.0)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "sharpness": (self.first, self.last),
            "anneal_steps": self.anneal_steps,
        }


def soft_round(y: tf.Tensor, sharpness: float | tf.Tensor) -> tf.Tensor:
    """Returns a smooth staircase through y, of y's shape; see `SoftRounding`.

    Args:
        y: float32 tensor.
        sharpness: above 0.
    """
    jump = tf.floor(y) + 0.5
    return jump + 0.5 * tf.tanh(sharpness * (y - jump)) / tf.tanh(sharpness / 2)


SURROGATES: dict[str, Callable[..., Quantizer]] = {
    "straight-through": StraightThrough,
    "noise": UniformNoise,
    "stochastic": StochasticRounding,
    "soft": SoftRounding,
}
