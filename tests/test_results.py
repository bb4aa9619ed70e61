"""The stored rate points are what the codecs do."""

import json

import numpy as np
import pytest
from helpers import NEEDS_CIFAR10, NEEDS_PHOTOGRAPHS, run_command

from kerascomp import datasets
from kerascomp.course import families, results
from kerascomp.files import versions
from kerascomp.networks import stack

NAMES = families.DATASETS
MEASURED = {"JPEG", "PNG, mosaic", "KLT", "dense", "recurrent"}


@pytest.mark.parametrize("name", NAMES)
def test_every_family_is_stored(name):
    stored = results.load(name)
    assert set(families.families(name)) <= set(stored)
    for label, points in stored.items():
        num_images = 24 if name == "photographs" else 10_000
        assert {point.num_images for point in points} == {num_images}, label
        rates = [point.bpp for point in points]
        assert rates == sorted(rates), label
        kind = "joint" if label.endswith(("mosaic", "one stream")) else "file"
        kind = "header-free" if label.endswith("header-free") else kind
        assert {point.rate_kind for point in points} == {kind}


def family(name, label):
    """Returns a parameter: one family of each kind is quick, the others are slow."""
    marks = {"cifar10": [NEEDS_CIFAR10], "photographs": [NEEDS_PHOTOGRAPHS]}.get(name, [])
    quick = name == "mnist" and label in MEASURED
    return pytest.param(name, label, marks=marks if quick else [*marks, pytest.mark.slow])


@pytest.mark.parametrize(
    ("name", "label"),
    [family(name, label) for name in NAMES for label in families.families(name)],
)
def test_stored_points_are_true(name, label):
    """Measures the first test images again, with the middle codec of every family."""
    index, claimed, provenance = results.stored_check(name, label)
    members = families.families(name)[label]
    codec = members.build(members.settings[index])
    images = families.dataset(name).test.images
    assert results.digest(images) == provenance["test_images_sha256"]
    if codec.library:
        there, here = (found[codec.library] for found in (provenance["versions"], versions()))
        if there != here:
            assert not stack.IS_CLASSIC, "its releases are pinned; measure the points again"
            pytest.skip(f"measured with {codec.library} {there}, this is {here}")
    measured = results.measure_again(codec, images)
    assert (measured.codec, measured.setting) == (claimed.codec, claimed.setting)
    one_byte = 1 / claimed.num_images
    rel = 1e-2 if label.endswith("refined") else 1e-3  # a search in other floats ends elsewhere
    assert measured.bytes_per_image == pytest.approx(claimed.bytes_per_image, rel=rel, abs=one_byte)
    assert measured.mse == pytest.approx(claimed.mse, rel=rel, abs=1e-9)
    whole = results.load(name)[label][index]
    if (
        whole.rate_kind == "file" and claimed.num_images > 1
    ):  # a mosaic of 100 images is not like one of 1,024
        end = claimed.rate_kind == "joint"  # each file of its own ends on a whole byte
        most = 1.15 * claimed.bytes_per_image + end
        assert 0.85 * claimed.bytes_per_image < whole.bytes_per_image < most


def test_unknown_names():
    for function in (results.load, families.families):
        with pytest.raises(
            ValueError, match="no results for 'kodak'; there are mnist, cifar10, photographs"
        ):
            function("kodak")
    with pytest.raises(ValueError, match="no family is called 'GIF'; there are JPEG"):
        results.measure("mnist", "GIF")


def test_measuring_stores_what_load_returns(monkeypatch, tmp_path):
    small = datasets.mnist(40)
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(families, "dataset", lambda name: small)
    points = results.measure("mnist", "JPEG")
    stored = results.load("mnist")
    assert set(stored) == {"JPEG", "JPEG, header-free"}
    rates = [point.bytes_per_image for point in stored["JPEG"] + stored["JPEG, header-free"]]
    np.testing.assert_allclose(rates, [point.bytes_per_image for point in points], rtol=1e-5)
    results.measure("mnist", "PNG, mosaic")
    assert set(results.load("mnist")) == {"JPEG", "JPEG, header-free", "PNG, mosaic"}
    stored = json.loads((tmp_path / "mnist.json").read_text(encoding="utf-8"))["families"]
    assert {"versions", "test_images_sha256", "points", "check"} == set(stored["JPEG"])
    assert {"pillow", "imagecodecs", "pywavelets"} <= set(stored["JPEG"]["versions"])


def test_nothing_is_stored_from_a_stand_in(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(families, "dataset", lambda name: datasets.natural_patches(8))
    with pytest.raises(ValueError, match="need cifar10, which could not be found"):
        results.measure("cifar10", "JPEG")
    assert not list(tmp_path.iterdir())


def test_command_line_names_what_is_wrong(capsys):
    message = run_command("course", "measure", "mnist", "GIF")
    assert message.startswith("kerascomp: no family is called 'GIF'; there are JPEG")
    assert run_command("course", "measure", "kodak") == 2
    assert "expected mnist, cifar10" in capsys.readouterr().err


def test_command_line_measures_what_is_missing(monkeypatch, tmp_path, capsys):
    small = datasets.mnist(40)
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(families, "dataset", lambda name: small)
    two = {label: families.families("mnist")[label] for label in ("PNG", "DCT")}
    monkeypatch.setattr(families, "families", lambda name: two)
    for labels, printed in ((["PNG"], "mnist: PNG\n"), ([], "mnist: DCT\n"), ([], "")):
        assert run_command("course", "measure", "mnist", *labels) == 0
        assert capsys.readouterr().out == printed
    assert set(results.load("mnist")) == {"PNG", "PNG, header-free", "DCT"}
