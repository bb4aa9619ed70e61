"""Every lesson runs from top to bottom, in the fast profile, without an error or a warning."""

import nbformat
import pytest

from kerascomp.course import execution, runs, sources


@pytest.mark.parametrize("name", sources.names())
def test_lesson_runs(name, monkeypatch, tmp_path):
    monkeypatch.setenv("KERASCOMP_PROFILE", "fast")
    monkeypatch.setenv("KERASCOMP_OFFLINE", "1")
    monkeypatch.setenv("KERASCOMP_OUTPUT", str(tmp_path / "figures"))
    before = {path: path.stat().st_mtime_ns for path in runs.PUBLISHED_FIGURES.iterdir()}
    notebook = execution.execute(name, folder=tmp_path)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    made = {path.stem for path in (tmp_path / "figures").rglob("[0-9][0-9]_*.png")}
    published = {path.stem for path in runs.PUBLISHED_FIGURES.glob(f"{name[:2]}_*.png")}
    assert made == published
    assert {path: path.stat().st_mtime_ns for path in runs.PUBLISHED_FIGURES.iterdir()} == before
    nbformat.validate(notebook)
