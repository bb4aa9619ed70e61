"""What entropy coders refuse, and how they say it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascomp.coders import (
    AdaptiveArithmetic,
    Arithmetic,
    FrequencyTable,
    Huffman,
    StreamError,
    SymbolError,
)
from kerascomp.coders.tables import MAX_SYMBOLS, TOTAL


def test_what_cannot_be_encoded_is_named():
    code, coder, adaptive = Huffman.fit([1, 3]), Arithmetic.fit([1, 3]), AdaptiveArithmetic(4)
    for bad in (0, 2, 4, -1):
        with pytest.raises(SymbolError, match=rf"have no word.*\[{bad}\]"):
            code.encode([1, bad])
    with pytest.raises(SymbolError, match="symbols 0 to 3, received 0 to 4"):
        adaptive.encode([0, 4])
    for any_coder in (code, coder, adaptive):
        for bad in ([1 << 31], [-(1 << 31) - 1], [(1 << 63) - 1], np.array([2**64 - 5], np.uint64)):
            with pytest.raises(SymbolError, match="at most 32 bits"):
                any_coder.encode(bad)
    with pytest.raises(SymbolError, match="at most 32 bits"):
        coder.encode_each([[1 << 40]])
    for any_coder in (code, coder, adaptive):
        for bad in (np.array([1.0, np.nan]), np.ones((2, 2, 2), int), ["a"]):
            with pytest.raises(SymbolError, match="expected integers of shape"):
                any_coder.encode(bad)
        with pytest.raises(SymbolError, match="has 1 columns"):
            any_coder.encode(np.ones((3, 2), int))
    for fit in (Huffman.fit, Arithmetic.fit):
        with pytest.raises(SymbolError, match="at least one symbol to learn from"):
            fit([])
        with pytest.raises(SymbolError, match="range over 65537 values.*a larger step"):
            fit([0, 1 << 16])


def test_bits_that_begin_no_word():
    code = Huffman.fit([5, 5, 5])  # one symbol: its word is 0
    with pytest.raises(StreamError, match="bits that begin no word"):
        code.decode(b"\xff", 3)


@pytest.mark.parametrize("lengths", [[], [0, 0], [1, 1, 1], [60], [-1, 1], [*range(1, 58), 57, 57]])
def test_lengths_of_no_code(lengths):
    with pytest.raises(ValueError, match="no prefix code has words of these lengths"):
        Huffman(0, lengths)


@pytest.mark.parametrize("counts", [[3, -2, 1], [0.2, 0.8], [0, 0], [], [[1, 2]]])
def test_counts_of_no_code(counts):
    with pytest.raises(ValueError, match="expected integer counts, none negative"):
        Huffman.from_counts(counts)


def test_headers_of_no_code():
    header = Huffman.fit([1, 2, 2, 3]).header()
    for bad in (b"", header[:-1], header[:5], b"\xff" * 20):
        with pytest.raises(StreamError, match="this is no Huffman code"):
            Huffman.from_header(bad)


@pytest.mark.parametrize(("num_symbols", "order"), [(0, 0), (5000, 0), (4, 2)])
def test_wrong_adaptive_models(num_symbols, order):
    with pytest.raises(ValueError, match=f"received {num_symbols} and {order}"):
        AdaptiveArithmetic(num_symbols, order=order)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_frequencies_add_up_and_none_is_zero(counts):
    table = FrequencyTable(counts)
    assert table.frequencies.sum() == TOTAL and table.frequencies.min() >= 1
    for symbol in range(len(counts)):
        start, size = table.part_of(symbol)
        assert table.symbol_at(start) == table.symbol_at(start + size - 1) == symbol
    symbols = np.arange(len(counts))
    starts, sizes = table.parts_of(symbols)
    assert (starts[-1] + sizes[-1], starts[0]) == (TOTAL, 0)
    np.testing.assert_array_equal(table.parts_at(starts), [symbols, starts, sizes])


@pytest.mark.parametrize(
    "counts", [[], [-1, 2], np.ones((2, 2)), np.ones(MAX_SYMBOLS + 1), [np.nan]]
)
def test_wrong_counts(counts):
    with pytest.raises(ValueError, match="expected 1 to 65537 counts"):
        FrequencyTable(counts)
