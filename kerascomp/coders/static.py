"""Arithmetic coding under a static model: a histogram for each column, learned beforehand."""

import numpy as np

from kerascomp.coders.arithmetic import ArithmeticDecoder, ArithmeticEncoder
from kerascomp.coders.base import as_rows, learnable_rows
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder
from kerascomp.coders.tables import FrequencyTable

BYTE_TABLE = FrequencyTable(np.ones(256))
ESCAPE_BYTES = 4  # of a symbol that the training never had


class Arithmetic:
    """Codes integers under a `FrequencyTable` for each column.

    A symbol outside its column's training range is sent as an escape and four bytes: dear, but
    never wrong.

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

    def __init__(self, lowest, counts):
        self.lowest = [int(value) for value in lowest]
        self.counts = list(counts)
        # The last symbol of a table is the escape, never seen in training.
        self.tables = [FrequencyTable([*column, 0]) for column in counts]

    @classmethod
    def fit(cls, symbols):
        """Returns the coder whose histograms are those of integers (N,) or (N, K), N at least 1."""
        rows = learnable_rows(symbols)
        lowest = rows.min(axis=0)
        counts = [np.bincount(column) for column in np.ascontiguousarray((rows - lowest).T)]
        return cls(lowest, counts)

    @property
    def num_columns(self):
        """How many columns there are; 1 for a plain sequence."""
        return len(self.tables)

    def encode(self, symbols):
        """Returns the bytes of integers (N,) or (N, K), one stream.

        Raises:
            SymbolError: not such integers, or of more than 32 bits.
        """
        encoder = ArithmeticEncoder()
        for row in as_rows(symbols, self.num_columns).tolist():
            for symbol, lowest, table in zip(row, self.lowest, self.tables, strict=True):
                escape = table.num_symbols - 1
                if 0 <= symbol - lowest < escape:
                    encoder.encode(*table.part_of(symbol - lowest), table.total)
                    continue
                encoder.encode(*table.part_of(escape), table.total)
                for byte in _escaped(np.array([symbol]))[0]:
                    encoder.encode(*BYTE_TABLE.part_of(byte), BYTE_TABLE.total)
        return encoder.finish()

    def decode(self, data, count):
        """Returns `count` symbols (N,), or rows (N, K), of a stream that `encode` wrote.

        Raises:
            StreamError: the stream is truncated.
        """
        decoder = ArithmeticDecoder(data)
        models = list(zip(self.lowest, self.tables, strict=True))
        rows = [[_decode_one(decoder, *model) for model in models] for _ in range(count)]
        decoder.finish()
        rows = np.array(rows, np.int64).reshape(count, self.num_columns)
        return rows[:, 0] if self.num_columns == 1 else rows

    def encode_each(self, symbols):
        """Returns a list of bytes: a stream of its own for each row of integers (N, K).

        Raises:
            SymbolError: not such integers, or of more than 32 bits.
        """
        rows = as_rows(symbols, self.num_columns)
        encoder = LockstepEncoder(len(rows))
        for column, lowest, table in zip(rows.T, self.lowest, self.tables, strict=True):
            escape = table.num_symbols - 1
            known = (column >= lowest) & (column - lowest < escape)
            encoder.encode(*table.parts_of(np.where(known, column - lowest, escape)), table.total)
            others = np.flatnonzero(~known)
            for bytes_ in _escaped(column[others]).T if len(others) else ():
                encoder.encode(*BYTE_TABLE.parts_of(bytes_), BYTE_TABLE.total, streams=others)
        return encoder.finish()

    def decode_each(self, files):
        """Returns the rows (N, K) of streams that `encode_each` wrote.

        Such a stream has nothing but its symbols: any bytes decode to some row.
        """
        decoder = LockstepDecoder(files)
        rows = np.empty((len(files), self.num_columns), np.int64)
        for index, (lowest, table) in enumerate(zip(self.lowest, self.tables, strict=True)):
            found = decoder.decode(table)
            rows[:, index] = lowest + found
            others = np.flatnonzero(found == table.num_symbols - 1)
            if len(others):
                escaped = [decoder.decode(BYTE_TABLE, streams=others) for _ in range(ESCAPE_BYTES)]
                rows[others, index] = _unescaped(np.stack(escaped, axis=1))
        return rows

    def estimated_bits(self, symbols):
        """Returns the ideal code lengths of integers (N, K), a float array of that shape.

        They are what the model says, not what was written; escapes count as they are sent.
        """
        rows = as_rows(symbols, self.num_columns)
        bits = np.empty(rows.shape)
        for column, lowest, table, out in zip(
            rows.T, self.lowest, self.tables, bits.T, strict=True
        ):
            escape = table.num_symbols - 1
            known = (column >= lowest) & (column - lowest < escape)
            shares = table.frequencies[np.where(known, column - lowest, escape)] / table.total
            out[:] = -np.log2(shares) + np.where(known, 0, 8 * ESCAPE_BYTES)
        return bits


def _decode_one(decoder, lowest, table):
    symbol = decoder.decode(table)
    if symbol < table.num_symbols - 1:
        return lowest + symbol
    escaped = [decoder.decode(BYTE_TABLE) for _ in range(ESCAPE_BYTES)]
    return int(_unescaped(np.array([escaped]))[0])


def _escaped(symbols):
    """Returns the bytes (N, 4) of integers (N,)."""
    return symbols.astype(">i4").view(np.uint8).reshape(-1, ESCAPE_BYTES)


def _unescaped(escaped):
    """Returns the integers (N,) of bytes (N, 4)."""
    return np.ascontiguousarray(escaped, np.uint8).view(">i4")[:, 0].astype(np.int64)
