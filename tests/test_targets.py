"""What the command writes: never over an input, nor over a file of another kind."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from helpers import run_command
from PIL import Image

from kerascomp.command import targets
from kerascomp.command.targets import KC, PAGE, PNG, Existing

FORCE = Existing(force=True)
MODEL = ["--model", "mnist-dense-noise"]
OURS = {KC: b"\xcc\x01rest", PNG: targets.PNG_START + b"rest", PAGE: b"<!DOCTYPE html>\n<html>"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with two pictures, which is the current one."""
    for name in ("a.png", "b.png"):
        Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def content_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(("paths", "message"), [
    (["a.png", "b.png"], "b.png ends in .png; expected the name of a .kc file"),
    (["a.png", "a.png"], "a.png ends in .png"),
    (["a.png", "other"], "other is an input; an output is never one"),
    (["a.png", "./linked"], "linked is an input"),
    (["a.png", "notes"], "notes exists and is not a .kc file; choose another name"),
    (["a.png", "notes.kc"], "notes.kc exists and is not a .kc file"),
    (["a.png", "b.png", "out.kc"], "expected the name of a folder for several inputs, given last"),
    (["a.png", "b.png", "notes"], "notes is no folder"),
    (["a.png", "notes/"], "notes is no folder"),
    (["a.png", "-"], "- is no file; name one, or /dev/stdout"),
    (["-", "a.kc"], "- is no file"),
    (["folder", "a.kc"], "folder has no files that end in"),
    (["a.png", "folder"], "folder/a.kc is a folder"),
    (["a.png", "new.json"], "new.json ends in .json; expected the name of a .kc file"),
])  # fmt: skip
def test_what_is_never_written_not_even_with_force(folder, paths, message):
    (folder / "other").hardlink_to("a.png")
    (folder / "linked").symlink_to("a.png")
    (folder / "notes").write_text("precious", encoding="utf-8")
    (folder / "notes.kc").write_text("precious", encoding="utf-8")
    (folder / "folder" / "a.kc").mkdir(parents=True)
    before = content_of(folder)
    answer = run_command("compress", *paths, *MODEL, "--force")
    assert answer.startswith("kerascomp: ") and message in answer
    assert "--force" not in answer and content_of(folder) == before


@pytest.mark.parametrize("kind", [KC, PNG, PAGE], ids=lambda kind: kind.suffix)
def test_a_file_of_the_same_kind_is_replaced_with_force_only(folder, kind):
    target = folder / f"out{kind.suffix}"
    for content in (b"", *(start for start in OURS.values())):
        target.write_bytes(content)
        if content and content != OURS[kind]:
            with pytest.raises(ValueError, match="exists and is not"):
                targets.jobs(["a.png", str(target)], kind, FORCE)
            continue
        assert targets.jobs(["a.png", str(target)], kind, FORCE) == [(Path("a.png"), target)]
        with pytest.raises(ValueError, match="out.* exists; --force replaces it"):
            targets.jobs(["a.png", str(target)], kind, Existing())
        assert targets.jobs(["a.png", str(target)], kind, Existing(skip=True)) == []


def test_a_slash_makes_a_folder_and_links_are_followed(folder):
    assert run_command("compress", "a.png", "new/", *MODEL) == 0
    assert [path.name for path in (folder / "new").iterdir()] == ["a.kc"]
    (folder / "link.kc").symlink_to("new/b.kc")
    assert run_command("compress", "b.png", "link.kc", *MODEL) == 0
    assert (folder / "link.kc").is_symlink() and (folder / "new" / "b.kc").is_file()
    assert run_command("compress", "b.png", "link.kc", *MODEL, "--force") == 0
    assert (folder / "link.kc").is_symlink()


def test_pipes_and_devices_are_written_through(folder, capsys):
    os.mkfifo(folder / "pipe")
    received = []
    reader = threading.Thread(target=lambda: received.append((folder / "pipe").read_bytes()))
    reader.start()
    assert run_command("compress", "a.png", "pipe", *MODEL) == 0
    reader.join()
    assert run_command("compress", "a.png", "a.kc", *MODEL) == 0
    assert received == [(folder / "a.kc").read_bytes()] and (folder / "pipe").is_fifo()
    capsys.readouterr()
    assert run_command("compress", "a.png", "/dev/null", *MODEL) == 0
    captured = capsys.readouterr()
    assert captured.out == "" and "/dev/null: " in captured.err
    answer = run_command("compress", "a.png", "/dev/full", *MODEL)
    assert "cannot write /dev/full (No space left on device); free some space" in answer
    assert Path("/dev/null").is_char_device() and Path("/dev/full").is_char_device()


def test_the_others_of_a_batch_are_done_and_a_rerun_goes_on(folder, capsys):
    (folder / "cut.png").write_bytes((folder / "a.png").read_bytes()[:45])
    Image.new("L", (40, 28)).save("wide.png")
    command = ["compress", "a.png", "cut.png", "none.png", "wide.png", "b.png", "out", *MODEL]
    answer = run_command(*command)
    assert answer.startswith(
        "kerascomp: 3 of 5 files failed: none.png, cut.png, wide.png; the same"
    )
    errors = capsys.readouterr().err
    assert "cut.png is damaged" in errors and "'none.png'" in errors and "wide.png: " in errors
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.kc", "b.kc"]
    for name in ("cut.png", "none.png", "wide.png"):
        Image.new("L", (28, 28)).save(name)
    before = (folder / "out" / "a.kc").stat()
    assert run_command(*command, "--skip-existing") == 0
    assert "2 of 5 files were written before" in capsys.readouterr().err
    assert len(list((folder / "out").iterdir())) == 5
    assert (folder / "out" / "a.kc").stat() == before
    (folder / "out" / "b.kc").write_bytes(b"damaged")
    back = ["decompress", *(f"out/{name}.kc" for name in ("a", "b", "cut")), "back/"]
    assert "1 of 3 files failed" in run_command(*back)
    assert sorted(path.name for path in (folder / "back").iterdir()) == ["a.png", "cut.png"]
    assert "1 of 2 files failed" in run_command("info", "out/b.kc", "out/a.kc")
    assert "mnist-dense-noise" in capsys.readouterr().out


def test_names_that_are_no_text(folder):
    name = os.fsdecode(b"\xff.png")
    (folder / "a.png").rename(name)
    command = [sys.executable, "-m", "kerascomp", "compress", name, "out/", *MODEL]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 0 and b"18 bytes" in done.stdout
    assert [path.name for path in (folder / "out").iterdir()] == [os.fsdecode(b"\xff.kc")]


def test_headers_of_all_pictures_are_read_before_the_first_pixels(folder, monkeypatch):
    from kerascomp.command import pictures

    calls = []

    def watched(name, function):
        def call(path, reading):
            calls.append((name, path.name))
            return function(path, reading)

        return call

    for name in ("check", "read"):
        monkeypatch.setattr(pictures, name, watched(name, getattr(pictures, name)))
    assert run_command("compress", "a.png", "b.png", "out/", *MODEL) == 0
    expected = [(name, path) for name in ("check", "read") for path in ("a.png", "b.png")]
    assert calls == expected
