"""Arithmetic coding under the prior: each group's tables are made from the groups before it.

for each group:  tables = prior(symbols so far);  code the group's symbols under them
"""

import struct

import numpy as np

from kerascomp.codecs.bottleneck.integers import MixtureTables
from kerascomp.coders import StreamError
from kerascomp.coders.base import as_rows
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder

SYMBOLS_AT_ONCE = 1 << 22  # images are coded in batches of so many symbols, to save memory
BYTES_PER_LANE = 1000
NUM_LANES = struct.Struct(">H")
LANE_LENGTH = struct.Struct(">I")


class PriorCoder:
    """Codes rows of integers as `coders.Arithmetic` does, with a prior in place of histograms.

    Args:
        prior: `integers.IntegerPrior`.
        level: of the quality; it chooses the prior's tables.
    """

    joins_rows = True

    def __init__(self, prior, level):
        self.prior, self.level = prior, level
        self.num_columns = int(np.prod(prior.plan.latent_shape))

    def encode_each(self, rows):
        """Returns a list of bytes: a stream of its own for each row of integers (N, K).

        Raises:
            SymbolError: not such integers.
        """
        files = []
        for batch in self._batches(as_rows(rows, self.num_columns)):
            encoder = LockstepEncoder(len(batch))
            for starts, sizes in self._intervals(batch):
                for start, size in zip(starts.T, sizes.T, strict=True):
                    encoder.encode(start, size, self._total)
            files += encoder.finish()
        return files

    def decode_each(self, files):
        """Returns the rows (N, K) of streams that `encode_each` wrote.

        Such a stream has nothing but its symbols: any bytes decode to some row.
        """

        def read(decoder, tables, number):
            columns = [decoder.decode(tables.column(index)) for index in range(number)]
            return np.stack(columns, axis=1)

        size = self._batch_size
        batches = [files[start : start + size] for start in range(0, len(files), size)]
        return np.concatenate(
            [self._decoded(LockstepDecoder(batch), len(batch), read) for batch in batches]
        )

    def encode(self, rows):
        """Returns the bytes of rows of integers (N, K), all in one file.

        The file has several lanes, streams side by side, that are coded in lockstep.

        Raises:
            SymbolError: not such integers.
        """
        rows = as_rows(rows, self.num_columns)
        intervals = [
            interval for batch in self._batches(rows) for interval in self._intervals(batch)
        ]
        num_bytes = sum(np.log2(self._total / sizes).sum() for _, sizes in intervals) / 8
        num_lanes = int(np.clip(num_bytes / BYTES_PER_LANE, 1, min(len(rows), 2**16 - 1)))
        encoder = LockstepEncoder(num_lanes)
        for starts, sizes in intervals:
            for images, lanes in _turns(len(starts), num_lanes):
                for start, size in zip(starts[images].T, sizes[images].T, strict=True):
                    encoder.encode(start, size, self._total, streams=lanes)
        streams = encoder.finish()
        lengths = b"".join(LANE_LENGTH.pack(len(stream)) for stream in streams)
        return NUM_LANES.pack(num_lanes) + lengths + b"".join(streams)

    def decode(self, data, count):
        """Returns the rows (count, K) of a file that `encode` wrote.

        Raises:
            StreamError: the file is truncated, or none of these.
        """
        lanes = _lanes(data)
        decoder = LockstepDecoder(lanes)

        def read(decoder, tables, number):
            found = np.empty((len(tables), number), np.int64)
            for images, streams in _turns(len(tables), len(lanes)):
                part = tables.rows(images)
                for index in range(number):
                    found[images, index] = decoder.decode(part.column(index), streams=streams)
            return found

        size = self._batch_size
        numbers = [min(size, count - start) for start in range(0, count, size)]
        return np.concatenate([self._decoded(decoder, number, read) for number in numbers])

    def estimated_bits(self, rows):
        """Returns the ideal code lengths of integers (N, K), a float array of that shape.

        They are what the prior says, not what was written.
        """
        rows = as_rows(rows, self.num_columns)
        bits = np.empty(rows.shape)
        masks = [mask.ravel() for mask in self.prior.plan.masks]
        for start in range(0, len(rows), self._batch_size):
            batch = slice(start, start + self._batch_size)
            for mask, (_, sizes) in zip(masks, self._intervals(rows[batch]), strict=True):
                bits[batch, mask] = np.log2(self._total / sizes)
        return bits

    def expected_shares(self, rows, integers):
        """Returns how often the prior expects integers, float (K, M): its means over rows.

        Args:
            rows: integers (N, K), what the later groups are expected from.
            integers: M integers.
        """
        rows = as_rows(rows, self.num_columns)
        symbols = rows.reshape(-1, *self.prior.plan.latent_shape)
        shares = np.empty((self.num_columns, len(integers)))
        for index, mask in enumerate(self.prior.plan.masks):
            tables = self.prior.tables(index, symbols, self.level)
            shape = len(rows), int(mask.sum())
            sizes = [tables.parts_of(np.full(shape, integer))[1] for integer in integers]
            shares[mask.ravel()] = np.mean(sizes, axis=1).T / self._total
        return shares

    _total = MixtureTables.total

    @property
    def _batch_size(self):
        return max(1, SYMBOLS_AT_ONCE // self.num_columns)

    def _batches(self, rows):
        starts = range(0, len(rows), self._batch_size)
        return [rows[start : start + self._batch_size] for start in starts]

    def _intervals(self, rows):
        """Yields (starts, sizes), each (N, M), of the symbols of each group."""
        symbols = rows.reshape(-1, *self.prior.plan.latent_shape)
        for index, mask in enumerate(self.prior.plan.masks):
            tables = self.prior.tables(index, symbols, self.level)
            yield tables.parts_of(symbols[:, mask])

    def _decoded(self, decoder, number, read):
        """Returns rows (number, K), group after group; `read` returns the symbols of one."""
        symbols = np.zeros((number, *self.prior.plan.latent_shape), np.int64)
        for index, mask in enumerate(self.prior.plan.masks):
            tables = self.prior.tables(index, symbols, self.level)
            symbols[:, mask] = read(decoder, tables, int(mask.sum()))
        return symbols.reshape(number, -1)


def _turns(num_images, num_lanes):
    """Yields (images, lanes): image i is in lane i modulo their number."""
    for start in range(0, num_images, num_lanes):
        stop = min(start + num_lanes, num_images)
        yield slice(start, stop), np.arange(stop - start)


def _lanes(data):
    """Returns the streams of a file's lanes, a list of bytes.

    Raises:
        StreamError: the file is truncated, or too long.
    """
    head = NUM_LANES.size
    number = NUM_LANES.unpack_from(data)[0] if len(data) >= head else 0
    end = head + number * LANE_LENGTH.size
    if not number or len(data) < end:
        raise StreamError(f"{len(data)} bytes that claim to have {number} lanes")
    lengths = [length for (length,) in LANE_LENGTH.iter_unpack(data[head:end])]
    if len(data) != end + sum(lengths):
        raise StreamError(f"expected {end + sum(lengths)} bytes, received {len(data)}")
    stops = (end + np.cumsum(lengths)).tolist()
    return [data[stop - length : stop] for stop, length in zip(stops, lengths, strict=True)]
