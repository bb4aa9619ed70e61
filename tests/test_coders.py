"""The arithmetic coder gives back every symbol, at the rate that theory allows."""

import constriction
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascomp.coders import ArithmeticDecoder, ArithmeticEncoder, FrequencyTable
from kerascomp.coders.tables import TOTAL


def encode(symbols, table):
    encoder = ArithmeticEncoder()
    for symbol in symbols:
        encoder.encode(*table.part_of(symbol))
    return encoder.finish()


def decode(data, table, num_symbols):
    decoder = ArithmeticDecoder(data)
    return [decoder.decode(table) for _ in range(num_symbols)]


def ideal_bits(symbols, table):
    return sum(table.bits(symbol) for symbol in symbols)


TABLES = {
    "one symbol": FrequencyTable([7]),
    "even": FrequencyTable([1, 1]),
    "skewed": FrequencyTable([TOTAL, 0]),  # the second symbol has probability 2 ** -16
    "skewed the other way": FrequencyTable([0, TOTAL]),
    "letters": FrequencyTable([50, 30, 12, 5, 2, 1]),
    "65,536 symbols": FrequencyTable(np.ones(TOTAL)),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("num_symbols", [0, 1, 2, 3000])
def test_round_trip_and_rate(name, num_symbols):
    table = TABLES[name]
    draw = np.random.default_rng(0)
    symbols = draw.choice(len(table.frequencies), num_symbols, p=table.frequencies / TOTAL).tolist()
    data = encode(symbols, table)
    assert decode(data, table, num_symbols) == symbols
    # The interval has 2 ** -bits; a number in it needs less than two bits more, then whole bytes.
    assert 8 * len(data) < 1.0001 * ideal_bits(symbols, table) + 2 + 8


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40), st.data())
def test_any_table_and_any_message(counts, data):
    table = FrequencyTable(counts)
    symbols = data.draw(st.lists(st.integers(0, len(counts) - 1), max_size=60))
    content = encode(symbols, table)
    assert decode(content, table, len(symbols)) == symbols
    assert 8 * len(content) < ideal_bits(symbols, table) + 10


@pytest.mark.parametrize("symbol", [0, 1])
def test_carries_run_through_many_bytes(symbol):
    """A message at the very end, or the very start, of the interval, then its neighbor."""
    table = TABLES["skewed"] if symbol == 1 else TABLES["skewed the other way"]
    for length in range(1, 60):
        symbols = [symbol] * length + [1 - symbol] * 40
        assert decode(encode(symbols, table), table, len(symbols)) == symbols


def test_long_messages_cost_their_entropy():
    table = FrequencyTable([900, 90, 9, 1])
    symbols = np.random.default_rng(1).choice(4, 100_000, p=table.frequencies / TOTAL).tolist()
    bits = 8 * len(encode(symbols, table))
    assert ideal_bits(symbols, table) - 1 <= bits <= 1.0001 * ideal_bits(symbols, table) + 10


def test_a_range_coder_of_others_needs_as_many_bytes():
    """constriction, an independent implementation, on the same symbols and probabilities."""
    table = FrequencyTable([50, 30, 12, 5, 2, 1])
    probabilities = table.frequencies / TOTAL
    symbols = np.random.default_rng(2).choice(6, 50_000, p=probabilities)
    model = constriction.stream.model.Categorical(probabilities.astype(np.float32), perfect=True)
    other = constriction.stream.queue.RangeEncoder()
    other.encode(symbols.astype(np.int32), model)
    assert abs(len(encode(symbols.tolist(), table)) - 4 * len(other.get_compressed())) <= 12


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_frequencies_add_up_and_none_is_zero(counts):
    table = FrequencyTable(counts)
    assert table.frequencies.sum() == TOTAL and table.frequencies.min() >= 1
    assert table.cumulative[-1] == TOTAL
    for symbol in range(len(counts)):
        first, last = table.cumulative[symbol], table.cumulative[symbol + 1] - 1
        assert table.symbol_at(first) == table.symbol_at(last) == symbol


@pytest.mark.parametrize("counts", [[], [-1, 2], np.ones((2, 2)), np.ones(TOTAL + 1)])
def test_wrong_counts(counts):
    with pytest.raises(ValueError, match="expected 1 to 65536 counts"):
        FrequencyTable(counts)
