"""Huffman coding: a whole number of bits for each symbol, few for frequent ones.

The two rarest symbols get the longest words, which differ in the last bit only; merged, they count
as one symbol with the sum of their frequencies, and so on until one is left. No code with a word
for each symbol is shorter on average. It needs at least the entropy and less than one bit more,
because words have whole lengths: a symbol of probability 0.99 costs 1 bit instead of 0.0145.

The code is *canonical*: words of one length are consecutive numbers in the order of the symbols,
so that the lengths determine the code, and the header contains nothing else.

Reference:
    D. A. Huffman, "A method for the construction of minimum-redundancy codes", 1952.
"""

import heapq

import numpy as np
from numpy.typing import ArrayLike

from kerascomp.coders.base import StreamError, SymbolError, as_rows, learnable_rows

MAX_LENGTH = 57  # of a word; a longer one needs a message of 10 ** 12 symbols


class Huffman:
    """A canonical Huffman code for integers from `lowest` on.

    Args:
        lowest: the smallest symbol.
        lengths: bits of the words of `lowest`, `lowest` + 1, …; 0 where a symbol has none.

    Raises:
        ValueError: no prefix code has such lengths.

    Example:
        >>> code = Huffman.fit([7, 7, 7, 7, 8, 9])
        >>> code.words()
        {7: '0', 8: '10', 9: '11'}
        >>> code.encode([8, 7, 7, 9]).hex(), code.decode(code.encode([8, 7, 7, 9]), 4).tolist()
        ('8c', [8, 7, 7, 9])
    """

    def __init__(self, lowest: int, lengths: ArrayLike):
        self.lowest, self.lengths = int(lowest), np.asarray(lengths, np.int64)
        # Kraft's inequality: the sum of 2 ** -length is at most one.
        present = self.lengths[self.lengths > 0].tolist()
        taken = sum(1 << max(MAX_LENGTH - length, 0) for length in present)
        fits = present and max(present) <= MAX_LENGTH and taken <= 1 << MAX_LENGTH
        if not fits or min(self.lengths) < 0:
            raise ValueError(f"no prefix code has words of these lengths: {present[:20]}")
        # Symbols by length, then value; a word is the one before plus one, extended by zeros.
        used = np.flatnonzero(self.lengths)
        self._order = used[np.argsort(self.lengths[used], kind="stable")]
        self._longest = int(self.lengths.max())
        missing_bits = self._longest - self.lengths[self._order]
        self._ends = np.cumsum(1 << missing_bits)  # of each word's continuations
        self._words = np.zeros(len(self.lengths), np.int64)
        self._words[self._order] = (self._ends >> missing_bits) - 1

    @classmethod
    def fit(cls, symbols: ArrayLike) -> "Huffman":
        """Returns the best code for integers (N,), N at least 1."""
        rows = learnable_rows(symbols, 1)
        lowest = rows.min()
        return cls.from_counts(np.bincount(rows[:, 0] - lowest), lowest=lowest)

    @classmethod
    def from_counts(cls, counts: ArrayLike, *, lowest: int = 0) -> "Huffman":
        """Returns the best code for symbols from `lowest` on that were seen `counts` times.

        Args:
            counts: integers, none negative, not all zero.
            lowest: the first symbol.

        Raises:
            ValueError: `counts` are none of these.
        """
        counts = np.asarray(counts)
        integers = counts.dtype.kind in "iu" and counts.ndim == 1
        if not (integers and counts.any() and counts.min() >= 0):
            raise ValueError(
                "expected integer counts, none negative and not all zero, received "
                f"{counts.tolist()[:5]}"
            )
        lengths = np.zeros(len(counts), np.int64)
        # A heap of (count, tie-breaker, the symbols merged so far).
        heap = [(int(counts[s]), s, [s]) for s in np.flatnonzero(counts).tolist()]
        heapq.heapify(heap)
        if len(heap) == 1:
            lengths[heap[0][2]] = 1  # even a single symbol needs a word
        while len(heap) > 1:
            first, second = heapq.heappop(heap), heapq.heappop(heap)
            merged = first[2] + second[2]
            lengths[merged] += 1
            heapq.heappush(heap, (first[0] + second[0], second[1], merged))
        return cls(lowest, lengths)

    def words(self) -> dict[int, str]:
        """Returns {symbol: its word as a string of 0 and 1}."""
        return {
            self.lowest + int(s): format(self._words[s], f"0{self.lengths[s]}b")
            for s in self._order
        }

    def header(self) -> bytes:
        """Returns the code as bytes, for a decoder that lacks it: the smallest symbol, lengths."""
        numbers = np.array([self.lowest, len(self.lengths)], ">i4")
        return numbers.tobytes() + self.lengths.astype(np.uint8).tobytes()

    @classmethod
    def from_header(cls, data: bytes) -> tuple["Huffman", int]:
        """Returns (code, number of bytes read) of bytes that begin with a `header`.

        Raises:
            StreamError: they do not begin with one.
        """
        lowest, number = np.frombuffer(data[:8].ljust(8, b"\0"), ">i4").tolist()
        lengths = np.frombuffer(data[8 : 8 + max(number, 0)], np.uint8)
        try:
            if len(lengths) != number:
                raise ValueError(f"{len(lengths)} of {number} lengths are there")
            return cls(lowest, lengths), 8 + number
        except ValueError as error:
            raise StreamError(f"this is no Huffman code: {error}") from None

    def encode(self, symbols: ArrayLike) -> bytes:
        """Returns the bytes of integers (N,), one stream, filled up to a byte with zeros.

        Raises:
            SymbolError: not integers, or one has no word.
        """
        values = as_rows(symbols, 1)[:, 0] - self.lowest
        known = (values >= 0) & (values < len(self.lengths))
        known[known] = self.lengths[values[known]] > 0
        if not known.all():
            missing = (values[~known] + self.lowest).tolist()[:3]
            raise SymbolError(f"these symbols have no word, they were not in the fit: {missing}")
        lengths = self.lengths[values]
        ends = np.cumsum(lengths)
        # Every bit of the stream: how many bits of its word come after it?
        after = np.repeat(ends, lengths) - np.arange(lengths.sum()) - 1
        bits = (np.repeat(self._words[values], lengths) >> after) & 1
        return np.packbits(bits.astype(np.uint8)).tobytes()

    def decode(self, data: bytes, count: int) -> np.ndarray:
        """Returns `count` symbols (N,) of a stream that `encode` wrote.

        Raises:
            StreamError: the stream is truncated, or not of this code.
        """
        bits = np.unpackbits(np.frombuffer(data[: -(-count * self._longest // 8)], np.uint8))
        # As if a word began at every bit: which one, and where would the next one begin?
        following = np.zeros(len(bits), np.int64)  # the next `longest` bits as a number
        for offset in range(min(self._longest, len(bits))):
            place = self._longest - 1 - offset
            following[: len(bits) - offset] |= bits[offset:].astype(np.int64) << place
        ranks = np.searchsorted(self._ends, following, side="right")
        candidates = np.append(self._order, -1)[ranks]  # -1: no word begins with these bits
        lengths = np.append(self.lengths, 0)[candidates]
        next_start = (np.arange(len(bits)) + lengths).tolist()
        position, starts = 0, []
        while len(starts) < count and position < len(bits):
            starts.append(position)
            position = next_start[position]
        symbols = candidates[np.array(starts, np.int64)]
        if (symbols < 0).any():
            raise StreamError("the stream is not of this code: it has bits that begin no word")
        if len(starts) < count or position > len(bits):
            raise StreamError(
                f"the stream is truncated: {len(data)} bytes are not enough for {count} symbols"
            )
        return self.lowest + symbols
