"""The layers of recurrent codecs: the binarizer, convolutions with memory, blocks of pixels."""

import keras
import numpy as np
import tensorflow as tf

from kerascomp.networks.blocks import ToBlocks, ToPixels
from kerascomp.networks.cells import Binarizer, ConvGRU, ConvLSTM

RANDOM = np.random.default_rng(0)


def test_bits_are_drawn_with_the_expectation_of_tanh():
    x = tf.constant(np.repeat([[-2.0, -0.5, 0.0, 1.0]], 20_000, axis=0), tf.float32)
    bits = Binarizer()(x, training=True).numpy()
    assert set(np.unique(bits)) == {-1.0, 1.0}
    np.testing.assert_allclose(bits.mean(axis=0), np.tanh([-2, -0.5, 0, 1]), atol=0.03)
    np.testing.assert_array_equal(Binarizer()(x)[0], [-1, -1, 1, 1])


def test_gradients_pass_the_binarizer_as_if_nothing_were_rounded():
    x = tf.constant([-1.5, 0.2, 3.0])
    for training_mode in (True, False):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(Binarizer()(x, training=training_mode))
        np.testing.assert_allclose(tape.gradient(total, x), 1 - np.tanh(x) ** 2, atol=1e-6)


def test_lstm_is_that_of_keras_at_a_single_place():
    x = RANDOM.normal(size=(5, 3, 4)).astype(np.float32)  # (N, time, channels)
    ours, oracle = ConvLSTM(6, 1), keras.layers.LSTM(6)
    oracle(x)
    ours(tf.constant(x[:, 0, None, None]))
    kernel, recurrent = RANDOM.normal(size=(4, 24)), RANDOM.normal(size=(6, 24))
    order = [1, 0, 3, 2]  # Keras: input, forget, cell, output; ours: keep, write, show, new
    of_input, of_state = (
        np.concatenate([np.split(matrix, 4, axis=1)[gate] for gate in order], axis=1)[None, None]
        for matrix in (kernel, recurrent)
    )
    ours.set_weights([of_input, np.zeros(24), of_state])
    oracle.set_weights([kernel, recurrent, np.repeat([0.0, 1.0, 0.0, 0.0], 6)])
    state = None
    for time in range(3):
        h, state = ours(tf.constant(x[:, time, None, None]), state)
    np.testing.assert_allclose(h[:, 0, 0], oracle(x), atol=1e-5)


def test_gru_is_that_of_keras_at_a_single_place():
    x = RANDOM.normal(size=(5, 3, 4)).astype(np.float32)
    ours, oracle = ConvGRU(6, 1), keras.layers.GRU(6, reset_after=False)
    oracle(x)
    ours(tf.constant(x[:, 0, None, None]))
    kernel, recurrent = RANDOM.normal(size=(4, 18)), RANDOM.normal(size=(6, 18))
    parts = np.split(recurrent[None, None], [12], axis=3)
    ours.set_weights([kernel[None, None], np.zeros(18), *parts])
    # Keras keeps h where its update gate is open, the papers write there: turn its sign.
    turn = np.repeat([-1.0, 1.0, 1.0], 6)
    oracle.set_weights([kernel * turn, recurrent * turn, np.zeros(18)])
    state = None
    for time in range(3):
        h, state = ours(tf.constant(x[:, time, None, None]), state)
    np.testing.assert_allclose(h[:, 0, 0], oracle(x), atol=1e-5)


def test_blocks_become_pixels_again():
    x = tf.constant(RANDOM.normal(size=(2, 8, 12, 3)), tf.float32)
    np.testing.assert_array_equal(ToPixels(4)(ToBlocks(4)(x)), x)
