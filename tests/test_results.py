"""The stored rate points are what the codecs do."""

import json

import numpy as np
import pytest
from helpers import NEEDS_CIFAR10

from kerascomp import datasets
from kerascomp.course import results

NAMES = results.DATASETS


def families(name):
    """Labels that a test can build in seconds: not the one that needs all eigenvectors."""
    return [label for label in results.families(name) if label != "KLT"]


@pytest.mark.parametrize("name", NAMES)
def test_every_family_is_stored(name):
    stored = results.load(name)
    assert set(results.families(name)) <= set(stored)
    for label, points in stored.items():
        assert {point.num_images for point in points} == {10_000}, label
        rates = [point.bpp for point in points]
        assert rates == sorted(rates), label
        kind = "joint" if label.endswith(("mosaic", "one stream")) else "file"
        kind = "header-free" if label.endswith("header-free") else kind
        assert {point.rate_kind for point in points} == {kind}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        pytest.param(name, label, marks=NEEDS_CIFAR10 if name == "cifar10" else ())
        for name in NAMES
        for label in families(name)
    ],
)
def test_stored_points_are_true(name, label):
    """Measures the first test images again, with the middle codec of every family."""
    index, claimed, images_sha256 = results.stored_check(name, label)
    family = results.families(name)[label]
    codec = family.build(family.settings[index])
    images = getattr(datasets, name)().test.images
    assert results.digest(images) == images_sha256
    found = results.measure_again(codec, images)
    assert (found.codec, found.setting) == (claimed.codec, claimed.setting)
    one_byte = 1 / results.NUM_CHECKED
    assert found.bytes_per_image == pytest.approx(claimed.bytes_per_image, rel=1e-3, abs=one_byte)
    assert found.mse == pytest.approx(claimed.mse, rel=1e-3, abs=1e-9)
    whole = results.load(name)[label][index]
    if whole.rate_kind == "file":  # a mosaic of 100 images is not like one of 1,024
        end = claimed.rate_kind == "joint"  # each file of its own ends on a whole byte
        most = 1.15 * claimed.bytes_per_image + end
        assert 0.85 * claimed.bytes_per_image < whole.bytes_per_image < most


def test_unknown_names():
    for function in (results.load, results.families):
        with pytest.raises(ValueError, match="no results for 'kodak'; there are mnist, cifar10"):
            function("kodak")
    with pytest.raises(ValueError, match="no family is called 'GIF'; there are JPEG"):
        results.measure("mnist", "GIF")


def test_measuring_stores_what_load_returns(monkeypatch, tmp_path):
    small = datasets.mnist(40)
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(results, "_dataset", lambda name: small)
    points = results.measure("mnist", "JPEG")
    stored = results.load("mnist")
    assert set(stored) == {"JPEG", "JPEG, header-free"}
    found = [point.bytes_per_image for point in stored["JPEG"] + stored["JPEG, header-free"]]
    np.testing.assert_allclose(found, [point.bytes_per_image for point in points], rtol=1e-5)
    results.measure("mnist", "PNG, mosaic")
    assert set(results.load("mnist")) == {"JPEG", "JPEG, header-free", "PNG, mosaic"}
    families = json.loads((tmp_path / "mnist.json").read_text())["families"]
    assert {"versions", "test_images_sha256", "points", "check"} == set(families["JPEG"])
    assert {"pillow", "imagecodecs", "pywavelets"} <= set(families["JPEG"]["versions"])


def test_nothing_is_stored_from_a_stand_in(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(results, "_dataset", lambda name: datasets.natural_patches(8))
    with pytest.raises(ValueError, match="need cifar10, which could not be found"):
        results.measure("cifar10", "JPEG")
    assert not list(tmp_path.iterdir())


def test_command_line_names_what_is_wrong(monkeypatch):
    monkeypatch.setattr("sys.argv", ["results", "measure", "mnist", "GIF"])
    with pytest.raises(SystemExit, match="no family is called 'GIF'"):
        results.main()
