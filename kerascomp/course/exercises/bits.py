"""Exercises of lessons 05 and 06: rounding, entropy, Huffman's and arithmetic coding."""

import heapq

import numpy as np

from kerascomp import limits
from kerascomp.course import figures, results
from kerascomp.course.exercises.kinds import Exercise, Function, Numbers


def round_stochastically(y: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Returns y rounded up where u is below its fractional part, else down."""
    return np.ceil(np.subtract(y, u))


def bytes_at_step(step: float) -> float:
    """Returns the stored bytes of the dense network trained through noise, at a step."""
    points = results.load("mnist")["dense"]
    return next(p.bytes_per_image for p in points if p.setting == f"step {step:g}")


def huffman_and_kraft() -> list[float]:
    """Returns the mean length in bits of Huffman's words for five symbols, and the Kraft sum."""
    heap = [(share, index, {index: 0}) for index, share in enumerate((0.4, 0.3, 0.15, 0.1, 0.05))]
    shares = [share for share, *_ in heap]
    heapq.heapify(heap)
    while len(heap) > 1:
        (a, _, left), (b, index, right) = heapq.heappop(heap), heapq.heappop(heap)
        merged = {symbol: length + 1 for symbol, length in (left | right).items()}
        heapq.heappush(heap, (a + b, index, merged))
    lengths = heap[0][2]
    mean = sum(shares[symbol] * length for symbol, length in lengths.items())
    return [mean, sum(2.0**-length for length in lengths.values())]


def entropy_bits(counts: np.ndarray) -> float:
    """Returns the entropy in bits of symbols that came so often."""
    return limits.entropy_bits(np.repeat(np.arange(len(counts)), counts))


def bits_at_skew(probability: float = 0.9) -> list[float]:
    """Returns the measured bits a symbol of Huffman, Huffman in pairs, and arithmetic coding."""
    record = figures.record("06_skew")
    probabilities, bits = record["arguments"]["probabilities"], record["values"]["bits_a_symbol"]
    names = ("Huffman", "Huffman, pairs", "arithmetic")
    return [float(np.interp(probability, probabilities, bits[name])) for name in names]


EXERCISES: dict[str, Exercise] = {
    "05a": Numbers(
        lambda: 0.5**2 / 12,
        0.0001,
        "the error is uniform between −Δ/2 and Δ/2; integrate its square, divided by Δ",
    ),
    "05b": Function(
        round_stochastically,
        [
            (np.array([0.3, 1.7, -0.6, 2.0]), np.array([0.2, 0.8, 0.1, 0.0])),
            (np.array([0.3, 1.7, -0.6, -2.0]), np.array([0.4, 0.6, 0.7, 0.9])),
        ],
        "round down with np.floor, also below zero; add one where u is smaller than what was cut "
        "off",
    ),
    "05c": Numbers(
        lambda: bytes_at_step(0.12),
        0.3,
        "a step that is a fraction of another one has that many more integers in the same range: "
        "how many bits more for each of the 32 latents?",
    ),
    "06a": Numbers(
        huffman_and_kraft,
        0.001,
        "merge the two smallest probabilities first; a word has as many bits as there were merges "
        "with its symbol",
    ),
    "06b": Function(
        entropy_bits,
        [
            (np.array([1, 1, 2]),),
            (np.array([90, 10]),),
            (np.array([5, 0, 3, 8]),),
            (np.array([7]),),
        ],
        "divide by the sum, and leave out symbols that never came: p log2 p is 0 for p = 0",
    ),
    "06c": Numbers(
        bits_at_skew,
        0.02,
        "a word has at least one bit; pairs have the probabilities 0.81, 0.09, 0.09 and 0.01, and "
        "their mean length is for two symbols; an arithmetic coder comes near to the entropy",
    ),
}
