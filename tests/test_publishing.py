"""What a training publishes is what the zoo loads."""

import json
import shutil

import pytest
from helpers import small_dataset

from kerascomp import codecs, datasets, zoo
from kerascomp.files import ArrayFileError
from kerascomp.networks import autoencoders, quantizers, training
from kerascomp.zoo import cards, publishing, recipes


@pytest.fixture
def own_zoo(monkeypatch, tmp_path):
    """A zoo in a temporary folder, with one network that trains in a second."""
    entry = recipes.Entry("test", autoencoders.dense, "mnist", training.Recipe(epochs=1))
    monkeypatch.setattr(recipes, "ENTRIES", {"tiny": entry})
    monkeypatch.setattr(cards, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(cards, "INDEX", tmp_path / "models.json")
    cards.INDEX.write_text("{}")
    monkeypatch.setitem(datasets.BY_NAME, "mnist", lambda: small_dataset(64))
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "weights"


def test_train_publishes_what_load_reads(own_zoo):
    card = publishing.train("tiny")
    assert json.loads((own_zoo / "tiny.json").read_text()) == card == zoo.card("tiny")
    images = small_dataset(64).test.images
    assert publishing.measure(zoo.network("tiny"), images) == card["test"]
    assert card["command"] == "make train MODEL=tiny"
    again = publishing.train("tiny")
    assert again["sha256"] == card["sha256"], "the same code and seed train the same network"


def test_a_quantized_network_is_published_with_its_coder(own_zoo, monkeypatch):
    def build():
        return autoencoders.quantized(autoencoders.dense(), quantizers.UniformNoise(1.0))

    entry = recipes.Entry("test", build, "mnist", training.Recipe(epochs=1), kind="quantized")
    monkeypatch.setattr(recipes, "ENTRIES", {"tiny": entry})
    card = publishing.train("tiny")
    images = small_dataset(64).test.images
    point = codecs.measure(zoo.codec("tiny"), images)
    assert point.bytes_per_image == card["rate"]["bytes_per_image"]
    assert publishing.measure(zoo.network("tiny"), images)["mse"] == pytest.approx(
        card["test"]["mse"]
    )


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


def test_command_line(own_zoo, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["publishing", "train", "tiny"])
    publishing.main()
    monkeypatch.setattr("sys.argv", ["publishing", "list"])
    publishing.main()
    output = capsys.readouterr().out
    assert "training tiny: 1 epochs" in output and "tiny: test MSE" in output
    shutil.rmtree(own_zoo)


def test_a_typing_error_is_found_before_anything_is_trained(own_zoo, monkeypatch):
    monkeypatch.setattr("sys.argv", ["publishing", "train", "tiny", "tyni"])
    with pytest.raises(SystemExit, match="no network is called 'tyni'; there are tiny"):
        publishing.main()
    assert not own_zoo.exists()


def test_ctrl_c_says_how_to_go_on(own_zoo, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.argv", ["publishing", "train", "tiny"])
    monkeypatch.setattr(training, "fit", interrupt)
    with pytest.raises(SystemExit, match="the same command continues"):
        publishing.main()
    assert not own_zoo.exists()
