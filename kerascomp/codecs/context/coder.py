"""Arithmetic coding under a context model: each group's tables are made from the groups before it.

for each group:  tables = context(symbols so far);  code the group's symbols under them
"""

import numpy as np

from kerascomp.coders import lanes
from kerascomp.coders.base import as_rows
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder

SYMBOLS_AT_ONCE = 1 << 22  # images are coded in batches of so many symbols, to save memory


def intervals(groups, symbols):
    """Yields (mask, starts, sizes), both (N, M), of each of `IntegerContext.groups`."""
    for mask, tables in groups:
        yield mask, *tables.parts_of(symbols[:, mask])


def write(encoder, intervals, total, turns=lanes.EACH):
    """Encodes the symbols of all groups, given by `intervals` of tables with a total.

    At every place come those of all images, in turns (images, streams): which images come next,
    each in a stream of its own.
    """
    for _, starts, sizes in intervals:
        for images, streams in turns:
            for start, size in zip(starts[images].T, sizes[images].T, strict=True):
                encoder.encode(start, size, total, streams=streams)


def read(decoder, groups, symbols, turns=lanes.EACH):
    """Decodes the symbols of all groups into an array (N, h, w, K), as `write` encoded them."""
    for mask, tables in groups:
        decoded = np.zeros((len(symbols), mask.sum()), np.int64)
        for images, streams in turns:
            part = tables[images]
            for index in range(decoded.shape[1]):
                decoded[images, index] = decoder.decode(part[:, index], streams=streams)
        symbols[:, mask] = decoded


class ContextCoder:
    """Codes rows of integers as `coders.Arithmetic` does, with a context model for histograms.

    Args:
        context: `integers.IntegerContext`.
        level: of its biases and steps.
        latent_shape: (h, w, K); a row has its numbers in this order.
    """

    joins_rows = True

    def __init__(self, context, level, latent_shape):
        self.context, self.level, self.latent_shape = context, level, tuple(latent_shape)
        self.num_columns = int(np.prod(latent_shape))
        self._total = context.tables.total

    def encode_each(self, rows):
        """Returns a list of bytes: a stream of its own for each row of integers (N, K).

        Raises:
            SymbolError: not such integers.
        """
        files = []
        for batch in self._batches(self._symbols(rows)):
            encoder = LockstepEncoder(len(batch))
            write(encoder, self._intervals(batch), self._total)
            files += encoder.finish()
        return files

    def decode_each(self, files):
        """Returns the rows (N, K) of streams that `encode_each` wrote.

        Such a stream has nothing but its symbols: any bytes decode to some row.
        """
        batches = self._batches(files)
        return np.concatenate([self._read(LockstepDecoder(batch), len(batch)) for batch in batches])

    def encode(self, rows):
        """Returns the bytes of rows of integers (N, K), all in one file of several lanes.

        Raises:
            SymbolError: not such integers.
        """
        batches = [list(self._intervals(batch)) for batch in self._batches(self._symbols(rows))]
        bits = sum(np.log2(self._total / sizes).sum() for parts in batches for *_, sizes in parts)
        num_lanes = lanes.number_for(bits / 8, len(rows))
        encoder = LockstepEncoder(num_lanes)
        for parts in batches:
            write(encoder, parts, self._total, lanes.turns(len(parts[0][1]), num_lanes))
        return lanes.joined(encoder.finish())

    def decode(self, data, count):
        """Returns the rows (count, K) of a file that `encode` wrote.

        Raises:
            StreamError: the file is truncated, or none of these.
        """
        streams = lanes.split(data)
        decoder, numbers = LockstepDecoder(streams), map(len, self._batches(range(count)))
        return np.concatenate(
            [self._read(decoder, number, lanes.turns(number, len(streams))) for number in numbers]
        )

    def estimated_bits(self, rows):
        """Returns the ideal code lengths of integers (N, K), a float array of that shape.

        They are what the context model says, not what was written.
        """
        symbols = self._symbols(rows)
        bits = np.empty(symbols.shape)
        for batch, out in zip(self._batches(symbols), self._batches(bits), strict=True):
            for mask, _, sizes in self._intervals(batch):
                out[:, mask] = np.log2(self._total / sizes)
        return bits.reshape(-1, self.num_columns)

    def expected_shares(self, rows, integers):
        """Returns how often M integers are expected, float (K, M): means over rows (N, K)."""
        symbols = self._symbols(rows)
        shares = np.empty((*self.latent_shape, len(integers)))
        for mask, tables in self.context.groups(symbols, self.level):
            shape = len(rows), mask.sum()
            sizes = [tables.parts_of(np.full(shape, integer))[1] for integer in integers]
            shares[mask] = np.mean(sizes, axis=1).T / self._total
        return shares.reshape(self.num_columns, -1)

    def _symbols(self, rows):
        return as_rows(rows, self.num_columns).reshape(-1, *self.latent_shape)

    def _batches(self, items):
        size = max(1, SYMBOLS_AT_ONCE // self.num_columns)
        return [items[start : start + size] for start in range(0, len(items), size)]

    def _intervals(self, symbols):
        return intervals(self.context.groups(symbols, self.level), symbols)

    def _read(self, decoder, number, turns=lanes.EACH):
        """Returns the next rows (number, K)."""
        symbols = np.zeros((number, *self.latent_shape), np.int64)
        read(decoder, self.context.groups(symbols, self.level), symbols, turns)
        return symbols.reshape(number, -1)
