"""Arithmetic coding under a static model: a histogram for each column, learned beforehand."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from kerascomp.coders.arithmetic import ArithmeticDecoder, ArithmeticEncoder
from kerascomp.coders.base import as_rows, learnable_rows
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder
from kerascomp.coders.tables import FrequencyTable

BYTE_TABLE = FrequencyTable(np.ones(256))
ESCAPE_BYTES = 4  # of a symbol that did not occur in training


class Arithmetic:
    """Codes integers under a `FrequencyTable` for each column.

    A symbol outside its column's training range is sent as an escape and four bytes: expensive,
    but decoded exactly.

    Args:
        lowest: the smallest symbol of each column, K integers.
        counts: how often the symbols from there on were seen, K lists.

    Attributes:
        lowest, counts: the same.

    Example:
        >>> coder = Arithmetic.fit([0, 0, 0, 1, 0, 0, -1, 0])
        >>> data = coder.encode([0, 0, 1, 0, 0, 0, 0, 0, 0])
        >>> data.hex(), coder.decode(data, 9).tolist()
        ('be', [0, 0, 1, 0, 0, 0, 0, 0, 0])
    """

    joins_rows = True  # several rows may share one stream

    def __init__(self, lowest: Iterable[int], counts: Iterable[Iterable[int]]):
        self.lowest = [int(value) for value in lowest]
        self.counts = list(counts)
        # The last symbol of a table is the escape, never seen in training.
        self.tables = [FrequencyTable([*column, 0]) for column in self.counts]

    @classmethod
    def fit(cls, symbols: ArrayLike) -> "Arithmetic":
        """Returns the coder whose histograms are those of integers (N,) or (N, K), N at least 1."""
        rows = learnable_rows(symbols)
        lowest = rows.min(axis=0)
        counts = [np.bincount(column) for column in np.ascontiguousarray((rows - lowest).T)]
        return cls(lowest, counts)

    @property
    def num_columns(self) -> int:
        """How many columns there are; 1 for a plain sequence."""
        return len(self.tables)

    def encode(self, symbols: ArrayLike) -> bytes:
        """Returns the bytes of integers (N,) or (N, K), one stream.

        Raises:
            SymbolError: not such integers, or of more than 32 bits.
        """
        encoder = ArithmeticEncoder()
        for row in as_rows(symbols, self.num_columns).tolist():
            for symbol, lowest, table in zip(row, self.lowest, self.tables, strict=True):
                if 0 <= symbol - lowest < table.last:
                    encoder.encode(*table.part_of(symbol - lowest), table.total)
                    continue
                encoder.encode(*table.part_of(table.last), table.total)  # escape
                for byte in symbol.to_bytes(ESCAPE_BYTES, "big", signed=True):
                    encoder.encode(*BYTE_TABLE.part_of(byte), BYTE_TABLE.total)
        return encoder.finish()

    def decode(self, data: bytes, count: int) -> np.ndarray:
        """Returns `count` symbols (N,), or rows (N, K), of a stream that `encode` wrote.

        Raises:
            StreamError: the stream is truncated.
        """
        decoder = ArithmeticDecoder(data)

        def next_symbol(lowest, table):
            index = decoder.decode(table)
            if index < table.last:
                return lowest + index
            escaped = bytes(decoder.decode(BYTE_TABLE) for _ in range(ESCAPE_BYTES))
            return int.from_bytes(escaped, "big", signed=True)

        rows = [list(map(next_symbol, self.lowest, self.tables)) for _ in range(count)]
        decoder.finish()
        rows = np.array(rows, np.int64).reshape(count, self.num_columns)
        return rows[:, 0] if self.num_columns == 1 else rows

    def encode_each(self, symbols: ArrayLike) -> list[bytes]:
        """Returns a list of bytes: a separate stream for each row of integers (N, K).

        Raises:
            SymbolError: not such integers, or of more than 32 bits.
        """
        rows = as_rows(symbols, self.num_columns)
        encoder = LockstepEncoder(len(rows))
        for column, (table, indices) in zip(rows.T, self._indices(rows), strict=True):
            encoder.encode(*table.parts_of(indices), table.total)
            others = np.flatnonzero(indices == table.last)
            escaped = column[others].astype(">i4").view(np.uint8).reshape(-1, ESCAPE_BYTES)
            for bytes_ in escaped.T if len(others) else ():
                encoder.encode(*BYTE_TABLE.parts_of(bytes_), BYTE_TABLE.total, streams=others)
        return encoder.finish()

    def decode_each(self, files: list[bytes]) -> np.ndarray:
        """Returns the rows (N, K) of streams that `encode_each` wrote.

        Such a stream has nothing but its symbols: any bytes decode to some row.
        """
        decoder = LockstepDecoder(files)
        rows = np.empty((len(files), self.num_columns), np.int64)
        for column, lowest, table in zip(rows.T, self.lowest, self.tables, strict=True):
            indices = decoder.decode(table)
            column[:] = lowest + indices
            others = np.flatnonzero(indices == table.last)
            if len(others):
                escaped = [decoder.decode(BYTE_TABLE, streams=others) for _ in range(ESCAPE_BYTES)]
                column[others] = np.stack(escaped, axis=1).astype(np.uint8).view(">i4")[:, 0]
        return rows

    def estimated_bits(self, symbols: ArrayLike) -> np.ndarray:
        """Returns the ideal code lengths of integers (N, K), a float array of that shape.

        They follow from the model's probabilities, not from written bytes; escapes are included.
        """
        rows = as_rows(symbols, self.num_columns)
        bits = np.empty(rows.shape)
        for column_bits, (table, indices) in zip(bits.T, self._indices(rows), strict=True):
            probabilities = table.frequencies[indices] / table.total
            escaped = indices == table.last
            column_bits[:] = -np.log2(probabilities) + np.where(escaped, 8 * ESCAPE_BYTES, 0)
        return bits

    def _indices(self, rows: np.ndarray) -> Iterator[tuple[FrequencyTable, np.ndarray]]:
        """Yields, for each column of rows (N, K), its table and the symbols' indices in it (N,)."""
        for column, lowest, table in zip(rows.T, self.lowest, self.tables, strict=True):
            known = (column >= lowest) & (column - lowest < table.last)
            yield table, np.where(known, column - lowest, table.last)
