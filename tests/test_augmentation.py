"""Deformed images are other images of the same kind."""

import numpy as np
import pytest
import tensorflow as tf

from kerascomp import datasets
from kerascomp.networks import augmentation


@pytest.fixture(scope="module")
def digits():
    return tf.constant(datasets.to_float(datasets.mnist().validation.images[:400]))


def test_a_share_of_the_images_is_deformed(digits):
    deformed = augmentation.deformed(digits, 0.75, seed=[1, 2])
    changed = np.any(deformed != digits, axis=(1, 2, 3))
    assert changed[:300].all() and not changed[300:].any()
    again, other = (augmentation.deformed(digits, 0.75, seed=[1, last]) for last in (2, 3))
    np.testing.assert_array_equal(again, deformed)
    assert np.any(other != deformed)


def test_deformed_digits_have_the_gray_levels_of_digits(digits):
    deformed = augmentation.deformed(digits, 1.0, seed=[1, 2]).numpy()
    assert deformed.min() == 0 and deformed.max() == 1
    edges = [-0.01, 0.01, 0.5, 0.98, 1.01]
    one, other = (np.histogram(images, edges)[0] / deformed.size for images in (digits, deformed))
    np.testing.assert_allclose(one, other, atol=0.015)
    slopes = [np.abs(np.diff(images, axis=2)).mean() for images in (digits, deformed)]
    assert slopes[1] == pytest.approx(slopes[0], rel=0.03)


def test_a_shift_moves_the_center(monkeypatch):
    monkeypatch.setattr(augmentation, "LARGEST", dict.fromkeys(augmentation.LARGEST, 0.0))
    monkeypatch.setattr(augmentation, "CONTRAST", 1.0)
    squares = np.zeros((50, 28, 28, 1), np.float32)
    squares[:, 10:16, 12:20] = 1
    np.testing.assert_allclose(augmentation.deformed(squares, 1.0, seed=[0, 0]), squares, atol=1e-5)
    monkeypatch.setitem(augmentation.LARGEST, "shift", 2.0)
    moved = augmentation.deformed(squares, 1.0, seed=[0, 0]).numpy()[..., 0]
    right, down = (np.sum(moved.sum(axis) * np.arange(28), axis=1) / 48 for axis in (1, 2))
    assert np.ptp(right) > 3 and np.ptp(down) > 3
    assert np.abs(right - 15.5).max() < 2.01 and np.abs(down - 12.5).max() < 2.01
    assert abs(np.corrcoef(right, down)[0, 1]) < 0.4


def test_half_of_the_images_are_flipped():
    images = np.random.default_rng(0).random((200, 4, 6, 3))
    flipped = augmentation.flipped(tf.constant(images), seed=[3, 4]).numpy()
    as_before = (flipped == images).all(axis=(1, 2, 3))
    mirrored = (flipped == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (as_before ^ mirrored).all() and 70 < mirrored.sum() < 130


def test_squares_of_photographs_are_cut_out_turned_and_made_smaller():
    """A ramp shows where each square was, how large, and which way it lies."""
    ramp = np.stack(np.meshgrid(np.arange(90.0), np.arange(60.0)), axis=-1)  # x, y
    images = tf.constant(np.repeat(ramp[None], 300, axis=0), tf.float32)
    squares = augmentation.cropped(images, 16, seed=[5, 6]).numpy()
    assert squares.shape == (300, 16, 16, 2)
    turned = np.abs(squares[:, 0, -1, 0] - squares[:, 0, 0, 0]) < 1e-3
    squares[turned] = squares[turned].transpose(0, 2, 1, 3)
    steps = (squares[:, -1, -1] - squares[:, 0, 0]) / 15  # pixels of the photograph in one
    np.testing.assert_allclose(steps[:, 0], steps[:, 1], atol=1e-3)
    as_they_are = np.isclose(steps[:, 0], 1, atol=1e-3)
    assert 100 < turned.sum() < 200 and 100 < as_they_are.sum() < 200
    assert steps.min() > 0.99 and 1.5 < steps.max() < 1 / augmentation.SMALLEST + 0.01
    assert squares.min() >= 0 and squares[..., 0].max() > 80 and squares[..., 1].max() > 50
    whole = squares[as_they_are]
    np.testing.assert_allclose(whole, np.rint(whole), atol=1e-2)
