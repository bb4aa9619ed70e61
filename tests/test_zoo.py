import json
import shutil

import pytest
from helpers import small_dataset

from kerascomp import autoencoders, codecs, datasets, networks, quantizers, training, zoo
from kerascomp.arrays import ArrayFileError

NAMES = zoo.names()
NEEDS_CIFAR10 = pytest.mark.skipif(
    datasets.cifar10_source() is None, reason="CIFAR-10 is not on this machine"
)


def test_every_network_has_weights_and_a_card():
    files = {path.name for path in zoo.FOLDER.iterdir()}
    assert files == {f"{name}.{suffix}" for name in NAMES for suffix in ("npz", "json")}
    assert sum(path.stat().st_size for path in zoo.FOLDER.glob("*.npz")) < 12e6


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
    network = model.model if zoo.ENTRIES[name].kind == "bottleneck" else model
    assert card["name"] == name and card["num_parameters"] == network.count_params()
    assert card["num_latents"] == network.num_latents
    recipe = zoo.ENTRIES[name].recipe
    assert card["recipe"]["epochs"] == recipe.epochs == len(card["history"]["loss"])
    dataset = datasets.mnist() if card["dataset"] == "MNIST" else datasets.cifar10()
    assert dataset.digest == card["dataset_digest"]
    found = zoo.measure(model, dataset.test.images[: zoo.NUM_CHECKED])
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
        if entry.kind != "bottleneck":
            assert (entry.build().quantizer is not None) == (entry.kind == "quantized")


def test_unknown_names_are_answered_with_the_known_ones():
    for function in (zoo.load, zoo.card, zoo.train):
        with pytest.raises(ValueError, match="no network is called 'jpeg'; there are mnist-dense"):
            function("jpeg")


@pytest.fixture
def own_zoo(monkeypatch, tmp_path):
    """A zoo in a temporary folder, with one network that trains in a second."""
    entry = networks.Entry("test", autoencoders.dense, "mnist", training.Recipe(epochs=1))
    monkeypatch.setattr(zoo, "ENTRIES", {"tiny": entry})
    monkeypatch.setattr(zoo, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(zoo.datasets, "mnist", lambda: small_dataset(64))
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "weights"


def test_train_publishes_what_load_reads(own_zoo):
    card = zoo.train("tiny")
    assert json.loads((own_zoo / "tiny.json").read_text()) == card == zoo.card("tiny")
    images = small_dataset(64).test.images
    assert zoo.measure(zoo.load("tiny"), images) == card["test"]
    assert card["command"] == "make train MODEL=tiny"
    again = zoo.train("tiny")
    assert again["sha256"] == card["sha256"], "the same code and seed train the same network"


def test_a_quantized_network_is_published_with_its_coder(own_zoo, monkeypatch):
    def build():
        return autoencoders.quantized(autoencoders.dense(), quantizers.UniformNoise(1.0))

    entry = networks.Entry("test", build, "mnist", training.Recipe(epochs=1), kind="quantized")
    monkeypatch.setattr(zoo, "ENTRIES", {"tiny": entry})
    card = zoo.train("tiny")
    images = small_dataset(64).test.images
    point = codecs.measure(zoo.codec("tiny"), images)
    assert point.bytes_per_image == card["rate"]["bytes_per_image"]
    assert zoo.measure(zoo.load("tiny"), images)["mse"] == pytest.approx(card["test"]["mse"])


def test_a_changed_byte_is_noticed(own_zoo):
    zoo.train("tiny")
    path = own_zoo / "tiny.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArrayFileError, match="was changed or damaged.*make train MODEL=tiny"):
        zoo.load("tiny")
    path.unlink()
    with pytest.raises(ArrayFileError, match="is missing.*make train MODEL=tiny"):
        zoo.load("tiny")


def test_an_untrained_network_says_so(own_zoo):
    with pytest.raises(ValueError, match="tiny was not trained yet; train it: make train"):
        zoo.load("tiny")


def test_nothing_is_published_from_a_stand_in(own_zoo, monkeypatch):
    stand_in = datasets.natural_patches(8)
    monkeypatch.setattr(zoo.datasets, "mnist", lambda: stand_in)
    with pytest.raises(ValueError, match="mnist, which could not be found"):
        zoo.train("tiny")
    assert not own_zoo.exists()


def test_command_line(own_zoo, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["zoo", "train", "tiny"])
    zoo.main()
    monkeypatch.setattr("sys.argv", ["zoo", "list"])
    zoo.main()
    output = capsys.readouterr().out
    assert "training tiny: 1 epochs" in output and "tiny: test MSE" in output
    shutil.rmtree(own_zoo)


def test_a_typing_error_is_found_before_anything_is_trained(own_zoo, monkeypatch):
    monkeypatch.setattr("sys.argv", ["zoo", "train", "tiny", "tyni"])
    with pytest.raises(SystemExit, match="no network is called 'tyni'; there are tiny"):
        zoo.main()
    assert not own_zoo.exists()


def test_ctrl_c_says_how_to_go_on(own_zoo, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.argv", ["zoo", "train", "tiny"])
    monkeypatch.setattr(training, "fit", interrupt)
    with pytest.raises(SystemExit, match="the same command continues"):
        zoo.main()
    assert not own_zoo.exists()


def test_cards_name_the_versions_they_were_made_with():
    for name in NAMES:
        assert {"tensorflow", "numpy"} <= zoo.card(name)["versions"].keys()
