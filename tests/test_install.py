"""The set-up: what the script says, what the package declares, what the files of pins hold."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib

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

    def run(*arguments, **scripts):
        for name, script in scripts.items():
            program = programs / name.replace("_", ".")
            program.write_text(f"#!/usr/bin/env bash\n{script}\n")
            program.chmod(0o755)
        return subprocess.run(
            [programs / "bash", SCRIPT, *arguments], cwd=tmp_path, env={"PATH": str(programs)},
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


@pytest.mark.parametrize("arguments", [[], ["requirements.txt"], ["requirements-dev.txt"]])
def test_uv_installs_the_file_of_the_argument(machine, tmp_path, arguments):
    result = machine(*arguments, uname=LINUX, uv=f'echo "$@" >> {tmp_path}/calls')
    calls = (tmp_path / "calls").read_text().splitlines()
    file = "".join(arguments) or "requirements.txt"
    assert result.returncode == 0 and calls[0].startswith("venv --quiet --seed --python 3.11")
    assert calls[1].startswith("pip install") and calls[1].endswith(f"-r {file}")


def test_pip_installs_the_file_where_there_is_no_uv(machine, tmp_path):
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/usr/bin/env bash\necho "$@" >> {tmp_path}/calls\n')
    python.chmod(0o755)
    result = machine("requirements-dev.txt", uname=LINUX)
    call = (tmp_path / "calls").read_text().splitlines()[-1]
    assert result.returncode == 0 and call.startswith("-m pip install")
    assert call.endswith("-r requirements-dev.txt")


def test_of_pip_only_errors_are_shown_and_a_line_that_counts(machine, tmp_path):
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    lines = (
        "Looking in links: the user's configuration",
        "Installing build dependencies: started",
        "Collecting absl-py==2.5.1",
        "WARNING: of the user's configuration",
        "Collecting anyio==4.16.0",
        "ERROR: No matching distribution found",
    )
    script = f'[ "$2" = pip ] || exit 0\nprintf "%s\\n" {" ".join(map(repr, lines))}\nexit 1\n'
    python.write_text("#!/usr/bin/env bash\n" + script.replace("user's", "user"))
    python.chmod(0o755)
    result = machine("requirements.txt", uname=LINUX)
    assert result.returncode == 1 and "user" not in result.stderr
    assert "2 packages fetched" in result.stderr and "unpacked" not in result.stderr
    assert "ERROR: No matching distribution found" in result.stderr


def read_lines(name):
    return (files.WORKPLACE / name).read_text(encoding="utf-8").splitlines()


def test_requirements_pin_everything_once_and_name_no_index():
    first, *development = read_lines("requirements-dev.txt")
    *lessons, last = read_lines("requirements.txt")
    assert (first, last) == ("-r requirements.txt", "-e .")
    pins = lessons + development
    assert all(re.fullmatch(r"[a-z0-9-]+==[a-z0-9.]+", pin) for pin in pins)
    names = [pin.split("==")[0] for pin in pins]
    assert len(set(names)) == len(names)
    assert not {"playwright", "pytest", "ruff", "mypy"} & {pin.split("==")[0] for pin in lessons}


PROJECT = tomllib.loads("\n".join(read_lines("pyproject.toml")))["project"]
COMMANDS = {"mypy", "pytest-xdist", "ruff"}  # run by the Makefile
JUPYTER = {"ipykernel", "jupyterlab"}  # the process of a lesson, and where it is opened


def declared(requirements):
    return {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in requirements}


def imported(*folders):
    """Returns the names of the distributions that the Python files in some folders import."""
    modules = set()
    for path in (path for folder in folders for path in (files.WORKPLACE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module.split(".")[0])
    modules -= sys.stdlib_module_names | {"kerascomp", "helpers"}
    owners = importlib.metadata.packages_distributions()
    names = {name for module in modules for name in owners.get(module, [module])}
    return {name.lower().replace("_", "-") for name in names}


def test_what_is_imported_is_declared_and_nothing_else():
    dependencies = declared(PROJECT["dependencies"])
    assert imported("kerascomp", "notebooks/src") == dependencies - JUPYTER
    of_tests = declared(PROJECT["optional-dependencies"]["test"])
    assert imported("tests") - dependencies == of_tests - COMMANDS


def test_types_and_the_licenses_of_the_data_are_part_of_the_package():
    assert (files.PACKAGE / "py.typed").exists()
    for pattern in PROJECT["license-files"]:
        assert list(files.WORKPLACE.glob(pattern)), pattern


def test_an_installed_package_reads_its_data_and_writes_into_the_working_folder(tmp_path):
    """A copy without a checkout around it, as pip installs one."""
    skipped = shutil.ignore_patterns("__pycache__", "weights")
    shutil.copytree(files.PACKAGE, tmp_path / "site" / "kerascomp", ignore=skipped)
    (tmp_path / "work").mkdir()
    code = (
        "from kerascomp import datasets, files\n"
        "from kerascomp.course import experiments, results, runs, sources, studies\n"
        "assert len(datasets.mnist().test) == 10_000 and results.load('mnist') and studies.load()\n"
        "for make in (\n"
        "    lambda: results.measure('mnist', 'PNG'),\n"
        "    lambda: experiments.run('one_for_all'),\n"
        "    studies.make,\n"
        "    sources.names,\n"
        "):\n"
        "    try:\n"
        "        make()\n"
        "    except (OSError, ValueError) as error:\n"
        "        assert 'in a checkout of the course' in str(error), error\n"
        "    else:\n"
        "        raise AssertionError('changed the installed package')\n"
        "print(files.PACKAGE, runs.PUBLISHED_FIGURES, files.cache_folder(), sep='\\n')\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "work",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    package, figures, cache = done.stdout.split()
    assert package == str(tmp_path / "site" / "kerascomp")
    assert figures == str(tmp_path / "work" / "figures")
    assert cache == str(tmp_path / "work" / ".cache")
