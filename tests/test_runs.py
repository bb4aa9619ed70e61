import logging

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


def test_a_lesson_hides_warnings_about_retracing_and_no_others(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("KERASCOMP_PROFILE", "fast")
    monkeypatch.setenv("KERASCOMP_OUTPUT", str(tmp_path))
    runs.start("99_test")
    runs.start("99_test")
    logger = logging.getLogger("tensorflow")
    assert len(logger.filters) == 1
    for message in ("5 out of 5 calls triggered tf.function retracing", "another warning"):
        logger.handle(logger.makeRecord(logger.name, logging.WARNING, "", 0, message, (), None))
    assert [record.getMessage() for record in caplog.records] == ["another warning"]
