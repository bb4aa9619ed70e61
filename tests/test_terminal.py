"""What the command says where it cannot be shown; how soon it starts, and how it stops."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import run_command
from PIL import Image

from kerascomp import __main__
from kerascomp.command import app, terminal

COMMAND = [sys.executable, "-m", "kerascomp"]
MODEL = ["--model", "mnist-dense-noise"]


@pytest.fixture
def folder(tmp_path):
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "a.png")
    return tmp_path


def run(folder, *arguments, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run([*COMMAND, *arguments], cwd=folder, **options)


def test_a_terminal_of_ascii(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert run_command("compress", "a.png", "a.kc", *MODEL) == 0
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run(folder, "decompress", "a.kc", "b.png", env=environment)
    assert done.returncode == 0 and b"b.png: 28?28 pixels" in done.stdout and not done.stderr
    done = run(folder, "models", env=environment)
    assert done.returncode == 0 and done.stdout.count(b"\n") > 20


def test_a_closed_pipe_and_a_full_disk(folder):
    for arguments in (["models"], ["course", "networks"], ["compress", "a.png", "a.kc", *MODEL]):
        reading, writing = os.pipe()
        os.close(reading)
        done = run(folder, *arguments, stdout=writing)
        os.close(writing)
        assert done.returncode == 0 and done.stderr == b""
    assert (folder / "a.kc").exists()
    with Path("/dev/full").open("wb") as full:
        done = run(folder, "models", stdout=full)
    assert done.returncode == 0
    assert done.stderr == b"kerascomp: cannot show the results (No space left on device)\n"


def test_without_any_stdout(folder):
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        command = f"{sys.executable} -m kerascomp models {closed}"
        assert subprocess.run(["bash", "-c", command], stdout=-3, stderr=-3).returncode == 0


def test_help_and_usage_errors_import_nothing_large():
    code = (
        "import sys; from kerascomp.command.app import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as stop: print(stop.code, file=sys.stderr)\n"
        "large = {'numpy', 'PIL', 'tqdm', 'rich', 'tensorflow'} & set(sys.modules)\n"
        "sys.exit(f'imported {large}' if large else 0)\n"
    )
    for arguments in (["--help"], ["compress", "--help"], ["compress", "--none"], ["info"], ["no"]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def heard():
    """Lets this process, and those it starts, hear Ctrl-C; a shell's background jobs do not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("module", ["kerascomp.command", "typer.main", "kerascomp.command.course"])
def test_an_early_ctrl_c_leaves_no_traceback(module, heard):
    command = [sys.executable, "-X", "importtime", "-m", "kerascomp", "models"]
    with subprocess.Popen(command, stdout=-1, stderr=-1) as process:
        for line in process.stderr:
            if line.rstrip().endswith(f" {module}".encode()):  # is imported by now
                process.send_signal(signal.SIGINT)
                break
        _, errors = process.communicate()
    assert process.returncode in (-signal.SIGINT, 130)
    assert b"Traceback" not in errors


def test_ctrl_c_before_the_first_command_has_a_code(monkeypatch, heard):
    monkeypatch.setattr(app, "main", lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(SystemExit) as stopped:
        __main__.main()
    assert stopped.value.code == 130


def test_ctrl_c_is_heard_after_the_start(monkeypatch, heard):
    handlers = []
    monkeypatch.setattr(app, "main", lambda: handlers.append(signal.getsignal(signal.SIGINT)))
    __main__.main()
    assert handlers == [signal.default_int_handler]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_status_is_shown_on_a_terminal_and_cleared(monkeypatch, is_terminal):
    stream = io.StringIO()
    stream.isatty = lambda: is_terminal
    monkeypatch.setattr(sys, "stderr", stream)
    with pytest.raises(ValueError, match="why"), terminal.status("loading"):
        raise ValueError("why")
    assert stream.getvalue() == ("loading\r       \r" if is_terminal else "")
