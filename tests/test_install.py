"""What the package declares, what the files of pins hold, and what other systems do differently."""

import ast
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tomllib

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kerascomp import files, pythons, setup
from kerascomp.course import sources


def read_lines(name):
    return (files.WORKPLACE / name).read_text(encoding="utf-8").splitlines()


PROJECT = tomllib.loads("\n".join(read_lines("pyproject.toml")))["project"]
EXTRAS = PROJECT["optional-dependencies"]
COMMANDS = {"mypy", "pytest-xdist", "ruff"}  # run by the Makefile
JUPYTER = {"ipykernel", "jupyterlab"}  # the process of a lesson, and where it is opened
BUILDERS = {"sources.py", "execution.py", "book.py"}  # of lessons, which do not import them
SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}
PYTHONS = [
    pythons.Python(*place, version)
    for place, versions in pythons.PLATFORMS.items()
    for version in versions
]
IDS = [f"{python.system}-{python.processor}-{python.version}" for python in PYTHONS]


def pins(python):
    """Returns [(name, version)] of all that --dev installs into an environment of a Python."""
    environment = {
        "sys_platform": SYSTEMS[python.system],
        "platform_machine": python.processor,
        "os_name": "nt" if python.system == "Windows" else "posix",
        "python_version": python.version,
        "python_full_version": f"{python.version}.9",
    }
    *lines, last = read_lines(setup.REQUIREMENTS[pythons.stack(python)])
    assert last == "-e ."
    requirements = map(Requirement, lines + read_lines("requirements-dev.txt"))
    return [
        (requirement.name, str(requirement.specifier).removeprefix("=="))
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(environment)
    ]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-modern.txt"])
def test_requirements_are_pins_and_name_no_index(name):
    lines = read_lines(name)[:-1] + read_lines("requirements-dev.txt")
    for requirement in map(Requirement, lines):
        assert [pin.operator for pin in requirement.specifier] == ["=="] and not requirement.url
    tools = {"playwright", "pytest", "ruff", "mypy"}
    assert not tools & {line.split("=")[0] for line in read_lines(name)}


@pytest.mark.parametrize("python", PYTHONS, ids=IDS)
def test_pins_of_an_environment(python):
    """Each package once; versions within the declared ranges; only what has no wheel is missing."""
    pinned = dict(pins(python))
    assert len(pinned) == len(pins(python))
    names = PROJECT["dependencies"] + EXTRAS["lab"] + EXTRAS["test"]
    if pythons.stack(python) == "classic":
        names = names + EXTRAS["classic"]
    for requirement in map(Requirement, names):
        if requirement.name == "constriction" and python.processor == "aarch64":
            assert requirement.name not in pinned
        else:
            assert requirement.specifier.contains(pinned[requirement.name]), requirement


def test_pins_are_complete():
    """What the pinned packages ask for, as installed here, is pinned too."""
    python = pythons.probe(sys.executable)
    pinned = {canonicalize_name(name) for name, _ in pins(python)}
    for name in pinned:
        for text in importlib.metadata.requires(name) or ():
            requirement = Requirement(text)
            environment = default_environment() | {"extra": ""}
            if requirement.marker is None or requirement.marker.evaluate(environment):
                assert canonicalize_name(requirement.name) in pinned, f"{name} needs {text}"


def pins_of_the_book():
    """Returns {name: version} of what the book needs as well."""
    requirements = list(map(Requirement, read_lines("requirements-book.txt")))
    assert all(requirement.url is None for requirement in requirements)
    return {of.name: str(of.specifier).removeprefix("==") for of in requirements}


def test_pins_of_the_book_are_no_others():
    book = pins_of_the_book()
    for requirement in map(Requirement, EXTRAS["book"]):
        assert requirement.specifier.contains(book[requirement.name])
    for python in PYTHONS:
        assert not {name for name, _ in pins(python)} & set(book)


@pytest.mark.slow  # make test-slow installs them
def test_pins_of_the_book_are_complete():
    book = pins_of_the_book()
    others = {name for name, _ in pins(pythons.probe(sys.executable))}
    for name in book:
        for requirement in map(Requirement, importlib.metadata.requires(name) or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                assert canonicalize_name(requirement.name) in others | set(book), name


def test_versions_of_python_are_those_of_the_set_up():
    versions = Requirement("python" + PROJECT["requires-python"]).specifier
    fits = [version for version in range(6, 20) if versions.contains(f"3.{version}.1")]
    assert [f"3.{version}" for version in fits] == sorted(pythons.NEWEST)


def declared(requirements):
    return {Requirement(requirement).name for requirement in requirements}


def imported(*folders, without=()):
    """Returns the names of the distributions that the Python files in some folders import."""
    paths = [path for folder in folders for path in (files.WORKPLACE / folder).rglob("*.py")]
    scripts = {path.stem for path in paths if not (path.parent / "__init__.py").exists()}
    modules = set()
    for path in paths:
        if path.name in without:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module.split(".")[0])
    modules -= sys.stdlib_module_names | scripts | {"kerascomp"}
    owners = importlib.metadata.packages_distributions()
    names = {name for module in modules for name in owners.get(module, [module])}
    return {name.lower().replace("_", "-") for name in names}


def test_what_is_imported_is_declared_and_nothing_else():
    core, lab = declared(PROJECT["dependencies"]), declared(EXTRAS["lab"])
    optional = {"tensorflow-compression", *declared(EXTRAS["heif"])}
    assert declared(EXTRAS["classic"]) == {"tensorflow-compression", "numpy"}
    assert imported("kerascomp", "notebooks/src", without=BUILDERS) == core | optional
    assert imported("kerascomp") - core - optional == lab - JUPYTER
    of_tests = declared(EXTRAS["test"])
    assert imported("tests", "benchmarks") - core - lab - optional == of_tests - COMMANDS


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
        "    lambda: experiments.run('one_rate'),\n"
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


# Other systems


def calls_without_encoding(text):
    """Yields the lines of a program that open text in the encoding that the system prefers."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        position = {"read_text": 0, "write_text": 1}.get(name)
        given = {keyword.arg for keyword in node.keywords}
        if position is not None and len(node.args) <= position and "encoding" not in given:
            yield node.lineno


def test_text_is_utf_8_on_every_system():
    assert list(calls_without_encoding("a.read_text()\nb.write_text('')")) == [1, 2]
    for folder in ("kerascomp", "tests", "benchmarks", "notebooks"):
        for path in (files.WORKPLACE / folder).rglob("*.py"):
            assert not list(calls_without_encoding(path.read_text(encoding="utf-8"))), path


def test_a_checkout_with_the_line_ends_of_windows(tmp_path, monkeypatch):
    name = sources.names()[0]
    expected, text = sources.build(name), sources.source_path(name).read_bytes()
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / f"{name}.py").write_bytes(text.replace(b"\n", b"\r\n"))
    monkeypatch.setattr(sources, "FOLDER", tmp_path)
    assert sources.build(name) == expected
    assert "* text=auto eol=lf" in read_lines(".gitattributes")


@pytest.mark.parametrize("name", ["__init__", "quiet", "pythons", "setup"])
def test_an_old_python_understands_the_set_up(name):
    tree = ast.parse((files.PACKAGE / f"{name}.py").read_text("utf-8"), feature_version=(3, 6))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names | {"kerascomp"}
