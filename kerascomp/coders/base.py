"""What all entropy coders share: which symbols they take, and their errors.

    coder = Coder.fit(symbols)               learn how frequent each symbol is
    data = coder.encode(symbols)             bytes, one stream
    symbols = coder.decode(data, count)      the same symbols; bytes behind the stream are ignored

Symbols are integers of up to 32 bits with sign. An `Arithmetic` coder that was fitted on an array
(N, K) has a model for each of the K columns; it encodes and decodes rows. `AdaptiveArithmetic`
needs no `fit`.
"""

import numpy as np
from numpy.typing import ArrayLike

MAX_RANGE = 1 << 16  # values between the smallest and the largest symbol of a column


class StreamError(ValueError):
    """A stream is truncated, or was not written by this coder."""


class SymbolError(ValueError):
    """A symbol cannot be encoded by this coder."""


def as_rows(symbols: ArrayLike, num_columns: int | None = None) -> np.ndarray:
    """Returns integer symbols as an int64 array (N, K); a sequence (N,) becomes one column.

    Args:
        symbols: integers, shape (N,) or (N, K).
        num_columns: the expected K; None accepts any.

    Raises:
        SymbolError: not integers of at most 32 bits, or of another shape.
    """
    rows = np.asarray(symbols)
    if rows.size == 0 and rows.ndim == 1:
        rows = rows.astype(np.int64)
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.dtype.kind not in "iu" or rows.ndim != 2:
        raise SymbolError(
            f"expected integers of shape (N,) or (N, K), received {rows.dtype} {np.shape(symbols)}"
        )
    if num_columns not in (None, rows.shape[1]):
        raise SymbolError(
            f"this coder has {num_columns} columns, received symbols of shape {np.shape(symbols)}"
        )
    if rows.size and not -(2**31) <= rows.min() <= rows.max() < 2**31:
        raise SymbolError(
            f"expected symbols of at most 32 bits, received {rows.min()} to {rows.max()}"
        )
    return rows.astype(np.int64)


def learnable_rows(symbols: ArrayLike, num_columns: int | None = None) -> np.ndarray:
    """Returns `as_rows(symbols, num_columns)` after checking that a coder can be fitted to them.

    Raises:
        SymbolError: also if there are none, or a column ranges over more than 2 ** 16 values.
    """
    rows = as_rows(symbols, num_columns)
    if not len(rows):
        raise SymbolError("expected at least one symbol to learn from, received none")
    ranges = rows.max(axis=0) - rows.min(axis=0) + 1
    if ranges.max(initial=1) > MAX_RANGE:
        raise SymbolError(
            f"the symbols range over {ranges.max()} values, a coder learns at most {MAX_RANGE}; "
            "quantize with a larger step"
        )
    return rows
