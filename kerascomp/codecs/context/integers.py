"""The context model in integers: the same tables on every computer, to the last bit.

A decoder must build exactly the encoder's tables. Floating point does not promise that: a sum in
another order ends in another digit, one table in a million differs, and everything behind it is
noise. So the networks are computed in fixed point, as Ballé et al. propose ("Integer networks for
data compression", 2019): all numbers are integers. They are kept in float64, where sums of
integers below 2 ** 53 are exact in any order, so that matrix products stay fast.
"""

import copy
import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kerascomp.codecs.context.plan import Plan
from kerascomp.codecs.context.tables import OUTPUT_BITS, Tables

# Binary places behind the point.
WEIGHT_BITS = 10
UNIT_BITS = OUTPUT_BITS - WEIGHT_BITS  # of what a hidden layer returns

LARGEST_EXACT = 2**53
PLACES_AT_ONCE = 1 << 14  # networks compute about so many of all images, to save memory

Groups = Iterator[tuple[np.ndarray, Tables]]  # of each group its mask and its tables


@dataclasses.dataclass(frozen=True)
class IntegerNetwork:
    """The network of one group in fixed point; one that reads nothing returns its biases."""

    kernel: np.ndarray  # (window² · channels, units), for latents decoded before
    past_kernel: np.ndarray  # the same, for what is read beside the latents
    matrices: list[np.ndarray]  # of the layers behind
    biases: list[np.ndarray]  # of all layers, a row for every level or iteration

    def outputs(self, sums: np.ndarray, level: int, bits: int) -> np.ndarray:
        """Returns integers with OUTPUT_BITS places; what the first layer read has `bits`."""
        for matrix, bias in zip(self.matrices, self.biases[:-1], strict=True):
            units = np.floor(np.maximum(sums + bias[level], 0) / (1 << bits))
            sums, bits = product(units, matrix), UNIT_BITS
        return sums.astype(np.int64) + self.biases[-1][level]

    def check_range(self, largest: np.ndarray, bits: int, group: int | str) -> None:
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
        plan: the order of decoding.
        networks: an `IntegerNetwork` for each group.
        steps: integers (levels, K): what symbols are multiplied by before the networks read them.
        step_bits: binary places of the steps.
        tables: class of the tables.

    Raises:
        ValueError: a sum might exceed 2 ** 53, where float64 is no longer exact.
    """

    def __init__(self, plan: Plan, networks, *, steps, step_bits: int, tables: type[Tables]):
        self.plan, self.networks, self.tables = plan, list(networks), tables
        self.steps, self.step_bits = np.asarray(steps, np.int64), step_bits
        largest = tables.largest * self.steps.max(axis=0)  # of each channel
        for index, (group, network) in enumerate(zip(plan.groups, networks, strict=True)):
            latents = np.tile(largest[: group.num_read], plan.window**2)[: len(network.kernel)]
            sums = latents @ np.abs(network.kernel)
            past = largest.max() * np.abs(network.past_kernel).sum(axis=0)
            network.check_range(sums + past, step_bits, index)

    def first(self, num_channels: int) -> "IntegerContext":
        """Returns the context of the first channels alone, whole slices."""
        part = copy.copy(self)
        part.plan = self.plan.first(num_channels)
        part.networks = self.networks[: len(part.plan.groups)]
        part.steps = self.steps[:, :num_channels]
        return part

    def bands(self, shape: Sequence[int]) -> list["Band"]:
        """Returns the bands of rows of (N, h, w, K) symbols that are computed one by one."""
        num_images, height, width = shape[:3]
        margin, step = self.plan.window // 2, max(1, PLACES_AT_ONCE // (num_images * width))
        bands = []
        for start in range(0, height, step):
            stop = min(start + step, height)
            first, last = max(start - margin, 0), min(stop + margin, height)
            missing = first - start + margin, stop + margin - last
            bands.append(Band(slice(start, stop), slice(first, last), missing))
        return bands

    def past_sums(self, past: np.ndarray) -> list[np.ndarray]:
        """Returns what a past (N, h, w, channels) adds to each group's sums, once for them all."""
        kernels = [network.past_kernel for network in self.networks]
        kernel = np.concatenate(kernels, axis=1)
        shape, size = (len(past), -1, past.shape[2], kernel.shape[1]), self.plan.window
        parts = [
            product(windows(past[:, band.around], size, band), kernel).reshape(shape)
            for band in self.bands(past.shape)
        ]
        return np.split(np.concatenate(parts, axis=1), len(kernels), axis=3)

    def groups(self, symbols: np.ndarray, level: int, past_sums=None) -> Groups:
        """Yields (mask, tables) of each group, or of the parts of one that has many places.

        The mask, bool (h, w, K), says which latents it has; the tables are for (N, M) symbols in
        its order.

        Args:
            symbols: integers (N, h, w, K); only those of the groups before are looked at, so that a
                decoder can write those of a group into it before it asks for the next.
            level: of biases and steps.
            past_sums: of networks that read a past; None where all of it is zero.
        """
        shape, size = symbols.shape[1:], self.plan.window
        steps, bands = self.steps[level], self.bands(symbols.shape)
        for index, (group, network) in enumerate(zip(self.plan.groups, self.networks, strict=True)):
            known = group.known(shape)[..., : group.num_read]
            for band in bands:
                mask = np.zeros(shape, bool)
                mask[band.rows] = group.mask(shape)[band.rows]
                if not mask.any():  # one place has no odd one
                    continue
                num_rows = band.rows.stop - band.rows.start
                sums = np.zeros((len(symbols) * num_rows * shape[1], 1))
                if past_sums:
                    sums = past_sums[index][:, band.rows].reshape(len(sums), -1)
                if network.kernel.size:
                    latents = symbols[:, band.around, :, : group.num_read]
                    scaled = latents * (known[band.around] * steps[: group.num_read])
                    sums = sums + product(windows(scaled, size, band), network.kernel)
                outputs = network.outputs(sums, level, self.step_bits)
                channels = slice(group.first, group.last)
                outputs = outputs.reshape(len(symbols), *mask[band.rows, :, channels].shape, -1)
                # Those of one symbol of all images stay side by side in memory.
                outputs = np.moveaxis(outputs, 0, -1)[mask[band.rows, :, channels]]
                outputs = np.moveaxis(outputs, -1, 0)  # (N, M, parameters)
                yield mask, self.tables(outputs, np.broadcast_to(steps, shape)[mask])


