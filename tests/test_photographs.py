"""Photographs: from a folder, downloaded and verified, or replaced by stand-ins that say so."""

import hashlib
import importlib
import io
import os
import urllib.error
from pathlib import Path

import numpy as np
import pytest
from helpers import random_images
from PIL import Image

from kerascomp import datasets
from kerascomp.files import ArrayFileError

module = importlib.import_module("kerascomp.datasets.photographs")
REAL = Path(os.environ.get("KERASCOMP_DATA", "")) / "kodak" / "kodim01.png"
NEEDS_KODAK = pytest.mark.skipif(not REAL.is_file(), reason="Kodak is not on this machine")


def png(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


PIXELS = random_images(3, 9, 14, 3)
FILES = {f"kodim0{number}.png": png(image) for number, image in enumerate(PIXELS, start=1)}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A computer without data, for which three small pictures are Kodak's."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in FILES.items())
    (tmp_path / "sums").write_text("".join(lines), encoding="utf-8")
    monkeypatch.setattr(module, "SHA256", tmp_path / "sums")
    for name in ("KERASCOMP_DATA", "KERASCOMP_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path


def serve(monkeypatch, answer):
    """Replaces the network; returns the list of the addresses that are asked for."""
    asked = []

    def open_url(url, **_):
        asked.append(url)
        response = io.BytesIO(answer(url.rpartition("/")[2]))
        response.headers = {}
        return response

    monkeypatch.setattr("urllib.request.urlopen", open_url)
    return asked


@NEEDS_KODAK
def test_kodak_is_the_real_one():
    kodak = datasets.kodak()
    assert len(kodak) == 24 and not kodak.is_stand_in
    assert {image.shape for image in kodak} == {(512, 768, 3), (768, 512, 3)}
    assert all(image.dtype == np.uint8 for image in kodak)
    assert len(datasets.kodak(2)) == 2 and datasets.kodak(2).digest != kodak.digest


def test_kodak_is_downloaded_once(home, monkeypatch):
    asked = serve(monkeypatch, FILES.get)
    for _ in range(2):
        np.testing.assert_array_equal(datasets.kodak(), PIXELS)
    assert asked == [f"{module.KODAK_URL}{name}" for name in FILES]
    kept = sorted((home / "keras" / "datasets" / "kodak").iterdir())
    assert [path.name for path in kept] == list(FILES)


def test_an_interrupted_download_goes_on_where_it_was(home, monkeypatch):
    def broken(name):
        if name == "kodim03.png":
            raise KeyboardInterrupt
        return FILES[name]

    serve(monkeypatch, broken)
    with pytest.raises(KeyboardInterrupt):
        datasets.kodak()
    asked = serve(monkeypatch, FILES.get)
    assert len(datasets.kodak()) == 3 and len(asked) == 1


def test_a_picture_that_is_not_kodaks_is_not_kept(home, monkeypatch):
    serve(monkeypatch, lambda name: FILES[name][:50])
    with pytest.raises(ArrayFileError, match=r"kodim01\.png sent 50 of .*; nothing was kept"):
        datasets.kodak()
    assert not list((home / "keras" / "datasets" / "kodak").iterdir())


def test_without_a_network_another_photograph_stands_in(home, monkeypatch, capsys):
    def no_network(_):
        raise urllib.error.URLError("no network")

    serve(monkeypatch, no_network)
    kodak = datasets.kodak()
    assert kodak.is_stand_in and kodak.name != "Kodak" and kodak[0].shape == (300, 451, 3)
    assert "stands in" in capsys.readouterr().out


def test_files_in_the_named_folder_are_verified(home, monkeypatch):
    (home / "kodak").mkdir()
    monkeypatch.setenv("KERASCOMP_DATA", str(home))
    with pytest.raises(ArrayFileError, match=r"kodim01\.png is missing; get it from http"):
        datasets.kodak()
    for name, content in FILES.items():
        (home / "kodak" / name).write_bytes(content)
    np.testing.assert_array_equal(datasets.kodak(), PIXELS)
    (home / "kodak" / "kodim02.png").write_bytes(FILES["kodim01.png"])
    with pytest.raises(ArrayFileError, match=r"kodim02\.png is not Kodak's .* expected"):
        datasets.kodak()
    assert len(datasets.kodak(1)) == 1


def test_photographs_are_the_pictures_of_a_folder(home, monkeypatch):
    folder = home / "photographs" / "train"
    folder.mkdir(parents=True)
    monkeypatch.setenv("KERASCOMP_DATA", str(home))
    (folder / "LICENSE.txt").write_text("not a picture", encoding="utf-8")
    with pytest.raises(ArrayFileError, match="train has no pictures; expected photographs"):
        datasets.photographs("train")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    Image.fromarray(PIXELS[0, ..., 0]).save(folder / "gray.webp", lossless=True)
    images = datasets.photographs("train")
    assert not images.is_stand_in and len(images) == 4
    np.testing.assert_array_equal(images[0], np.repeat(PIXELS[0, ..., :1], 3, axis=2))
    np.testing.assert_array_equal(images[1:], PIXELS)
    assert datasets.photographs("validation").is_stand_in
    (folder / "cut.png").write_bytes(FILES["kodim01.png"][:60])
    with pytest.raises(ArrayFileError, match=r"cut\.png is damaged or no picture"):
        datasets.photographs("train")


def test_whole_photographs_are_a_data_set(home, monkeypatch, capsys):
    with pytest.raises(ArrayFileError, match="no network|is missing"):
        monkeypatch.setenv("KERASCOMP_DATA", str(home))
        (home / "kodak").mkdir()
        datasets.full_size()
    for folder in ("kodak", "photographs/train", "photographs/validation"):
        (home / folder).mkdir(parents=True, exist_ok=True)
        for name, content in FILES.items():
            (home / folder / name).write_bytes(content)
    dataset = datasets.full_size(2)
    assert dataset.name == "photographs" and not dataset.is_stand_in
    assert dataset.train.images.shape == dataset.validation.images.shape == (2, 9, 14, 3)
    assert isinstance(dataset.test.images, list) and len(dataset.test) == 2
    Image.fromarray(PIXELS[0, :5]).save(home / "photographs" / "train" / "small.png")
    with pytest.raises(ArrayFileError, match="of one size, received .5, 14, 3. and .9, 14, 3."):
        datasets.full_size()
    monkeypatch.delenv("KERASCOMP_DATA")
    monkeypatch.setenv("KERASCOMP_OFFLINE", "1")
    assert datasets.full_size().is_stand_in and "stand in" in capsys.readouterr().out


def test_stand_ins_for_photographs_share_none(home, capsys):
    train, validation = map(datasets.photographs, ("train", "validation"))
    assert train.is_stand_in and "stand in" in capsys.readouterr().out
    assert not {image.shape for image in train} & {image.shape for image in validation}
    with pytest.raises(ValueError, match="train or validation, received 'test'"):
        datasets.photographs("test")
