"""The context model in integers: the same probabilities on every computer, to the last bit.

As in `bottleneck.integers`, networks are computed in fixed point inside float64, where sums of
integers below 2 ** 53 are exact in any order.
"""

import functools

import numpy as np

from kerascomp.codecs.bottleneck.integers import (
    INDEX_BITS,
    LARGEST_EXACT,
    LOGISTIC,
    REACH,
    TOTAL,
    UNIT_BITS,
    WEIGHT_BITS,
    rectified,
    rounded,
    windows,
)

HISTORY_BITS = 16  # binary places of bits and of their history, halved at most 16 times
WINDOW = 3  # side of the neighborhood that a network sees
NUM_READ = 3  # tensors that it reads there: the plane, the last plane, the history
LEAST = 1 << 6  # parts of the total that even a bit nobody expects gets: 18 bits


class IntegerContext:
    """`context.Context` in fixed point.

    Args:
        plan: function of a plane's (h, w) that returns its `Plan`.
        arrays: {name: integer array}, what `Context.to_integers` returned.

    Raises:
        ValueError: a sum might exceed 2 ** 53, where float64 is no longer exact.
    """

    def __init__(self, plan, arrays):
        self.plan, self.arrays = plan, arrays
        self._floats = {name: np.asarray(array, np.float64) for name, array in arrays.items()}
        self._check_range()
        # Kernels (places, channels read, units): the plane, then the last one and the history.
        num_groups, num_bits = len(plan((2, 2)).groups), plan((2, 2)).latent_shape[-1]
        kernels = [
            self._floats[f"{group}/input"].reshape(-1, NUM_READ * num_bits, self._num_units(group))
            for group in range(num_groups)
        ]
        self._of_plane = [kernel[:, :num_bits] for kernel in kernels]
        self._of_past = np.concatenate(
            [_matrix(kernel[:, num_bits:]) for kernel in kernels], axis=1
        )

    def tables(self, group, plane, past, iteration):
        """Returns the `BitTables` of a group's bits.

        Args:
            group: its number.
            plane: integers (N, h, w, K) of -1 and +1; only what was decoded before is looked at.
            past: `Past`.
            iteration: from 0.

        Returns:
            Tables for (N, M) bits: those of the group, in the order of its mask.
        """
        plan, units = self.plan(plane.shape[1:3]), self._num_units(group)
        h = past.sums[:, group * units : (group + 1) * units]
        if read := plan.num_read[group]:
            known = (plane * plan.known[group])[..., :read] << HISTORY_BITS
            h = h + windows(known, plan.window) @ _matrix(self._of_plane[group][:, :read])
        h = rectified(h + self.arrays[f"{group}/input_bias"][iteration], HISTORY_BITS)
        logits = (h @ self._floats[f"{group}/output"]).astype(np.int64)
        logits = (logits + self.arrays[f"{group}/output_bias"][iteration]).reshape(
            *plane.shape[:3], -1
        )
        first, last = plan.groups[group].first, plan.groups[group].last
        logits = logits[:, plan.masks[group][..., first:last]]  # (N, M)
        index = rounded(logits, WEIGHT_BITS + UNIT_BITS - INDEX_BITS)
        ones = LOGISTIC[np.clip(index, -REACH, REACH) + REACH]
        return BitTables(np.clip(ones, LEAST, TOTAL - LEAST))

    def nothing(self, shape):
        """Returns the `Past` before the first plane of a shape (N, h, w, K)."""
        return Past(np.zeros(shape, np.int64), np.zeros(shape, np.int64), self._of_past)

    def after(self, plane, past):
        """Returns the `Past` of the plane behind `plane`."""
        plane = plane.astype(np.int64) << HISTORY_BITS
        return Past(plane, (past.history + plane) >> 1, self._of_past)

    def _num_units(self, group):
        return self.arrays[f"{group}/input"].shape[-1]

    def _check_range(self):
        largest = 1 << HISTORY_BITS
        for name, kernel in self._floats.items():
            if name.endswith("/input"):
                group = name.partition("/")[0]
                bias = np.abs(self._floats[f"{group}/input_bias"]).max(axis=0)
                hidden = np.abs(kernel).sum(axis=0) * largest + bias
                outputs = (hidden / largest) @ np.abs(self._floats[f"{group}/output"])
                if max(hidden.max(), outputs.max()) >= LARGEST_EXACT:
                    raise ValueError(
                        f"the sums of the context's group {group} may reach "
                        f"{max(hidden.max(), outputs.max()):.3g}; above 2 ** 53 they would not be "
                        "exact. Its weights are too large: train with weight decay"
                    )


class Past:
    """The planes before one, as the networks of all its groups see them.

    Args:
        last, history: integers (N, h, w, K) with 16 binary places.
        kernel: (places · 2 K, groups · units), the weights of all groups side by side.
    """

    def __init__(self, last, history, kernel):
        self.last, self.history, self._kernel = last, history, kernel

    @functools.cached_property
    def sums(self):
        """What it adds to the sums of the hidden units, (N · h · w, groups · units)."""
        return windows(np.concatenate([self.last, self.history], axis=3), WINDOW) @ self._kernel


class BitTables:
    """Intervals of bits: 0 (a plane's -1) from 0, 1 behind it up to the total.

    Attributes:
        total: 2 ** 24.
    """

    total = TOTAL

    def __init__(self, ones):
        self._ones = ones  # (N, M), or (N,) for a single bit of each image

    def column(self, index):
        """Returns the tables of one bit of all images."""
        return BitTables(self._ones[:, index])

    def of(self, images):
        """Returns the tables of some images, indices."""
        return BitTables(self._ones[images])

    def parts_of(self, symbols):
        """Returns (starts, sizes) of zeros and ones."""
        zeros = TOTAL - self._ones
        return np.where(symbols, zeros, 0), np.where(symbols, self._ones, zeros)

    def symbols_at(self, positions):
        """Returns the bits whose intervals hold `positions`."""
        return (positions >= TOTAL - self._ones).astype(np.int64)


def _matrix(kernel):
    """Returns a kernel (places, channels, units) as a matrix, as `windows` has its rows."""
    return kernel.reshape(-1, kernel.shape[-1])
