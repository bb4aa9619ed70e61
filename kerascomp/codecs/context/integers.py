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
        kernel: (window², channels, units), of the first layer: latents, then the past; None for a
            group that reads nothing, whose outputs are its biases.
        matrices: those of the layers behind, (inputs, units) each.
        biases: for each layer (levels, units): a row for every level or iteration.
    """

    kernel: np.ndarray | None
    matrices: list[np.ndarray]
    biases: list[np.ndarray]

    def outputs(self, sums, level, input_bits):
        """Returns integers (rows, outputs) with OUTPUT_BITS places.

        Args:
            sums: of the first layer, without its bias.
            level: of the biases.
            input_bits: binary places of what the first layer reads.
        """
        bits = input_bits
        for matrix, bias in zip(self.matrices, self.biases[:-1], strict=True):
            sums = rectified(sums + bias[level], bits) @ matrix
            bits = UNIT_BITS
        return sums.astype(np.int64) + self.biases[-1][level]

    def check_range(self, largest, input_bits, name):
        """Raises a ValueError if a sum might exceed what float64 has exactly.

        Args:
            largest: what each channel may be, at most.
            input_bits: see `outputs`.
            name: of the group, for the error message.
        """
        if self.kernel is None:
            return
        size, channels, units = self.kernel.shape
        largest, bits = np.tile(largest[:channels], size), input_bits
        matrices = [self.kernel.reshape(-1, units), *self.matrices]
        for index, (matrix, bias) in enumerate(zip(matrices, self.biases, strict=True)):
            sums = largest @ np.abs(matrix) + np.abs(bias).max(axis=0)
            if sums.max() >= LARGEST_EXACT:
                raise ValueError(
                    f"the sums of {name}, layer {index + 1}, may reach {sums.max():.3g}; above "
                    "2 ** 53 they would not be exact. Its weights are too large: train with weight "
                    "decay"
                )
            largest, bits = sums / (1 << bits), UNIT_BITS


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
        num_channels = plan.num_channels
        largest = np.tile(tables.largest * self.steps.max(axis=0), 3)  # latents, and twice the past
        for index, network in enumerate(networks):
            network.check_range(largest, step_bits, f"group {index}")
        kernels = [network.kernel for network in networks if network.kernel is not None]
        past = [_matrix(kernel[:, num_channels:]) for kernel in kernels]
        self._past_kernel = np.concatenate(past, axis=1) if past else None

    def past_sums(self, past):
        """Returns what the past adds to the first sums of all groups, computed once a plane.

        Args:
            past: integers (N, h, w, channels), what is read beside the latents.
        """
        return windows(past, self.plan.window) @ self._past_kernel

    def groups(self, symbols, level, past_sums=None):
        """Yields (mask, tables) of each group.

        Args:
            symbols: integers (N, h, w, K); only those of the groups before are looked at, so that a
                decoder can write those of a group into it before it asks for the next.
            level: of biases and steps.
            past_sums: of `past_sums`, for networks that read a past.

        Yields:
            mask: which latents a group has, bool (h, w, K).
            tables: for (N, M) symbols, in the order of the mask.
        """
        shape, steps = symbols.shape[1:], self.steps[level]
        for index, group in enumerate(self.plan.groups):
            mask = group.mask(shape)
            sums = self._sums(index, symbols, steps, past_sums)
            outputs = self.networks[index].outputs(sums, level, self.step_bits)
            places = symbols.shape[:3] if len(outputs) > 1 else (1, 1, 1)
            outputs = outputs.reshape(*places, group.num_channels, -1)
            outputs = np.broadcast_to(outputs, (*symbols.shape[:3], *outputs.shape[3:]))
            outputs = outputs[:, mask[..., group.first : group.last]]  # (N, M, parameters)
            yield mask, self.tables(outputs, np.broadcast_to(steps, shape)[mask])

    def _sums(self, index, symbols, steps, past_sums):
        """Returns the sums (N · h · w, units) of a group's first layer."""
        group, kernel = self.plan.groups[index], self.networks[index].kernel
        sums = np.zeros((1, 1))
        if past_sums is not None:
            units = kernel.shape[-1]
            sums = past_sums[:, index * units : (index + 1) * units]
        if kernel is not None and (read := group.num_read):
            scale = (group.known(symbols.shape[1:]) * steps)[..., :read]
            latents = symbols[..., :read] * scale
            sums = sums + windows(latents, self.plan.window) @ _matrix(kernel[:, :read])
        return sums


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
    return kernel.reshape(-1, kernel.shape[-1])
