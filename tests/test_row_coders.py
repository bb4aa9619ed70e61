"""Coders that write a stream for each row of symbols."""

import numpy as np
import pytest
from helpers import JUNK, drawn, entropy_bits
from hypothesis import given
from hypothesis import strategies as st

from kerascomp.coders import (
    Arithmetic,
    ArithmeticDecoder,
    ArithmeticEncoder,
    Huffman,
    HuffmanRows,
    LockstepDecoder,
    LockstepEncoder,
    StreamError,
    SymbolError,
)
from kerascomp.coders.arithmetic import MAX_TOTAL
from kerascomp.coders.tables import TOTAL

# Lockstep: a stream for each row


def test_streams_in_lockstep_cost_little_more_than_one():
    rows = np.stack([drawn([60, 30, 8, 2], 400, seed) for seed in range(300)], axis=1)  # (400, 300)
    coder = Arithmetic.fit(rows)
    files = coder.encode_each(rows)
    np.testing.assert_array_equal(coder.decode_each(files), rows)
    ideal = coder.estimated_bits(rows).sum(axis=1)
    overhead = np.array([8 * len(file) for file in files]) - ideal
    assert overhead.min() > -8 and 0 < overhead.mean() < 5 and overhead.max() < 9


class Table:
    """Frequencies with any total, such as those of context models."""

    def __init__(self, sizes):
        self.sizes, self.total = np.array(sizes), sum(sizes)
        self.starts = np.cumsum(self.sizes) - self.sizes

    def parts_of(self, symbols):
        return self.starts[symbols], self.sizes[symbols]

    def parts_at(self, positions):
        symbols = np.searchsorted(self.starts, positions, side="right") - 1
        return symbols, *self.parts_of(symbols)

    def part_of(self, symbol):
        return tuple(map(int, self.parts_of(symbol)))

    def symbol_at(self, position):
        return int(self.parts_at(position)[0])


@st.composite
def tables(draw):
    """Tables of 1 to 30 symbols with totals up to the largest allowed; one may have most of it."""
    sizes = draw(st.lists(st.integers(1, 1000) | st.integers(1, 1 << 19), min_size=1, max_size=30))
    total = draw(st.just(MAX_TOTAL) | st.integers(sum(sizes), MAX_TOTAL))
    sizes[draw(st.integers(0, len(sizes) - 1))] += total - sum(sizes)
    return Table(sizes)


@given(tables(), st.integers(0, 40), st.data())
def test_lockstep_streams_are_those_of_single_coders(table, length, data):
    symbol = st.integers(0, len(table.sizes) - 1)
    row = st.lists(symbol, min_size=length, max_size=length)
    rows = np.array(data.draw(st.lists(row, min_size=1, max_size=5)), np.int64)
    encoder = LockstepEncoder(len(rows))
    for column in rows.T:
        encoder.encode(*table.parts_of(column), table.total)
    files = encoder.finish()
    decoder = LockstepDecoder(files)
    for column in rows.T:
        np.testing.assert_array_equal(decoder.decode(table), column)
    ideal_bits = -np.log2(table.sizes[rows] / table.total).sum(axis=1)
    for row, file, bits in zip(rows.tolist(), files, ideal_bits, strict=True):
        single = ArithmeticEncoder()
        for symbol in row:
            single.encode(*table.part_of(symbol), table.total)
        stream = single.finish()
        assert len(file) <= len(stream) and 8 * len(stream) <= 1.00001 * bits + 9
        for content in (file, stream):  # two numbers in the same interval
            decoder = ArithmeticDecoder(content)
            assert [decoder.decode(table) for _ in row] == row


