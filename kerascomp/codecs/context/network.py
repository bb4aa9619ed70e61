"""What is expected of a latent, given what was decoded before: a small network for each group.

    around its place: decoded latents, the past  ->  hidden layers  ->  parameters of its table

The first group may read nothing: its tables are a factorized prior. A hyperprior (Ballé et al.
2018) is such an order with two groups; a context model (Minnen et al. 2018) one with as many groups
as latents. In between, a few groups tell nearly as much, and all places and images of a group can
be decoded side by side.
"""

import dataclasses
import itertools

import numpy as np
import tensorflow as tf
from keras import layers

from kerascomp.codecs.context.integers import (
    OUTPUT_BITS,
    UNIT_BITS,
    WEIGHT_BITS,
    IntegerContext,
    IntegerNetwork,
    fixed,
)
from kerascomp.codecs.context.plan import ODD


class TableBias(layers.Layer):
    """Biases of a layer for each of a number of levels: a row of a table."""

    def __init__(self, name, units, *, num_levels):
        super().__init__(name=name)
        self.table = self.add_weight(f"{name}_bias", (num_levels, units), initializer="zeros")

    def call(self, level):
        return self.table[level]

    def in_integers(self, places):
        """Returns the biases of every level, integers (levels, units)."""
        return fixed(self.table, places)


class ConditionBias(layers.Layer):
    """Biases of a layer that are linear in a condition.

    Args:
        conditions: that of every level in fixed point, integers (levels, num_conditions).
    """

    def __init__(self, name, units, *, conditions):
        super().__init__(name=name)
        self.conditions = conditions
        shape = conditions.shape[1], units
        self.kernel = self.add_weight(f"{name}_level/kernel", shape, initializer="zeros")
        self.bias = self.add_weight(f"{name}_level/bias", (units,), initializer="zeros")

    def call(self, condition):
        return (condition @ self.kernel + self.bias)[:, None, None]

    def in_integers(self, places):
        """Returns the biases of every level, integers (levels, units)."""
        kernel = fixed(self.kernel, places - UNIT_BITS)
        return self.conditions @ kernel + fixed(self.bias, places)


@dataclasses.dataclass(frozen=True)
class Shape:
    """How large the networks of a context model are.

    Attributes:
        hidden: units of each hidden layer.
        num_parameters: of a latent's table, what a network returns for it.
        num_past: channels that a network reads beside the latents.
    """

    hidden: tuple[int, ...]
    num_parameters: int
    num_past: int = 0


class ContextModel(layers.Layer):
    """The networks of all groups.

    Args:
        plan: `plan.Plan`.
        shape: `Shape`.
        bias: function of (name, units) that returns the biases of a layer for each level, a
            `TableBias` or a `ConditionBias`.
        name: of the layer.
    """

    def __init__(self, plan, shape, *, bias, name):
        super().__init__(name=name)
        self.plan, self.shape, self._bias = plan, shape, bias
        self.networks = [self._network(index) for index in range(len(plan.groups))]

    def get_config(self):
        return {"plan": self.plan.config(), **dataclasses.asdict(self.shape)}

    def call(self, latents, level, past=()):
        """Returns the parameters of each latent's table, float32 (N, h, w, K, num_parameters).

        Args:
            latents: float32 (N, h, w, K), decoded latents; a group sees only those before it.
            level: what the biases are made from.
            past: float32 tensors (N, h, w, channels) that are read too.
        """
        place, slices = latents.shape[1:], []
        for group, network in zip(self.plan.groups, self.networks, strict=True):
            outputs = network["output_bias"](level)
            if "input" in network:
                known = latents * group.known(place).astype(np.float32)
                x = tf.concat([known, *past], axis=3)[..., : network["input"].shape[2]]
                h = tf.nn.conv2d(x, network["input"], 1, "SAME")
                h = tf.nn.relu(h + network["input_bias"](level))
                for kernel, bias in network["middle"]:
                    h = tf.nn.relu(tf.tensordot(h, kernel, 1) + bias)
                outputs = tf.tensordot(h, network["output"], 1) + outputs
            shape = [tf.shape(latents)[0], *place[:2], outputs.shape[-1]]
            outputs = tf.broadcast_to(outputs, shape)
            if group.places == ODD:  # the even half of these channels is the last entry
                odd = group.mask(place)[..., group.first : group.first + 1]
                outputs = tf.where(odd, outputs, slices.pop())
            slices.append(outputs)
        return tf.reshape(tf.concat(slices, axis=3), [-1, *place, self.shape.num_parameters])

    def to_integers(self, steps, *, step_bits, tables):
        """Returns the `IntegerContext` of this model.

        Weights are rounded one by one, from floats that are stored exactly: no sum, and so no
        computer, has a say in it.

        Args:
            steps, step_bits, tables: see `IntegerContext`.
        """
        networks = []
        for network in self.networks:
            kernel, matrices, biases = None, [], []
            if "input" in network:
                window, _, channels, units = network["input"].shape
                kernel = _whole(network["input"]).reshape(window**2, channels, units)
                biases.append(network["input_bias"].in_integers(step_bits + WEIGHT_BITS))
                for middle, bias in network["middle"]:
                    matrices.append(_whole(middle))
                    biases.append(np.tile(fixed(bias, OUTPUT_BITS), (len(steps), 1)))
                matrices.append(_whole(network["output"]))
            biases.append(network["output_bias"].in_integers(OUTPUT_BITS))
            networks.append(IntegerNetwork(kernel, matrices, biases))
        return IntegerContext(self.plan, networks, steps=steps, step_bits=step_bits, tables=tables)

    def _network(self, index):
        """Returns the weights of a group's network, {name: weight or layer}."""
        group, prefix, shape = self.plan.groups[index], f"group{index}", self.shape
        num_outputs = group.num_channels * shape.num_parameters
        network = {"output_bias": self._bias(f"{prefix}_output", num_outputs)}
        whole = self.plan.num_channels + shape.num_past
        channels = whole if shape.num_past else group.num_read
        if not channels:
            return network
        window, (first, *_, last) = self.plan.window, shape.hidden * 2
        network["input"] = self.add_weight(
            f"{prefix}_input", (window, window, channels, first), initializer="he_normal"
        )
        network["input_bias"] = self._bias(f"{prefix}_input", first)
        network["middle"] = [
            (
                self.add_weight(f"{prefix}_middle/kernel", sides, initializer="he_normal"),
                self.add_weight(f"{prefix}_middle/bias", sides[1:], initializer="zeros"),
            )
            for sides in itertools.pairwise(shape.hidden)
        ]
        network["output"] = self.add_weight(
            f"{prefix}_output", (last, num_outputs), initializer="zeros"
        )
        return network


def _whole(weights):
    """Returns a matrix or kernel in fixed point, integers inside float64."""
    return fixed(weights, WEIGHT_BITS).astype(np.float64)
