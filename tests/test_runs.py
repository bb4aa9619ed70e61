import pytest

from kerascomp import files
from kerascomp.course import runs


def test_fast_profile_writes_to_a_temporary_folder(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KERASCOMP_PROFILE", "fast")
    monkeypatch.setenv("KERASCOMP_OUTPUT", str(tmp_path))
    run = runs.start("99_test")
    assert run.output == tmp_path and run.cache.is_relative_to(tmp_path)
    assert run.limit == runs.FAST_LIMIT and run.choose(full=1, fast=2) == 2
    assert "99_test · fast profile · seed 0 · kerascomp" in capsys.readouterr().out


def test_fast_profile_makes_its_own_folder(monkeypatch):
    monkeypatch.setenv("KERASCOMP_PROFILE", "fast")
    monkeypatch.delenv("KERASCOMP_OUTPUT", raising=False)
    run = runs.start("99_test")
    assert run.output.is_dir() and not run.output.is_relative_to(files.WORKPLACE)
    run.output.rmdir()


def test_full_profile_is_the_default(monkeypatch):
    for name in ("KERASCOMP_PROFILE", "KERASCOMP_OUTPUT"):
        monkeypatch.delenv(name, raising=False)
    run = runs.start("99_test")
    assert run.output == runs.PUBLISHED_FIGURES and run.limit is None


def test_fast_profile_never_writes_into_the_published_figures(monkeypatch):
    monkeypatch.setenv("KERASCOMP_PROFILE", "fast")
    monkeypatch.setenv("KERASCOMP_OUTPUT", str(runs.PUBLISHED_FIGURES))
    with pytest.raises(ValueError, match="published figures"):
        runs.start("99_test")


def test_unknown_profile(monkeypatch):
    monkeypatch.setenv("KERASCOMP_PROFILE", "quick")
    with pytest.raises(ValueError, match="'quick'; expected one of full, fast"):
        runs.profile()


def test_a_failed_write_keeps_the_old_file(monkeypatch, tmp_path):
    path = tmp_path / "file"
    files.write_atomically(path, b"old")

    def no_space(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", no_space)
    with pytest.raises(OSError, match=r"cannot write .*file \(No space left on device\)"):
        files.write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "figures").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="cannot write .*KERASCOMP_OUTPUT"):
        files.write_atomically(tmp_path / "figures" / "a.png", b"")
