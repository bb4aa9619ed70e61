"""Studies, answers on disk, sessions and the widget: what must hold, and what must not work."""

import json
import warnings

import numpy as np
import pytest
from helpers import blobs

from kerascomp import rating
from kerascomp.rating import Answer, Study, StudyError, answers
from kerascomp.rating.app import RatingApp
from kerascomp.rating.study import DAMAGED, ORIGINAL, Trial, Version, check_equal_bytes

TIME = "2026-01-01T10:00:00Z"


class FirstPixels:
    """A codec that keeps the first bytes of an image."""

    def __init__(self, name, num_bytes):
        self.name, self.num_bytes, self.setting = name, num_bytes, f"{num_bytes} bytes"

    def encode(self, images):
        return [image.tobytes()[: self.num_bytes] for image in images]

    def decode(self, files):
        padded = [file.ljust(28 * 28, bytes([self.num_bytes % 7])) for file in files]
        return np.stack([np.frombuffer(file, np.uint8).reshape(28, 28, 1) for file in padded])


def family(name, sizes):
    return [FirstPixels(name, size) for size in sizes]


IMAGES = blobs(12)
CODECS = {
    "one": family("one", range(300, 600, 7)),
    "other, too": family("other, too", range(290, 610, 5)),
    "small": family("small", range(280, 420, 3)),
}


@pytest.fixture(scope="module")
def study():
    return rating.make_study(CODECS, IMAGES, target_bytes=[400, 500], num_trials=40, seed=3)


def given(rater, trial, left, right, answer):
    return Answer(rater, trial, left, right, answer, 1000, TIME)


# Studies


def test_a_study_compares_files_of_the_same_size(study):
    assert len(study.trials) == 40 and len(study.comparisons) == 36
    for trial in study.comparisons:
        (codec, size), (other, same_size) = map(
            rating.split_label, (trial.left.label, trial.right.label)
        )
        assert codec != other and size == same_size in (400, 500)
        sizes = trial.left.num_bytes, trial.right.num_bytes
        assert abs(sizes[0] - sizes[1]) <= 0.05 * max(sizes)
        index = [study.pixels(trial.original).tobytes() == image.tobytes() for image in IMAGES]
        for side, name in ((trial.left, codec), (trial.right, other)):
            codec = FirstPixels(name, side.num_bytes)
            decoded = codec.decode(codec.encode(IMAGES[index]))[0]
            np.testing.assert_array_equal(study.pixels(side.image), decoded)
    left_first = sum(trial.left.label.startswith("one") for trial in study.comparisons)
    right_first = sum(trial.right.label.startswith("one") for trial in study.comparisons)
    assert left_first > 5 and right_first > 5, "sides are random"
    assert study.left_out == ("one and small at 500 bytes", "other, too and small at 500 bytes")


def test_one_trial_in_ten_is_a_catch_trial(study):
    for start in range(0, 40, 10):
        block = study.trials[start : start + 10]
        catches = [t for t in block if rating.is_catch(t.left.label, t.right.label)]
        assert len(catches) == 1
    catches = [t for t in study.trials if t not in study.comparisons]
    identical = [t for t in catches if t.left.label == t.right.label]
    gross = [t for t in catches if {t.left.label, t.right.label} == {ORIGINAL, DAMAGED}]
    assert len(identical) == len(gross) == 2
    assert all(t.left.image == t.right.image != t.original for t in identical)
    for trial in gross:
        good, bad = sorted((trial.left, trial.right), key=lambda each: each.label == DAMAGED)
        assert good.image == trial.original and bad.image != trial.original
        block = study.pixels(bad.image)[8:16, 8:16]
        assert np.ptp(block) == 0


def test_the_seed_decides(study):
    again = rating.make_study(CODECS, IMAGES, target_bytes=[400, 500], num_trials=40, seed=3)
    assert again == study and again.to_json() == study.to_json()
    other = rating.make_study(CODECS, IMAGES, target_bytes=[400, 500], num_trials=40, seed=4)
    assert other.name != study.name


def test_a_study_on_disk(study, tmp_path):
    path = tmp_path / "study.json"
    study.save(path)
    assert Study.load(path) == study
    path.write_text(path.read_text()[:-20])
    with pytest.raises(StudyError, match="study.json: this is no study, or a damaged one"):
        Study.load(path)
    record = json.loads(study.to_json()) | {"format": "something else"}
    with pytest.raises(StudyError, match="expected the format"):
        Study.from_json(json.dumps(record))
    record = json.loads(study.to_json())
    record["images"].popitem()
    with pytest.raises(StudyError, match="has no pixels for"):
        Study.from_json(json.dumps(record))
    with pytest.raises(StudyError, match="at least one trial"):
        Study((), {}, 0)


