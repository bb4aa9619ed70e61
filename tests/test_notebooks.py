"""Every lesson runs from top to bottom, in the fast profile, without an error or a warning."""

import linecache
import os
import subprocess
import sys

import matplotlib.pyplot as plt
import nbformat
import pytest

from kerascomp.course import execution, runs, sources

OF_THIS_MACHINE = {"12_speed"}  # in figures/speeds/, which git ignores


@pytest.fixture(params=sources.names())
def name(request, monkeypatch, tmp_path):
    """The name of a lesson; checks at the end which figures it has written, and where."""
    name = request.param
    monkeypatch.setenv("KERASCOMP_PROFILE", "fast")
    monkeypatch.setenv("KERASCOMP_OFFLINE", "1")
    monkeypatch.setenv("KERASCOMP_OUTPUT", str(tmp_path / "figures"))
    before = {path: path.stat().st_mtime_ns for path in runs.PUBLISHED_FIGURES.iterdir()}
    yield name
    made = {path.stem for path in (tmp_path / "figures").rglob("[0-9][0-9]_*.png")}
    published = {path.stem for path in runs.PUBLISHED_FIGURES.glob(f"{name[:2]}_*.png")}
    assert made == published | {figure for figure in OF_THIS_MACHINE if figure[:2] == name[:2]}
    assert {path: path.stat().st_mtime_ns for path in runs.PUBLISHED_FIGURES.iterdir()} == before


def test_cells_run_in_this_process(name, monkeypatch, capsys):
    """As one program; a process of its own would have to start TensorFlow first."""
    monkeypatch.chdir(sources.FOLDER)
    notebook = nbformat.reads(sources.build(name).decode(), as_version=4)
    lesson = {"__name__": "__main__"}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            file = f"{name}, cell {number}"
            lines = cell.source.splitlines(keepends=True)
            linecache.cache[file] = len(cell.source), None, lines, file  # TensorFlow reads it
            exec(compile(cell.source, file, "exec"), lesson)
    assert not plt.get_fignums(), "figures stay open"
    assert not capsys.readouterr().err


@pytest.fixture
def bare(monkeypatch):
    """Makes this process's children start without what a test or `make` sets and a user does not.

    With PYTEST_CURRENT_TEST, a kernel leaves out of its cells what a library writes to stderr.
    """
    for variable in ("TF_CPP_MIN_LOG_LEVEL", "PYTEST_CURRENT_TEST"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("name", sources.names()[:1], indirect=True)
def test_a_process_of_its_own_is_quiet_and_follows_no_matplotlibrc(
    name, bare, tmp_path, monkeypatch
):
    settings, program = tmp_path / "matplotlibrc", tmp_path / "lesson.py"
    settings.write_text("text.usetex: True\nfont.size: 30\nsavefig.bbox: tight\n", encoding="utf-8")
    monkeypatch.setenv("MATPLOTLIBRC", str(settings))
    cells = nbformat.reads(sources.build(name).decode(), as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    program.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, program], cwd=sources.FOLDER, env=os.environ | {"PATH": ""},  # no LaTeX
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_notebook_runs_in_jupyter(name, bare, tmp_path):
    notebook = execution.execute(name, folder=tmp_path)
    assert not (tmp_path / f"{name}.log").read_text(encoding="utf-8")
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    nbformat.validate(notebook)
