"""The published networks are what their cards say."""

import json
import zlib

import numpy as np
import pytest
from helpers import NEEDS_CIFAR10, NEEDS_PHOTOGRAPHS

from kerascomp import datasets, metrics, zoo
from kerascomp.zoo import cards, publishing, recipes

NAMES = zoo.names()
# The recurrent one is measured among the stored points.
MEASURED = {"mnist-dense", "mnist-dense-noise", "mnist-bottleneck"}


def test_every_network_has_weights_and_a_card():
    files = {path.name for path in cards.FOLDER.iterdir()}
    assert files == {f"{name}.{suffix}" for name in NAMES for suffix in ("npz", "json")}
    sizes = {name: cards.path(name, "npz").stat().st_size for name in NAMES}
    kinds = {name: recipes.ENTRIES[name].kind for name in NAMES}
    limits = {
        "recurrent": 3e6,
        "factorized": 2.6e6,
        "lossless": 4e5,
        "pictures": 4.6e6,
        "others": 12e6,
    }  # bytes
    for kind, limit in limits.items():
        of_kind = [name for name in NAMES if kinds[name] == kind]
        if kind == "others":
            of_kind = [name for name in NAMES if kinds[name] not in limits]
        assert sum(sizes[name] for name in of_kind) < limit


def published(name):
    """Returns a parameter: one network of each kind is quick, the others are slow."""
    entry = recipes.ENTRIES[name]
    marks = {"cifar10": [NEEDS_CIFAR10], "photographs": [NEEDS_PHOTOGRAPHS]}.get(entry.dataset, [])
    return pytest.param(name, marks=marks if name in MEASURED else [*marks, pytest.mark.slow])


@pytest.mark.parametrize("name", [published(name) for name in NAMES])
def test_card_is_true(name):
    """Measures the first test images again, and compares what the card says with the network."""
    card, network, entry = zoo.card(name), zoo.network(name), recipes.ENTRIES[name]
    assert card["name"] == name and card["num_parameters"] == network.count_params()
    assert card["num_latents"] == network.num_latents
    assert card["recipe"]["epochs"] == entry.recipe.epochs == len(card["history"]["loss"])
    dataset = datasets.BY_NAME[entry.dataset]()
    assert dataset.digest == card["dataset_digest"]
    assert card["test"]["num_images"] == len(dataset.test)
    if isinstance(dataset.test.images, list):
        assert publishing.measure(zoo.codec(name), publishing.checked(dataset.test.images)) == {
            key: pytest.approx(value, rel=1e-3) for key, value in card["check"].items()
        }
        return
    assert card["test"]["mse"] == pytest.approx(card["check"]["mse"], rel=0.2)
    images = dataset.test.images[:1000]
    if zoo.has_codec(name):
        codec, rate = zoo.codec(name), card["rate"]
        files = codec.encode(images)
        decoded = codec.decode(files)
        assert (codec.name, codec.setting) == (rate["codec"], rate["setting"])
        assert rate["num_images"] == len(dataset.test)
        mean_bytes = np.mean([len(file) for file in files])
        assert mean_bytes == pytest.approx(rate["bytes_per_image"], rel=0.03)
        assert metrics.mse(images, decoded).mean() == pytest.approx(rate["mse"], rel=0.1)
        assert rate["mse"] == pytest.approx(card["test"]["mse"], rel=1e-4)
    else:
        decoded = network.reconstruct(images[: publishing.NUM_CHECKED])
    checked = slice(publishing.NUM_CHECKED)
    measured = publishing.errors(images[checked], decoded[checked])
    assert measured.keys() == card["check"].keys()
    for key, value in card["check"].items():
        # An exact codec has no PSNR, and errors of zero.
        assert measured[key] == (value and pytest.approx(value, rel=1e-3))


@pytest.mark.slow
def test_every_network_that_rounds_has_a_coder():
    for name, entry in recipes.ENTRIES.items():
        assert (entry.kind != "autoencoder") == ("rate" in zoo.card(name))
        if not entry.has_rates:
            rounds = entry.kind in ("quantized", "factorized")
            quantizer = getattr(entry.build(), "quantizer", None)
            assert (quantizer is not None) == rounds


def test_unknown_names_are_answered_with_the_known_ones():
    for function in (zoo.network, zoo.card, zoo.codec):
        with pytest.raises(ValueError, match="no network is called 'jpeg'; there are mnist-dense"):
            function("jpeg")


def test_a_number_in_a_file_names_a_model_and_its_level():
    assert cards.by_number(cards.number("mnist-bottleneck", 20)) == ("mnist-bottleneck", 20)
    assert cards.by_number(cards.number("mnist-recurrent")) == ("mnist-recurrent", None)
    known = {number for name in NAMES for number in cards.numbers(name)}
    unknown = next(number for number in range(2**16) if number not in known)
    with pytest.raises(
        zoo.UnknownModel, match=f"number {unknown}.*{len(NAMES)} known here; update"
    ):
        cards.by_number(unknown)


def test_what_has_a_codec_is_known_without_loading_it():
    for name in NAMES:
        entry = recipes.ENTRIES[name]
        assert zoo.has_codec(name) == (entry.kind != "autoencoder")
        assert len(cards.numbers(name)) == {"autoencoder": 0, "bottleneck": 65, "pictures": 65}.get(
            entry.kind, 1
        )


def test_a_new_model_never_takes_the_number_of_another(monkeypatch, tmp_path):
    index = tmp_path / "models.json"
    index.write_text(json.dumps({"old": [zlib.crc32(b"new") & 0xFFFF]}), encoding="utf-8")
    monkeypatch.setattr(cards, "INDEX", index)
    cards.register("new", None)
    assert cards.number("new") == (cards.number("old") + 1) & 0xFFFF
    cards.register("newer", 2)
    assert cards.numbers("newer") == [zlib.crc32(key) & 0xFFFF for key in (b"newer:0", b"newer:1")]
    before = cards.numbers("newer")
    cards.register("newer", 2)
    assert cards.numbers("newer") == before and list(cards.names()) == ["old", "new", "newer"]


def test_cards_name_the_versions_they_were_made_with():
    for name in NAMES:
        assert {"tensorflow", "numpy"} <= zoo.card(name)["versions"].keys()
