"""Arithmetic coding with integers: a whole message becomes one number in an interval.

The encoder starts with the interval [0, 1). Each symbol owns a part of it as wide as its
probability; the symbol's part becomes the new interval. After all symbols, any number inside the
last interval names the message, and the shortest such number has about -log2(width) bits: the sum
of -log2(probability) of all symbols, which is what Shannon allows, plus at most two bits for the
whole message rather than for each symbol.

Real numbers of that length would be slow, so only the window in which the interval's ends still
differ is kept: `low` and `width` are integers, and bytes that nothing but a carry can change move
to the output. The carry runs through bytes of all ones like 1 through 999 + 1.

Reference:
    G. N. N. Martin, "Range encoding: an algorithm for removing redundancy from a digitised
    message", 1979.
"""

from kerascomp.coders.base import StreamError

WINDOW_BITS = 56  # of the interval's lower end
WINDOW_BYTES = WINDOW_BITS // 8
TOP = 1 << WINDOW_BITS
# After every symbol the interval is at least this wide, so that frequencies with a sum of up to
# 2 ** 20 divide it with an error below 2 ** -28.
MINIMUM_WIDTH = TOP >> 8


class ArithmeticEncoder:
    """Writes symbols, given by their parts of the probability, to bytes.

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

    def encode(self, start, size, total):
        """Encodes one symbol.

        Args:
            start: the frequencies of all symbols before it, added up.
            size: its own frequency, at least 1.
            total: the sum of all frequencies, at most 2 ** 20.
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

    def finish(self):
        """Returns the message's bytes.

        They end with the shortest number that stays inside the interval whatever follows it, so
        that a decoder is not disturbed by other bytes behind the message.
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
    """Reads the symbols of a message that `ArithmeticEncoder` wrote.

    It follows the encoder's interval, and knows besides where in it the number lies.

    Args:
        data: what `finish` returned, and anything behind it.
    """

    def __init__(self, data):
        self._data = data
        self._position = WINDOW_BYTES
        self._offset = int.from_bytes(data[:WINDOW_BYTES].ljust(WINDOW_BYTES, b"\0"), "big")
        self._low = 0
        self._width = TOP

    def decode(self, model):
        """Returns the next symbol.

        Args:
            model: has a `total`, and the methods `symbol_at` and `part_of` of `FrequencyTable`.
        """
        total = model.total
        unit = self._width // total
        # Only a damaged message points behind the last symbol; it decodes to something.
        symbol = model.symbol_at(min(self._offset // unit, total - 1))
        start, size = model.part_of(symbol)
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

    def finish(self):
        """Returns how many bytes the message has, after its last symbol.

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
