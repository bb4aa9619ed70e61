"""A codec of one picture: grids of latents, and two small networks that are sent with them.

    grids, from fine to coarse -> enlarged -> 1×1 layers, 3×3 filters -> picture     (synthesis)
    the latents decoded before, around a place -> what its latent is expected to be  (context)

Everything is trained on the one picture, and is its file.

References:
    T. Ladune et al., "COOL-CHIC: coordinate-based low complexity hierarchical image codec", 2023.
    H. Kim et al., "C3: high-performance and low-complexity neural compression from a single image
    or video", 2023.
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from kerascomp.codecs.bottleneck.prior import mixture_bits
from kerascomp.codecs.overfitted.latents import REACH, grid_shapes
from kerascomp.codecs.overfitted.shapes import CONTEXT_UNITS, NUM_FILTERS, NUM_KNOWN, weight_shapes

GAIN = 16.0
QUIET = 0.05  # at first latents, whose noise is ±½, change little
BILINEAR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16


class Overfitted(keras.Model):
    """The latents and the networks of one picture.

    Args:
        image_shape: (H, W, C) of the picture.

    Attributes:
        grids: weights (1, h, w, 1), the latents.
        networks: {name: weight} of everything else.
    """

    def __init__(self, image_shape: Sequence[int]):
        super().__init__(name="overfitted")
        height, width, channels = self.image_shape = tuple(image_shape)
        self.grids = [
            self.add_weight(name=f"grid{grid}", shape=(1, *shape, 1), initializer="zeros")
            for grid, shape in enumerate(grid_shapes(height, width))
        ]
        self.networks = {
            name: self.add_weight(name=name, shape=shape, initializer=_start(name))
            for part in weight_shapes(channels)
            for name, shape in part.items()
        }
        self.built = True

    def latents(self) -> list[tf.Tensor]:
        """Returns the latents of all grids (1, h, w, 1), not rounded.

        They are stored divided by `GAIN`: networks and latents learn at the same rate, but latents
        have to go far.
        """
        return [GAIN * grid for grid in self.grids]

    def call(self, latents: Sequence[tf.Tensor]) -> tf.Tensor:
        """Returns the picture (1, H, W, C) of decoded grids (1, h, w, 1)."""
        stack = latents[-1]
        for finer in reversed(latents[:-1]):
            stack = tf.concat([finer, self._enlarged(stack, finer.shape[1:3])], axis=3)
        h = stack
        for index in range(3):
            h = self._dense(f"synthesis{index}", tf.nn.gelu(h) if index else h)
        for index in range(NUM_FILTERS):
            kernel, bias = self._named(f"filter{index}")
            h += tf.nn.conv2d(h, kernel, 1, "SAME") + bias
        return h

    def parts(self) -> list[dict[str, np.ndarray]]:
        """Returns the weights of both networks, synthesis and context."""
        return [
            {name: self.networks[name].numpy() for name in part}
            for part in weight_shapes(self.image_shape[-1])
        ]

    def bits(self, latents: Sequence[tf.Tensor]) -> tf.Tensor:
        """Returns the estimated bits of all grids together, with noise or rounded."""
        return tf.add_n([self._bits_of(grid, y) for grid, y in enumerate(latents)])

    def _bits_of(self, grid, y):
        kernel, bias = self._named("context0")
        side = 2 * REACH + 1
        kernel = tf.pad(kernel, [[0, side * side - NUM_KNOWN], [0, 0]])  # others are not known
        kernel = tf.reshape(kernel, [side, side, 1, CONTEXT_UNITS])
        h = tf.nn.relu(tf.nn.conv2d(y, kernel, 1, "SAME") + bias[grid])
        h = self._dense("context2", tf.nn.relu(self._dense("context1", h)))
        parameters = tf.pad(h, [[0, 0], [0, 0], [0, 0], [0, 1]])[..., None, :]  # one component
        return tf.reduce_sum(mixture_bits(parameters, y, tf.ones((1, 1, 1, 1))))

    def _enlarged(self, stack, shape):
        """Returns grids (1, h, w, n) twice as large, cut to a shape."""
        (kernel,) = self._named("enlarge")
        height, width = stack.shape[1:3]
        each = tf.transpose(stack, [3, 1, 2, 0])
        padded = tf.pad(each, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
        size = [each.shape[0], 2 * height + 6, 2 * width + 6, 1]
        large = tf.nn.conv2d_transpose(padded, kernel, size, 2, "VALID")
        large = large[:, 3 : 3 + shape[0], 3 : 3 + shape[1]]
        return tf.transpose(large, [3, 1, 2, 0])

    def _dense(self, name, x):
        kernel, bias = self._named(name)
        return tf.tensordot(x, kernel, 1) + bias

    def _named(self, name):
        return [self.networks[key] for key in (name, f"{name}_bias") if key in self.networks]


def _start(name):
    """Returns the initializer of a weight."""
    if name == "enlarge":
        return keras.initializers.Constant(BILINEAR[..., None, None])
    if name == "synthesis0":
        return keras.initializers.VarianceScaling(2 * QUIET**2)
    is_zero = name.endswith("_bias") or name.startswith("filter") or name == "context2"
    return "zeros" if is_zero else "he_normal"