class Band(NamedTuple):
    """Rows of latents, those that the networks see around them, and how many of these are missing.

    What is missing above the first row and below the last counts as zeros.
    """

    rows: slice
    around: slice
    missing: tuple[int, int]


def windows(x: np.ndarray, size: int, band: Band) -> np.ndarray:
    """Returns the neighborhoods (N · h · w, size · size · K) of (N, h, w, K), as a convolution.

    They are rows of one matrix: one large product is much faster than N · h small ones.

    Args:
        x: integers (N, h, w, K).
        size: of a neighborhood's side, odd.
        band: whose neighborhoods; x may have only what is around it.
    """
    margin = size // 2
    padded = np.pad(x, ((0, 0), band.missing, (margin, margin), (0, 0))).astype(np.float64)
    views = sliding_window_view(padded, (size, size), axis=(1, 2))  # type: ignore[call-overload]
    return np.moveaxis(views, 3, 5).reshape(-1, size * size * x.shape[3])


def product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Returns rows @ matrix, one column after the other in memory.

    What follows computes with one column of many rows at a time.
    """
    return (matrix.T @ rows.T).T


def fixed(values, places: int) -> np.ndarray:
    """Returns integers: values with so many binary places behind the point."""
    return np.round(np.asarray(values, np.float64) * (1 << places)).astype(np.int64)
