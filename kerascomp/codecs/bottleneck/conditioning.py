"""The quality as a condition of networks: six smooth functions of it.

condition (N, 6) = cos(π · quality · (1, …, 6))
"""

import numpy as np
import tensorflow as tf

from kerascomp.codecs.context.integers import UNIT_BITS
from kerascomp.codecs.context.network import Conditions

NUM_LEVELS = 65  # qualities 0, 1/64, …, 1
NUM_CONDITIONS = 6
WAVES = np.arange(1, NUM_CONDITIONS + 1)

# Those of all levels in fixed point; none is near a half, where rounding might differ.
EXACT_CONDITIONS = np.cos(np.pi * np.outer(np.linspace(0, 1, NUM_LEVELS), WAVES)) * (1 << UNIT_BITS)
CONDITIONS = Conditions(np.round(EXACT_CONDITIONS).astype(np.int64), UNIT_BITS)


def condition_of(quality: tf.Tensor) -> tf.Tensor:
    """Returns six smooth functions (N, 6) of qualities (N,) from 0 to 1: half cosine waves."""
    return tf.cos(quality[:, None] * (np.pi * WAVES.astype(np.float32)))
