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
    """The network of one group in fixed point; one that reads nothing returns its biases."""

    kernel: np.ndarray  # (window² · channels, units), for latents decoded before
    past_kernel: np.ndarray  # the same, for what is read beside the latents
    matrices: list[np.ndarray]  # of the layers behind
    biases: list[np.ndarray]  # of all layers, a row for every level or iteration

    def outputs(self, sums, level, bits):
        """Returns integers with OUTPUT_BITS places; what the first layer read has `bits`."""
        for matrix, bias in zip(self.matrices, self.biases[:-1], strict=True):
            sums, bits = rectified(sums + bias[level], bits) @ matrix, UNIT_BITS
        return sums.astype(np.int64) + self.biases[-1][level]

    def check_range(self, largest, bits, group):
        """Raises a ValueError if sums might not be exact, that of the first layer up to largest."""
        for layer, bias in enumerate(self.biases):
            sums = largest + np.abs(bias).max(axis=0)
            if sums.max() >= LARGEST_EXACT:
                raise ValueError(
                    f"the sums of group {group}, layer {layer}, may reach {sums.max():.3g}; above "
                    "2 ** 53 they would not be exact. Its weights are too large: train with weight "
                    "decay"
                )
            if layer < len(self.matrices):
                largest, bits = sums / (1 << bits) @ np.abs(self.matrices[layer]), UNIT_BITS


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
        largest = tables.largest * self.steps.max(axis=0)  # of each channel
        for index, (group, network) in enumerate(zip(plan.groups, networks, strict=True)):
            latents = np.tile(largest[: group.num_read], plan.window**2)[: len(network.kernel)]
            sums = latents @ np.abs(network.kernel)
            past = largest.max() * np.abs(network.past_kernel).sum(axis=0)
            network.check_range(sums + past, step_bits, index)

    def past_sums(self, past):
        """Returns what a past (N, h, w, channels) adds to each group's sums, once for them all."""
        kernels = [network.past_kernel for network in self.networks]
        sums = windows(past, self.plan.window) @ np.concatenate(kernels, axis=1)
        return np.split(sums, len(kernels), axis=1)

    def groups(self, symbols, level, past_sums=None):
        """Yields (mask, tables) of each group.

        The mask, bool (h, w, K), says which latents it has; the tables are for (N, M) symbols in
        its order.

        Args:
            symbols: integers (N, h, w, K); only those of the groups before are looked at, so that a
                decoder can write those of a group into it before it asks for the next.
            level: of biases and steps.
            past_sums: of networks that read a past.
        """
        shape, steps = symbols.shape[1:], self.steps[level]
        for index, (group, network) in enumerate(zip(self.plan.groups, self.networks, strict=True)):
            sums = np.zeros((1, 1)) if past_sums is None else past_sums[index]
            if network.kernel.size:
                scale = (group.known(shape) * steps)[..., : group.num_read]
                latents = symbols[..., : group.num_read] * scale
                sums = sums + windows(latents, self.plan.window) @ network.kernel
            outputs = network.outputs(sums, level, self.step_bits)
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
