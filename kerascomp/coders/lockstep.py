"""Many arithmetic coders in lockstep: a stream for each image, one symbol of all at a time.

The same intervals as in `arithmetic`, kept in NumPy arrays with an entry for each stream, so that
ten thousand streams take little longer than one. Two things differ. A carry is not propagated at
once: digits may exceed 8 bits until the end, when all carries are propagated together. And each
stream is a separate file, whose end the decoder knows: it is the shortest number in the interval,
without its trailing zero bytes.
"""

import numpy as np

from kerascomp.coders.arithmetic import MINIMUM_WIDTH, TOP, WINDOW_BITS, WINDOW_BYTES

DIGIT_BITS = 8
LOW_BITS = TOP - 1 >> DIGIT_BITS  # what remains when the first digit is written


class LockstepEncoder:
    r"""Writes symbols to many streams.

    Example:
        >>> encoder = LockstepEncoder(2)
        >>> encoder.encode(np.array([0, 3]), np.array([2, 1]), total=4)
        >>> encoder.finish()  # one bit and two bits: 0, which is left out, and 11
        [b'', b'\xc0']
    """

    def __init__(self, num_streams: int):
        self._low = np.zeros(num_streams, np.int64)
        self._width = np.full(num_streams, TOP, np.int64)
        self._digits = np.zeros((num_streams, 64), np.int16)
        self._lengths = np.zeros(num_streams, np.int64)

    def encode(
        self, starts: np.ndarray, sizes: np.ndarray, total: int, *, streams=slice(None)
    ) -> None:
        """Encodes one symbol of each stream.

        Args:
            starts, sizes: int64 arrays, one entry for each stream.
            total: the sum of all frequencies, at most 2 ** 24.
            streams: a slice, which is fastest, or indices; all when not given.
        """
        unit = self._width[streams] // total
        self._low[streams] += starts * unit
        self._width[streams] = sizes * unit
        while len(narrow := (self._width < MINIMUM_WIDTH).nonzero()[0]):
            self._write_digit(narrow)
            self._width[narrow] <<= DIGIT_BITS

    @property
    def num_streams(self) -> int:
        """How many streams are written."""
        return len(self._low)

    def encode_run(self, starts: np.ndarray, sizes: np.ndarray, total: int) -> None:
        """Encodes symbols of the only stream, one after another.

        The same as `encode`, in Python's integers: many times as fast as arrays of one number.

        Args:
            starts, sizes: int64 arrays, one entry for each symbol.
            total: see `encode`.
        """
        low, width, digits = int(self._low[0]), int(self._width[0]), []
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
            unit = width // total
            low += start * unit
            width = size * unit
            while width < MINIMUM_WIDTH:
                digits.append(low >> (WINDOW_BITS - DIGIT_BITS))
                low = (low & LOW_BITS) << DIGIT_BITS
                width <<= DIGIT_BITS
        self._low[0], self._width[0] = low, width
        end = self._lengths[0] + len(digits)
        if end > self._digits.shape[1]:
            self._digits = np.pad(self._digits, ((0, 0), (0, end)))
        self._digits[0, self._lengths[0] : end] = digits
        self._lengths[0] = end

    def finish(self) -> list[bytes]:
        """Returns the streams, as short as possible; nothing may stand behind them."""
        number, undecided = self._low.copy(), np.ones(len(self._low), bool)
        for num_bits in range(WINDOW_BITS + 1):  # the shortest number in each interval
            unit = 1 << (WINDOW_BITS - num_bits)
            rounded_up = -(-self._low // unit) * unit
            fits = undecided & (rounded_up < self._low + self._width)
            number[fits] = rounded_up[fits]
            undecided &= ~fits
        self._low = number
        for _ in range(WINDOW_BYTES):
            self._write_digit(np.arange(len(number)))
        return [stream.rstrip(b"\0") for stream in self._streams()]

    def finish_decided(self) -> list[bytes]:
        """Returns the streams, ended such that other bytes may stand behind them.

        On average they are less than a byte longer than those of `finish`. If one is cut, the
        decoder knows how many symbols are certain, see `LockstepDecoder.decided`.
        """
        undecided = np.arange(len(self._low))
        for num_bytes in range(WINDOW_BYTES):
            unit = 1 << (WINDOW_BITS - DIGIT_BITS * num_bytes)
            low, width = self._low[undecided], self._width[undecided]
            rounded_up = -(-low // unit) * unit
            fits = rounded_up + unit <= low + width
            self._low[undecided[fits]] = rounded_up[fits]
            for _ in range(num_bytes):
                self._write_digit(undecided[fits])
            undecided = undecided[~fits]
        return self._streams()

    def _streams(self):
        """Returns all digits as bytes."""
        for column in range(self._digits.shape[1] - 1, 0, -1):  # propagate the carries
            self._digits[:, column - 1] += self._digits[:, column] >> DIGIT_BITS
        digits = self._digits.astype(np.uint8)
        return [row[:length].tobytes() for row, length in zip(digits, self._lengths, strict=True)]

    def _write_digit(self, streams):
        lengths, low = self._lengths[streams], self._low[streams]
        if lengths.max(initial=0) == self._digits.shape[1]:
            self._digits = np.pad(self._digits, ((0, 0), (0, self._digits.shape[1])))
        self._digits[streams, lengths] = low >> (WINDOW_BITS - DIGIT_BITS)
        self._lengths[streams] = lengths + 1
        self._low[streams] = (low & LOW_BITS) << DIGIT_BITS


class LockstepDecoder:
    """Reads the streams that `LockstepEncoder` wrote."""

    def __init__(self, files: list[bytes]):
        self._sizes = np.array([len(file) for file in files], np.int64)
        longest = max(map(len, files), default=0) + WINDOW_BYTES
        padded = b"".join(file.ljust(longest, b"\0") for file in files)
        self._data = np.frombuffer(padded, np.uint8).reshape(len(files), longest)
        self._positions = np.zeros(len(files), np.int64)
        self._offset = np.zeros(len(files), np.int64)
        self._width = np.full(len(files), TOP, np.int64)
        for _ in range(WINDOW_BYTES):
            self._read_byte(np.arange(len(files)))

    def decode(self, table, *, streams=slice(None)) -> np.ndarray:
        """Returns the next symbol of each stream, an int64 array.

        Args:
            table: the `FrequencyTable` they were encoded with.
            streams: a slice, which is fastest, or indices; all when not given.
        """
        width, offset = self._width[streams], self._offset[streams]
        unit = width // table.total
        # Only in a damaged stream is the number beyond the last part; it decodes to some symbol.
        position = np.minimum(offset // unit, table.total - 1)
        symbols, starts, sizes = table.parts_at(position)
        self._offset[streams] = offset - starts * unit
        self._width[streams] = sizes * unit
        while len(narrow := (self._width < MINIMUM_WIDTH).nonzero()[0]):
            self._read_byte(narrow)
            self._width[narrow] <<= DIGIT_BITS
        return symbols

    @property
    def num_streams(self) -> int:
        """How many streams are read."""
        return len(self._sizes)

    def decode_run(self, edges: np.ndarray, total: int) -> np.ndarray:
        """Returns the next bits of the only stream, one after another, a bool array.

        The same as `decode`, in Python's integers: many times as fast as arrays of one number.

        Args:
            edges: int64 array, where each bit's interval of ones begins; below it are zeros.
            total: of all frequencies.
        """
        offset, width, position = (int(a[0]) for a in (self._offset, self._width, self._positions))
        data, bits = self._data[0].tobytes(), []
        for edge in edges.tolist():
            unit = width // total
            begin = edge * unit
            if offset >= begin:
                bits.append(True)
                offset -= begin
                width = (total - edge) * unit
            else:
                bits.append(False)
                width = begin
            while width < MINIMUM_WIDTH:
                byte = data[position] if position < len(data) else 0
                offset = (offset << DIGIT_BITS | byte) & (TOP - 1)
                width <<= DIGIT_BITS
                position += 1
        self._offset[0], self._width[0], self._positions[0] = offset, width, position
        return np.array(bits, bool)

    def decided(self) -> np.ndarray:
        """Returns bool (N,): whether no bytes behind a stream's end could change its symbols."""
        missing = np.clip(self._positions - self._sizes, 0, WINDOW_BYTES)
        return self._offset + (1 << DIGIT_BITS * missing) <= self._width

    def exhausted(self) -> np.ndarray:
        """Returns bool (N,): whether nothing of a stream is left, so that it decides no symbol."""
        return self._positions >= self._sizes + WINDOW_BYTES

    def _read_byte(self, streams):
        positions = self._positions[streams]
        at = np.minimum(positions, self._data.shape[1] - 1)  # zeros behind the end
        byte = self._data[streams, at]
        self._positions[streams] = positions + 1
        self._offset[streams] = ((self._offset[streams] << DIGIT_BITS) | byte) & (TOP - 1)