def test_unequal_bytes_are_refused(study):
    fair = Trial("x-001", "o", Version("a", "i", 100), Version("b", "j", 105))
    check_equal_bytes(fair)
    unfair = fair._replace(right=Version("b", "j", 106))
    with pytest.raises(
        StudyError, match="a of 100 bytes with b of 106; expected files that differ"
    ):
        check_equal_bytes(unfair)
    trial = study.comparisons[0]
    larger = trial.left._replace(num_bytes=trial.left.num_bytes * 2)
    text = json.loads(study.to_json())
    text["trials"][study.trials.index(trial)]["left"] = larger._asdict()
    with pytest.raises(StudyError, match="make the study again with more settings"):
        Study.from_json(json.dumps(text))


@pytest.mark.parametrize(("codecs", "options", "message"), [
    ({"one": CODECS["one"]}, {}, "at least two codecs"),
    ({"one": CODECS["one"], "none": []}, {}, "at least two codecs"),
    (CODECS | {"original": CODECS["one"]}, {}, "cannot be called 'original'"),
    (CODECS | {'a "b"': CODECS["one"]}, {}, "cannot be called"),
    (CODECS, {"target_bytes": [50]}, r"within 5% of \[50\] bytes"),
    (CODECS, {"num_trials": 60}, "54 comparisons are wanted, but only 36 pairs"),
    (CODECS, {"num_trials": 0}, "at least one trial"),
])  # fmt: skip
def test_what_makes_no_study(codecs, options, message):
    with pytest.raises(StudyError, match=message):
        rating.make_study(codecs, IMAGES, **({"target_bytes": [400]} | options))


def test_a_codec_that_changes_the_shape_is_named():
    class Cropping(FirstPixels):
        def decode(self, files):
            return super().decode(files)[:, 1:]

    codecs = {"one": family("one", [400]), "cut": [Cropping("cut", 400)]}
    with pytest.raises(StudyError, match=r"cut decoded \(27, 28, 1\), expected \(28, 28, 1\)"):
        rating.make_study(codecs, IMAGES, target_bytes=[400], num_trials=3)


# Answers


def test_answers_on_disk(tmp_path):
    path = tmp_path / "folder" / "answers.csv"
    first = given("anna", "x-001", "CNN, bottleneck @ 90 bytes", "KLT @ 90 bytes", "left")
    second = given("Jürgen 2", "x-001", "KLT @ 90 bytes", "KLT @ 90 bytes", "not sure")
    for answer in (first, second):
        rating.append_answer(path, answer)
    assert rating.read_answers(path) == [first, second]
    assert path.read_text().splitlines()[1].startswith('anna,x-001,"CNN, bottleneck @ 90 bytes"')
    rating.write_answers(tmp_path / "folder" / "more.csv", [given("b", "x-001", "p", "q", "right")])
    assert len(rating.read_answers(tmp_path / "folder")) == 3
    answers.remove_answer(path, first)
    assert rating.read_answers(path) == [second]


@pytest.mark.parametrize("cut", [1, 2, 12, 25, 40])
def test_a_half_written_last_line_is_reported_and_skipped(tmp_path, cut):
    path = tmp_path / "answers.csv"
    whole = [given("anna", f"x-{number:03d}", "a", "b", "left") for number in range(3)]
    rating.write_answers(path, whole)
    path.write_bytes(path.read_bytes()[: -cut - 1])
    with pytest.warns(rating.AnswersWarning, match="answers.csv, line 4 is skipped: "):
        assert rating.read_answers(path) == whole[:2]
    rating.append_answer(path, whole[2])
    with pytest.warns(rating.AnswersWarning, match="line 4"):
        assert rating.read_answers(path) == whole


def test_any_cut_is_harmless(tmp_path):
    path = tmp_path / "answers.csv"
    whole = [given("anna", f"x-{number:03d}", "a, b", "c", "right") for number in range(2)]
    rating.write_answers(path, whole)
    content = path.read_bytes()
    header = len(answers.HEADER) + 1
    for length in range(header, len(content)):
        path.write_bytes(content[:length])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rating.AnswersWarning)
            found = rating.read_answers(path)
        assert found == whole[: len(found)]


