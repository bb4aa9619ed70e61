"""The study that ships with the course, and whose answers it is shown with."""

import pytest
from helpers import run_command

from kerascomp import datasets, rating
from kerascomp.course import studies


@pytest.fixture(scope="module")
def study():
    return studies.load()


def test_the_study_is_as_the_lesson_says(study):
    assert len(study.trials) == 200 and len(study.comparisons) == 180
    sizes = {trial.left.target_bytes for trial in study.comparisons}
    assert sizes == set(studies.TARGET_BYTES)
    assert studies.STUDY.stat().st_size < 1_000_000
    assert all("WebP at 60 bytes" in text for text in study.left_out)


@pytest.mark.skipif(datasets.cifar10_source() is None, reason="CIFAR-10 is not on this machine")
def test_originals_are_test_images(study):
    known = {image.tobytes() for image in datasets.cifar10().test.images[: studies.NUM_IMAGES]}
    assert {image.tobytes() for image in study.views(study.trials)[1]} <= known


def test_simulated_answers_are_those_of_the_simulation(study):
    expected = rating.simulate(study, studies.NUM_RATERS, num_careless=studies.NUM_CARELESS)
    shipped = rating.read_answers(studies.SIMULATED)
    assert sorted(shipped) == sorted(expected)
    assert studies.raters(shipped) == "13 simulated raters, not people"
    anna = [shipped[0]._replace(rater="anna")]
    assert studies.raters(anna) == "1 rater"


@pytest.fixture
def rated(tmp_path, monkeypatch):
    """Returns a function that puts answers into the folder of the class."""
    monkeypatch.setattr(studies, "CLASS", tmp_path / "answers")

    def write(rater, **changed):
        """One rater's answers to all trials: those of a simulated one, with fields changed."""
        answers = [
            answer._replace(rater=rater, **changed)
            for answer in rating.read_answers(studies.SIMULATED)
            if answer.rater.endswith("01")
        ]
        rating.write_answers(studies.CLASS / f"{rater}.csv", answers)

    return write


def test_a_class_replaces_them(rated):
    rated("anna")
    path = studies.CLASS / "anna.csv"
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:2]), encoding="utf-8")
    assert rating.are_simulated(studies.answers()), "nobody has finished"
    rated("bert")
    assert len(studies.answers()) == 201
    assert studies.raters(studies.answers()) == "2 raters"


def test_who_has_not_looked_does_not_replace_them(rated):
    rated("carl", answer="left")
    assert rating.are_simulated(studies.answers())


def test_answers_to_another_study_do_not_count(rated):
    rated("bert")
    path = studies.CLASS / "bert.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("f4e7b4-", "aaaaaa-"), encoding="utf-8"
    )
    with pytest.warns(rating.AnswersWarning, match="200 answers in .* are to another study"):
        assert rating.are_simulated(studies.answers())


def test_it_is_not_made_from_a_stand_in(monkeypatch):
    stand_in = datasets.natural_patches()
    monkeypatch.setattr(studies.datasets, "cifar10", lambda: stand_in)
    with pytest.raises(ValueError, match="needs CIFAR-10, which could not be found"):
        studies.make()
    assert run_command("course", "study").startswith("kerascomp: the course's study needs CIFAR-10")
