"""The set-up: which Python it takes, what it says, what it leaves behind."""

import os
import shutil
import subprocess
import sys

import pytest

from kerascomp import files, pythons, setup
from kerascomp.pythons import Python
from kerascomp.setup import SetupError

LINUX, ARM = ("Linux", "x86_64"), ("Linux", "aarch64")
INTEL_MAC, MAC = ("Darwin", "x86_64"), ("Darwin", "arm64")
WINDOWS = ("Windows", "amd64")
OLD = Python(*LINUX, "3.8")


@pytest.mark.parametrize("place", [LINUX, ARM, INTEL_MAC, MAC, WINDOWS])
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_stack_of_a_python(place, version):
    python = Python(*place, version)
    classic = version == "3.11" and place in (LINUX, INTEL_MAC)
    assert pythons.stack(python) == ("classic" if classic else "modern")
    assert (pythons.refusal(python) is None) == (place != INTEL_MAC or classic)


def test_the_best_python_has_tensorflow_compression_where_there_is_one():
    assert pythons.versions(OLD) == ("3.11", "3.13", "3.12")
    assert pythons.versions(Python(*INTEL_MAC, "3.12")) == ("3.11",)
    for python in (Python(*MAC, "3.11"), Python(*WINDOWS, "3.8"), None):
        assert pythons.versions(python) == ("3.13", "3.12", "3.11")


@pytest.mark.parametrize(
    ("python", "words"),
    [
        (Python(*LINUX, "2.7"), "Python 2.7 is too old: install 3.11"),
        (Python(*MAC, "3.10"), "Python 3.10 is too old: install 3.13"),
        (Python(*WINDOWS, "3.14"), "no TensorFlow for Python 3.14 yet: install 3.13"),
        (Python("Windows", "32", "3.12", bits=32), "needs 64 bits, .* 32: install a 64-bit Python"),
        (Python(*LINUX, "3.12", has_musl=True), "musl: use a Linux with glibc"),
        (Python(*INTEL_MAC, "3.12"), "Intel Mac needs Python 3.11, this is 3.12: install 3.11"),
        (Python("FreeBSD", "amd64", "3.12"), "no wheels for FreeBSD on amd64: use a Linux"),
        (Python("Windows", "arm64", "3.12"), "no wheels for Windows on arm64: use a Linux"),
    ],
)
def test_a_python_that_does_not_fit(python, words):
    sentence = pythons.refusal(python)
    assert "\n" not in sentence
    with pytest.raises(ValueError, match=words):
        raise ValueError(sentence)


def test_probing_a_command():
    version = "{}.{}".format(*sys.version_info)
    python = pythons.probe(sys.executable)
    assert python.version == version and python.bits == 64 and not pythons.refusal(python)
    assert pythons.probe("no-such-program") is None
    assert pythons.probe(sys.executable, "--no-such-option") is None


@pytest.fixture
def machine(monkeypatch):
    """Returns a function that lets these commands, and no others, start a Python."""

    def have(**found):
        found = {name.replace("_", "."): python for name, python in found.items()}
        monkeypatch.setattr(pythons, "probe", lambda *command: found.get(" ".join(command)))

    monkeypatch.setattr(pythons, "THIS", "this")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    return have


def test_finding_a_python(machine):
    machine(python3=Python(*LINUX, "3.12"), python3_13=Python(*LINUX, "3.13", bits=32), this=OLD)
    assert pythons.find("3.12") == pythons.find("python3.12") == ("python3",)
    assert pythons.find("python3") == ("python3",)
    for name in ("3.8", "3.11", "3.13", "this", "/no/such/python"):
        assert pythons.find(name) is None, name


