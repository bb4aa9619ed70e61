"""Every coder gives back every symbol, at the rate that theory allows, and notices bad streams."""

import itertools

import numpy as np
import pytest
from helpers import JUNK, drawn, entropy_bits
from hypothesis import given
from hypothesis import strategies as st

from kerascomp.coders import (
    AdaptiveArithmetic,
    Arithmetic,
    Huffman,
    StreamError,
)
from kerascomp.coders.tables import TOTAL


def prove(coder, symbols, *, at_most_bits):
    """Shows that a coder does what a coder must; returns the number of bytes.

    Round trip; bytes behind the stream change nothing; cuts are noticed (of short streams every
    one); and the stream is within the bits that theory allows, filled up to a byte.
    """
    data = coder.encode(symbols)
    count = len(symbols)
    for content in (data, data + JUNK, data + bytes(9)):
        np.testing.assert_array_equal(coder.decode(content, count), symbols)
    cuts = range(len(data)) if len(data) < 40 else (0, len(data) // 2, len(data) - 1)
    for cut in cuts:
        with pytest.raises(StreamError, match="truncated"):
            coder.decode(data[:cut], count)
    assert 8 * len(data) <= at_most_bits + 7
    return len(data)


MESSAGES = {
    "one symbol": np.full(500, 7),
    "even": drawn([1, 1], 4000),
    "letters, some negative": drawn([50, 30, 12, 5, 2, 1], 4000) - 3,
    "skewed, 2 ** -16": np.where(np.arange(1 << 17) % (1 << 16) == 77, 1, 0),
    "geometric": np.minimum(np.random.default_rng(1).geometric(0.3, 4000), 40),
    "65,536 symbols": np.random.default_rng(2).permutation(1 << 16) - (1 << 15),
    "a single symbol": np.array([3]),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_huffman(name):
    symbols = MESSAGES[name]
    code, entropy = Huffman.fit(symbols), entropy_bits(symbols)
    num_bytes = prove(code, symbols, at_most_bits=entropy + len(symbols))
    assert 8 * num_bytes >= entropy
    again, used = Huffman.from_header(code.header() + JUNK)
    assert used == len(code.header()) and again.words() == code.words()
    assert again.encode(symbols) == code.encode(symbols)


@pytest.mark.parametrize("name", MESSAGES)
def test_arithmetic(name):
    symbols = MESSAGES[name]
    coder = Arithmetic.fit(symbols)
    estimated = coder.estimated_bits(symbols).sum()
    prove(coder, symbols, at_most_bits=1.0001 * estimated + 2)
    if len(np.unique(symbols)) < 100:  # a table of many symbols saves something for the unseen
        assert estimated <= 1.001 * entropy_bits(symbols) + 0.01 * len(symbols) / 100


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", ["one symbol", "even", "letters, some negative", "geometric"])
def test_adaptive(name, order):
    symbols = MESSAGES[name] - MESSAGES[name].min()
    coder = AdaptiveArithmetic(int(symbols.max()) + 1, order=order)
    # Learning costs about half a logarithm of the length for each count, in every context.
    num_symbols, length = int(symbols.max()) + 1, len(symbols)
    contexts = len(np.unique(symbols)) if order else 1
    seen = len(np.unique(symbols))
    learning = contexts * seen * (np.log2(length / contexts) / 2 + np.log2(num_symbols))
    num_bytes = prove(coder, symbols, at_most_bits=1.02 * entropy_bits(symbols) + learning + 2)
    if name in ("one symbol", "letters, some negative") or (name, order) == ("geometric", 0):
        assert 8 * num_bytes < 0.9 * length * max(np.log2(num_symbols), 1)


def test_an_adaptive_coder_follows_its_source():
    symbols = np.concatenate([drawn([99, 1], 20_000), drawn([1, 99], 20_000)])
    adaptive, static = AdaptiveArithmetic(2), Arithmetic.fit(symbols)
    assert len(adaptive.encode(symbols)) < 0.2 * len(static.encode(symbols))


def test_a_context_knows_what_follows():
    symbols = np.cumsum(drawn([0.45, 0.1, 0.45], 5000) + 1) % 4  # mostly steps of 1 or 3
    alone, context = AdaptiveArithmetic(4), AdaptiveArithmetic(4, order=1)
    assert len(context.encode(symbols)) < 0.75 * len(alone.encode(symbols))


@pytest.mark.parametrize("build", [Huffman.fit, Arithmetic.fit, lambda _: AdaptiveArithmetic(9)])
def test_empty_messages_have_no_bytes(build):
    coder = build([1, 2, 2])
    assert coder.encode([]) == b"" and coder.decode(b"", 0).tolist() == []
    assert coder.decode(JUNK, 0).tolist() == []


@given(st.lists(st.integers(-40, 1000), min_size=1, max_size=60), st.data())
def test_any_message(known, data):
    symbols = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=60))
    code, coder = Huffman.fit(known), Arithmetic.fit(known)
    words = code.words()
    prove(code, symbols, at_most_bits=sum(len(words[symbol]) for symbol in symbols))
    prove(coder, symbols, at_most_bits=1.0001 * coder.estimated_bits(symbols).sum() + 2)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=10))
