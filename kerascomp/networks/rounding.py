"""Weights as integers: what a published network is stored in, and may be trained for."""

import contextlib
from collections.abc import Iterator, Sequence

import tensorflow as tf

LARGEST = {5: 15, 7: 63, 8: 127, 10: 511}  # integers from -511 to 511 have 10 bits
SMALLEST_STEP = 1e-7


def rounded(weight: tf.Tensor, bits: int) -> tf.Tensor:
    """Returns a matrix (…, K) whose columns have integer multiples of a step of their own.

    Each column's largest weight gets the largest integer of so many bits.
    """
    axes = list(range(len(weight.shape) - 1))
    largest = tf.reduce_max(tf.abs(weight), axis=axes)
    step = tf.maximum(largest / LARGEST[bits], SMALLEST_STEP)
    return tf.round(weight / step) * step


@contextlib.contextmanager
def while_rounded(weights: Sequence[tf.Variable], bits: int) -> Iterator[None]:
    """Matrices are rounded inside, and what they were behind: straight through, as for latents.

    A gradient that is taken inside is that of the rounded network; the step goes to the weights
    that were not rounded.
    """
    matrices = [weight for weight in weights if len(weight.shape) > 1]
    before = [tf.identity(matrix) for matrix in matrices]
    for matrix, exact in zip(matrices, before, strict=True):
        matrix.assign(rounded(exact, bits))
    try:
        yield
    finally:
        for matrix, exact in zip(matrices, before, strict=True):
            matrix.assign(exact)