def test_a_file_cut_in_its_first_line_is_begun_again(study, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("rater,trial,le")
    with pytest.warns(rating.AnswersWarning, match="cut off in its first line"):
        assert rating.read_answers(path) == []
    rating.Session(study, path, "anna").answer("left")
    assert len(rating.read_answers(path)) == 1


def test_undo_survives_a_line_that_was_cut_within_a_letter(study, tmp_path):
    path = tmp_path / "a.csv"
    session = rating.Session(study, path, "anna")
    session.answer("left")
    session.answer("right")
    with path.open("ab") as file:
        file.write(b"Zo\xc3")
    session.undo()
    assert session.progress[0] == 1
    with pytest.warns(rating.AnswersWarning, match="line 3 is skipped"):
        assert [each.answer for each in rating.read_answers(path)] == ["left"]


def test_damage_within_a_file(tmp_path):
    path = tmp_path / "answers.csv"
    good = given("anna", "x-001", "a", "b", "left")
    bad = "\n".join(
        [
            "anna,x",
            "anna,x-002,a,b,perhaps,5," + TIME,
            "anna,x-002,a,b,left,-5," + TIME,
            "\x00,\xff",
        ]
    )
    path.write_bytes(f"\ufeff{answers.HEADER}\r\n{bad}\n\n{answers.to_line(good)}".encode())
    with pytest.warns(rating.AnswersWarning, match="line 2 .* line 3 .* line 4 .* line 5"):
        assert rating.read_answers(path) == [good]


def test_an_answer_given_twice_counts_once(tmp_path):
    early = given("anna", "x-001", "a", "b", "left")
    late = early._replace(answer="right", time="2026-01-02T10:00:00Z")
    rating.write_answers(tmp_path / "1.csv", [late])
    rating.write_answers(tmp_path / "2.csv", [early, early])
    with pytest.warns(rating.AnswersWarning, match="1 answers were given again and differ"):
        assert rating.read_answers(tmp_path) == [late]
    (tmp_path / "1.csv").unlink()
    assert rating.read_answers(tmp_path) == [early]


def test_what_are_no_answers(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="other.csv holds no answers: its first line is 'a,b'"):
        rating.read_answers(tmp_path / "other.csv")
    (tmp_path / "empty.csv").write_text("")
    assert rating.read_answers(tmp_path / "empty.csv") == []
    with pytest.raises(FileNotFoundError):
        rating.read_answers(tmp_path / "none.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="holds no CSV file"):
        rating.read_answers(tmp_path / "folder")


# Sessions and the widget


def test_a_session_goes_on_where_it_stopped(study, tmp_path):
    path = tmp_path / "answers.csv"
    first = rating.Session(study, path, " anna ")
    for answer in ("left", "not sure", "right"):
        first.answer(answer)
    first.undo()
    rating.Session(study, path, "bert").answer("right")
    second = rating.Session(study, path, "anna")
    assert second.progress == (2, 40) and second.trial == study.trials[2] and not second.problem
    second.answer("left")
    found = [each for each in rating.read_answers(path) if each.rater == "anna"]
    assert [each.answer for each in found] == ["left", "not sure", "left"]
    assert [each.trial for each in found] == [trial.name for trial in study.trials[:3]]
    for each, trial in zip(found, study.trials, strict=False):
        assert (each.left, each.right) == (trial.left.label, trial.right.label)


def test_a_session_ends_and_undoes(study, tmp_path):
    session = rating.Session(study, tmp_path / "answers.csv", "anna")
    session.undo()
    for _ in study.trials:
        session.answer("left")
    assert session.trial is None
    with pytest.raises(ValueError, match="undo takes the last answer back"):
        session.answer("left")
    session.undo()
    assert session.trial == study.trials[-1]
    with pytest.raises(ValueError, match="expected one of left, not sure, right, received 'up'"):
        session.answer("up")


def test_a_session_with_a_damaged_file_or_an_impossible_name(study, tmp_path):
    path = tmp_path / "answers.csv"
    rating.Session(study, path, "anna").answer("left")
    path.write_text(path.read_text() + "anna,x")
    session = rating.Session(study, path, "anna")
    assert "line 3 is skipped" in session.problem and session.progress == (1, 40)
    for name in ("", "a,b", "x" * 41):
        with pytest.raises(ValueError, match="1 to 40 letters"):
            rating.Session(study, path, name)


def test_the_widget(study, tmp_path):
    path = tmp_path / "answers.csv"
    app = RatingApp(study, path, "anna")
    assert app.buttons["undo"].disabled and app.message.value.startswith("1 of 40")
    before = app.pictures["left"].value
    app.buttons["left"].click()
    app.buttons["not sure"].click()
    app.buttons["undo"].click()
    app.buttons["right"].click()
    assert app.progress.value == 2 and app.pictures["left"].value != before
    assert [each.answer for each in rating.read_answers(path)] == ["left", "right"]
    again = RatingApp(study, path, "anna")
    assert again.progress.value == 2
    for _ in range(40):
        again.buttons["right"].click()
    assert again.message.value.startswith("All 40 are answered") and again.buttons["left"].disabled
    again.buttons["undo"].click()
    assert again.message.value.startswith("40 of 40") and not again.buttons["left"].disabled


def test_the_widgets_keys_press_its_buttons(study, tmp_path):
    app = RatingApp(study, tmp_path / "answers.csv", "anna")
    strip = app.children[-1].value
    for key, name in (("ArrowLeft", "left"), (" ", "not sure"), ("Backspace", "undo")):
        css = name.replace(" ", "-")
        assert f"'{key}': '{css}'" in strip
        assert f"kerascomp-rating-{css}" in app.buttons[name]._dom_classes
    assert "kerascomp-rating" in app._dom_classes
