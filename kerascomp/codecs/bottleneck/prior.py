"""The prior: mixtures of logistic distributions, given the quality and what was decoded before."""

import math

import numpy as np
import tensorflow as tf

from kerascomp.codecs import entropy
from kerascomp.codecs.bottleneck.conditioning import CONDITIONS, NUM_LEVELS
from kerascomp.codecs.context.chained import ChainedContext
from kerascomp.codecs.context.features import Features
from kerascomp.codecs.context.integers import IntegerContext, fixed
from kerascomp.codecs.context.masked import MaskedNetwork
from kerascomp.codecs.context.network import Conditions, ContextModel
from kerascomp.codecs.context.plan import Plan
from kerascomp.codecs.context.tables import LOG_BITS, SMALLEST_LOG, STEP_BITS, MixtureTables

SMALLEST_LOG_SCALE = SMALLEST_LOG / (1 << LOG_BITS)
LARGEST_LOG_SCALE = 5.0  # in training; flatter bells differ by less than float32 knows
NUM_COMPONENTS = 3  # of the mixtures of two layers
DETAILS_HIDDEN = 96  # units
NUM_PARAMETERS = 3  # of a logistic distribution in a mixture: location, log scale, logit


class Prior(ContextModel):
    """Mixtures of logistic distributions for each latent.

    Args:
        plan: the order of decoding.
        hidden: units of each of the two hidden layers of a group's network.
        num_components: logistic distributions in a mixture.
        num_past: channels that are read beside the latents.
    """

    conditions: Conditions | None = CONDITIONS
    tables, step_bits = MixtureTables, STEP_BITS
    start = 0.5, -1.5  # of the mixtures: largest location, log scale

    def __init__(self, plan: Plan, *, hidden=64, num_components=1, num_past=0):
        sizes = {"num_parameters": NUM_PARAMETERS * num_components, "num_past": num_past}
        super().__init__(plan, (hidden, hidden), **sizes, name="prior")
        start = _start(plan.num_channels, num_components, *self.start)
        for group, network in zip(plan.groups, self.networks, strict=True):
            _, output_bias = network[-1]
            output_bias.bias.assign(start[group.first : group.last].ravel())

    def bits(self, symbols, y_hat, step, condition, past=()) -> tf.Tensor:
        """Returns the estimated bits of each latent, float32 (N, h, w, K).

        Args:
            symbols: y / step, rounded or with uniform noise, (N, h, w, K).
            y_hat: decoded latents, what the networks read.
            step: quantization steps (N, 1, 1, K).
            condition: of the quality, (N, 6).
            past: tensors (N, h, w, channels) that are read beside the latents.
        """
        return mixture_bits(self(y_hat, condition, past), symbols, step)


class LayeredPrior:
    """Mixtures for two layers: a row of latents, the base, and images of details that read it.

    Args:
        base: slices of the base, in the order of decoding.
        details: plan of the details.
        places: (h, w) of the details.
        hidden: units of each hidden layer of the base's network.
        last_base_level: above it, the base stays what it is at this level.
        fewest: latents of the base at level 0.

    Attributes:
        counts: how many latents are coded at each level, whole slices. Few bits are spent best on
            few latents: rounded, many that vary little would all be zeros.
    """

    def __init__(
        self, base, details: Plan, places, *, hidden: int, last_base_level: int, fewest: int
    ):
        self.last_base_level, self.num_base = last_base_level, sum(base)
        self.details_shape = (*places, details.num_channels)
        levels = np.minimum(np.arange(NUM_LEVELS), last_base_level)
        of_base = _growing(base, fewest, last_base_level + 1)
        num_others, num_details = NUM_LEVELS - len(of_base), math.prod(self.details_shape)
        self.counts = np.pad(of_base, (0, num_others), constant_values=sum(base) + num_details)
        clipped = CONDITIONS._replace(values=CONDITIONS.values[levels])
        sizes = {"hidden": hidden, "num_parameters": NUM_PARAMETERS * NUM_COMPONENTS}
        self.base = MaskedNetwork(base, conditions=clipped, name="base_prior", **sizes)
        start = _start(sum(base), NUM_COMPONENTS, *Prior.start)
        self.base.biases[-1].bias.assign(start.ravel())
        self.features = Features(sum(base), hidden // 2, self.details_shape, name="features")
        sizes = {"num_components": NUM_COMPONENTS, "num_past": details.num_channels}
        self.details = Prior(details, hidden=DETAILS_HIDDEN, **sizes)

    def to_integers(self, steps: np.ndarray) -> ChainedContext:
        """Returns the prior in fixed point.

        Args:
            steps: integers (levels, K): those of the base, then those of the details.
        """
        num_base, num_channels = self.num_base, self.details.plan.num_channels
        context = IntegerContext(
            Plan(self.base.slices),
            self.base.to_integers(STEP_BITS),
            steps=steps[:, :num_base],
            step_bits=STEP_BITS,
            tables=MixtureTables,
        )
        details = self.details.to_integers(steps[:, num_base : num_base + num_channels])
        features = self.features.to_integers(STEP_BITS)
        return ChainedContext(context, features, details, self.details_shape[:2])


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
    log_scale = tf.clip_by_value(log_scale, SMALLEST_LOG_SCALE, LARGEST_LOG_SCALE)
    scale = tf.exp(log_scale) / step[..., None]
    location = location / step[..., None]
    if shape[-1] == 1:
        expected = tfc.NoisyLogistic(loc=location[..., 0], scale=scale[..., 0])
    else:
        weight = tf.nn.softmax(logit)
        expected = tfc.NoisyLogisticMixture(loc=location, scale=scale, weight=weight)
    return -expected.log_prob(symbols) / np.log(2).astype(np.float32)


def _start(num_latents, num_components, largest, log_scale):
    """Returns parameters (K, 3, components) before training: bells side by side."""
    start = np.zeros((num_latents, NUM_PARAMETERS, num_components), np.float32)
    start[:, 0] = np.linspace(-largest, largest, num_components) if num_components > 1 else 0
    start[:, 1] = log_scale
    return start


def fixed_steps(steps) -> np.ndarray:
    """Returns quantization steps (levels, K) as integers, at least one."""
    return np.maximum(fixed(steps, STEP_BITS), 1)
