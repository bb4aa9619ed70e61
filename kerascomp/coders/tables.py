"""Static models: how often each symbol occurs, as integers that encoder and decoder share."""

from bisect import bisect_right

import numpy as np
from numpy.typing import ArrayLike

TOTAL = 1 << 20
MAX_SYMBOLS = (1 << 16) + 1  # all values of 16 bits, and an escape


class FrequencyTable:
    """Integer frequencies of symbols 0, 1, …, that add up to 2 ** 20; none is zero.

    The symbols divide the interval from 0 to the total: each has a part as large as its frequency.

    Args:
        counts: how often each symbol was seen, at least one number, none negative. Symbols never
            seen get the smallest possible frequency, so that they can still be sent.

    Attributes:
        total: 2 ** 20.
        frequencies: int64 (K,).
        last: the last symbol, K − 1.

    Raises:
        ValueError: no counts, negative ones, or more symbols than 2 ** 16 + 1.

    Example:
        >>> FrequencyTable([3, 1]).frequencies.tolist()
        [786432, 262144]
    """

    total = TOTAL

    def __init__(self, counts: ArrayLike):
        counts = np.asarray(counts, np.float64)
        if counts.ndim != 1 or not 1 <= len(counts) <= MAX_SYMBOLS or not (counts >= 0).all():
            raise ValueError(
                f"expected 1 to {MAX_SYMBOLS} counts, none negative, received shape {counts.shape}"
            )
        weights = counts if counts.sum() else np.ones_like(counts)
        # One for every symbol, and the rest in proportion, rounded down to integers.
        shares = weights / weights.sum() * (TOTAL - len(counts))
        frequencies = 1 + np.floor(shares).astype(np.int64)
        frequencies[np.argmax(weights)] += TOTAL - frequencies.sum()
        self.frequencies, self.last = frequencies, len(frequencies) - 1
        self._starts = np.concatenate([[0], np.cumsum(frequencies)])
        self._start_list = self._starts.tolist()  # Python's integers are faster one by one

    def part_of(self, symbol: int) -> tuple[int, int]:
        """Returns (start, size) of a symbol's part of the total, which the encoder takes."""
        start = self._start_list[symbol]
        return start, self._start_list[symbol + 1] - start

    def symbol_at(self, position: int) -> int:
        """Returns the symbol whose part contains a position from 0 to the total."""
        return bisect_right(self._start_list, position) - 1

    def parts_of(self, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (starts, sizes) of an array of symbols."""
        return self._starts[symbols], self.frequencies[symbols]

    def parts_at(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns (symbols, starts, sizes) of the parts that contain positions, an array."""
        symbols = np.searchsorted(self._starts, positions, side="right") - 1
        return symbols, *self.parts_of(symbols)
