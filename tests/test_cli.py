"""The command `kerascomp` as a user meets it: files, messages, exit codes."""

import re
import subprocess
import sys

import numpy as np
import pytest
from helpers import run_command
from PIL import Image

from kerascomp import datasets, zoo
from kerascomp.command import container, models
from kerascomp.course import studies
from kerascomp.zoo import cards

MODEL = "mnist-dense-noise"
SEVERAL = "mnist-bottleneck"
DIGITS = datasets.mnist().test.images[:3, ..., 0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with three digits as PNG files, which is the current one."""
    for index, digit in enumerate(DIGITS):
        Image.fromarray(digit).save(tmp_path / f"{index}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_and_back(folder, capsys):
    assert run_command("compress", "0.png", "0.kc", "--model", MODEL) == 0
    size = (folder / "0.kc").stat().st_size
    assert f"0.kc: {size} bytes, {8 * size / 784:.3f} bits per pixel" in capsys.readouterr().out
    assert run_command("decompress", "0.kc", "back.png") == 0
    codec = zoo.codec(MODEL)
    expected = codec.decode(codec.encode(DIGITS[:1, ..., None]))[0, ..., 0]
    np.testing.assert_array_equal(np.asarray(Image.open("back.png")), expected)
    assert run_command("info", "0.kc") == 0
    output = capsys.readouterr().out
    assert MODEL in output and "1 of 28×28, L" in output and f"{size} bytes" in output
    assert f"{size - 10} bytes\n" in output
    assert run_command("info", "0.kc", "--estimate") == 0
    assert f"{size - 10} bytes, estimated by the model" in capsys.readouterr().out


def test_many_files_go_into_a_folder(folder):
    assert run_command("compress", "0.png", "1.png", "2.png", "out", "--model", MODEL) == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["0.kc", "1.kc", "2.kc"]
    (folder / "back").mkdir()
    assert run_command("decompress", "out/1.kc", "back") == 0
    assert (folder / "back" / "1.png").exists()


def test_the_quality_is_in_the_file(folder, capsys):
    several = zoo.codec(SEVERAL)
    for quality in ("0.2", "0.7"):
        arguments = ["0.png", f"{quality}.kc", "--model", SEVERAL, "--quality", quality]
        assert run_command("compress", *arguments) == 0
        assert run_command("decompress", f"{quality}.kc", f"{quality}.back.png") == 0
        codec = several.at(float(quality))
        expected = codec.decode(codec.encode(DIGITS[:1, ..., None]))[0, ..., 0]
        np.testing.assert_array_equal(np.asarray(Image.open(f"{quality}.back.png")), expected)
    capsys.readouterr()
    assert run_command("info", "0.7.kc") == 0
    assert f"{SEVERAL}, {several.at(0.7).setting}\n" in capsys.readouterr().out


def test_an_effort_makes_better_files_of_the_same_model(folder):
    arguments = ["0.png", "0.kc", "--model", SEVERAL, "--effort", "20"]
    assert run_command("compress", *arguments) == 0
    assert run_command("decompress", "0.kc", "back.png") == 0
    codec = zoo.codec(SEVERAL)
    expected = codec.decode(codec.with_effort(20).encode(DIGITS[:1, ..., None]))[0, ..., 0]
    np.testing.assert_array_equal(np.asarray(Image.open("back.png")), expected)
    message = run_command("compress", *arguments, "--force", "--quality", "0.8")
    assert (
        "only a base is refined, and level 51 has details; choose a quality up to 0.594" in message
    )


@pytest.mark.parametrize("target", [25, 40])
def test_a_file_of_a_wanted_size(folder, target):
    arguments = ["0.png", "0.kc", "--model", SEVERAL, "--target-bytes", str(target)]
    assert run_command("compress", *arguments) == 0
    assert abs((folder / "0.kc").stat().st_size - target) <= max(1, 0.05 * target)


def test_the_installed_command_in_a_process_of_its_own(folder):
    command = [sys.executable, "-m", "kerascomp"]
    arguments = ["compress", "0.png", "0.kc", "--model", MODEL]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "" and "0.kc: " in done.stdout
    failed = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert failed.returncode == 1 and failed.stdout == ""
    assert failed.stderr == "kerascomp: 0.kc exists; --force replaces it\n"
    assert subprocess.run([*command, "expand"], capture_output=True).returncode == 2


@pytest.mark.parametrize(("arguments", "message"), [
    (["compress", "0.png", "--model", MODEL], "expected at least one input and an output"),
    (["compress", "0.png", "a.kc", "--model", "jpeg"], "no network is called 'jpeg'; there are"),
    (["compress", "0.png", "a.kc", "--model", f"{SEVERAL}:20"],
     "a rate is no part of the name; write --model mnist-bottleneck, which has --quality, --tar"),
    (["compress", "0.png", "a.kc", "--model", "mnist-recurrent:3", "--quality", "0.9"],
     "write --model mnist-recurrent, which has --iterations, --target-psnr, --target-bytes"),
    (["compress", "0.png", "a.kc", "--model", f"{MODEL}:3"], "which has one quality only"),
    (["compress", "0.png", "a.kc", "--model", "mnist-dense"], "was trained without a quantizer"),
    (["compress", "none.png", "a.kc", "--model", MODEL], "No such file or directory: 'none.png'"),
    (["compress", "text.png", "a.kc", "--model", MODEL], "text.png is no picture that can be read"),
    (["compress", "alpha.png", "a.kc", "--model", MODEL], "alpha.png has transparency; expected"),
    (["compress", "large.png", "a.kc", "--model", MODEL], "large.png: .* takes images of"),
    (["compress", "0.png", "1.png", "text.png", "--model", MODEL], "text.png is no folder"),
    (["compress", "0.png", "a.kc", "--model", MODEL, "--quality", "0.5"], "one quality only; tho"),
    (["compress", "0.png", "a.kc", "--model", MODEL, "--effort", "9"],
     f"{MODEL} has no --effort; those with one: .*{SEVERAL}"),
    (["compare", "large.png", "-o", "a.html", "--effort", "9", "--model", "cifar10-recurrent"],
     "recurrent has no --effort; those"),
    (["compress", "0.png", "a.kc", "--model", SEVERAL, "--target-bytes", "5000"], "nearest has"),
    (["compress", "0.png", "a.kc", "--model", SEVERAL, "--target-bytes", "9", "--quality", "0"],
     "give one of them"),
    (["compress", "0.png", "sub/0.png", "out", "--model", MODEL],
     "two inputs have the same name, 0.png and sub/0.png; write them"),
    (["compress", "*.gif", "out"], r"no file matches \*.gif"),
    (["compress", "0.png", "a.kc", "--background", "nocolor"], "no color is called 'nocolor'"),
    (["compress", "0.png", "a.kc", "--background", "red", "--drop-alpha"], "exclude each other"),
    (["compress", "large.png", "a.kc", "--iterations", "4"],
     "large.png: photo-bottleneck has no --iterations; it has --quality, --target-bytes"),
    (["decompress", "text.png", "a.png"], "text.png: this is no .kc file"),
    (["decompress", "cut.kc", "a.png"], "cut.kc: these .* bytes are truncated or were changed"),
    (["decompress", "other.kc", "a.png"],
     r"other.kc: this file is damaged, or its model \(number 0\) is not among the 55 known"),
    (["decompress", "before.kc", "a.png"], "was trained again since"),
    (["decompress", "batch.kc", "a.png"], "batch.kc holds 2 images"),
    (["decompress", "marked.kc", "a.png"], "marked.kc was cut or damaged"),
    (["decompress", "wide.kc", "a.png"], "wide.kc: mnist-dense-noise takes images of"),
    (["info", "none.kc"], "No such file or directory"),
    (["info", "/dev/zero"], "/dev/zero: this is no .kc file: it begins with 00000000"),
])  # fmt: skip
def test_what_a_user_can_mend_is_one_line(folder, arguments, message):
    (folder / "text.png").write_text("no picture", encoding="utf-8")
    Image.new("RGBA", (28, 28)).save(folder / "alpha.png")
    Image.new("L", (40, 28)).save(folder / "large.png")
    ours = {
        "number": cards.number(MODEL),
        "image_shape": (28, 28, 1),
        "version": zoo.version(MODEL),
    }
    content = container.to_bytes([b"abc"], **ours)
    (folder / "cut.kc").write_bytes(content[:-1])
    (folder / "marked.kc").write_bytes(container.to_bytes([b"abc"], **ours, progressive=True)[:-2])
    container.write(folder / "other.kc", [b"a"], **ours | {"number": 0})
    container.write(folder / "before.kc", [b"a"], **ours | {"version": "of old weights"})
    container.write(folder / "batch.kc", [b"a", b"b"], **ours)
    container.write(folder / "wide.kc", [b"a"], **ours | {"image_shape": (28, 40, 1)})
    code = run_command(*arguments)
    assert isinstance(code, str) and code.startswith("kerascomp: ") and "\n" not in code
    assert re.search(message, code)
    assert not (folder / "a.kc").exists() and not (folder / "a.png").exists()


def test_the_rating_page(folder, capsys):
    arguments = ["rating", "page", str(studies.STUDY), "rating.html"]
    assert run_command(*arguments) == 0
    size = (folder / "rating.html").stat().st_size
    assert size < 2_000_000
    assert f"rating.html: 200 trials, {size:,} bytes" in capsys.readouterr().out
    assert run_command(*arguments) == "kerascomp: rating.html exists; --force replaces it"
    assert run_command(*arguments, "--force") == 0
    (folder / "cut.json").write_bytes(studies.STUDY.read_bytes()[:1000])
    message = run_command("rating", "page", "cut.json", "a.html")
    assert message.startswith("kerascomp: cut.json: this is no study, or a damaged one")
    assert "No such file" in run_command("rating", "page", "none.json", "a.html")
    assert not (folder / "a.html").exists()


def test_models_are_listed_with_what_they_cost(capsys):
    assert run_command("models") == 0
    output = capsys.readouterr().out
    rate = zoo.card(MODEL)["rate"]
    line = next(line for line in output.splitlines() if line.startswith(MODEL))
    assert "MNIST 28×28×1" in line and f"{rate['bytes_per_image']:.1f}" in line
    assert "mnist-dense " not in output, "a network without a coder is no codec"


def test_a_recurrent_file_can_be_cut(folder, capsys):
    model = ["--model", "mnist-recurrent"]
    assert run_command("compress", "0.png", "0.kc", *model, "--iterations", "6") == 0
    content = (folder / "0.kc").read_bytes()
    (folder / "cut.kc").write_bytes(content[: len(content) * 2 // 3])
    assert run_command("decompress", "0.kc", "whole.png") == 0
    assert "iterations" not in capsys.readouterr().out
    assert run_command("decompress", "cut.kc", "cut.png") == 0
    pattern = r"28×28 pixels, (\d) of 6 iterations: the file was cut, (\d+) of (\d+) bytes"
    said = re.search(pattern, capsys.readouterr().out)
    number, present, whole = map(int, said.groups())
    assert 1 <= number < 6 and whole == len(content) - 13 and whole - present > 10
    codec = zoo.codec("mnist-recurrent").at(num_iterations=number)
    expected = codec.reconstruct(DIGITS[:1, ..., None])[0, ..., 0]
    np.testing.assert_array_equal(np.asarray(Image.open("cut.png")), expected)
    (folder / "tiny.kc").write_bytes(content[:10])
    assert "cut too early" in run_command("decompress", "tiny.kc", "tiny.png")
    assert not (folder / "tiny.png").exists()
    assert run_command("info", "0.kc", "cut.kc", "--estimate") == 0
    output = capsys.readouterr().out
    assert output.count("estimated by the model") == 2
    assert output.count(f"{whole - present} bytes are missing") == 1


def test_a_file_that_claims_a_large_image(folder, capsys):
    """17 bytes of code, which are not enough for one bit-plane of 8,000 × 8,000 pixels."""
    name = "cifar10-recurrent"
    ours = {"number": cards.number(name), "version": zoo.version(name), "progressive": True}
    code = bytes.fromhex("f0" + 8 * "5ac3")
    for side in (8000, 46341):
        shape = side, side, 3
        container.write(folder / f"{side}.kc", [code], **ours | {"image_shape": shape})
    assert run_command("info", "8000.kc") == 0
    assert "1 of 8000×8000, RGB" in capsys.readouterr().out
    assert "cut too early" in run_command("decompress", "8000.kc", "a.png")
    for command in (["info", "46341.kc"], ["decompress", "46341.kc", "a.png"]):
        message = run_command(*command)
        assert "46341.kc has 2,147,488,281 pixels, expected at most 67,108,864" in message
    assert "at most 1,000; --max" in run_command("info", "8000.kc", "--max-pixels", "1000")


@pytest.mark.slow
def test_recurrent_files_of_any_size_and_by_quality(folder, capsys):
    picture = datasets.photograph()[100:140, 100:151]
    Image.fromarray(picture).save("photo.png")
    model = ["--model", "cifar10-recurrent"]
    for name, option in (("a", ["--target-psnr", "18"]), ("b", ["--target-bytes", "210"])):
        assert run_command("compress", "photo.png", f"{name}.kc", *model, *option) == 0
        assert run_command("decompress", f"{name}.kc", f"{name}.png") == 0
        assert np.asarray(Image.open(f"{name}.png")).shape == picture.shape
    assert abs((folder / "b.kc").stat().st_size - 210) <= models.TOLERANCE * 210
    message = run_command("compress", "photo.png", "c.kc", *model, "--target-bytes", "30")
    assert "no quality gives a file of 30 bytes; the nearest has" in message
    message = run_command("compress", "photo.png", "c.kc", *model, "--quality", "0.5")
    assert "has no --quality; it has --iterations, --target-psnr" in message
    several = ["--iterations", "3", "--target-psnr", "20"]
    message = run_command("compress", "photo.png", "c.kc", *model, *several)
    assert "--iterations and --target-psnr all choose the quality" in message


def test_a_file_opens_the_card_of_its_model_only(folder, monkeypatch):
    run_command("compress", "0.png", "0.kc", "--model", SEVERAL)
    opened, card = [], cards.card
    monkeypatch.setattr(cards, "card", lambda name: opened.append(name) or card(name))
    assert run_command("decompress", "0.kc", "0.back.png") == 0
    assert set(opened) == {SEVERAL} and len(opened) <= 2


def test_a_target_that_cannot_be_written(folder):
    (folder / "file").write_text("in the way", encoding="utf-8")
    message = run_command("compress", "0.png", "file/0.kc", "--model", MODEL)
    assert re.search(
        r"cannot write file/0.kc \(.*\); make file writable, or choose another", message
    )
    assert "KERASCOMP_OUTPUT" not in message


def test_every_command_explains_itself(capsys):
    course = ("run", "build", "check", "train", "networks", "measure", "book", "pictures", "study")
    names = [("compress",), ("decompress",), ("info",), ("models",), ("compare",)]
    names.append(("rating", "page"))
    for name in [(), *names, ("course",), *(("course", name) for name in course)]:
        assert run_command(*name, "--help") == 0
        output = capsys.readouterr().out
        assert "Usage: " in output and "--help" in output
        if name == ("course",):
            assert all(command in output for command in course)


def test_ctrl_c_has_its_own_exit_code(folder, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "read", interrupt)
    assert run_command("info", "0.kc") == 130
    assert "stopped; what was finished stays\n" in capsys.readouterr().err
