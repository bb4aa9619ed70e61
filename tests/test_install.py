"""The set-up script says first, in one line, why a machine cannot run the course."""

import shutil
import subprocess

import pytest

from kerascomp import files

SCRIPT = files.WORKPLACE / ".ci" / "install"


@pytest.fixture
def machine(tmp_path):
    """Returns a function that runs the script on a machine with the given programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "rm", "cat"):
        (programs / name).symlink_to(shutil.which(name))

    def run(**scripts):
        for name, script in scripts.items():
            program = programs / name.replace("_", ".")
            program.write_text(f"#!/usr/bin/env bash\n{script}\n")
            program.chmod(0o755)
        return subprocess.run(
            [programs / "bash", SCRIPT], cwd=tmp_path, env={"PATH": str(programs)},
            capture_output=True, text=True,
        )  # fmt: skip

    (programs / "env").symlink_to(shutil.which("env"))
    return run


LINUX = 'if [ "$1" = -s ]; then echo Linux; else echo x86_64; fi'


@pytest.mark.parametrize(("system", "processor"), [("Darwin", "arm64"), ("MINGW64_NT", "x86_64")])
def test_a_platform_without_wheels(machine, system, processor):
    result = machine(uname=f'if [ "$1" = -s ]; then echo {system}; else echo {processor}; fi')
    first, second, *_ = result.stderr.splitlines()
    assert result.returncode == 1 and f"this is {system} on {processor}" in first
    assert "WSL2" in second and "container" in second


def test_no_python_at_all(machine):
    result = machine(uname=LINUX)
    assert result.returncode == 1
    assert result.stderr.splitlines()[0].startswith("kerascomp: Python 3.11 is needed")


def test_another_python_only(machine):
    result = machine(uname=LINUX, python3='echo "Python 3.13.1"')
    assert result.returncode == 1 and "(found: Python 3.13.1)" in result.stderr.splitlines()[0]


def test_a_python_that_cannot_make_environments_leaves_nothing(machine, tmp_path):
    script = 'if [ "$1" = -m ]; then mkdir -p .venv; exit 1; fi'
    (tmp_path / "bin" / "mkdir").symlink_to(shutil.which("mkdir"))
    result = machine(uname=LINUX, python3_11=script)
    assert result.returncode == 1 and "python3.11-venv" in result.stderr
    assert not (tmp_path / ".venv").exists()


def test_an_environment_of_another_python_is_replaced(machine, tmp_path):
    wrong = tmp_path / ".venv" / "bin" / "python"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("#!/usr/bin/env bash\nexit 1\n")
    wrong.chmod(0o755)
    machine(uname=LINUX)
    assert not wrong.exists()


def test_uv_is_used_where_it_is(machine, tmp_path):
    result = machine(uname=LINUX, uv=f'echo "$@" >> {tmp_path}/calls')
    calls = (tmp_path / "calls").read_text().splitlines()
    assert result.returncode == 0 and calls[0].startswith("venv --quiet --seed --python 3.11")
    assert calls[1].startswith("pip install") and calls[1].endswith("-r requirements.txt")


def test_requirements_pin_everything_and_name_no_index():
    lines = (files.WORKPLACE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "-e ."
    assert all("==" in line and "://" not in line and "--" not in line for line in lines[:-1])
