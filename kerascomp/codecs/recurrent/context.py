"""The context model of bit-planes: how likely each bit is, given those that were decoded before it.

The bits of a plane are decoded in a few groups. For each group a small network reads, around its
place, the bits of the plane that are known already, the last plane, and a history of all planes, in
which older ones count less: history = (history + plane) / 2. Its biases are the iteration's own.

Its work in the course of Toderici et al. 2017, section 3.4, is that of their BinaryRNN; groups that
are decoded side by side take the place of a pixel after another.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kerascomp.codecs.context.network import Conditions, ContextModel
from kerascomp.codecs.context.plan import Plan
from kerascomp.codecs.context.tables import BitTables

MAX_ITERATIONS = 16
SIDE = 8  # pixels of a side of the block that a place of a bit-plane stands for
HISTORY_BITS = 16  # binary places of bits and of their history, halved at most 16 times
ITERATIONS = Conditions(np.eye(MAX_ITERATIONS, dtype=np.int64), 0)


class Context(ContextModel):
    """Probabilities of bits.

    Args:
        slices: how many channels each slice of a plane has, in the order of decoding.
        checkerboard: how many of them, from the first, are decoded in two halves.
        hidden: units of the hidden layer of a group's network.
    """

    conditions, tables, step_bits = ITERATIONS, BitTables, HISTORY_BITS

    def __init__(self, slices: Sequence[int], *, checkerboard: int = 0, hidden: int = 48):
        plan = Plan(slices, checkerboard=checkerboard, window=3)
        num_past = 2 * plan.num_channels
        super().__init__(plan, (hidden,), num_parameters=1, num_past=num_past, name="context")

    def bits(self, plane, past, iteration) -> tuple[tf.Tensor, tuple]:
        """Returns (bits, past): the ideal code lengths (N, h, w, K), and the past then.

        Args:
            plane: float32 (N, h, w, K) of -1 and +1.
            past: (last plane, history); None before the first.
            iteration: from 0.
        """
        past = past or (tf.zeros_like(plane),) * 2
        logits = self(plane, tf.one_hot([iteration], MAX_ITERATIONS), past)[..., 0]
        # -log(probability) of the bit that it is; linear in the bit, so that its gradient is the
        # difference between both.
        nats = tf.nn.softplus(logits) - (1 + plane) / 2 * logits
        return nats / np.log(2).astype(np.float32), (plane, (past[1] + plane) / 2)
