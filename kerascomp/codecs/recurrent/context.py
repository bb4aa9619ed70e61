"""The context model: how likely each bit of a plane is, given those that were decoded before it.

The bits of a plane are decoded in a few groups (`bottleneck.plan`). For each group a small network
reads, around its place, the bits of the plane that are known already, the last plane, and a history
of all planes, in which older ones count less: history = (history + plane) / 2.

Its work in the course of Toderici et al. 2017, section 3.4, is that of their BinaryRNN; groups that
are decoded side by side take the place of a pixel after another.
"""

import numpy as np
import tensorflow as tf
from keras import layers

from kerascomp.codecs.bottleneck import integers
from kerascomp.codecs.bottleneck.plan import ODD, Plan
from kerascomp.codecs.recurrent.integers import HISTORY_BITS, NUM_READ, WINDOW
from kerascomp.codecs.recurrent.model import MAX_ITERATIONS


class Context(layers.Layer):
    """Probabilities of bits.

    Args:
        slices: how many channels each slice of a plane has, in the order of decoding.
        checkerboard: how many of them, from the first, are decoded in two halves.
        hidden: units of the hidden layer of a group's network.
    """

    def __init__(self, slices, *, checkerboard=0, hidden=48):
        super().__init__(name="context")
        self.slices, self.checkerboard, self.hidden = tuple(slices), checkerboard, hidden
        num_bits = sum(slices)
        self.networks = []
        for index, group in enumerate(self.plan((2, 2)).groups):
            name, size = f"group{index}", group.last - group.first
            shape = (WINDOW, WINDOW, NUM_READ * num_bits, hidden)
            self.networks.append({
                "input": self.add_weight(f"{name}_input", shape, initializer="he_normal"),
                "input_bias": self._of_iteration(f"{name}_input_bias", hidden),
                "output": self.add_weight(f"{name}_output", (hidden, size), initializer="zeros"),
                "output_bias": self._of_iteration(f"{name}_output_bias", size),
            })  # fmt: skip

    def get_config(self):
        return {
            "slices": self.slices,
            "checkerboard": self.checkerboard,
            "hidden": self.hidden,
        }

    def plan(self, grid):
        """Returns the `Plan` of a plane of (h, w) places."""
        shape = (*grid, sum(self.slices))
        return Plan(shape, self.slices, checkerboard=self.checkerboard, window=WINDOW)

    def call(self, plane, past, iteration):
        """Returns (bits, past): the ideal code lengths (N, h, w, K), and the past then.

        Args:
            plane: float32 (N, h, w, K) of -1 and +1.
            past: (last plane, history); None before the first.
            iteration: from 0.
        """
        plan = self.plan(plane.shape[1:3])
        last, history = past or (tf.zeros_like(plane),) * 2
        slices = []
        for group, known, parts in zip(plan.groups, plan.known, self.networks, strict=True):
            x = tf.concat([plane * known.astype(np.float32), last, history], axis=3)
            h = tf.nn.conv2d(x, parts["input"], 1, "SAME") + parts["input_bias"][iteration]
            logits = tf.tensordot(tf.nn.relu(h), parts["output"], 1)
            logits += parts["output_bias"][iteration]
            if group.places == ODD:  # the even half of these channels is the last entry
                odd = group.mask(plan.latent_shape)[..., group.first : group.last]
                logits = tf.where(odd, logits, slices.pop())
            slices.append(logits)
        logits = tf.concat(slices, axis=3)
        # -log(probability) of the bit that it is; linear in the bit, so that its gradient is the
        # difference between both.
        nats = tf.nn.softplus(logits) - (1 + plane) / 2 * logits
        return nats / np.log(2).astype(np.float32), (plane, (history + plane) / 2)

    def to_integers(self):
        """Returns {name: integer array}, all that `integers.IntegerContext` needs.

        Weights are rounded one by one, from floats that are stored exactly: no sum, and so no
        computer, has a say in it.
        """
        weight, unit, history = integers.WEIGHT_BITS, integers.UNIT_BITS, HISTORY_BITS
        places = {
            "input": weight,
            "input_bias": history + weight,
            "output": weight,
            "output_bias": weight + unit,
        }
        found = {}
        for index, parts in enumerate(self.networks):
            for name, part in parts.items():
                values = part.numpy().reshape(-1, part.shape[-1])
                found[f"{index}/{name}"] = integers.fixed(values, places[name])
        return found

    def _of_iteration(self, name, units):
        return self.add_weight(name, (MAX_ITERATIONS, units), initializer="zeros")
