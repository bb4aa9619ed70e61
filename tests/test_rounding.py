"""Weights of few bits: what training rounds is what is stored."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import small_dataset

from kerascomp.codecs.bottleneck import systems
from kerascomp.networks import autoencoders, rounding, training
from kerascomp.zoo import packing, recipes

RANDOM = np.random.default_rng(2)


def tiny():
    return systems.of_autoencoder(autoencoders.dense(4, widths=(16,)), lmbdas=(10.0, 500.0))


@pytest.mark.parametrize("bits", sorted(rounding.LARGEST))
def test_training_rounds_to_what_is_stored(bits):
    weight = RANDOM.normal(size=(3, 40, 7)).astype(np.float32)
    stored = packing.unpack(packing.pack({"kernel": weight}, bits))["kernel"]
    rounded = rounding.rounded(tf.constant(weight), bits).numpy()
    step = np.abs(weight).max(axis=(0, 1)) / rounding.LARGEST[bits]
    np.testing.assert_allclose(rounded / step, np.rint(rounded / step), atol=1e-3)
    assert (np.abs(rounded - weight) <= step / 2 * 1.001).all()
    assert np.mean(np.abs(rounded - stored) < 0.02 * step) > 0.98  # some are near a half


def test_a_gradient_inside_is_that_of_the_rounded_network():
    matrix, vector = tf.Variable(RANDOM.normal(size=(4, 3))), tf.Variable(RANDOM.normal(size=3))
    before = [matrix.numpy(), vector.numpy()]
    with rounding.while_rounded([matrix, vector], 5):
        inside = matrix.numpy()
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(matrix**2)
        gradient = tape.gradient(loss, matrix)
    np.testing.assert_allclose(gradient, 2 * inside)
    assert (inside != before[0]).any() and len(np.unique(np.abs(inside[:, 0]))) <= 4
    for variable, exact in zip((matrix, vector), before, strict=True):
        np.testing.assert_array_equal(variable, exact)
    with pytest.raises(KeyError), rounding.while_rounded([matrix], 5):
        raise KeyError
    np.testing.assert_array_equal(matrix, before[0])


def test_a_training_that_stopped_among_rounded_epochs_goes_on_with_them(tmp_path, monkeypatch):
    recipe = training.Recipe(epochs=3, batch_size=32, rounded_epochs=2, rounded_bits=5)
    seen, original = [], training.Checkpoint.on_epoch_begin

    def noted(self, epoch, logs=None):
        seen.append(self.model.rounded_bits)
        if len(seen) == 3:
            raise KeyboardInterrupt
        original(self, epoch, logs)

    monkeypatch.setattr(training.Checkpoint, "on_epoch_begin", noted)
    with pytest.raises(KeyboardInterrupt):
        training.fit(tiny, small_dataset(64), recipe, checkpoint=tmp_path / "tiny.npz")
    training.fit(tiny, small_dataset(64), recipe, checkpoint=tmp_path / "tiny.npz")
    assert seen == [None, 5, 5, 5]


def test_recipes_round_to_what_they_store():
    rounding_ones = [e for e in recipes.ENTRIES.values() if e.recipe.rounded_epochs]
    assert rounding_ones and all(e.recipe.rounded_bits == e.weight_bits for e in rounding_ones)
    assert all(e.weight_bits >= 8 for e in recipes.ENTRIES.values() if e not in rounding_ones)
