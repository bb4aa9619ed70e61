"""Tables: intervals of integers, a table for each of (N, M) symbols, for arithmetic coders.

starts, sizes = tables.parts_of(symbols)                 what an encoder takes
symbols, starts, sizes = tables.parts_at(positions)      what a decoder asks for
tables[:, 3], tables[images]                             the tables of some of the symbols
tables.turned()                                          those of (M, N) symbols
"""

import abc
from typing import Self

import numpy as np

LOWEST, HIGHEST = -512, 511  # symbols of mixtures; an encoder clips those beyond
NUM_SYMBOLS = HIGHEST - LOWEST + 1
TOTAL = 1 << 24  # the sizes of all intervals of a table
LEAST = 1 << 6  # parts of the total that even a bit nobody expects gets: 18 bits

# Binary places behind the point.
OUTPUT_BITS = 20  # of what a network returns
STEP_BITS = 12  # of quantization steps and of latents
LOG_BITS = 5  # of logarithms: one part in 32 of a factor e
EXP_BITS = 20
SHARE_BITS = 16  # of a mixture's weights
INDEX_BITS = 10  # of the argument of the logistic function
LOGISTIC_BITS = 24  # of its value

SMALLEST_LOG, LARGEST_LOG = -6 << LOG_BITS, 11 << LOG_BITS  # of a scale
REACH = 16 << INDEX_BITS  # beyond ±16 the logistic function is 0 or 1
CUT_BITS = STEP_BITS + 1 + EXP_BITS - INDEX_BITS  # cut off a distance times an inverse scale

NEAR = np.arange(-3, 5)[:, None]  # from the symbol at a mixture's mean to those tried first

# The functions that need more than integers, as tables. No exact value is within a millionth
# of a half, so every library's exponential rounds to the same integers (a test looks).
_LOGS = np.arange(SMALLEST_LOG, LARGEST_LOG + 1) / (1 << LOG_BITS)
_ARGUMENTS = np.arange(-REACH, REACH + 1) / (1 << INDEX_BITS)
EXACT_EXP = np.exp(-_LOGS) * (1 << EXP_BITS)
EXACT_LOGISTIC = (1 << LOGISTIC_BITS) / (1 + np.exp(-_ARGUMENTS))
EXP = np.round(EXACT_EXP).astype(np.int64)
LOGISTIC = np.round(EXACT_LOGISTIC).astype(np.int64)


