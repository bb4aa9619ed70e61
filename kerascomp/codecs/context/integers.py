"""The context model in integers: the same tables on every computer, to the last bit.

A decoder must build exactly the encoder's tables. Floating point does not promise that: a sum in
another order ends in another digit, one table in a million differs, and everything behind it is
noise. So the networks are computed in fixed point, as Ballé et al. propose ("Integer networks for
data compression", 2019): all numbers are integers. They are kept in float64, where sums of
integers below 2 ** 53 are exact in any order, so that matrix products stay fast.
"""

import dataclasses

import numpy as np

# Binary places behind the point.
WEIGHT_BITS = 10
UNIT_BITS = 10  # of what a hidden layer returns
OUTPUT_BITS = WEIGHT_BITS + UNIT_BITS  # of what a network returns

LARGEST_EXACT = 2**53


@dataclasses.dataclass(frozen=True)
class IntegerNetwork:
    """The network of one group in fixed point.

    Attributes:
        matrices: of its layers; the first reads windows, (window² · channels, units). None for a
            group that reads nothing, whose outputs are its biases.
        biases: of its layers, (levels, units) each: a row for every level or iteration.
    """

    matrices: list[np.ndarray]
    biases: list[np.ndarray]

    def outputs(self, sums, level, input_bits):
        """Returns integers with OUTPUT_BITS places, of the first layer's sums without bias."""
        places = [input_bits] + [UNIT_BITS] * len(self.matrices)
        for matrix, bias, bits in zip(self.matrices[1:], self.biases, places, strict=False):
            sums = rectified(sums + bias[level], bits) @ matrix
        return sums.astype(np.int64) + self.biases[-1][level]

    def check_range(self, largest, input_bits, group):
        """Raises a ValueError if sums of inputs up to `largest` might not be exact in float64."""
        places = [input_bits] + [UNIT_BITS] * len(self.matrices)
        for layer, (matrix, bias) in enumerate(zip(self.matrices, self.biases, strict=False)):
            sums = largest @ np.abs(matrix) + np.abs(bias).max(axis=0)
            if sums.max() >= LARGEST_EXACT:
                raise ValueError(
                    f"the sums of group {group}, layer {layer}, may reach {sums.max():.3g}; above "
                    "2 ** 53 they would not be exact. Its weights are too large: train with weight "
                    "decay"
                )
            largest = sums / (1 << places[layer])


class IntegerContext:
    """A `network.ContextModel` in fixed point: tables of each group from what is decoded.

    Args:
        plan: `plan.Plan`.
        networks: an `IntegerNetwork` for each group.
        steps: integers (levels, K): what symbols are multiplied by before the networks read them.
        step_bits: binary places of the steps.
        tables: class of the tables, see `tables.Tables`.

    Raises:
        ValueError: a sum might exceed 2 ** 53, where float64 is no longer exact.
    """

    def __init__(self, plan, networks, *, steps, step_bits, tables):
        self.plan, self.networks, self.tables = plan, networks, tables
        self.steps, self.step_bits = np.asarray(steps, np.int64), step_bits
        # Kernels (window², channels, units): of the latents, then of a past, where there is one.
        places = plan.window**2
        kernels = [
            network.matrices[0].reshape(places, -1, network.matrices[0].shape[-1])
            if network.matrices
            else np.zeros((places, 0, 0))
            for network in networks
        ]
        largest = np.tile(tables.largest * self.steps.max(axis=0), 3)
        for index, (network, kernel) in enumerate(zip(networks, kernels, strict=True)):
            network.check_range(np.tile(largest[: kernel.shape[1]], places), step_bits, index)
        self._kernels = [
            _matrix(kernel[:, : group.num_read])
            for group, kernel in zip(plan.groups, kernels, strict=True)
        ]
        self._past_kernels = [_matrix(kernel[:, plan.num_channels :]) for kernel in kernels]

    def past_sums(self, past):
        """Returns what the past adds to the first sums of each group, computed once a plane.

        Args:
            past: integers (N, h, w, channels), what is read beside the latents.
        """
        sums = windows(past, self.plan.window) @ np.concatenate(self._past_kernels, axis=1)
        return np.split(sums, len(self.networks), axis=1)

    def groups(self, symbols, level, past_sums=None):
        """Yields (mask, tables) of each group.

        Args:
            symbols: integers (N, h, w, K); only those of the groups before are looked at, so that a
                decoder can write those of a group into it before it asks for the next.
            level: of biases and steps.
            past_sums: of networks that read a past.

        Yields:
            mask: which latents a group has, bool (h, w, K).
            tables: for (N, M) symbols, in the order of the mask.
        """
        shape, steps = symbols.shape[1:], self.steps[level]
        for index, group in enumerate(self.plan.groups):
            sums = np.zeros((1, 1)) if past_sums is None else past_sums[index]
            if self._kernels[index].size:
                scale = (group.known(shape) * steps)[..., : group.num_read]
                latents = symbols[..., : group.num_read] * scale
                sums = sums + windows(latents, self.plan.window) @ self._kernels[index]
            outputs = self.networks[index].outputs(sums, level, self.step_bits)
            places = symbols.shape[:3] if len(outputs) > 1 else (1, 1, 1)
            outputs = outputs.reshape(*places, group.last - group.first, -1)
            outputs = np.broadcast_to(outputs, (*symbols.shape[:3], *outputs.shape[3:]))
            mask = group.mask(shape)
            outputs = outputs[:, mask[..., group.first : group.last]]  # (N, M, parameters)
            yield mask, self.tables(outputs, np.broadcast_to(steps, shape)[mask])


def windows(x, size):
    """Returns the neighborhoods (N · h · w, size · size · K) of (N, h, w, K), as a convolution.

    They are rows of one matrix: one large product is much faster than N · h small ones.
    """
    margin = size // 2
    padded = np.pad(x, ((0, 0), (margin, margin), (margin, margin), (0, 0))).astype(np.float64)
    views = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return np.moveaxis(views, 3, 5).reshape(-1, size * size * x.shape[3])


def rectified(x, places):
    """A ReLU, and `places` binary places cut off."""
    return np.floor(np.maximum(x, 0) / (1 << places))


def rounded(x, places):
    """Returns integers with `places` binary places fewer, rounded."""
    return (x + (1 << (places - 1))) >> places


def fixed(values, places):
    """Returns integers: values with so many binary places behind the point."""
    return np.round(np.asarray(values, np.float64) * (1 << places)).astype(np.int64)


def _matrix(kernel):
    """Returns a kernel (window², channels, units) as a matrix, as `windows` has its rows."""
    return kernel.reshape(kernel.shape[0] * kernel.shape[1], kernel.shape[2])
