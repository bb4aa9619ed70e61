"""Many arithmetic coders in lockstep: a stream for each image, one symbol of all at a time.

The same intervals as in `arithmetic`, kept in NumPy arrays with an entry for each stream, so that
ten thousand streams take little longer than one. What is simpler here: a carry is not run through
the bytes at once, but left in a digit above 8 bits and settled at the end, as one adds columns of
numbers by hand. What is different: each stream is a file of its own, whose end the decoder knows;
it ends with the shortest number in the interval, less its zero bytes.
"""

import numpy as np

from kerascomp.coders.arithmetic import MINIMUM_WIDTH, TOP, WINDOW_BITS, WINDOW_BYTES

DIGIT_BITS = 8
LOW_BITS = TOP - 1 >> DIGIT_BITS  # what stays when the first digit has gone


class LockstepEncoder:
    r"""Writes one message for each of many streams.

    Args:
        num_streams: how many.

    Example:
        >>> encoder = LockstepEncoder(2)
        >>> encoder.encode(np.array([0, 3]), np.array([2, 1]), total=4)
        >>> encoder.finish()  # one bit and two bits: 0, which is left out, and 11
        [b'', b'\xc0']
    """

    def __init__(self, num_streams):
        self._low = np.zeros(num_streams, np.int64)
        self._width = np.full(num_streams, TOP, np.int64)
        self._digits = np.zeros((num_streams, 64), np.int16)
        self._lengths = np.zeros(num_streams, np.int64)

    def encode(self, starts, sizes, total, *, streams=slice(None)):
        """Encodes one symbol of each stream.

        Args:
            starts, sizes: int64 arrays, one entry for each stream.
            total: the sum of all frequencies.
            streams: which ones, indices; all when not given.
        """
        unit = self._width[streams] // total
        self._low[streams] += starts * unit
        self._width[streams] = sizes * unit
        while len(narrow := np.flatnonzero(self._width < MINIMUM_WIDTH)):
            self._write_digit(narrow)
            self._width[narrow] <<= DIGIT_BITS

    def finish(self):
        """Returns the messages, a list of bytes, as short as they can be."""
        number, undecided = self._low.copy(), np.ones(len(self._low), bool)
        for num_bits in range(WINDOW_BITS + 1):  # the shortest number in each interval
            unit = 1 << (WINDOW_BITS - num_bits)
            rounded_up = -(-self._low // unit) * unit
            found = undecided & (rounded_up < self._low + self._width)
            number[found] = rounded_up[found]
            undecided &= ~found
        self._low = number
        for _ in range(WINDOW_BYTES):
            self._write_digit(np.arange(len(number)))
        return [message.rstrip(b"\0") for message in self._messages()]

    def finish_decided(self):
        """Returns the messages as a list of bytes that say all: whatever follows changes nothing.

        On average they are less than a byte longer than those of `finish`. Their decoder can tell
        which symbols are there, see `LockstepDecoder.decided`.
        """
        undecided = np.arange(len(self._low))
        for num_bytes in range(WINDOW_BYTES):
            unit = 1 << (WINDOW_BITS - DIGIT_BITS * num_bytes)
            low, width = self._low[undecided], self._width[undecided]
            rounded_up = -(-low // unit) * unit
            found = rounded_up + unit <= low + width
            self._low[undecided[found]] = rounded_up[found]
            for _ in range(num_bytes):
                self._write_digit(undecided[found])
            undecided = undecided[~found]
        return self._messages()

    def _messages(self):
        """Returns all digits as bytes."""
        for column in range(self._digits.shape[1] - 1, 0, -1):  # settle the carries
            self._digits[:, column - 1] += self._digits[:, column] >> DIGIT_BITS
        digits = self._digits.astype(np.uint8)
        return [row[:length].tobytes() for row, length in zip(digits, self._lengths, strict=True)]

    def _write_digit(self, streams):
        if self._lengths[streams].max(initial=0) == self._digits.shape[1]:
            self._digits = np.pad(self._digits, ((0, 0), (0, self._digits.shape[1])))
        low = self._low[streams]
        self._digits[streams, self._lengths[streams]] = low >> (WINDOW_BITS - DIGIT_BITS)
        self._lengths[streams] += 1
        self._low[streams] = (low & LOW_BITS) << DIGIT_BITS


class LockstepDecoder:
    """Reads the messages that `LockstepEncoder` wrote.

    Args:
        files: list of bytes, one for each stream.
    """

    def __init__(self, files):
        self._sizes = np.array([len(file) for file in files], np.int64)
        longest = max(map(len, files), default=0) + WINDOW_BYTES
        padded = b"".join(file.ljust(longest, b"\0") for file in files)
        self._data = np.frombuffer(padded, np.uint8).reshape(len(files), longest)
        self._positions = np.zeros(len(files), np.int64)
        self._offset = np.zeros(len(files), np.int64)
        self._width = np.full(len(files), TOP, np.int64)
        for _ in range(WINDOW_BYTES):
            self._read_byte(np.arange(len(files)))

    def decode(self, table, *, streams=slice(None)):
        """Returns the next symbol of each stream, an int64 array.

        Args:
            table: the `FrequencyTable` they were encoded with.
            streams: which ones, indices; all when not given.
        """
        unit = self._width[streams] // table.total
        # Only a damaged message points behind the last symbol; it decodes to something.
        position = np.minimum(self._offset[streams] // unit, table.total - 1)
        symbols = table.symbols_at(position)
        starts, sizes = table.parts_of(symbols)
        self._offset[streams] -= starts * unit
        self._width[streams] = sizes * unit
        while len(narrow := np.flatnonzero(self._width < MINIMUM_WIDTH)):
            self._read_byte(narrow)
            self._width[narrow] <<= DIGIT_BITS
        return symbols

    def decided(self):
        """Returns for each stream whether no continuation would change its symbols so far."""
        missing = np.clip(self._positions - self._sizes, 0, WINDOW_BYTES)
        return self._offset + (1 << DIGIT_BITS * missing) <= self._width

    def _read_byte(self, streams):
        at = np.minimum(self._positions[streams], self._data.shape[1] - 1)  # zeros behind the end
        byte = self._data[streams, at]
        self._positions[streams] += 1
        self._offset[streams] = ((self._offset[streams] << DIGIT_BITS) | byte) & (TOP - 1)
