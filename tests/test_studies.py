"""The study that ships with the course, and whose answers it is shown with."""

import pytest

from kerascomp import datasets, rating
from kerascomp.course import studies


@pytest.fixture(scope="module")
def study():
    return studies.load()


def test_the_study_is_as_the_lesson_says(study):
    assert len(study.trials) == 200 and len(study.comparisons) == 180
    sizes = {rating.split_label(trial.left.label)[1] for trial in study.comparisons}
    assert sizes == set(studies.TARGET_BYTES)
    assert studies.STUDY.stat().st_size < 1_000_000
    assert all("WebP at 60 bytes" in text for text in study.left_out)


@pytest.mark.skipif(datasets.cifar10_source() is None, reason="CIFAR-10 is not on this machine")
def test_originals_are_test_images(study):
    known = {image.tobytes() for image in datasets.cifar10().test.images[: studies.NUM_IMAGES]}
    assert {study.pixels(trial.original).tobytes() for trial in study.trials} <= known


def test_simulated_answers_are_those_of_the_simulation(study):
    expected = rating.simulate(study, studies.NUM_RATERS, num_careless=studies.NUM_CARELESS)
    found = rating.read_answers(studies.SIMULATED)
    assert sorted(found) == sorted(expected)
    assert studies.raters(found) == "13 simulated raters, not people"


def test_a_class_replaces_them(study, tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "CLASS", tmp_path / "answers")
    rating.Session(study, studies.CLASS / "anna.csv", "anna").answer("left")
    assert rating.are_simulated(studies.answers()), "nobody has finished"
    bert = [
        each._replace(rater="bert")
        for each in rating.read_answers(studies.SIMULATED)
        if each.rater.endswith("01")
    ]
    rating.write_answers(studies.CLASS / "bert.csv", bert)
    assert len(studies.answers()) == 201
    assert studies.raters(studies.answers()) == "2 raters"


def test_who_has_not_looked_does_not_replace_them(study, tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "CLASS", tmp_path / "answers")
    careless = rating.Session(study, studies.CLASS / "carl.csv", "carl")
    while careless.trial:
        careless.answer("left")
    assert rating.are_simulated(studies.answers())


def test_answers_to_another_study_do_not_count(study, tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "CLASS", tmp_path / "answers")
    others = [
        each._replace(rater="bert", trial=f"other-{each.trial}")
        for each in rating.read_answers(studies.SIMULATED)
        if each.rater.endswith("01")
    ]
    rating.write_answers(studies.CLASS / "bert.csv", others)
    with pytest.warns(rating.AnswersWarning, match="200 answers in .* are to another study"):
        assert rating.are_simulated(studies.answers())


def test_it_is_not_made_from_a_stand_in(monkeypatch):
    stand_in = datasets.natural_patches()
    monkeypatch.setattr(studies.datasets, "cifar10", lambda: stand_in)
    with pytest.raises(ValueError, match="needs CIFAR-10, which could not be found"):
        studies.make()


def test_the_command_says_how_it_is_used(monkeypatch):
    monkeypatch.setattr("sys.argv", ["studies", "break"])
    with pytest.raises(SystemExit, match="usage: python -m kerascomp.studies make"):
        studies.main()