class Tables(abc.ABC):
    """Tables for (N, M) symbols, whose sizes add up to `total`.

    They are made from the outputs of a group's network, integers (N, M, parameters) with
    OUTPUT_BITS places, and the quantization steps of its latents, integers (M,).
    """

    total = TOTAL
    largest: int  # magnitude of a symbol
    _arrays: tuple[np.ndarray, ...]  # what the intervals are made from, (N, M, ...) each

    @abc.abstractmethod
    def __init__(self, outputs: np.ndarray, steps: np.ndarray): ...

    @abc.abstractmethod
    def parts_of(self, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (starts, sizes) of the intervals of symbols."""

    @abc.abstractmethod
    def parts_at(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns (symbols, starts, sizes) of the intervals that contain positions (N,).

        Positions are from 0 to total - 1. The tables are those of one of the M symbols.
        """

    def __getitem__(self, key) -> Self:
        return self._of(array[key] for array in self._arrays)

    @property
    def edges(self) -> np.ndarray | None:
        """Where the intervals of +1 begin, (N, M), if symbols are -1 or +1; else None."""
        return None

    def turned(self) -> Self:
        """Returns the tables of (M, N) symbols, for coders of one large image."""
        return self._of(array.swapaxes(0, 1) for array in self._arrays)

    def _of(self, arrays) -> Self:
        part = object.__new__(type(self))
        part._arrays = tuple(arrays)
        return part


class MixtureTables(Tables):
    """Integers from LOWEST to HIGHEST under mixtures of logistic distributions, never empty.

    A symbol has the mixture's share of the values from (symbol - 1/2) · step to
    (symbol + 1/2) · step.
    """

    largest = -LOWEST

    def __init__(self, outputs: np.ndarray, steps: np.ndarray):
        outputs = outputs.reshape(*outputs.shape[:2], 3, -1)
        location, log_scale, logit = np.moveaxis(outputs, 2, 0)  # (N, M, components)
        logs = np.clip(rounded(log_scale, OUTPUT_BITS - LOG_BITS), SMALLEST_LOG, LARGEST_LOG)
        below = rounded(logit.max(axis=-1, keepdims=True) - logit, OUTPUT_BITS - LOG_BITS)
        parts = EXP[np.minimum(below, LARGEST_LOG) - SMALLEST_LOG]
        shares = (parts << SHARE_BITS) // parts.sum(axis=-1, keepdims=True)
        shares[..., 0] += (1 << SHARE_BITS) - shares.sum(axis=-1)
        location = rounded(location, OUTPUT_BITS - STEP_BITS)
        inverse_scale = EXP[logs - SMALLEST_LOG]
        # A symbol's values begin half a step below it: (symbol - 1/2) · step. Their distance from
        # the location, (symbol - 1/2) · step - location, is doubled, so that it is an integer; one
        # more place is cut off below. Times the inverse scale it is linear in the symbol.
        slope = 2 * steps[:, None] * inverse_scale
        intercept = (-steps[:, None] - 2 * location) * inverse_scale
        mean = (location * shares).sum(axis=-1) >> SHARE_BITS
        nearest = (2 * mean + steps) // (2 * steps)
        nearest = np.clip(nearest, LOWEST + 1 - NEAR.min(), HIGHEST - NEAR.max())
        self._arrays = slope, intercept + (REACH << CUT_BITS), shares, nearest

    def parts_of(self, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        starts, ends = self._starts(np.stack([symbols, symbols + 1]))
        return starts, ends - starts

    def parts_at(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        # Most symbols are near the mean: their intervals are compared first, all at once.
        *_, nearest = self._arrays
        symbols = nearest + NEAR  # (8, N)
        starts = self._inner_starts(symbols)
        row, column = (starts[1:-1] <= positions).sum(axis=0), np.arange(len(positions))
        symbols, starts, ends = symbols[row, column], starts[row, column], starts[row + 1, column]
        sizes = ends - starts
        (others,) = ((positions < starts) | (positions >= ends)).nonzero()
        if len(others):
            tables = self[others]
            symbols[others] = tables._searched(positions[others])
            starts[others], sizes[others] = tables.parts_of(symbols[others])
        return symbols, starts, sizes

    def _searched(self, positions):
        """Returns the symbols whose intervals contain positions, wherever they are."""
        below, size = np.full(len(positions), LOWEST, np.int64), NUM_SYMBOLS
        while size > 1:  # four parts, not two: fewer calls of NumPy
            size //= 4
            quarters = below + size * np.arange(1, 4)[:, None]
            below += size * (self._inner_starts(quarters) <= positions).sum(axis=0)
        return below

    def _starts(self, symbols):
        """Returns where the intervals of integers begin; HIGHEST + 1 begins at the total."""
        starts = np.where(symbols == LOWEST, 0, self._inner_starts(symbols))
        return np.where(symbols > HIGHEST, TOTAL, starts)

    def _inner_starts(self, symbols):
        """Returns where the intervals of integers above LOWEST begin."""
        slope, intercept, shares, _ = self._arrays
        index = symbols[..., None] * slope + intercept >> CUT_BITS  # of LOGISTIC, from 0
        logistic = LOGISTIC[np.minimum(np.maximum(index, 0), 2 * REACH)]
        share = np.einsum("...c,...c", logistic, shares) >> SHARE_BITS  # over components
        # One part of the total for each symbol, and the rest as the mixture says.
        return (share * (TOTAL - NUM_SYMBOLS) >> LOGISTIC_BITS) + (symbols - LOWEST)


class BitTables(Tables):
    """Bits, -1 or +1: the interval of -1 begins at 0, that of +1 ends at the total."""

    largest = 1

    def __init__(self, outputs: np.ndarray, steps: np.ndarray):
        index = rounded(outputs[..., 0], OUTPUT_BITS - INDEX_BITS)
        ones = LOGISTIC[np.clip(index, -REACH, REACH) + REACH]
        self._arrays = (TOTAL - np.clip(ones, LEAST, TOTAL - LEAST),)

    @property
    def edges(self) -> np.ndarray:
        return self._arrays[0]

    def parts_of(self, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        edge, ones = self.edges, symbols > 0
        return np.where(ones, edge, 0), np.where(ones, TOTAL - edge, edge)

    def parts_at(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        symbols = np.where(positions >= self.edges, 1, -1)
        return symbols, *self.parts_of(symbols)


def rounded(x: np.ndarray, places: int) -> np.ndarray:
    """Returns integers with `places` binary places fewer, rounded."""
    return (x + (1 << (places - 1))) >> places