@pytest.mark.parametrize("total", [2, TOTAL, MAX_TOTAL])
@pytest.mark.parametrize("symbol", [0, 1])
def test_carries_run_through_many_bytes(symbol, total):
    """A message at the very end, or the very start, of the interval, then its neighbor."""
    table = Table([total - 1, 1] if symbol == 1 else [1, total - 1])
    for length in range(1, 60):
        message = [symbol] * length + [1 - symbol] * 40
        encoder, lockstep = ArithmeticEncoder(), LockstepEncoder(1)
        for value in message:
            encoder.encode(*table.part_of(value), table.total)
            lockstep.encode(*table.parts_of(np.array([value])), table.total)
        for data in (encoder.finish(), lockstep.finish()[0]):
            decoder = ArithmeticDecoder(data)
            assert [decoder.decode(table) for _ in message] == message


# Huffman codes for rows


def test_rows_of_huffman_words():
    generator = np.random.default_rng(5)
    rows = np.stack([generator.geometric(0.4, 2000), generator.integers(-5, 5, 2000)], axis=1)
    coder = HuffmanRows.fit(rows)
    files = coder.encode_each(rows)
    np.testing.assert_array_equal(coder.decode_each(files), rows)
    np.testing.assert_array_equal(coder.decode_each([f + JUNK for f in files]), rows)
    entropy = sum(entropy_bits(column) for column in rows.T)
    bits = 8 * sum(map(len, files))
    assert entropy < bits < entropy + 2000 * (2 + 8)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=2, max_size=2))
def test_rows_of_symbols_that_were_never_seen(row):
    coder = HuffmanRows.fit([[0, 1], [2, 1], [0, 5]])
    np.testing.assert_array_equal(coder.decode_each(coder.encode_each([row])), [row])


def test_bad_rows():
    coder = HuffmanRows.fit([[0, 1], [2, 1], [0, 5]])
    (file,) = coder.encode_each([[2, 77]])
    for cut in range(len(file)):
        with pytest.raises(StreamError, match="truncated"):
            coder.decode_each([file[:cut]])
    with pytest.raises(SymbolError, match="has 2 columns"):
        coder.encode_each([[1, 2, 3]])
    with pytest.raises(SymbolError, match="at most 32 bits"):
        coder.encode_each([[1 << 31, 0]])
    with pytest.raises(SymbolError, match="at least one symbol"):
        HuffmanRows.fit(np.empty((0, 2), int))
    one = HuffmanRows([Huffman(0, [1])])  # an incomplete code: most bits begin no word
    with pytest.raises(StreamError, match="foreign"):
        one.decode_each([b"\xff" * 100_000])


def test_huffman_rows_say_how_long_they_are():
    rows = np.random.default_rng(0).poisson(3, (50, 4))
    coder = HuffmanRows.fit(rows[:20])  # some of the others are escaped
    bits = coder.estimated_bits(rows)
    assert bits.shape == rows.shape
    assert [-(-total // 8) for total in bits.sum(axis=1)] == list(map(len, coder.encode_each(rows)))


def test_a_run_of_one_stream_is_what_lockstep_codes():
    random, total = np.random.default_rng(3), 1 << 16
    edges = np.minimum(random.integers(1, total, 3000), random.integers(1, total, 3000))
    bits = random.random(3000) < 0.6
    starts, sizes = np.where(bits, edges, 0), np.where(bits, total - edges, edges)
    lockstep, run = LockstepEncoder(2), LockstepEncoder(1)
    for start, size in zip(starts, sizes, strict=True):
        lockstep.encode(np.array([start, start]), np.array([size, size]), total)
    for part in np.split(np.arange(3000), [0, 1, 1000]):
        run.encode_run(starts[part], sizes[part], total)
    assert run.finish() == lockstep.finish()[:1]
    encoder = LockstepEncoder(1)
    encoder.encode_run(starts, sizes, total)
    (file,) = encoder.finish_decided()
    decoder = LockstepDecoder([file])
    decoded = [decoder.decode_run(edges[part], total) for part in np.split(np.arange(3000), [7])]
    np.testing.assert_array_equal(np.concatenate(decoded), bits)
    assert decoder.decided().all()
