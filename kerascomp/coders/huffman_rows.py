"""Huffman coding of rows: a code for each column, and a word for symbols never seen."""

import numpy as np
from numpy.typing import ArrayLike

from kerascomp.coders.base import StreamError, as_rows, learnable_rows
from kerascomp.coders.huffman import Huffman

ESCAPE_BITS = 32  # of a symbol that did not occur in training, after the escape's word


class HuffmanRows:
    """A Huffman code for each of K columns; every row becomes a separate stream.

    The words of a row are joined as strings of 0 and 1, and filled up to a byte: slow, but easy to
    read.

    Args:
        codes: K `Huffman` codes; the largest symbol of each stands for the escape.
    """

    joins_rows = False  # every row becomes a separate stream

    def __init__(self, codes: list[Huffman]):
        self._words = [code.words() for code in codes]
        self._symbols = [{word: s for s, word in words.items()} for words in self._words]
        self._escapes = [max(words) for words in self._words]
        self._longest = [max(map(len, words.values())) for words in self._words]

    @classmethod
    def fit(cls, symbols: ArrayLike) -> "HuffmanRows":
        """Returns the coder for integers (N, K), N at least 1; the escape counts as seen once."""
        rows = learnable_rows(symbols)
        return cls([Huffman.fit([*column, column.max() + 1]) for column in rows.T])

    @property
    def num_columns(self) -> int:
        """How many columns there are."""
        return len(self._words)

    def encode_each(self, symbols: ArrayLike) -> list[bytes]:
        """Returns a list of bytes, one for each row of integers (N, K).

        Raises:
            SymbolError: not such integers, or of more than 32 bits.
        """
        rows = as_rows(symbols, self.num_columns)
        return [_packed("".join(map(self._word, range(len(row)), row))) for row in rows.tolist()]

    def decode_each(self, files: list[bytes]) -> np.ndarray:
        """Returns the rows (N, K) of streams that `encode_each` wrote.

        Raises:
            StreamError: a stream is truncated.
        """
        rows = [self._decode_row(file) for file in files]
        return np.array(rows, np.int64).reshape(-1, self.num_columns)

    def estimated_bits(self, symbols: ArrayLike) -> np.ndarray:
        """Returns the lengths of the words of integers (N, K) in bits, a float array of that shape.

        Raises:
            SymbolError: not such integers, or of more than 32 bits.
        """
        rows = as_rows(symbols, self.num_columns).tolist()
        bits = [[len(self._word(*pair)) for pair in enumerate(row)] for row in rows]
        return np.array(bits, np.float64).reshape(-1, self.num_columns)

    def _word(self, column, symbol):
        escape = self._escapes[column]
        if symbol != escape and symbol in self._words[column]:
            return self._words[column][symbol]
        return self._words[column][escape] + format(symbol & 0xFFFFFFFF, f"0{ESCAPE_BITS}b")

    def _decode_row(self, file):
        bits = "".join(format(byte, "08b") for byte in file)
        position, row = 0, []
        for symbols, escape, longest in zip(
            self._symbols, self._escapes, self._longest, strict=True
        ):
            end = position + 1
            while bits[position:end] not in symbols:
                if end >= min(len(bits), position + longest):
                    raise StreamError(f"a stream of {len(file)} bytes is truncated or foreign")
                end += 1
            symbol, position = symbols[bits[position:end]], end
            if symbol == escape:
                content = bits[position : position + ESCAPE_BITS].ljust(ESCAPE_BITS, "0")
                symbol = int(np.uint32(int(content, 2)).astype(np.int32))
                position += ESCAPE_BITS
            row.append(symbol)
        if position > len(bits):
            raise StreamError(f"a stream of {len(file)} bytes is truncated")
        return row


def _packed(bits):
    """Returns a string of 0 and 1 as bytes, filled up with zeros."""
    num_bytes = -(-len(bits) // 8)
    return int(bits.ljust(8 * num_bytes, "0") or "0", 2).to_bytes(num_bytes, "big")
