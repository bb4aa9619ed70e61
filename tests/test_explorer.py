"""The widget, by its callbacks."""

import io

import numpy as np
import pytest
from helpers import blobs
from PIL import Image

from kerascomp import probing
from kerascomp.course.explorer import ALL, Explorer


@pytest.fixture
def explorer():
    rng = np.random.default_rng(0)
    images, labels = blobs(40), np.arange(40) % 4
    latents, points = rng.random((40, 1, 8)), rng.random((40, 2))
    return Explorer(images, images[::-1], latents=latents, labels=labels, points=points)


def test_sliding_shows_another_digit(explorer):
    assert explorer.index == 0
    before = explorer.picture.value
    assert Image.open(io.BytesIO(before)).size[0] > 800
    explorer.slider.value = 7
    assert explorer.index == 7 and explorer.picture.value != before
    explorer.slider.value = 0
    assert explorer.picture.value == before


def test_one_kind_of_digit(explorer):
    explorer.slider.value = 30
    explorer.kind.value = 3
    assert explorer.index == 3 and explorer.slider.value == 0
    assert explorer.slider.max == 9
    explorer.slider.value = 9
    assert explorer.index == 39
    explorer.kind.value = ALL
    assert explorer.index == 0 and explorer.slider.max == 39


def test_a_button_goes_to_the_neighbor(explorer):
    explorer.kind.value = 2
    explorer.slider.value = 4  # digit no. 18
    rng = np.random.default_rng(0)
    nearest = probing.neighbors(rng.random((40, 8)), 6)[18]
    assert explorer.jumps[2].description == f"{nearest[2] % 4} (no. {nearest[2]})"
    explorer.jumps[2].click()
    assert explorer.index == explorer.slider.value == nearest[2]
    assert explorer.kind.value == ALL
