"""The prior: mixtures of logistic distributions, given the quality and what was decoded before."""

import numpy as np
import tensorflow as tf

from kerascomp.codecs import entropy
from kerascomp.codecs.bottleneck.conditioning import CONDITIONS
from kerascomp.codecs.context.integers import fixed
from kerascomp.codecs.context.network import ContextModel
from kerascomp.codecs.context.plan import Plan
from kerascomp.codecs.context.tables import LOG_BITS, SMALLEST_LOG, STEP_BITS, MixtureTables

SMALLEST_LOG_SCALE = SMALLEST_LOG / (1 << LOG_BITS)
NUM_PARAMETERS = 3  # of a logistic distribution in a mixture: location, log scale, logit


class Prior(ContextModel):
    """Mixtures of logistic distributions for each latent.

    Args:
        plan: the order of decoding.
        hidden: units of each of the two hidden layers of a group's network.
        num_components: logistic distributions in a mixture.
    """

    conditions, tables, step_bits = CONDITIONS, MixtureTables, STEP_BITS

    def __init__(self, plan: Plan, *, hidden: int = 64, num_components: int = 1):
        num_parameters = NUM_PARAMETERS * num_components
        super().__init__(plan, (hidden, hidden), num_parameters=num_parameters, name="prior")
        # Before training: narrow bells side by side.
        start = np.zeros((plan.num_channels, NUM_PARAMETERS, num_components), np.float32)
        start[:, 0] = np.linspace(-0.5, 0.5, num_components) if num_components > 1 else 0
        start[:, 1] = -1.5
        for group, network in zip(plan.groups, self.networks, strict=True):
            _, output_bias = network[-1]
            output_bias.bias.assign(start[group.first : group.last].ravel())

    def bits(self, symbols, y_hat, step, condition) -> tf.Tensor:
        """Returns the estimated bits of each latent, float32 (N, h, w, K).

        Args:
            symbols: y / step, rounded or with uniform noise, (N, h, w, K).
            y_hat: decoded latents, what the networks read.
            step: quantization steps (N, 1, 1, K).
            condition: of the quality, (N, 6).
        """
        tfc = entropy.library()
        parameters = self(y_hat, condition)
        shape = [-1, *y_hat.shape[1:], NUM_PARAMETERS, self.num_parameters // NUM_PARAMETERS]
        location, log_scale, logit = tf.unstack(tf.reshape(parameters, shape), axis=4)
        scale = tf.exp(tf.maximum(log_scale, SMALLEST_LOG_SCALE)) / step[..., None]
        location = location / step[..., None]
        if shape[-1] == 1:
            expected = tfc.NoisyLogistic(loc=location[..., 0], scale=scale[..., 0])
        else:
            weight = tf.nn.softmax(logit)
            expected = tfc.NoisyLogisticMixture(loc=location, scale=scale, weight=weight)
        return -expected.log_prob(symbols) / np.log(2).astype(np.float32)


def fixed_steps(steps) -> np.ndarray:
    """Returns quantization steps (levels, K) as integers, at least one."""
    return np.maximum(fixed(steps, STEP_BITS), 1)
