"""What a training publishes is what the zoo loads."""

import json
import shutil

import numpy as np
import pytest
from helpers import blobs, run_command, small_dataset

from kerascomp import codecs, datasets, zoo
from kerascomp.codecs.bottleneck import transforms
from kerascomp.codecs.bottleneck.model import RateDistortion
from kerascomp.codecs.bottleneck.prior import Prior
from kerascomp.codecs.context.plan import Plan
from kerascomp.datasets import Dataset, Split
from kerascomp.files import ArrayFileError
from kerascomp.networks import autoencoders, quantizers, training
from kerascomp.zoo import cards, entries, publishing, recipes


@pytest.fixture
def own_zoo(monkeypatch, tmp_path):
    """A zoo in a temporary folder, with one network that trains in a second."""
    entry = entries.Entry("test", autoencoders.dense, "mnist", training.Recipe(epochs=1))
    monkeypatch.setattr(recipes, "ENTRIES", {"tiny": entry})
    monkeypatch.setattr(cards, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(cards, "INDEX", tmp_path / "models.json")
    cards.INDEX.write_text("{}", encoding="utf-8")
    monkeypatch.setitem(datasets.BY_NAME, "mnist", lambda: small_dataset(64))
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "weights"


def test_train_publishes_what_load_reads(own_zoo):
    card = publishing.train("tiny")
    assert (
        json.loads((own_zoo / "tiny.json").read_text(encoding="utf-8")) == card == zoo.card("tiny")
    )
    images = small_dataset(64).test.images
    assert publishing.measure(zoo.network("tiny"), images) == card["test"]
    assert card["command"] == "make train MODEL=tiny"
    again = publishing.train("tiny")
    assert again["sha256"] == card["sha256"], "the same code and seed train the same network"


def test_a_quantized_network_is_published_with_its_coder(own_zoo, monkeypatch):
    def build():
        return autoencoders.quantized(autoencoders.dense(), quantizers.UniformNoise(1.0))

    entry = entries.Entry("test", build, "mnist", training.Recipe(epochs=1), kind="quantized")
    monkeypatch.setattr(recipes, "ENTRIES", {"tiny": entry})
    card = publishing.train("tiny")
    images = small_dataset(64).test.images
    point = codecs.measure(zoo.codec("tiny"), images)
    assert point.bytes_per_image == card["rate"]["bytes_per_image"]
    assert publishing.measure(zoo.network("tiny"), images)["mse"] == pytest.approx(
        card["test"]["mse"]
    )


def test_a_network_for_pictures_is_trained_on_squares_and_measured_on_whole_ones(
    own_zoo, monkeypatch
):
    def build():
        prior = Prior(Plan([4, 4], checkerboard=1, window=3), hidden=8)
        networks = transforms.photographs(8, (8, 8, 8), (1, 1, 1))
        return RateDistortion(networks, prior, lmbdas=(20.0, 200.0), name="tiny")

    recipe = training.Recipe(epochs=2, batch_size=4, crop=32, rounded_epochs=1, rounded_bits=7)
    entry = entries.Entry("test", build, "photographs", recipe, kind="pictures", weight_bits=7)
    monkeypatch.setattr(recipes, "ENTRIES", {"tiny": entry})
    pixels = blobs(4, size=64, channels=3)
    squares, two = Split(pixels, np.zeros(4)), [pixels[0, :50], pixels[1, :, :40]]
    photographs = Dataset("photographs", squares, squares, Split(two, np.zeros(2)), ())
    monkeypatch.setitem(datasets.BY_NAME, "photographs", lambda: photographs)
    card = publishing.train("tiny")
    assert card["test"]["num_images"] == card["rate"]["num_images"] == 2
    assert len(cards.numbers("tiny")) == 65
    point = codecs.measure(zoo.codec("tiny"), photographs.test.images)
    assert point.bytes_per_image == card["rate"]["bytes_per_image"]
    assert point.psnr_db == pytest.approx(card["test"]["psnr_db"])


def test_a_changed_byte_is_noticed(own_zoo):
    publishing.train("tiny")
    path = own_zoo / "tiny.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArrayFileError, match="was changed or damaged.*make train MODEL=tiny"):
        zoo.network("tiny")
    path.unlink()
    with pytest.raises(ArrayFileError, match="is missing.*make train MODEL=tiny"):
        zoo.network("tiny")


def test_an_untrained_network_says_so(own_zoo):
    with pytest.raises(ValueError, match="tiny was not trained yet; train it: make train"):
        zoo.network("tiny")


def test_nothing_is_published_from_a_stand_in(own_zoo, monkeypatch):
    stand_in = datasets.natural_patches(8)
    monkeypatch.setitem(datasets.BY_NAME, "mnist", lambda: stand_in)
    with pytest.raises(ValueError, match="mnist, which could not be found"):
        publishing.train("tiny")
    assert not own_zoo.exists()


@pytest.mark.slow
def test_command_line(own_zoo, capsys):
    assert run_command("course", "train", "tiny") == 0
    output = capsys.readouterr().out
    assert "training tiny: 1 epochs\n" in output and "tiny: test MSE" in output
    assert run_command("course", "networks") == 0
    line = capsys.readouterr().out
    assert line.startswith("tiny ") and line.endswith(" dB  test\n")
    assert run_command("course", "train") == 0
    assert "1 epochs, 1 minutes when it was published" in capsys.readouterr().out
    shutil.rmtree(own_zoo)


def test_a_typing_error_is_found_before_anything_is_trained(own_zoo):
    message = run_command("course", "train", "tiny", "tyni")
    assert message == "kerascomp: no network is called 'tyni'; there are tiny"
    assert not own_zoo.exists()


@pytest.mark.parametrize(("error", "code"), [
    (KeyboardInterrupt, 130),
    (training.Diverged("infinite"), "kerascomp: infinite"),
])  # fmt: skip
def test_a_training_that_stops_says_why_and_how_to_continue(
    own_zoo, monkeypatch, capsys, error, code
):
    def stop(*args, **kwargs):
        raise error

    monkeypatch.setattr(training, "fit", stop)
    assert run_command("course", "train", "tiny") == code
    assert ("the same command continues" in capsys.readouterr().err) == (code == 130)
    assert not own_zoo.exists()
