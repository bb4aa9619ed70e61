"""What is expected of a latent, given what was decoded before: a small network for each group.

    around its place: decoded latents, the past  ->  hidden layers  ->  parameters of its table

A group that reads nothing has a factorized prior. A hyperprior (Ballé et al. 2018) is an order of
two groups; a context model (Minnen et al. 2018) one of as many groups as latents. In between, a few
groups tell nearly as much, and all places and images of a group can be decoded side by side.
"""

import itertools
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from keras import layers

from kerascomp.codecs.context import integers
from kerascomp.codecs.context.integers import WEIGHT_BITS, IntegerContext, fixed
from kerascomp.codecs.context.plan import ODD, Plan
from kerascomp.codecs.context.tables import OUTPUT_BITS, Tables
from kerascomp.networks import stack


class Conditions(NamedTuple):
    """The condition of every level in fixed point; one that is one-hot has no binary places."""

    values: np.ndarray  # integers (levels, n)
    bits: int  # their binary places


class LevelBias(layers.Layer):
    """Biases of a layer, linear in a condition; constant where `conditions` are None."""

    def __init__(self, name: str, units: int, conditions: Conditions | None):
        super().__init__(name=f"{name}_level" if conditions else name, dtype="float32")
        self.conditions, self.units, self.bias = conditions, units, tf.zeros(units)
        stack.build(self, ())

    def build(self, _):
        if self.conditions:
            shape = self.conditions.values.shape[1], self.units
            self.kernel = self.add_weight(name="kernel", shape=shape, initializer="zeros")
        if not self.conditions or self.conditions.bits:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        super().build(())

    def call(self, condition: tf.Tensor) -> tf.Tensor:
        if not self.conditions:
            return self.bias
        return (condition @ self.kernel + self.bias)[:, None, None]

    def in_integers(self, places: int) -> np.ndarray:
        """Returns the biases of every level, integers (levels, units); constant ones once."""
        bias = fixed(self.bias, places)[None]
        if self.conditions:
            values, bits = self.conditions
            bias = bias + values @ fixed(self.kernel, places - bits)
        return bias


class ContextModel(layers.Layer):
    """The networks of all groups; subclasses say what their tables are.

    Args:
        plan: the order of decoding.
        hidden: units of one or two hidden layers.
        num_parameters: of a latent's table, what a network returns for it.
        num_past: channels that a network reads beside the latents.
        name: of the layer.

    Attributes:
        conditions: on which the biases of the first and the last layer depend; None if on nothing.
        tables, step_bits: see `IntegerContext`.
    """

    conditions: Conditions | None
    tables: type[Tables]
    step_bits: int

    def __init__(self, plan: Plan, hidden, *, num_parameters: int, num_past: int = 0, name: str):
        super().__init__(name=name)
        self.plan, self.hidden, self.num_parameters = plan, tuple(hidden), num_parameters
        self.num_past = num_past
        # Of each group the layers, (kernel, bias) each; without a kernel if it reads nothing.
        self.networks = [self._network(index, group) for index, group in enumerate(plan.groups)]

    def get_config(self) -> dict:
        plan = [self.plan.slices, self.plan.checkerboard, self.plan.window]
        sizes = [self.hidden, self.num_parameters, self.num_past]
        return {"name": self.name, "plan": plan, "sizes": sizes}

    def call(self, latents, condition, past=()) -> tf.Tensor:
        """Returns the parameters of each latent's table, float32 (N, h, w, K, num_parameters).

        Args:
            latents: float32 (N, h, w, K), decoded latents; a group sees only those before it.
            condition: float32 (N, n) or (1, n).
            past: float32 tensors (N, h, w, channels) that are read too.
        """
        shape, slices = latents.shape[1:], []
        for group, network in zip(self.plan.groups, self.networks, strict=True):
            known = tf.cast(latents, tf.float32) * group.known(shape).astype(np.float32)
            h = tf.cast(tf.concat([known, *past], axis=3), self.compute_dtype)
            for kernel, bias in network[:-1]:
                h = tf.nn.relu(_product(h, kernel) + tf.cast(bias(condition), h.dtype))
            kernel, bias = network[-1]
            outputs = bias(condition)
            if kernel is not None:
                outputs = outputs + tf.cast(_product(h, kernel), tf.float32)
            places = [tf.shape(latents)[0], *shape[:2], outputs.shape[-1]]
            outputs = tf.broadcast_to(outputs, places)
            if group.places == ODD:  # the even half of these channels is the last entry
                odd = group.mask(shape)[..., group.first : group.first + 1]
                outputs = tf.where(odd, outputs, slices.pop())
            slices.append(outputs)
        return tf.reshape(tf.concat(slices, axis=3), [-1, *shape, self.num_parameters])

    def to_integers(self, steps: np.ndarray | None = None) -> IntegerContext:
        """Returns this model in fixed point.

        Weights are rounded one by one, from floats that are stored exactly: no sum, and so no
        computer, has a say in it.

        Args:
            steps: see `IntegerContext`; ones at every level when not given.
        """
        if steps is None:
            num_levels = len(self.conditions.values) if self.conditions else 1
            shape = num_levels, self.plan.num_channels
            steps = np.full(shape, 1 << self.step_bits)
        networks, levels = [], np.zeros((len(steps), 1), np.int64)
        for group, network in zip(self.plan.groups, self.networks, strict=True):
            kernels, biases = [], []
            for kernel, bias in network:
                reads = kernel is not None and len(kernel.shape) == 4
                bits = self.step_bits + WEIGHT_BITS if reads else OUTPUT_BITS
                biases.append(bias.in_integers(bits) + levels)
                if kernel is not None:
                    kernels.append(fixed(kernel, WEIGHT_BITS).astype(float))
            first, *matrices = kernels or [np.zeros((1, 1, 0, 1))]
            first = np.concatenate(first)  # (window², channels, units)
            known, past = first[:, : group.num_read], first[:, self.plan.num_channels :]
            parts = np.concatenate(known), np.concatenate(past), matrices, biases
            networks.append(integers.IntegerNetwork(*parts))
        return IntegerContext(
            self.plan, networks, steps=steps, step_bits=self.step_bits, tables=self.tables
        )

    def _network(self, index, group):
        prefix, window = f"group{index}", self.plan.window
        num_outputs = (group.last - group.first) * self.num_parameters
        all_channels = self.plan.num_channels + self.num_past
        if not (channels := all_channels if self.num_past else group.num_read):
            return [(None, LevelBias(f"{prefix}_output", num_outputs, self.conditions))]
        shapes = [(window, window, channels, self.hidden[0])]
        shapes += itertools.pairwise([*self.hidden, num_outputs])
        names, network = ["input", "middle", "output"], []
        for name, shape in zip(names if len(shapes) > 2 else names[::2], shapes, strict=True):
            start = "zeros" if name == "output" else "he_normal"
            kernel = self.add_weight(name=f"{prefix}_{name}", shape=shape, initializer=start)
            conditions = None if name == "middle" else self.conditions
            network.append((kernel, LevelBias(f"{prefix}_{name}", shape[-1], conditions)))
        return network


def _product(x, kernel):
    """Returns a convolution, or the same matrix at every place; channels behind are left out."""
    if len(kernel.shape) == 2:
        return tf.tensordot(x, kernel, 1)
    return tf.nn.conv2d(x[..., : kernel.shape[2]], kernel, 1, "SAME")
