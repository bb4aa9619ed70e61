"""One network for all groups of a row of latents: its weights are masked.

Every hidden unit belongs to a group. It reads latents and units of groups up to its own, and it is
read by the outputs of later groups alone. So no output sees its own group, and three matrix
products serve all groups at once (Germain et al., "MADE", 2015).
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from keras import layers

from kerascomp.codecs.context.integers import WEIGHT_BITS, IntegerNetwork, fixed
from kerascomp.codecs.context.network import Conditions, LevelBias
from kerascomp.codecs.context.tables import OUTPUT_BITS
from kerascomp.networks import stack


class MaskedNetwork(layers.Layer):
    """The tables' parameters of every latent of a row, given the groups before its own.

    Args:
        slices: how many latents each group has.
        hidden: units of each of two hidden layers.
        num_parameters: of a latent's table.
        conditions: on which the biases depend.
        name: of the layer.
    """

    def __init__(
        self,
        slices: Sequence[int],
        *,
        hidden: int,
        num_parameters: int,
        conditions: Conditions,
        name: str,
    ):
        super().__init__(name=name, dtype="float32")
        self.slices, self.hidden = tuple(slices), hidden
        self.num_parameters, self.conditions = num_parameters, conditions
        self.latents = np.repeat(np.arange(len(slices)), slices)  # the group of each
        self.outputs = np.repeat(self.latents, num_parameters)
        shares = np.cumsum(np.sqrt(slices[:-1]))  # nothing reads the last group
        bounds = np.round(hidden * shares / shares[-1])
        self.units = np.searchsorted(bounds, np.arange(hidden), side="right")
        stack.build(self, ())

    def get_config(self) -> dict:
        sizes = [self.slices, self.hidden, self.num_parameters]
        return {"name": self.name, "sizes": sizes}

    def build(self, _) -> None:
        units = self.units
        masks = [self.latents[:, None] <= units, units[:, None] <= units]
        masks.append(units[:, None] < self.outputs)
        self.masks = [mask.astype(np.float32) for mask in masks]
        self.kernels, self.biases = [], []
        for name, mask in zip(("input", "middle", "output"), self.masks, strict=True):
            start = "zeros" if name == "output" else "he_normal"
            kernel = self.add_weight(name=name, shape=mask.shape, initializer=start)
            kernel.assign(kernel * mask)  # those never read stay zero
            self.kernels.append(kernel)
            self.biases.append(LevelBias(name, mask.shape[1], self.conditions))
        super().build(())

    def call(self, latents: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
        """Returns parameters, float32 (N, K, num_parameters).

        Args:
            latents: float32 (N, K), decoded latents.
            condition: float32 (N, n) or (1, n).
        """
        sums = []
        for kernel, mask, bias in zip(self.kernels, self.masks, self.biases, strict=True):
            x = tf.nn.relu(sums[-1]) if sums else latents
            sums.append(x @ (kernel * mask) + bias(condition)[:, 0, 0])
        return tf.reshape(sums[-1], [-1, sum(self.slices), self.num_parameters])

    def to_integers(self, step_bits: int) -> list[IntegerNetwork]:
        """Returns the network of each group in fixed point: the part that it may read.

        Args:
            step_bits: binary places of the latents.
        """
        kernels = [
            fixed(kernel * mask, WEIGHT_BITS).astype(float)
            for kernel, mask in zip(self.kernels, self.masks, strict=True)
        ]
        places = step_bits + WEIGHT_BITS, OUTPUT_BITS, OUTPUT_BITS
        biases = [bias.in_integers(bits) for bias, bits in zip(self.biases, places, strict=True)]
        networks = []
        for group in range(len(self.slices)):
            latents, units = self.latents < group, self.units < group
            outputs = self.outputs == group
            own = [biases[0][:, units], biases[1][:, units], biases[2][:, outputs]]
            first = kernels[0][np.ix_(latents, units)]
            behind = [kernels[1][np.ix_(units, units)], kernels[2][np.ix_(units, outputs)]]
            if not units.any():  # it reads nothing
                first, behind, own = np.zeros((0, 1)), [], own[-1:]
            networks.append(IntegerNetwork(first, np.zeros((0, first.shape[1])), behind, own))
        return networks