def test_finding_a_python_of_pyenv_that_is_not_in_the_path(tmp_path, monkeypatch):
    python = tmp_path / "versions" / "3.13.2" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    found = {str(python): Python(*LINUX, "3.13")}
    monkeypatch.setattr(pythons, "probe", found.get)
    assert pythons.find("3.13") == (str(python),) and pythons.find("3.12") is None


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("", "Python 3.8 is too old"),
        ("python3", "no TensorFlow for Python 3.14 yet"),
        ("python3.99", "python3.99 was not found: KERASCOMP_PYTHON names"),
    ],
)
def test_no_python_fits(machine, tmp_path, chosen, words):
    machine(python3=Python(*LINUX, "3.14"), this=OLD)
    with pytest.raises(SetupError, match=words):
        setup.create(tmp_path / "venv", chosen)


def test_a_folder_that_is_no_environment_stays(tmp_path):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(SetupError, match="is no environment: move it, or name another"):
        setup.create(tmp_path, "")
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize(("chosen", "brought"), [("", "3.11"), ("python3.12", "python3.12")])
def test_uv_brings_the_best_python(machine, tmp_path, monkeypatch, chosen, brought):
    machine(this=Python(*LINUX, "3.13"))
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/uv")
    calls = []
    monkeypatch.setattr(subprocess, "call", lambda command, **_: calls.append(command) or 0)
    setup.create(tmp_path / "venv", chosen)
    assert calls == [
        ["uv", "venv", "--quiet", "--seed", "--python", brought, str(tmp_path / "venv")]
    ]


def test_another_python_makes_the_environment_if_uv_cannot(machine, tmp_path, monkeypatch):
    machine(this=Python(*LINUX, "3.13"))
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/uv")
    monkeypatch.setattr(subprocess, "call", lambda command: 2)
    calls = []

    def run(command, **_):
        calls.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    setup.create(tmp_path / "venv", "")
    assert calls == [["this", "-m", "venv", str(tmp_path / "venv")]]


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_an_environment_that_was_not_finished_is_removed(machine, tmp_path, monkeypatch, error):
    machine(this=Python(*MAC, "3.13"))

    def begin(command, **_):
        (tmp_path / "venv").mkdir()
        if error:
            raise error
        return subprocess.CompletedProcess(command, 1, stderr=b"Traceback:\nno room")

    monkeypatch.setattr(subprocess, "run", begin)
    words = None if error else r"this cannot .* \(no room\); .* apt install python3-venv"
    with pytest.raises(error or SetupError, match=words):
        setup.create(tmp_path / "venv", "")
    assert not (tmp_path / "venv").exists()


@pytest.fixture
def pip(tmp_path, monkeypatch):
    """Returns a function that lets pip print some lines and end with a code."""
    monkeypatch.setattr(setup, "executable", lambda folder, name="python": sys.executable)
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(files.PACKAGE.parent))
    (tmp_path / ".place").write_text(str(tmp_path), encoding="utf-8")

    def prepare(*lines, code=0):
        text = f"import sys\nprint({os.linesep.join(lines)!r})\nprint(sys.argv[1:])\nexit({code})\n"
        (tmp_path / "pip.py").write_text(text, encoding="utf-8")

    return prepare


def test_of_pip_only_errors_are_shown_and_a_line_that_counts(pip, tmp_path, capfd):
    pip("Looking in links: user", "Collecting a==1", "Collecting b==2", "ERROR: no room", code=1)
    (tmp_path / ".ready").touch()
    with pytest.raises(SetupError, match="^pip stopped; mend this, .*\nERROR: no room$"):
        setup.install(tmp_path)
    error = capfd.readouterr().err
    assert "2 packages fetched" in error and "user" not in error and "unpacked" not in error
    assert setup.is_whole(tmp_path, "") and (tmp_path / ".ready").exists()


def test_an_environment_that_was_copied_is_made_anew(pip, tmp_path):
    """Its programs and its kernel would start those of the original folder."""
    pip()
    assert setup.is_whole(tmp_path, "")
    shutil.copytree(tmp_path, tmp_path / "copy")
    assert not setup.is_whole(tmp_path / "copy", "")


