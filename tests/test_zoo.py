"""The published networks are what their cards say."""

import json
import zlib

import pytest
from helpers import NEEDS_CIFAR10

from kerascomp import codecs, datasets, zoo
from kerascomp.zoo import cards, publishing, recipes

NAMES = zoo.names()


def test_every_network_has_weights_and_a_card():
    files = {path.name for path in cards.FOLDER.iterdir()}
    assert files == {f"{name}.{suffix}" for name in NAMES for suffix in ("npz", "json")}
    sizes = {name: cards.path(name, "npz").stat().st_size for name in NAMES}
    recurrent = {name for name in NAMES if recipes.ENTRIES[name].kind == "recurrent"}
    assert sum(sizes[name] for name in NAMES if name not in recurrent) < 12e6
    assert sum(sizes[name] for name in recurrent) < 3e6


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=NEEDS_CIFAR10 if recipes.ENTRIES[name].dataset == "cifar10" else ()
        )
        for name in NAMES
    ],
)
def test_card_is_true(name):
    """Re-measures the first test images, and compares what the card says with the network."""
    card, network = zoo.card(name), zoo.network(name)
    assert card["name"] == name and card["num_parameters"] == network.count_params()
    assert card["num_latents"] == network.num_latents
    recipe = recipes.ENTRIES[name].recipe
    assert card["recipe"]["epochs"] == recipe.epochs == len(card["history"]["loss"])
    dataset = datasets.BY_NAME[recipes.ENTRIES[name].dataset]()
    assert dataset.digest == card["dataset_digest"]
    coded = zoo.codec(name) if recipes.ENTRIES[name].has_rates else network
    measured = publishing.measure(coded, dataset.test.images[: publishing.NUM_CHECKED])
    assert measured == pytest.approx(card["check"], rel=1e-3)
    assert card["test"]["num_images"] == 10000
    assert card["test"]["mse"] == pytest.approx(card["check"]["mse"], rel=0.2)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=NEEDS_CIFAR10 if recipes.ENTRIES[name].dataset == "cifar10" else ()
        )
        for name in NAMES
        if "rate" in zoo.card(name)
    ],
)
def test_published_codecs_cost_what_their_cards_say(name):
    card, codec = zoo.card(name), zoo.codec(name)
    dataset = datasets.BY_NAME[recipes.ENTRIES[name].dataset]()
    point = codecs.measure(codec, dataset.test.images[:1000])
    assert (point.codec, point.setting) == (card["rate"]["codec"], card["rate"]["setting"])
    assert card["rate"]["num_images"] == 10000
    assert point.bytes_per_image == pytest.approx(card["rate"]["bytes_per_image"], rel=0.03)
    assert point.mse == pytest.approx(card["rate"]["mse"], rel=0.1)
    assert card["rate"]["mse"] == pytest.approx(card["test"]["mse"], rel=1e-4)


def test_every_network_that_rounds_has_a_coder():
    for name, entry in recipes.ENTRIES.items():
        assert (entry.kind != "autoencoder") == ("rate" in zoo.card(name))
        if not entry.has_rates:
            assert (entry.build().quantizer is not None) == (entry.kind == "quantized")


def test_unknown_names_are_answered_with_the_known_ones():
    for function in (zoo.network, zoo.card, zoo.codec):
        with pytest.raises(ValueError, match="no network is called 'jpeg'; there are mnist-dense"):
            function("jpeg")


def test_a_number_in_a_file_names_a_model_and_its_level():
    assert cards.by_number(cards.number("mnist-bottleneck", 20)) == ("mnist-bottleneck", 20)
    assert cards.by_number(cards.number("mnist-recurrent")) == ("mnist-recurrent", None)
    known = {number for name in NAMES for number in cards.numbers(name)}
    unknown = next(number for number in range(2**16) if number not in known)
    with pytest.raises(zoo.UnknownModel, match=f"number {unknown}.*39 known here; update"):
        cards.by_number(unknown)


def test_what_has_a_codec_is_known_without_loading_it():
    for name in NAMES:
        entry = recipes.ENTRIES[name]
        assert zoo.has_codec(name) == (entry.kind != "autoencoder")
        assert len(cards.numbers(name)) == {"autoencoder": 0, "bottleneck": 65}.get(entry.kind, 1)


def test_a_new_model_never_takes_the_number_of_another(monkeypatch, tmp_path):
    index = tmp_path / "models.json"
    index.write_text(json.dumps({"old": [zlib.crc32(b"new") & 0xFFFF]}))
    monkeypatch.setattr(cards, "INDEX", index)
    with pytest.raises(ValueError, match="a number of new is that of another model"):
        cards.register("new", None)
    cards.register("newer", 2)
    assert cards.numbers("newer") == [zlib.crc32(key) & 0xFFFF for key in (b"newer:0", b"newer:1")]
    before = cards.numbers("newer")
    cards.register("newer", 2)
    assert cards.numbers("newer") == before and list(cards.names()) == ["old", "newer"]


def test_cards_name_the_versions_they_were_made_with():
    for name in NAMES:
        assert {"tensorflow", "numpy"} <= zoo.card(name)["versions"].keys()
