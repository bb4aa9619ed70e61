import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from helpers import run_command

from kerascomp import files
from kerascomp.course import execution, pages, sources, stamps

SOURCE = """# %% [markdown]
# # 99 A lesson
#
# *Time: 1 minute. You learn things.*
#
# ## The question
# ## What you will see

# %%
from kerascomp.course import runs

run = runs.start("99_lesson")

# %% [markdown]
# ## Exercises
# ## What to take away
# ## References
# - [A paper](https://doi.org/10.1000/10(87)9)
# ## Next
# [This lesson](src/99_lesson.py)

# %%
assert run
"""
ADDRESS = "https://doi.org/10.1000/10(87)9"


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A notebooks folder with one good lesson."""
    folder = tmp_path / "notebooks"
    (folder / "src").mkdir(parents=True)
    monkeypatch.setattr(sources, "FOLDER", folder)
    write(folder, SOURCE)
    return folder


def write(folder, text, name="99_lesson"):
    (folder / "src" / f"{name}.py").write_text(text, encoding="utf-8")


def test_the_courses_lessons_are_in_shape_and_built():
    assert sources.names() and sources.check_all() == []


def test_building_twice_gives_the_same_bytes(folder):
    first = sources.build("99_lesson")
    assert first == sources.build("99_lesson")
    assert sources.build_all() == [folder / "99_lesson.ipynb"]
    assert (folder / "99_lesson.ipynb").read_bytes() == first
    assert sources.build_all() == []


def test_cell_ids_follow_the_content(folder):
    before = nbformat.reads(sources.build("99_lesson").decode(), as_version=4).cells
    write(folder, SOURCE.replace("assert run", "assert run.seed == 0"))
    after = nbformat.reads(sources.build("99_lesson").decode(), as_version=4).cells
    assert [cell.id for cell in before[:-1]] == [cell.id for cell in after[:-1]]
    assert before[-1].id != after[-1].id
    assert not any(cell.get("outputs") for cell in after)


def test_equal_cells_have_different_ids(folder):
    write(folder, SOURCE + "\n# %%\nassert run\n")
    cells = nbformat.reads(sources.build("99_lesson").decode(), as_version=4).cells
    assert len({cell.id for cell in cells}) == len(cells)


@pytest.mark.parametrize(("old", "new", "message"), [
    ("# # 99 A", "# # A", "must begin with"),
    ("*Time: 1 minute. You learn things.*", "*Time: 1 minute.*", "You learn"),
    ("## Next", "", "in order"),
    ("## References", "## Sources", "in order"),
    ("## What to take away\n# ## References", "## References\n# ## What to take away", "in order"),
    (f"[A paper]({ADDRESS})", "A paper", "needs a link"),
    ("[A paper]", "[ ]", "without text"),
    (f"({ADDRESS})", f"({ADDRESS}", "does not end"),
    (ADDRESS, f"{ADDRESS} 10", "with a space"),
    ("https://doi.org", "http://doi.org", "neither https"),
    ("https://doi.org", "https://doi", "neither https"),
    ("https://doi.org", "https:/doi.org", "neither https"),
    (ADDRESS, "", "neither https"),
    ("src/99_lesson.py", "src/98_lesson.py", "nor a file"),
    ("src/99_lesson.py", "src", "nor a file"),
    ("# ## Exercises\n", "", "in order"),
    ('runs.start("99_lesson")', 'runs.start("98_lesson")', "must start with"),
    ("assert run", "run", "checks nothing"),
    ("assert run", "assert run\n" * 31, "over 30 lines"),
    ("assert run", "assert run\n" * 29, "median"),
    ("assert run", "assert run\n\n# %%\nrun\n\n# %%\nrun.seed", "less than 0.7"),
])  # fmt: skip
def test_every_rule_is_enforced(folder, old, new, message):
    assert sources.problems("99_lesson") == []
    write(folder, SOURCE.replace(old, new))
    assert any(message in problem for problem in sources.problems("99_lesson"))


def test_stale_and_orphaned_notebooks_and_twice_defined_functions(folder):
    sources.build_all()
    assert sources.check_all() == []
    (folder / "98_old.ipynb").write_text("{}", encoding="utf-8")
    write(folder, SOURCE + "\n\ndef same():\n    pass\n")
    write(folder, SOURCE.replace("99", "97") + "\n\ndef same():\n    pass\n", "97_other")
    sentences = "\n".join(sources.check_all())
    assert "98_old.ipynb has no source" in sentences
    assert "99_lesson: the notebook is not what its source builds" in sentences
    assert "same is defined in 97_other and in 99_lesson" in sentences


def test_unknown_lesson():
    with pytest.raises(ValueError, match="no lesson is called '42'; there are 00_start_here"):
        sources.source_path("42")


def test_a_lesson_that_fails_says_where_and_keeps_what_was_run(folder):
    write(folder, SOURCE.replace("assert run", "raise ValueError('the reason')"))
    sources.build_all()
    with pytest.raises(execution.LessonError, match="99_lesson stopped with an error") as caught:
        execution.execute("99_lesson", folder=folder / "executed")
    assert "the reason" in str(caught.value)
    assert (folder / "executed" / "99_lesson.ipynb").exists()


def test_the_command_shows_the_error_of_a_lesson(folder, tmp_path, monkeypatch, capsys):
    write(folder, SOURCE.replace("assert run", "raise ValueError('the reason')"))
    monkeypatch.setenv("KERASCOMP_OUTPUT", str(tmp_path))
    monkeypatch.setenv("KERASCOMP_PROFILE", "full")
    message = run_command("course", "run", "--fast")
    assert message.startswith("kerascomp: 99_lesson stopped with an error") and "reason" in message
    assert run_command("course", "run", "98").startswith("kerascomp: no lesson is called '98'")


def test_the_command_builds_and_checks(folder, capsys):
    assert run_command("course", "check") == 1
    assert "99_lesson: the notebook is not what its source builds" in capsys.readouterr().out
    assert run_command("course", "build") == 0
    assert capsys.readouterr().out == "built 99_lesson.ipynb\nbuilt GLOSSARY.md\n"
    assert run_command("course", "check") == 0
    assert capsys.readouterr().out == "1 lessons, all in shape\n"


def test_a_folder_without_lessons_is_no_course_in_shape(folder, capsys):
    (folder / "src" / "99_lesson.py").unlink()
    expected = f"no lessons in {folder / 'src'}; expected 00_start_here.py and others there"
    for arguments in (["check"], ["build"], ["run"], ["run", "--fast"], ["run", "98"]):
        assert expected in run_command("course", *arguments)
    assert not (folder.parent / "GLOSSARY.md").exists() and not capsys.readouterr().out


def test_a_lesson_runs_in_this_python_whatever_kernels_are_installed(folder, tmp_path, monkeypatch):
    foreign = {"argv": ["false", "{connection_file}"], "display_name": "x", "language": "python"}
    for kind in ("JUPYTER_PATH", "JUPYTER_DATA_DIR"):
        spec = tmp_path / kind / "kernels" / "python3" / "kernel.json"
        files.write_atomically(spec, json.dumps(foreign).encode())
        monkeypatch.setenv(kind, str(tmp_path / kind))
    monkeypatch.setenv("KERASCOMP_OUTPUT", str(tmp_path))
    write(folder, SOURCE.replace("assert run", "import sys\n\nassert run\nprint(sys.executable)"))
    sources.build_all()
    notebook = execution.execute("99_lesson", folder=folder / "executed")
    assert notebook.cells[-1].outputs[-1].text.strip() == sys.executable


def test_a_process_that_dies_is_named(folder):
    write(folder, SOURCE.replace("assert run", "import os\n\nassert run\nos._exit(9)"))
    sources.build_all()
    with pytest.raises(execution.LessonError, match="its process died.*99_lesson.log"):
        execution.execute("99_lesson", folder=folder / "executed")


def test_a_lesson_is_up_to_date_until_something_changes(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stamps.runs, "PUBLISHED_FIGURES", tmp_path / "figures")
    monkeypatch.setattr(stamps, "EXECUTED", tmp_path / "executed")
    executed, picture = tmp_path / "executed" / "99_lesson.ipynb", tmp_path / "figures" / "99_a.png"
    for path in (executed, picture):
        path.parent.mkdir()
        path.write_bytes(b"made by the lesson")

    def stamp():
        stamps.write("99_lesson", stamps.inputs("99_lesson"))
        return stamps.is_current("99_lesson")

    assert not stamps.is_current("99_lesson")
    assert stamp()
    write(folder, SOURCE + "\n")
    assert not stamps.is_current("99_lesson")
    assert stamp()
    for folder_of_data in (tmp_path, tmp_path / "other"):  # the loader compares what is in it
        monkeypatch.setenv("KERASCOMP_DATA", str(folder_of_data))
        assert stamps.is_current("99_lesson")
    picture.write_bytes(b"changed by hand")
    assert not stamps.is_current("99_lesson")
    assert stamp()
    executed.unlink()
    assert not stamps.is_current("99_lesson")


def test_a_lesson_executed_with_a_stand_in_is_never_up_to_date(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stamps.runs, "PUBLISHED_FIGURES", tmp_path / "figures")
    monkeypatch.setattr(stamps, "EXECUTED", tmp_path)
    (tmp_path / "99_lesson.ipynb").write_bytes(b"executed")
    files.write_atomically(tmp_path / "figures" / "stand-in" / "99_a.png", b"picture")
    stamps.write("99_lesson", stamps.inputs("99_lesson"))
    assert not stamps.is_current("99_lesson")
    stamps.forget_stand_ins("99_lesson")
    stamps.write("99_lesson", stamps.inputs("99_lesson"))
    assert stamps.is_current("99_lesson")


def test_two_lessons_run_at_once_and_one_that_fails_does_not_stop_the_other(
    folder, tmp_path, monkeypatch, capsys
):
    """Each waits for a file that the other one writes."""
    monkeypatch.setattr(stamps, "EXECUTED", tmp_path / "executed")
    monkeypatch.setattr(stamps.runs, "PUBLISHED_FIGURES", tmp_path / "figures")
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(execution, "num_cores", lambda: 2)
    monkeypatch.setattr(execution, "MEMORY_OF_TWO", 0)
    for own, other, end in (("97", "98", "raise ValueError('the reason')"), ("98", "97", "")):
        wait = (
            f"import pathlib, time\n\npathlib.Path('{own}').touch()\n"
            f"while not pathlib.Path('{other}').exists():\n    time.sleep(0.1)\nassert run\n{end}"
        )
        text = SOURCE.replace("99", own).replace("assert run", wait)
        write(folder, text, f"{own}_lesson")
    sources.build_all()
    with pytest.raises(execution.LessonError, match="97_lesson stopped with an error") as caught:
        execution.run(["97_lesson", "98_lesson"])
    assert "the reason" in str(caught.value) and "98_lesson" not in str(caught.value)
    assert stamps.is_current("98_lesson") and not stamps.is_current("97_lesson")


def test_with_one_core_lessons_run_one_after_the_other(folder, tmp_path, monkeypatch, capsys):
    """The second one finds what the first one has written at its very end."""
    monkeypatch.setattr(stamps, "EXECUTED", tmp_path / "executed")
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(execution, "num_cores", lambda: 1)
    last = "import pathlib, time\n\nassert run\ntime.sleep(1)\npathlib.Path('97').touch()"
    first = "import pathlib\n\nassert run and pathlib.Path('97').exists()"
    for name, code in (("97", last), ("98", first)):
        text = SOURCE.replace("99", name).replace("assert run", code)
        write(folder, text, f"{name}_lesson")
    sources.build_all()
    execution.run(["97_lesson", "98_lesson"])
    assert "one lesson after the other: 1 core and" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_ctrl_c_stops_the_lessons_process_and_says_so(folder, tmp_path):
    """Sends a real SIGINT to the command of `make figures` while a cell of a lesson sleeps."""
    slow = (
        "import os, pathlib, time\n\nassert run\npathlib.Path('pid').write_text(str(os.getpid()))"
    )
    write(folder, SOURCE.replace("assert run", f"{slow}\ntime.sleep(100)"))
    command = (
        "import pathlib, signal; from kerascomp.course import sources, stamps;"
        "from kerascomp.command.app import app;"
        # a process that was started in the background, as tests may be, ignores SIGINT
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        f"sources.FOLDER = pathlib.Path({str(folder)!r});"
        f"stamps.EXECUTED = pathlib.Path({str(tmp_path / 'executed')!r});"
        "app(['course', 'run', '--force'])"
    )
    environment = os.environ | {"KERASCOMP_CACHE": str(tmp_path / "cache")}
    pid = folder / "pid"
    with subprocess.Popen(
        [sys.executable, "-c", command], env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        while not pid.exists() or not pid.read_text(encoding="utf-8"):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()
    assert "stopped; what was finished stays" in errors and "Traceback" not in errors
    assert process.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text(encoding="utf-8")), 0)
    assert (tmp_path / "executed" / "99_lesson.ipynb").exists()


def test_readme_parts_must_be_there():
    with pytest.raises(ValueError, match="needs one '<!-- lessons -->"):
        pages.filled("no marks")
