"""The published networks are what their cards say."""

import pytest
from helpers import NEEDS_CIFAR10

from kerascomp import codecs, datasets, zoo
from kerascomp.zoo import publishing

NAMES = zoo.names()


def test_every_network_has_weights_and_a_card():
    files = {path.name for path in zoo.FOLDER.iterdir()}
    assert files == {f"{name}.{suffix}" for name in NAMES for suffix in ("npz", "json")}
    sizes = {name: zoo.path(name, "npz").stat().st_size for name in NAMES}
    recurrent = {name for name in NAMES if zoo.ENTRIES[name].kind == "recurrent"}
    assert sum(sizes[name] for name in NAMES if name not in recurrent) < 12e6
    assert sum(sizes[name] for name in recurrent) < 3e6


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=NEEDS_CIFAR10 if zoo.ENTRIES[name].dataset == "cifar10" else ())
        for name in NAMES
    ],
)
def test_card_is_true(name):
    """Re-measures the first test images, and compares what the card says with the network."""
    card, model = zoo.card(name), zoo.load(name)
    network = model.model if zoo.ENTRIES[name].has_rates else model
    assert card["name"] == name and card["num_parameters"] == network.count_params()
    assert card["num_latents"] == network.num_latents
    recipe = zoo.ENTRIES[name].recipe
    assert card["recipe"]["epochs"] == recipe.epochs == len(card["history"]["loss"])
    dataset = datasets.mnist() if card["dataset"] == "MNIST" else datasets.cifar10()
    assert dataset.digest == card["dataset_digest"]
    found = publishing.measure(model, dataset.test.images[: publishing.NUM_CHECKED])
    assert found == pytest.approx(card["check"], rel=1e-3)
    assert card["test"]["num_images"] == 10000
    assert card["test"]["mse"] == pytest.approx(card["check"]["mse"], rel=0.2)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=NEEDS_CIFAR10 if zoo.ENTRIES[name].dataset == "cifar10" else ())
        for name in NAMES
        if "rate" in zoo.card(name)
    ],
)
def test_published_codecs_cost_what_their_cards_say(name):
    card, codec = zoo.card(name), zoo.codec(name)
    dataset = datasets.mnist() if card["dataset"] == "MNIST" else datasets.cifar10()
    point = codecs.measure(codec, dataset.test.images[:1000])
    assert (point.codec, point.setting) == (card["rate"]["codec"], card["rate"]["setting"])
    assert card["rate"]["num_images"] == 10000
    assert point.bytes_per_image == pytest.approx(card["rate"]["bytes_per_image"], rel=0.03)
    assert point.mse == pytest.approx(card["rate"]["mse"], rel=0.1)
    assert card["rate"]["mse"] == pytest.approx(card["test"]["mse"], rel=1e-4)


def test_every_network_that_rounds_has_a_coder():
    for name, entry in zoo.ENTRIES.items():
        assert (entry.kind != "autoencoder") == ("rate" in zoo.card(name))
        if not entry.has_rates:
            assert (entry.build().quantizer is not None) == (entry.kind == "quantized")


def test_unknown_names_are_answered_with_the_known_ones():
    for function in (zoo.load, zoo.card, zoo.codec):
        with pytest.raises(ValueError, match="no network is called 'jpeg'; there are mnist-dense"):
            function("jpeg")


def test_a_name_may_say_a_level():
    assert zoo.split_name("mnist-bottleneck:20") == ("mnist-bottleneck", 20)
    assert zoo.split_name("mnist-bottleneck") == ("mnist-bottleneck", None)
    with pytest.raises(ValueError, match="expected a level behind mnist-bottleneck:, received 'x'"):
        zoo.codec("mnist-bottleneck:x")
    with pytest.raises(ValueError, match="mnist-bottleneck has no quality 65"):
        zoo.codec("mnist-bottleneck:65")


def test_cards_name_the_versions_they_were_made_with():
    for name in NAMES:
        assert {"tensorflow", "numpy"} <= zoo.card(name)["versions"].keys()
