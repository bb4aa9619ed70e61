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
