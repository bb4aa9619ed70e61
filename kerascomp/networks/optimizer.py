"""AdamW whose update is one operation, and a learning rate that begins again.

Keras writes Adam as a dozen operations, each of which reads and writes the whole weights. On a
processor that takes longer than a small network's products; one operation takes a third of it.
"""

import keras
import tensorflow as tf

from kerascomp.networks import stack


@keras.saving.register_keras_serializable(package="kerascomp")
class FusedAdamW(keras.optimizers.AdamW):
    """`keras.optimizers.AdamW` with TensorFlow's own operation; dense gradients only."""

    def __init__(self, learning_rate, **options):
        super().__init__(learning_rate, **options, **stack.EAGER_OPTIMIZER)

    def update_step(self, gradient, variable, learning_rate=None) -> None:
        """Updates a variable and both its moments."""
        if learning_rate is None:
            learning_rate = self.learning_rate
        step = tf.cast(self.iterations + 1, tf.float32)
        handles = [resource.handle for resource in stack.adam_state(self, variable)]
        tf.raw_ops.ResourceApplyAdam(
            var=handles[0],
            m=handles[1],
            v=handles[2],
            beta1_power=self.beta_1**step,
            beta2_power=self.beta_2**step,
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


class Restarted(keras.optimizers.schedules.LearningRateSchedule):
    """One schedule, and from a step on another."""

    def __init__(self, first, second, step: int):
        self.first, self.second, self.step = first, second, step

    def __call__(self, step):
        return tf.where(step < self.step, self.first(step), self.second(step - self.step))

    def get_config(self) -> dict:
        return {"first": self.first, "second": self.second, "step": self.step}
