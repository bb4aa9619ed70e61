"""The command with the pictures that people have: of any size and kind, good and bad ones."""

import errno
import io
import os

import numpy as np
import pytest
from helpers import random_images, run_command
from PIL import Image

from kerascomp import datasets, zoo
from kerascomp.command import models, pictures

MODEL = ["--model", "mnist-dense-noise"]
PHOTO = datasets.photograph()
DIGIT = datasets.mnist(1).test.images[0, ..., 0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def save(image, path, **options):
    Image.fromarray(image).save(path, **options)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (17, 33, 3), (41, 7, 3), (19, 23)])
def test_any_size_without_a_model(folder, capsys, shape):
    image = PHOTO[:, :, 0] if len(shape) == 2 else PHOTO
    image = np.tile(image, (1, 2) + (1,) * (image.ndim - 2))[: shape[0], : shape[1]]
    save(image, "a.png")
    assert run_command("compress", "a.png", "a.kc") == 0
    assert f"bits per pixel, {models.ANY_SHAPE}\n" in capsys.readouterr().out
    assert run_command("decompress", "a.kc", "back.png") == 0
    image = image.reshape(*shape[:2], -1)
    expected = models.codec(models.ANY_SHAPE).for_shape(image.shape).reconstruct(image[None])
    np.testing.assert_array_equal(np.asarray(Image.open("back.png")), expected.reshape(shape))


def test_small_pictures_have_models_of_their_own(folder, capsys):
    save(DIGIT, "digit.png")
    save(PHOTO[:32, :32], "tiny.png")
    assert run_command("compress", "digit.png", "tiny.png", "out/", "--quality", "0.5") == 0
    output = capsys.readouterr().out
    assert output.count("mnist-bottleneck\n") == output.count("cifar10-bottleneck\n") == 1
    assert all(zoo.has_codec(name) for name in [*models.BY_SHAPE.values(), models.ANY_SHAPE])


def test_folders_and_patterns(folder, capsys):
    (folder / "in" / "empty").mkdir(parents=True)
    for name in ("b.png", "a.JPG", ".hidden.png"):
        save(DIGIT, folder / "in" / name)
    (folder / "in" / "notes.txt").write_text("not a picture", encoding="utf-8")
    assert run_command("compress", "in", "out", *MODEL) == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.kc", "b.kc"]
    assert run_command("decompress", "out", "back") == 0
    assert sorted(path.name for path in (folder / "back").iterdir()) == ["a.png", "b.png"]
    assert run_command("compress", "in", "in/b.png", "once", *MODEL) == 0
    assert capsys.readouterr().out.count("once/b.kc: ") == 1
    for pattern in ("in/*.[Jp][Pn]*", str(folder / "in" / "*.??[gG]")):
        assert run_command("compress", pattern, "in/", *MODEL, "--force") == 0
    assert "in/empty has no files that end in" in run_command("compress", "in/empty", "x/", *MODEL)
    assert "out.png ends in .png; expected the name of a folder" in run_command(
        "compress", "in", "out.png", *MODEL
    )


def test_what_is_left_out_is_said_and_metadata_once(folder, capsys):
    exif = Image.Exif()
    exif[0x0132] = "2026:11:28 12:00:00"
    for name in ("a.jpg", "b.jpg"):
        save(DIGIT, name, exif=exif)
    other = Image.fromarray(DIGIT).rotate(90)
    save(DIGIT, "c.tif", save_all=True, append_images=[other])
    assert run_command("compress", "a.jpg", "b.jpg", "c.tif", "out/", *MODEL) == 0
    errors = capsys.readouterr().err
    assert errors.count("metadata, such as") == 1
    assert "c.tif: only the first of 2 frames was taken" in errors


def test_every_bad_picture_is_one_line_and_the_others_are_done(folder, capsys, monkeypatch):
    save(DIGIT, "good.png")
    save(DIGIT, "last.png")
    whole = io.BytesIO()
    Image.fromarray(random_images(28, 28)).save(whole, "JPEG")
    (folder / "cut.jpg").write_bytes(whole.getvalue()[:-200])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("not a picture", encoding="utf-8")
    save(np.zeros((3000, 3000), np.uint8), "bomb.png")
    Image.new("LA", (28, 28)).save("alpha.png")
    save(np.zeros((28, 28), np.uint16), "deep.png")
    save(DIGIT, "growing.png")
    function, pixels = pictures.conversions.pixels, []

    def slow(picture, reading):
        pixels.append(function(picture, reading))
        if len(pixels) == 2:  # the second that can be read
            (folder / "growing.png").write_bytes(b"more")
        return pixels[-1]

    monkeypatch.setattr(pictures.conversions, "pixels", slow)
    names = ["good", "cut", "empty", "text", "bomb", "alpha", "deep", "growing", "last", "none"]
    paths = [next((p.name for p in folder.glob(f"{name}.*")), f"{name}.png") for name in names]
    answer = run_command("compress", *paths, "out/", *MODEL, "--max-pixels", "1000000")
    errors = capsys.readouterr().err.splitlines()
    expected = {
        "cut.jpg": "is damaged",
        "empty.png": "is empty; expected a picture",
        "text.png": "is no picture that can be read; expected PNG",
        "bomb.png": "has 9,000,000 pixels, expected at most 1,000,000",
        "alpha.png": "has transparency; expected opaque",
        "deep.png": "has 16 bits; expected",
        "growing.png": "changed while it was read",
        "none.png": "No such file",
    }
    for name, message in expected.items():
        (line,) = [line for line in errors if name in line]
        assert line.startswith("kerascomp: ") and message in line
        assert name in answer
    assert answer.startswith("kerascomp: 8 of 10 files failed: ") and "\n" not in answer
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["good.kc", "last.kc"]


def test_a_full_disk(folder, capsys, monkeypatch):
    for name in ("a.png", "b.png", "c.png"):
        save(DIGIT, name)
    written, sync = [], os.fsync

    def full(number):
        written.append(number)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(number)

    monkeypatch.setattr(os, "fsync", full)
    answer = run_command("compress", "a.png", "b.png", "c.png", "out/", *MODEL)
    assert answer.startswith("kerascomp: 1 of 3 files failed: b.png; ")
    assert "cannot write out/b.kc (No space left on device); free some" in capsys.readouterr().err
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.kc", "c.kc"]
