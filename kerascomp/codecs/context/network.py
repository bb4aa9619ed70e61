"""What is expected of a latent, given what was decoded before: a small network for each group.

    around its place: decoded latents, the past  ->  hidden layers  ->  parameters of its table

A group that reads nothing has a factorized prior. A hyperprior (Ballé et al. 2018) is an order of
two groups; a context model (Minnen et al. 2018) one of as many groups as latents. In between, a few
groups tell nearly as much, and all places and images of a group can be decoded side by side.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from keras import layers

from kerascomp.codecs.context import integers
from kerascomp.codecs.context.integers import OUTPUT_BITS, WEIGHT_BITS, fixed
from kerascomp.codecs.context.plan import ODD


class Conditions(NamedTuple):
    """The condition of every level in fixed point, integers (levels, n) with so many places.

    With no places they are one-hot: then biases are rows of a table.
    """

    values: np.ndarray
    bits: int


class LevelBias(layers.Layer):
    """Biases of a layer, linear in a condition; `conditions` are those of every level."""

    def __init__(self, name, units, conditions):
        super().__init__(name=name)
        self.conditions, self.bias = conditions, tf.zeros(units)
        shape = conditions.values.shape[1], units
        self.kernel = self.add_weight(f"{name}/kernel", shape, initializer="zeros")
        if conditions.bits:
            self.bias = self.add_weight(f"{name}/bias", (units,), initializer="zeros")

    def call(self, condition):
        return (condition @ self.kernel + self.bias)[:, None, None]

    def in_integers(self, places):
        """Returns the biases of every level, integers (levels, units)."""
        values, bits = self.conditions
        return values @ fixed(self.kernel, places - bits) + fixed(self.bias, places)


class ContextModel(layers.Layer):
    """The networks of all groups.

    Args:
        plan: `plan.Plan`.
        hidden: units of one or two hidden layers.
        num_parameters: of a latent's table, what a network returns for it.
        conditions: `Conditions`, on which biases depend.
        num_past: channels that a network reads beside the latents.
        name: of the layer.
    """

    def __init__(self, plan, hidden, *, num_parameters, conditions, num_past=0, name):
        super().__init__(name=name)
        self.plan, self.hidden, self.num_parameters = plan, tuple(hidden), num_parameters
        self.num_past = num_past
        self.networks = [
            self._network(group, f"group{index}", conditions)
            for index, group in enumerate(plan.groups)
        ]

    def get_config(self):
        plan = [self.plan.slices, self.plan.checkerboard, self.plan.window]
        sizes = [self.hidden, self.num_parameters, self.num_past]
        return {"name": self.name, "plan": plan, "sizes": sizes}

    def call(self, latents, condition, past=()):
        """Returns the parameters of each latent's table, float32 (N, h, w, K, num_parameters).

        Args:
            latents: float32 (N, h, w, K), decoded latents; a group sees only those before it.
            condition: float32 (N, n) or (1, n).
            past: float32 tensors (N, h, w, channels) that are read too.
        """
        shape, slices = latents.shape[1:], []
        for group, network in zip(self.plan.groups, self.networks, strict=True):
            outputs = network["output_bias"](condition)
            if "input" in network:
                known = latents * group.known(shape).astype(np.float32)
                x = tf.concat([known, *past], axis=3)[..., : network["input"].shape[2]]
                h = tf.nn.conv2d(x, network["input"], 1, "SAME")
                h = tf.nn.relu(h + network["input_bias"](condition))
                if "middle" in network:
                    h = tf.tensordot(h, network["middle"], 1) + network["middle_bias"]
                    h = tf.nn.relu(h)
                outputs += tf.tensordot(h, network["output"], 1)
            places = [tf.shape(latents)[0], *shape[:2], outputs.shape[-1]]
            outputs = tf.broadcast_to(outputs, places)
            if group.places == ODD:  # the even half of these channels is the last entry
                odd = group.mask(shape)[..., group.first : group.first + 1]
                outputs = tf.where(odd, outputs, slices.pop())
            slices.append(outputs)
        return tf.reshape(tf.concat(slices, axis=3), [-1, *shape, self.num_parameters])

    def to_integers(self, steps, *, step_bits, tables):
        """Returns the `IntegerContext` of this model; for the arguments see there.

        Weights are rounded one by one, from floats that are stored exactly: no sum, and so no
        computer, has a say in it.
        """
        networks = []
        for network in self.networks:
            layers = [layer for layer in ("input", "middle", "output") if layer in network]
            matrices = [fixed(network[layer], WEIGHT_BITS).astype(float) for layer in layers]
            matrices = [matrix.reshape(-1, matrix.shape[-1]) for matrix in matrices]
            biases = [network["output_bias"].in_integers(OUTPUT_BITS)]
            if "middle" in network:
                middle = fixed(network["middle_bias"], OUTPUT_BITS)
                biases.insert(0, np.tile(middle, (len(steps), 1)))
            if "input" in network:
                biases.insert(0, network["input_bias"].in_integers(step_bits + WEIGHT_BITS))
            networks.append(integers.IntegerNetwork(matrices, biases))
        options = {"steps": steps, "step_bits": step_bits, "tables": tables}
        return integers.IntegerContext(self.plan, networks, **options)

    def _network(self, group, prefix, conditions):
        """Returns the weights of a group's network, {name: weight or layer}."""
        num_outputs = (group.last - group.first) * self.num_parameters
        bias = LevelBias(f"{prefix}_output_level", num_outputs, conditions)
        network, window = {"output_bias": bias}, self.plan.window
        whole = self.plan.num_channels + self.num_past
        channels = whole if self.num_past else group.num_read
        if not channels:
            return network

        def weight(name, *shape, initializer="he_normal"):
            return self.add_weight(f"{prefix}_{name}", shape, initializer=initializer)

        first, last = self.hidden[0], self.hidden[-1]
        network["input"] = weight("input", window, window, channels, first)
        network["input_bias"] = LevelBias(f"{prefix}_input_level", first, conditions)
        if len(self.hidden) > 1:
            network["middle"] = weight("middle/kernel", first, last)
            network["middle_bias"] = weight("middle/bias", last, initializer="zeros")
        network["output"] = weight("output", last, num_outputs, initializer="zeros")
        return network
