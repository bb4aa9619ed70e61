"""Arithmetic coding with integers: a whole message becomes one number in an interval.

The encoder starts with the interval [0, 1) and divides it: every symbol has a part as wide as its
probability, and the part of the symbol that is sent becomes the new interval. After all symbols,
any number in the last interval identifies the message, and the shortest such number has about
-log2(width) bits: the sum of -log2(probability) of all symbols, which is Shannon's bound, plus at
most two bits for the whole message.

Numbers with that many digits would be slow, so only the window in which the interval's ends still
differ is kept: `low` and `width` are integers, and bytes that only a carry can still change move to
the output. A carry runs through bytes of all ones as in 999 + 1 = 1000.

Reference:
    G. N. N. Martin, "Range encoding: an algorithm for removing redundancy from a digitised
    message", 1979.
"""

from kerascomp.coders.base import StreamError

WINDOW_BITS = 56  # of the interval's lower end
WINDOW_BYTES = WINDOW_BITS // 8
TOP = 1 << WINDOW_BITS
# After every symbol the interval is at least this wide, 2 ** 48, so that frequencies with a sum of
# up to MAX_TOTAL divide it with a relative error below 2 ** -24.
MINIMUM_WIDTH = TOP >> 8
MAX_TOTAL = 1 << 24


class ArithmeticEncoder:
    """Writes symbols, given by their parts of the total frequency, to bytes.

    Example:
        >>> encoder = ArithmeticEncoder()
        >>> encoder.encode(start=0, size=1, total=2)  # a symbol of probability 1/2: one bit
        >>> encoder.encode(start=3, size=1, total=4)  # probability 1/4: two bits, 11
        >>> encoder.finish()  # 011, filled up to a byte
        b'`'
    """

    def __init__(self):
        self._low = 0
        self._width = TOP
        self._output = bytearray()

    def encode(self, start: int, size: int, total: int) -> None:
        """Encodes one symbol.

        Args:
            start: the sum of the frequencies of all symbols before it.
            size: its own frequency, at least 1.
            total: the sum of all frequencies, at most 2 ** 24.
        """
        unit = self._width // total
        self._low += start * unit
        self._width = size * unit
        if self._low >= TOP:
            self._carry()
        while self._width < MINIMUM_WIDTH:
            self._output.append(self._low >> (WINDOW_BITS - 8))
            self._low = (self._low << 8) & (TOP - 1)
            self._width <<= 8

    def finish(self) -> bytes:
        """Returns the stream.

        It is the shortest number that stays in the interval whatever digits follow it, so that
        other bytes may stand behind the stream.
        """
        for num_bits in range(WINDOW_BITS + 1):
            unit = 1 << (WINDOW_BITS - num_bits)
            number = -(-self._low // unit) * unit  # rounded up to so many bits
            if number + unit <= self._low + self._width:
                break
        self._low = number
        if self._low >= TOP:
            self._carry()
        ending = self._low.to_bytes(WINDOW_BYTES, "big")
        return bytes(self._output + ending[: -(-num_bits // 8)])

    def _carry(self):
        """Adds one to the number that was written."""
        self._low -= TOP
        position = len(self._output) - 1
        while self._output[position] == 0xFF:
            self._output[position] = 0
            position -= 1
        self._output[position] += 1


class ArithmeticDecoder:
    """Reads the symbols of a stream that `ArithmeticEncoder` wrote.

    It computes the same intervals as the encoder and finds, for every symbol, the part that
    contains the stream's number.

    Args:
        data: what `finish` returned, and anything behind it.
    """

    def __init__(self, data: bytes):
        self._data = data
        self._position = WINDOW_BYTES
        # of the number from the interval's lower end
        self._offset = int.from_bytes(data[:WINDOW_BYTES].ljust(WINDOW_BYTES, b"\0"), "big")
        self._low = 0
        self._width = TOP

    def decode(self, table) -> int:
        """Returns the next symbol.

        Args:
            table: has a `total`, and the methods `symbol_at` and `part_of` of `FrequencyTable`.
        """
        unit = self._width // table.total
        # Only in a damaged stream is the number beyond the last part; it decodes to some symbol.
        symbol = table.symbol_at(min(self._offset // unit, table.total - 1))
        start, size = table.part_of(symbol)
        self._offset -= start * unit
        self._low += start * unit
        self._width = size * unit
        while self._width < MINIMUM_WIDTH:
            byte = self._data[self._position] if self._position < len(self._data) else 0
            self._position += 1
            self._offset = ((self._offset << 8) | byte) & (TOP - 1)
            self._low = (self._low << 8) & (TOP - 1)
            self._width <<= 8
        return symbol

    def finish(self) -> int:
        """Returns how many bytes the stream has, after its last symbol.

        Raises:
            StreamError: there are fewer.
        """
        number = self._low + self._offset
        for num_bytes in range(WINDOW_BYTES + 1):
            unit = 1 << 8 * (WINDOW_BYTES - num_bytes)
            start = number // unit * unit
            if self._low <= start and start + unit <= self._low + self._width:
                break  # whatever follows these bytes is in the interval
        num_bytes += self._position - WINDOW_BYTES
        if num_bytes > len(self._data):
            raise StreamError(
                f"the stream is truncated: it has {len(self._data)} of {num_bytes} bytes"
            )
        return num_bytes