def test_an_arithmetic_coder_sends_even_what_it_never_saw(symbols):
    coder = Arithmetic.fit([0, 0, 1])
    prove(coder, symbols, at_most_bits=1.0001 * coder.estimated_bits(symbols).sum() + 2)
    rows = np.array(symbols)[:, None]
    np.testing.assert_array_equal(coder.decode_each(coder.encode_each(rows)), rows)


def test_a_row_is_coded_column_by_column():
    generator = np.random.default_rng(3)
    rows = np.stack([generator.integers(0, 2, 3000), generator.integers(-90, 90, 3000)], axis=1)
    coder = Arithmetic.fit(rows)
    ideal = coder.estimated_bits(rows).sum()
    assert ideal == pytest.approx(3000 * (1 + np.log2(180)), rel=0.01)
    prove(coder, rows, at_most_bits=1.0001 * ideal + 2)


# Independent oracles


def test_a_range_coder_of_others_needs_as_many_bytes():
    """constriction, an independent implementation, on the same symbols and probabilities."""
    constriction = pytest.importorskip("constriction")
    symbols = drawn([50, 30, 12, 5, 2, 1], 50_000)
    coder = Arithmetic.fit(symbols)
    probabilities = coder.tables[0].frequencies / TOTAL
    model = constriction.stream.model.Categorical(probabilities.astype(np.float32), perfect=True)
    other = constriction.stream.queue.RangeEncoder()
    other.encode(symbols.astype(np.int32), model)
    assert abs(len(coder.encode(symbols)) - 4 * len(other.get_compressed())) <= 12


@pytest.mark.parametrize("name", ["letters, some negative", "geometric", "skewed, 2 ** -16"])
def test_huffman_codes_of_others_are_as_long(name):
    """constriction's Huffman code on the same counts."""
    constriction = pytest.importorskip("constriction")
    symbols = MESSAGES[name] - MESSAGES[name].min()
    counts = np.bincount(symbols)
    code = Huffman.fit(symbols)
    tree = constriction.symbol.huffman.EncoderHuffmanTree(
        (counts / counts.sum()).astype(np.float32)
    )
    other = constriction.symbol.QueueEncoder()
    for symbol in symbols[:20_000].tolist():
        other.encode_symbol(symbol, tree)
    _, num_bits = other.get_compressed()
    bits = sum(len(code.words()[s]) * n for s, n in enumerate(np.bincount(symbols[:20_000])) if n)
    assert bits == pytest.approx(num_bits, rel=0.002)


def test_a_huffman_code_of_powers_of_two_is_exact():
    code = Huffman.from_counts([8, 4, 2, 1, 1])
    assert code.words() == {0: "0", 1: "10", 2: "110", 3: "1110", 4: "1111"}


def test_words_of_a_huffman_code_are_no_beginning_of_others():
    code = Huffman.fit(MESSAGES["geometric"])
    words = sorted(code.words().values())
    assert not any(b.startswith(a) for a, b in itertools.pairwise(words))
    assert sum(2.0 ** -len(word) for word in words) == 1  # Kraft


def test_very_deep_huffman_codes():
    fibonacci = [1, 1]
    while len(fibonacci) < 50:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    code = Huffman.from_counts(fibonacci)
    assert max(map(len, code.words().values())) == 49
    symbols = np.arange(50)
    np.testing.assert_array_equal(code.decode(code.encode(symbols), 50), symbols)


# Bad input
