"""Entropy coders: symbols to bytes and back, without loss.

`Huffman`, `Arithmetic` and `AdaptiveArithmetic` have the same methods (see `base`); `Arithmetic`
and `HuffmanRows` also write a separate stream for each row. `ArithmeticEncoder` and its decoder,
on which they are built, take one symbol at a time; `LockstepEncoder` and its decoder take one
symbol of many streams at a time.
"""

from kerascomp.coders.adaptive import AdaptiveArithmetic
from kerascomp.coders.arithmetic import ArithmeticDecoder, ArithmeticEncoder
from kerascomp.coders.base import StreamError, SymbolError
from kerascomp.coders.huffman import Huffman
from kerascomp.coders.huffman_rows import HuffmanRows
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder
from kerascomp.coders.static import Arithmetic
from kerascomp.coders.tables import FrequencyTable

__all__ = [
    "AdaptiveArithmetic",
    "Arithmetic",
    "ArithmeticDecoder",
    "ArithmeticEncoder",
    "FrequencyTable",
    "Huffman",
    "HuffmanRows",
    "LockstepDecoder",
    "LockstepEncoder",
    "StreamError",
    "SymbolError",
]