@pytest.mark.parametrize(
    "how", ["WARNING: Retrying after connection broken by x", "Read timed out"]
)
def test_without_a_network(pip, tmp_path, how):
    pip(how, "ERROR: No matching distribution found for a==1", code=1)
    with pytest.raises(SetupError, match="^pip cannot .* connect .* mirror .* nothing is lost$"):
        setup.install(tmp_path)


def test_an_environment_is_made_anew_if_unpacking_was_stopped(pip, tmp_path):
    pip("Collecting a==1", "Installing collected packages: a", "ERROR: no room", code=1)
    (tmp_path / ".ready").touch()
    with pytest.raises(SetupError, match="no room"):
        setup.install(tmp_path)
    assert not setup.is_whole(tmp_path, "") and not (tmp_path / ".ready").exists()


@pytest.mark.parametrize(("dev", "book"), [(False, False), (True, False), (False, True)])
@pytest.mark.parametrize("stack", ["classic", "modern"])
def test_installing_the_files_of_a_stack(pip, tmp_path, monkeypatch, stack, dev, book):
    pip("Collecting a==1", "Installing collected packages: a")
    python = Python(*LINUX, "3.11") if stack == "classic" else Python(*ARM, "3.12")
    monkeypatch.setattr(setup, "is_whole", lambda folder, chosen: True)
    monkeypatch.setattr(pythons, "probe", lambda command: python)
    commands = []
    monkeypatch.setattr(setup, "install", lambda folder, *options: commands.append(options))
    setup.set_up(tmp_path, "", dev=dev, book=book)
    compiled = ["--no-binary", "opentsne"] if stack == "modern" else []
    names = [setup.REQUIREMENTS[stack], *["requirements-dev.txt"] * (dev or book)]
    names += ["requirements-book.txt"] * book
    assert commands == [(*compiled, *(word for name in names for word in ("-r", name)))]
    assert (tmp_path / ".ready").exists() and (tmp_path / ".ready-dev").exists() == (dev or book)
    assert (tmp_path / ".ready-book").exists() == book


def test_what_a_user_should_know_before(tmp_path):
    python = Python(*MAC, "3.13")
    base = {"CONDA_PREFIX": "/opt/conda", "CONDA_DEFAULT_ENV": "base"}
    assert "(conda's base) stays as it is" in setup.remarks(base, tmp_path, python)[0]
    assert "(/env) stays" in setup.remarks({"VIRTUAL_ENV": "/env"}, tmp_path, python)[0]
    assert not setup.remarks({"VIRTUAL_ENV": str(tmp_path)}, tmp_path, python)
    assert "needs a compiler" in setup.remarks({}, tmp_path, Python(*ARM, "3.13"))[0]


@pytest.mark.parametrize(
    ("error", "code"), [(SetupError("do this"), "kerascomp: do this"), (KeyboardInterrupt, 130)]
)
def test_how_it_ends(monkeypatch, error, code):
    def stop(folder, chosen, *, dev, book):
        raise error

    monkeypatch.setattr(setup, "set_up", stop)
    monkeypatch.setattr(sys, "argv", ["setup", "--dev"])
    monkeypatch.setenv("PATH", os.environ["PATH"])
    with pytest.raises(SystemExit) as stopped:
        setup.main()
    assert stopped.value.code == code


@pytest.mark.skipif(os.name == "nt", reason="a script for sh")
@pytest.mark.parametrize("uv", [False, True])
def test_nothing_that_could_start_it(tmp_path, uv):
    (tmp_path / "dirname").symlink_to(shutil.which("dirname"))
    if uv:
        (tmp_path / "uv").write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
        (tmp_path / "uv").chmod(0o755)
    script = [shutil.which("sh"), files.WORKPLACE / ".ci" / "install", "--dev"]
    done = subprocess.run(script, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    if uv:
        assert done.stdout.endswith("python -m kerascomp.setup --dev\n")
    else:
        assert done.returncode == 1 and "install 3.11, 3.12 or 3.13" in done.stderr
