"""Static models: how often each symbol comes, as integers that encoder and decoder share."""

from bisect import bisect_right

import numpy as np

PRECISION = 20
TOTAL = 1 << PRECISION
MAX_SYMBOLS = (1 << 16) + 1  # all values of 16 bits, and an escape


class FrequencyTable:
    """Integer frequencies of symbols 0, 1, …, that add up to 2 ** 20; none is zero.

    Args:
        counts: how often each symbol was seen, at least one number, none negative. Symbols never
            seen get the smallest frequency there is, so that they can still be sent.

    Raises:
        ValueError: no counts, negative ones, or more symbols than 2 ** 16 + 1.

    Example:
        >>> FrequencyTable([3, 1]).frequencies.tolist()
        [786432, 262144]
    """

    total = TOTAL

    def __init__(self, counts):
        counts = np.asarray(counts, np.float64)
        if counts.ndim != 1 or not 1 <= len(counts) <= MAX_SYMBOLS or not (counts >= 0).all():
            raise ValueError(
                f"expected 1 to {MAX_SYMBOLS} counts, none negative, received shape {counts.shape}"
            )
        weights = counts if counts.sum() else np.ones_like(counts)
        # One for each symbol, and the rest in proportion, cut down to integers.
        shares = weights / weights.sum() * (TOTAL - len(counts))
        frequencies = 1 + np.floor(shares).astype(np.int64)
        frequencies[np.argmax(weights)] += TOTAL - frequencies.sum()
        self.frequencies = frequencies
        self.starts = np.concatenate([[0], np.cumsum(frequencies)])
        self._starts = self.starts.tolist()  # Python's own integers are faster one by one

    @property
    def num_symbols(self):
        """How many symbols there are."""
        return len(self.frequencies)

    def part_of(self, symbol):
        """Returns (start, size) of a symbol's part of the total, what the encoder takes."""
        start = self._starts[symbol]
        return start, self._starts[symbol + 1] - start

    def symbol_at(self, position):
        """Returns the symbol whose part of the total holds `position`."""
        return bisect_right(self._starts, position) - 1

    def parts_of(self, symbols):
        """Returns (starts, sizes) of an array of symbols."""
        return self.starts[symbols], self.frequencies[symbols]

    def symbols_at(self, positions):
        """Returns the symbols whose parts of the total hold an array of positions."""
        return np.searchsorted(self.starts, positions, side="right") - 1

    def bits(self, symbol):
        """Returns the ideal code length of a symbol in bits, an estimate of what it costs."""
        return float(PRECISION - np.log2(self.frequencies[symbol]))
