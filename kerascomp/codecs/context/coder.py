"""Arithmetic coding under a context model: each group's tables are made from the groups before it.

for each group:  tables = context(symbols so far);  code the group's symbols under them
"""

import struct

import numpy as np

from kerascomp.coders import StreamError
from kerascomp.coders.base import as_rows
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder

SYMBOLS_AT_ONCE = 1 << 22  # images are coded in batches of so many symbols, to save memory
BYTES_PER_LANE = 1000
NUM_LANES = struct.Struct(">H")
LANE_LENGTH = struct.Struct(">I")
EACH = ((slice(None), slice(None)),)  # turns of images with a stream each


def intervals(groups, symbols):
    """Yields (mask, starts, sizes) of the symbols (N, h, w, K) of each group.

    Args:
        groups: (mask, tables) of each, from `IntegerContext.groups`.
        symbols: integers.
    """
    for mask, tables in groups:
        yield mask, *tables.parts_of(symbols[:, mask])


def write(encoder, starts, sizes, *, total, turns=EACH):
    """Encodes the symbols of a group: at every place, those of all images in turn.

    Args:
        encoder: `LockstepEncoder`.
        starts, sizes: of their intervals, (N, M).
        total: of their tables.
        turns: tuples (images, streams): which images come next, each in a stream of its own.
    """
    for images, streams in turns:
        for start, size in zip(starts[images].T, sizes[images].T, strict=True):
            encoder.encode(start, size, total, streams=streams)


def read(decoder, groups, symbols, *, turns=EACH):
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
        for batch in self._batches(rows):
            encoder = LockstepEncoder(len(batch))
            for _, starts, sizes in self._intervals(batch):
                write(encoder, starts, sizes, total=self._total)
            files += encoder.finish()
        return files

    def decode_each(self, files):
        """Returns the rows (N, K) of streams that `encode_each` wrote.

        Such a stream has nothing but its symbols: any bytes decode to some row.
        """
        size = self._batch_size
        batches = [files[start : start + size] for start in range(0, len(files), size)]
        return self._decoded([(LockstepDecoder(batch), len(batch), EACH) for batch in batches])

    def encode(self, rows):
        """Returns the bytes of rows of integers (N, K), all in one file.

        The file has several lanes, streams side by side, that are coded in lockstep.

        Raises:
            SymbolError: not such integers.
        """
        parts = [part for batch in self._batches(rows) for part in self._intervals(batch)]
        num_bytes = sum(np.log2(self._total / sizes).sum() for _, _, sizes in parts) / 8
        num_lanes = int(np.clip(num_bytes / BYTES_PER_LANE, 1, min(len(rows), 2**16 - 1)))
        encoder = LockstepEncoder(num_lanes)
        for _, starts, sizes in parts:
            turns = _turns(len(starts), num_lanes)
            write(encoder, starts, sizes, total=self._total, turns=turns)
        streams = encoder.finish()
        lengths = b"".join(LANE_LENGTH.pack(len(stream)) for stream in streams)
        return NUM_LANES.pack(num_lanes) + lengths + b"".join(streams)

    def decode(self, data, count):
        """Returns the rows (count, K) of a file that `encode` wrote.

        Raises:
            StreamError: the file is truncated, or none of these.
        """
        lanes = _lanes(data)
        decoder, size = LockstepDecoder(lanes), self._batch_size
        numbers = [min(size, count - start) for start in range(0, count, size)]
        return self._decoded([(decoder, number, _turns(number, len(lanes))) for number in numbers])

    def estimated_bits(self, rows):
        """Returns the ideal code lengths of integers (N, K), a float array of that shape.

        They are what the context model says, not what was written.
        """
        batches = self._batches(rows)
        bits = [np.empty(batch.shape) for batch in batches]
        for batch, out in zip(batches, bits, strict=True):
            for mask, _, sizes in self._intervals(batch):
                out[:, mask] = np.log2(self._total / sizes)
        return np.concatenate(bits).reshape(-1, self.num_columns)

    def expected_shares(self, rows, integers):
        """Returns how often the model expects integers, float (K, M): its means over rows.

        Args:
            rows: integers (N, K), what the later groups are expected from.
            integers: M integers.
        """
        symbols = as_rows(rows, self.num_columns).reshape(-1, *self.latent_shape)
        shares = np.empty((*self.latent_shape, len(integers)))
        for mask, tables in self.context.groups(symbols, self.level):
            shape = len(rows), mask.sum()
            sizes = [tables.parts_of(np.full(shape, integer))[1] for integer in integers]
            shares[mask] = np.mean(sizes, axis=1).T / self._total
        return shares.reshape(self.num_columns, -1)

    @property
    def _batch_size(self):
        return max(1, SYMBOLS_AT_ONCE // self.num_columns)

    def _batches(self, rows):
        """Returns arrays (n, h, w, K) of rows, a part of them each."""
        symbols = as_rows(rows, self.num_columns).reshape(-1, *self.latent_shape)
        starts = range(0, len(symbols), self._batch_size)
        return [symbols[start : start + self._batch_size] for start in starts]

    def _intervals(self, symbols):
        return intervals(self.context.groups(symbols, self.level), symbols)

    def _decoded(self, parts):
        """Returns the rows (N, K) of parts (decoder, number of rows, turns)."""
        decoded = []
        for decoder, number, turns in parts:
            symbols = np.zeros((number, *self.latent_shape), np.int64)
            read(decoder, self.context.groups(symbols, self.level), symbols, turns=turns)
            decoded.append(symbols.reshape(number, -1))
        return np.concatenate(decoded)


def _turns(num_images, num_lanes):
    """Returns tuples (images, lanes): image i is in lane i modulo their number."""
    starts = range(0, num_images, num_lanes)
    stops = [min(start + num_lanes, num_images) for start in starts]
    return [
        (slice(start, stop), np.arange(stop - start))
        for start, stop in zip(starts, stops, strict=True)
    ]


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
