"""Arithmetic coding with integers: a whole message becomes one number in an interval.

The encoder starts with the interval [0, 1). Each symbol owns a part of it as wide as its
probability; the symbol's part becomes the new interval. After all symbols, any number inside the
last interval names the message, and the shortest such number has about -log2(width) bits: the sum
of -log2(probability) of all symbols, which is what Shannon allows, plus at most a few bits for the
whole message rather than for each symbol.

Real numbers of that length would be slow, so only the window in which the interval's ends still
differ is kept: `low` and `width` are integers, and bytes that can no longer change move to the
output. Only a carry can still change them, and it runs through bytes of all ones like 1 through
999 + 1.

Reference:
    G. N. N. Martin, "Range encoding: an algorithm for removing redundancy from a digitised
    message", 1979.
"""

WINDOW_BITS = 56  # of the interval's lower end
TOP = 1 << WINDOW_BITS
# After every symbol the interval is at least this wide, so that probabilities of 16 bits are
# divided with an error below 2 ** -32.
MINIMUM_WIDTH = TOP >> 8
PRECISION = 16  # probabilities are multiples of 2 ** -16


class ArithmeticEncoder:
    """Writes symbols, given by their parts of the probability, to bytes.

    Example:
        >>> encoder = ArithmeticEncoder()
        >>> encoder.encode(start=0, size=1 << 15)  # a symbol of probability 1/2: one bit
        >>> encoder.encode(start=3 << 14, size=1 << 14)  # probability 1/4: two bits
        >>> encoder.finish()
        b'`'
    """

    def __init__(self):
        self._low = 0
        self._width = TOP
        self._output = bytearray()

    def encode(self, start, size):
        """Encodes one symbol.

        Args:
            start: the frequencies of all symbols before it, added up, of 2 ** PRECISION.
            size: its own frequency, at least 1.
        """
        unit = self._width >> PRECISION
        self._low += start * unit
        self._width = size * unit
        if self._low >= TOP:
            self._carry()
        while self._width < MINIMUM_WIDTH:
            self._output.append(self._low >> (WINDOW_BITS - 8))
            self._low = (self._low << 8) & (TOP - 1)
            self._width <<= 8

    def finish(self):
        """Returns the message's bytes: the shortest number in the interval.

        Zero bytes at the end are left out; the decoder reads zeros where the file ends.
        """
        for num_bits in range(WINDOW_BITS + 1):
            unit = 1 << (WINDOW_BITS - num_bits)
            number = -(-self._low // unit) * unit  # rounded up to so many bits
            if number < self._low + self._width:
                break
        self._low = number
        if self._low >= TOP:
            self._carry()
        self._output += self._low.to_bytes(WINDOW_BITS // 8, "big")
        return bytes(self._output).rstrip(b"\0")

    def _carry(self):
        """Adds one to the number that was written."""
        self._low -= TOP
        position = len(self._output) - 1
        while self._output[position] == 0xFF:
            self._output[position] = 0
            position -= 1
        self._output[position] += 1


class ArithmeticDecoder:
    """Reads the symbols of a message that `ArithmeticEncoder` wrote.

    The decoder knows where in the interval the number lies, not where the interval is.

    Args:
        data: what `finish` returned.
    """

    def __init__(self, data):
        self._data = data
        self._position = WINDOW_BITS // 8
        self._offset = int.from_bytes(data[: self._position].ljust(self._position, b"\0"), "big")
        self._width = TOP

    def decode(self, table):
        """Returns the next symbol.

        Args:
            table: the `FrequencyTable` it was encoded with.
        """
        unit = self._width >> PRECISION
        # Only a damaged message points behind the last symbol; it decodes to something.
        symbol = table.symbol_at(min(self._offset // unit, (1 << PRECISION) - 1))
        start, size = table.part_of(symbol)
        self._offset -= start * unit
        self._width = size * unit
        while self._width < MINIMUM_WIDTH:
            byte = self._data[self._position] if self._position < len(self._data) else 0
            self._position += 1
            self._offset = ((self._offset << 8) | byte) & (TOP - 1)
            self._width <<= 8
        return symbol
