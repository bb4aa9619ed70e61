"""Static models: how often each symbol comes, as integers that encoder and decoder share."""

from bisect import bisect_right

import numpy as np

from kerascomp.coders.arithmetic import PRECISION

TOTAL = 1 << PRECISION


class FrequencyTable:
    """Integer frequencies of symbols 0, 1, …, that add up to 2 ** 16; none is zero.

    Args:
        counts: how often each symbol was seen, at least one number, none negative. Symbols never
            seen get the smallest frequency there is, so that they can still be sent.

    Raises:
        ValueError: no counts, negative ones, or more symbols than 2 ** 16.

    Example:
        >>> FrequencyTable([3, 1]).frequencies.tolist()
        [49152, 16384]
    """

    def __init__(self, counts):
        counts = np.asarray(counts, np.float64)
        if counts.ndim != 1 or not 1 <= len(counts) <= TOTAL or (counts < 0).any():
            raise ValueError(
                f"expected 1 to {TOTAL} counts, none negative, received shape {counts.shape}"
            )
        weights = counts if counts.sum() else np.ones_like(counts)
        # One for each symbol, and the rest in proportion, cut down to integers.
        shares = weights / weights.sum() * (TOTAL - len(counts))
        frequencies = 1 + np.floor(shares).astype(np.int64)
        frequencies[np.argmax(weights)] += TOTAL - frequencies.sum()
        self.frequencies = frequencies
        # Python's own integers: the coder adds them one by one.
        self.cumulative = [0, *np.cumsum(frequencies).tolist()]

    @property
    def num_symbols(self):
        """How many symbols there are."""
        return len(self.cumulative) - 1

    def part_of(self, symbol):
        """Returns (start, size) of a symbol's part of the 2 ** 16, what the encoder takes."""
        start = self.cumulative[symbol]
        return start, self.cumulative[symbol + 1] - start

    def symbol_at(self, position):
        """Returns the symbol whose part of the 2 ** 16 holds `position`."""
        return bisect_right(self.cumulative, position) - 1

    def bits(self, symbol):
        """Returns the ideal code length of a symbol in bits, an estimate of what it costs."""
        return float(PRECISION - np.log2(self.frequencies[symbol]))
