import dataclasses
import json

import matplotlib as mpl
import numpy as np
import pytest
from helpers import blobs, small_dataset
from matplotlib.figure import Figure

from kerascomp import codecs, files, plots
from kerascomp.course import figures, runs
from kerascomp.course.runs import Run
from kerascomp.plots import style
from kerascomp.plots.recording import plain
from kerascomp.statistics import Interval


@pytest.fixture
def run(tmp_path):
    return Run("02_dense_autoencoder", "fast", 3, tmp_path / "figures", tmp_path / "cache")


def draw():
    return plots.horizontal_bars([("a", 1.0, "black")], title="t", xlabel="x")


def test_a_picture_and_its_numbers(run):
    dataset = small_dataset(8)
    values = {"b": np.float32(1 / 3), "a": np.arange(3), "n": np.int64(4), "plain": [1.5]}
    figures.save(run, draw(), "99_test", caption="A test.", values=values, dataset=dataset)
    record = json.loads((run.output / "99_test.json").read_text(encoding="utf-8"))
    assert record["values"] == {"b": 0.333333, "a": [0, 1, 2], "n": 4, "plain": [1.5]}
    assert record["function"] == "horizontal_bars"
    assert record["arguments"] == {
        "rows": [["a", 1.0, "black"]],
        "title": "t",
        "xlabel": "x",
        "reference": None,
        "number": "{:.4f}",
        "cut": None,
    }
    assert record["caption"] == "A test." and record["lesson"] == run.lesson
    assert record["profile"] == "fast" and record["seed"] == 3
    assert record["datasets"] == [
        {"name": "blobs", "is_stand_in": False, "digest": dataset.digest},
    ]
    assert record["lesson_sha256"] and record["versions"] == files.versions()
    assert (run.output / "99_test.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_what_changes_after_drawing_is_not_recorded(run):
    rows = [("a", 1.0, "black")]
    fig = plots.horizontal_bars(rows, title="t", xlabel="[ 1,\n 2 ]")
    rows.append(("b", 2.0, "red"))
    figures.save(
        run, fig, "99_test", caption="", values={"lists": [[1, [2.5, None]], [], ["a", 3]]}
    )
    text = (run.output / "99_test.json").read_text(encoding="utf-8")
    record = json.loads(text)
    assert record["arguments"]["rows"] == [["a", 1.0, "black"]]
    assert record["arguments"]["xlabel"] == "[ 1,\n 2 ]" and "\n   [1,[2.5,null]],\n" in text
    assert record["values"] == {"lists": [[1, [2.5, None]], [], ["a", 3]]}


def test_a_figure_that_does_not_know_its_numbers_is_refused(run):
    for fig in (Figure(), style.new_figure(2)):
        with pytest.raises(TypeError, match="drawn by a function of kerascomp.plots"):
            figures.save(run, fig, "99_test", caption="")
    assert not run.output.exists()


def test_what_json_holds_of_arguments():
    point = codecs.RatePoint("c", "q", 1, "file", 2.0, None, 3, 0.1, 0.2, 10, None, None, 1, 1)
    assert plain(point) == vars(point)
    assert plain(Interval(np.float64(0.5), 0, 1)) == {"value": 0.5, "low": 0, "high": 1}
    assert plain({np.int64(1): (np.nextafter(1 / 3, 1), True)}) == {"1": [0.333333, True]}
    assert plain([np.array([[np.nan, 1.0]]), np.float32(2), range(2)]) == [[[None, 1.0]], 2, [0, 1]]
    assert plain(draw) == "draw"


def test_images_and_huge_arrays_are_hashed():
    image = blobs(1)[0]
    digest = plain(image)
    assert digest["shape"] == [28, 28, 1] and digest["dtype"] == "uint8"
    assert digest == plain(image.copy()) != plain(255 - image)
    huge = plain(np.arange(12_001) / 3)
    assert huge["min"] == 0 and huge["mean"] == 2000 and huge["max"] == 4000
    points = np.random.default_rng(0).normal(size=(6000, 2))
    np.testing.assert_allclose(plain(points), points, rtol=5e-4)


def test_saving_twice_gives_the_same_bytes(run):
    contents = []
    for _ in range(2):
        figures.save(run, draw(), "99_test", caption="A test.", values={"a": 1.0})
        contents.append([path.read_bytes() for path in sorted(run.output.iterdir())])
    assert contents[0] == contents[1]


def test_a_stand_in_is_marked_and_replaces_nothing(run):
    figures.save(run, draw(), "99_test", caption="real")
    before = (run.output / "99_test.png").read_bytes()
    stand_in = dataclasses.replace(small_dataset(8), is_stand_in=True)
    fig = draw()
    with mpl.rc_context({"text.usetex": True}):  # of the user; it stops where there is no LaTeX
        figures.save(run, fig, "99_test", caption="not real", dataset=[small_dataset(8), stand_in])
    assert (run.output / "99_test.png").read_bytes() == before
    title, mark = (text.get_text() for text in fig.texts)
    assert title == "t" and mark == "stand-in data: blobs"
    record = json.loads((run.output / "stand-in" / "99_test.json").read_text(encoding="utf-8"))
    assert record["datasets"][1]["is_stand_in"]


def test_a_folder_that_cannot_be_written(run):
    run.output.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(OSError, match="cannot write .*99_test.json.* choose another folder"):
        figures.save(run, draw(), "99_test", caption="lost")


@pytest.mark.parametrize("value", [float("inf"), np.nan, object()])
def test_values_that_json_cannot_hold_leave_nothing_behind(run, value):
    with pytest.raises((TypeError, ValueError)):
        figures.save(run, draw(), "99_test", caption="", values={"a": value})
    assert not run.output.exists()


def test_a_picture_that_cannot_be_drawn_leaves_its_predecessor(run, monkeypatch):
    figures.save(run, draw(), "99_test", caption="first")
    before = [path.read_bytes() for path in sorted(run.output.iterdir())]
    fig = draw()
    fig.axes[0].set_title("$broken")
    fig.axes[0].set_xlabel(r"$\frac{$")
    with pytest.raises(ValueError, match="frac"):
        figures.save(run, fig, "99_test", caption="second")
    assert [path.read_bytes() for path in sorted(run.output.iterdir())] == before


PUBLISHED = sorted(runs.PUBLISHED_FIGURES.glob("[0-9][0-9]_*.json"))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_published_figures_are_whole_real_and_current(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    assert path.with_suffix(".png").exists() and record["figure"] == path.stem
    assert record["profile"] == "full"
    assert not any(dataset["is_stand_in"] for dataset in record["datasets"])
    assert record["lesson_sha256"] == figures._source_hash(record["lesson"]), (
        "the lesson has changed since; run: make figures"
    )


def test_there_are_published_figures_without_orphans():
    assert PUBLISHED
    pictures = {path.stem for path in runs.PUBLISHED_FIGURES.glob("*.png")}
    assert pictures == {path.stem for path in PUBLISHED}
