"""Arithmetic coding under a context model: each group's tables are made from the groups before it.

for each group:  tables = context(symbols so far);  code the group's symbols under them
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from kerascomp.codecs.context.integers import Groups, IntegerContext
from kerascomp.codecs.context.tables import TOTAL
from kerascomp.coders import lanes
from kerascomp.coders.base import as_rows
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder

SYMBOLS_AT_ONCE = 1 << 22  # images are coded in batches of so many symbols, to save memory

Intervals = Iterable[tuple[np.ndarray, np.ndarray, np.ndarray]]  # of each group


def intervals(groups: Groups, symbols: np.ndarray) -> Intervals:
    """Yields (mask, starts, sizes), both (N, M), of each of `IntegerContext.groups`."""
    for mask, tables in groups:
        yield mask, *tables.parts_of(symbols[:, mask])


def write(encoder: LockstepEncoder, intervals: Intervals, turns=lanes.EACH) -> None:
    """Encodes the symbols of all groups.

    At every place come those of all images, in turns (images, streams): which images come next,
    each in a stream of its own.
    """
    for _, starts, sizes in intervals:
        if encoder.num_streams == len(starts) == 1:
            encoder.encode_run(starts[0], sizes[0], TOTAL)
            continue
        for images, streams in turns:
            for start, size in zip(starts[images].T, sizes[images].T, strict=True):
                encoder.encode(start, size, TOTAL, streams=streams)


def read(decoder: LockstepDecoder, groups: Groups, symbols: np.ndarray, turns=lanes.EACH) -> None:
    """Decodes the symbols of all groups into an array (N, h, w, K), as `write` encoded them."""
    for mask, tables in groups:
        if decoder.num_streams == len(symbols) == 1 and tables.edges is not None:
            symbols[0, mask] = np.where(decoder.decode_run(tables.edges[0], TOTAL), 1, -1)
            continue
        decoded = np.zeros((mask.sum(), len(symbols)), np.int64)
        for images, streams in turns:
            part = tables[images]
            for index, column in enumerate(decoded):
                column[images] = decoder.decode(part[:, index], streams=streams)
        symbols[:, mask] = decoded.T


def ideal_bits(intervals: Intervals, shape: tuple[int, ...]) -> np.ndarray:
    """Returns the ideal code lengths of symbols, float64 of their shape (N, h, w, K)."""
    bits = np.empty(shape)
    for mask, _, sizes in intervals:
        bits[:, mask] = np.log2(TOTAL / sizes)
    return bits


class ContextCoder:
    """Codes rows of integers as `coders.Arithmetic` does, with a context model for histograms.

    Args:
        context: the model in integers.
        level: of its biases and steps.
        latent_shape: (h, w, K); a row has its numbers in this order.
    """

    joins_rows = True

    def __init__(self, context: IntegerContext, level: int, latent_shape: Sequence[int]):
        self.context, self.level, self.latent_shape = context, level, tuple(latent_shape)
        self.num_columns = int(np.prod(latent_shape))

    def encode_each(self, rows: np.ndarray) -> list[bytes]:
        """Returns a stream of its own for each row of integers (N, K).

        Raises:
            SymbolError: not such integers.
        """
        files: list[bytes] = []
        for number, parts in self._intervals(rows):
            encoder = LockstepEncoder(number)
            write(encoder, parts)
            files += encoder.finish()
        return files

    def decode_each(self, files: list[bytes]) -> np.ndarray:
        """Returns the rows (N, K) of streams that `encode_each` wrote.

        Such a stream has nothing but its symbols: any bytes decode to some row.
        """
        batches = self._batches(files)
        return np.concatenate([self._read(LockstepDecoder(batch), len(batch)) for batch in batches])

    def encode(self, rows: np.ndarray) -> bytes:
        """Returns the bytes of rows of integers (N, K), all in one file of several lanes.

        Raises:
            SymbolError: not such integers.
        """
        batches = [(number, list(parts)) for number, parts in self._intervals(rows)]
        bits = sum(np.log2(TOTAL / sizes).sum() for _, parts in batches for *_, sizes in parts)
        num_lanes = lanes.number_for(bits / 8, len(rows))
        encoder = LockstepEncoder(num_lanes)
        for number, parts in batches:
            write(encoder, parts, lanes.turns(number, num_lanes))
        return lanes.joined(encoder.finish())

    def decode(self, data: bytes, count: int) -> np.ndarray:
        """Returns the rows (count, K) of a file that `encode` wrote.

        Raises:
            StreamError: the file is truncated, or none of these.
        """
        streams = lanes.split(data)
        decoder, numbers = LockstepDecoder(streams), map(len, self._batches(range(count)))
        return np.concatenate(
            [self._read(decoder, number, lanes.turns(number, len(streams))) for number in numbers]
        )

    def estimated_bits(self, rows: np.ndarray) -> np.ndarray:
        """Returns the ideal code lengths of integers (N, K) in bits, float of that shape."""
        batches = self._intervals(rows)
        bits = [ideal_bits(parts, (number, *self.latent_shape)) for number, parts in batches]
        return np.concatenate(bits).reshape(-1, self.num_columns)

    def expected_shares(self, rows: np.ndarray, integers: Sequence[int]) -> np.ndarray:
        """Returns how often M integers are expected, float (K, M): means over rows (N, K)."""
        symbols = self._symbols(rows)
        shares = np.empty((*self.latent_shape, len(integers)))
        for mask, tables in self.context.groups(symbols, self.level):
            shape = len(rows), mask.sum()
            sizes = [tables.parts_of(np.full(shape, integer))[1] for integer in integers]
            shares[mask] = np.mean(sizes, axis=1).T / TOTAL
        return shares.reshape(self.num_columns, -1)

    def _symbols(self, rows):
        return as_rows(rows, self.num_columns).reshape(-1, *self.latent_shape)

    def _batches(self, items):
        size = max(1, SYMBOLS_AT_ONCE // self.num_columns)
        return [items[start : start + size] for start in range(0, len(items), size)]

    def _intervals(self, rows) -> Iterator[tuple[int, Intervals]]:
        """Yields (number of rows, their intervals) of each batch."""
        for batch in self._batches(self._symbols(rows)):
            yield len(batch), intervals(self.context.groups(batch, self.level), batch)

    def _read(self, decoder, number, turns=lanes.EACH):
        """Returns the next rows (number, K)."""
        symbols = np.zeros((number, *self.latent_shape), np.int64)
        read(decoder, self.context.groups(symbols, self.level), symbols, turns)
        return symbols.reshape(number, -1)
