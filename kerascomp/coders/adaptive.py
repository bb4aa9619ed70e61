"""Arithmetic coding under a model that is learned while coding, so that no table is sent."""

from collections import defaultdict
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike

from kerascomp.coders.arithmetic import ArithmeticDecoder, ArithmeticEncoder
from kerascomp.coders.base import SymbolError, as_rows

LARGEST_TOTAL = 1 << 16
INCREMENT = 24  # what one occurrence adds; the larger, the sooner the equal start is forgotten


class AdaptiveTable:
    """Frequencies that start equal and grow with every symbol seen.

    Args:
        num_symbols: symbols are 0 to num_symbols − 1; at most 2 ** 12.
    """

    def __init__(self, num_symbols: int):
        self._frequencies = [1] * num_symbols
        self.total = num_symbols

    def part_of(self, symbol: int) -> tuple[int, int]:
        """Returns (start, size) of a symbol's part of the total."""
        return sum(self._frequencies[:symbol]), self._frequencies[symbol]

    def symbol_at(self, position: int) -> int:
        """Returns the symbol whose part contains `position`, below the total."""
        ends = accumulate(self._frequencies)
        return next(symbol for symbol, end in enumerate(ends) if position < end)

    def learn(self, symbol: int) -> None:
        """Counts a symbol; halves all counts when they become large, so that old ones fade."""
        self._frequencies[symbol] += INCREMENT
        self.total += INCREMENT
        if self.total > LARGEST_TOTAL:
            self._frequencies = [(frequency + 1) // 2 for frequency in self._frequencies]
            self.total = sum(self._frequencies)


class AdaptiveArithmetic:
    """Codes symbols 0 to num_symbols − 1; encoder and decoder learn the same from coded symbols.

    Args:
        num_symbols: 1 to 4096.
        order: 0 has one table; 1 has a table for each possible symbol before, the context.

    Raises:
        ValueError: `num_symbols` or `order` is out of range.

    Example:
        >>> coder = AdaptiveArithmetic(2, order=1)
        >>> data = coder.encode([0, 1] * 100)  # soon every symbol has a probability near one
        >>> len(data), coder.decode(data, 200).tolist() == [0, 1] * 100
        (2, True)
    """

    def __init__(self, num_symbols: int, *, order: int = 0):
        if not 1 <= num_symbols <= 4096 or order not in (0, 1):
            raise ValueError(
                f"expected 1 to 4096 symbols and order 0 or 1, received {num_symbols} and {order}"
            )
        self.num_symbols, self.order = num_symbols, order

    def encode(self, symbols: ArrayLike) -> bytes:
        """Returns the bytes of symbols (N,), one stream.

        Raises:
            SymbolError: not integers from 0 to num_symbols − 1.
        """
        symbols = as_rows(symbols, 1)[:, 0]
        if len(symbols) and not 0 <= symbols.min() <= symbols.max() < self.num_symbols:
            raise SymbolError(
                f"expected symbols 0 to {self.num_symbols - 1}, received {symbols.min()} to "
                f"{symbols.max()}"
            )
        encoder, tables, context = ArithmeticEncoder(), self._new_tables(), 0
        for symbol in symbols.tolist():
            table = tables[context]
            encoder.encode(*table.part_of(symbol), table.total)
            table.learn(symbol)
            context = symbol * self.order
        return encoder.finish()

    def decode(self, data: bytes, count: int) -> np.ndarray:
        """Returns `count` symbols (N,) of a stream that `encode` wrote.

        Raises:
            StreamError: the stream is truncated.
        """
        decoder, tables, context = ArithmeticDecoder(data), self._new_tables(), 0
        symbols = np.empty(count, np.int64)
        for index in range(count):
            table = tables[context]
            symbols[index] = symbol = decoder.decode(table)
            table.learn(symbol)
            context = symbol * self.order
        decoder.finish()
        return symbols

    def _new_tables(self) -> dict[int, AdaptiveTable]:
        """Returns {context: table}; a table is made when its context first occurs."""
        return defaultdict(lambda: AdaptiveTable(self.num_symbols))
