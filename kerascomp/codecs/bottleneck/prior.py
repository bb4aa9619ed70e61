"""The prior: mixtures of logistic distributions, given the quality and what was decoded before."""

import numpy as np
import tensorflow as tf

from kerascomp.codecs import entropy
from kerascomp.codecs.bottleneck.conditioning import CONDITIONS, NUM_LEVELS
from kerascomp.codecs.context.integers import IntegerContext, fixed
from kerascomp.codecs.context.masked import MaskedNetwork
from kerascomp.codecs.context.network import ContextModel
from kerascomp.codecs.context.plan import Plan
from kerascomp.codecs.context.tables import LOG_BITS, SMALLEST_LOG, STEP_BITS, MixtureTables

SMALLEST_LOG_SCALE = SMALLEST_LOG / (1 << LOG_BITS)
NUM_COMPONENTS = 3  # of the mixtures of two layers
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
        start = _start(plan.num_channels, num_components)
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
        return mixture_bits(self(y_hat, condition), symbols, step)


class LayeredPrior:
    """Mixtures for a row of two layers: the base knows itself, details know both.

    Args:
        base: slices of the base, in the order of decoding.
        details: slices of the details.
        hidden: units of each hidden layer.
        last_base_level: above it, the base stays what it is at this level.
        fewest: latents of the base at level 0.

    Attributes:
        counts: how many latents are coded at each level, whole slices. Few bits are spent best on
            few latents: rounded, many that vary little would all be zeros.
    """

    def __init__(self, base, details, *, hidden: int, last_base_level: int, fewest: int):
        self.plan, self.last_base_level = Plan([*base, *details]), last_base_level
        levels = np.minimum(np.arange(NUM_LEVELS), last_base_level)
        of_base = _growing(base, fewest, last_base_level + 1)
        num_others = NUM_LEVELS - len(of_base)
        self.counts = np.pad(of_base, (0, num_others), constant_values=sum(base) + sum(details))
        clipped = CONDITIONS._replace(values=CONDITIONS.values[levels])
        sizes = {"hidden": hidden, "num_parameters": NUM_PARAMETERS * NUM_COMPONENTS}
        self.base = MaskedNetwork(base, conditions=clipped, name="base_prior", **sizes)
        sizes["num_given"] = sum(base)
        self.details = MaskedNetwork(details, conditions=CONDITIONS, name="details_prior", **sizes)
        for network in (self.base, self.details):
            output_bias = network.biases[-1].bias
            output_bias.assign(_start(sum(network.slices), NUM_COMPONENTS).ravel())

    def to_integers(self, steps: np.ndarray) -> IntegerContext:
        """Returns the prior in fixed point; steps as `IntegerContext` takes them."""
        networks = self.base.to_integers(STEP_BITS) + self.details.to_integers(STEP_BITS)
        return IntegerContext(
            self.plan, networks, steps=steps, step_bits=STEP_BITS, tables=MixtureTables
        )


def _growing(slices, fewest, num_levels):
    """Returns numbers of latents, one a level, from `fewest` to all: ends of slices."""
    wanted = np.geomspace(fewest, sum(slices), num_levels) - 1e-6
    ends = np.cumsum(slices)
    return ends[np.searchsorted(ends, wanted)]


def mixture_bits(parameters: tf.Tensor, symbols: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
    """Returns the estimated bits of each latent, float32 of the shape of the symbols (…, K).

    Args:
        parameters: (…, K, 3 · components): locations, log scales, logits.
        symbols: y / step, rounded or with uniform noise.
        step: quantization steps, which broadcast to the symbols.
    """
    tfc = entropy.library()
    shape = [-1, *symbols.shape[1:], NUM_PARAMETERS, parameters.shape[-1] // NUM_PARAMETERS]
    location, log_scale, logit = tf.unstack(tf.reshape(parameters, shape), axis=-2)
    scale = tf.exp(tf.maximum(log_scale, SMALLEST_LOG_SCALE)) / step[..., None]
    location = location / step[..., None]
    if shape[-1] == 1:
        expected = tfc.NoisyLogistic(loc=location[..., 0], scale=scale[..., 0])
    else:
        weight = tf.nn.softmax(logit)
        expected = tfc.NoisyLogisticMixture(loc=location, scale=scale, weight=weight)
    return -expected.log_prob(symbols) / np.log(2).astype(np.float32)


def _start(num_latents, num_components):
    """Returns parameters (K, 3, components) before training: narrow bells side by side."""
    start = np.zeros((num_latents, NUM_PARAMETERS, num_components), np.float32)
    start[:, 0] = np.linspace(-0.5, 0.5, num_components) if num_components > 1 else 0
    start[:, 1] = -1.5
    return start


def fixed_steps(steps) -> np.ndarray:
    """Returns quantization steps (levels, K) as integers, at least one."""
    return np.maximum(fixed(steps, STEP_BITS), 1)
