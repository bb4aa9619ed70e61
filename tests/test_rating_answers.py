"""Answers on disk: lines that are whole count, whatever happened to the others."""

import unicodedata
import warnings

import pytest
from helpers import GOOD_NAMES, WRONG_NAMES

from kerascomp import rating
from kerascomp.rating import Answer, Item, answers, form
from kerascomp.rating.study import DAMAGED, ORIGINAL

TIME = "2026-01-01T10:00:00Z"


def given(rater, trial, left, right, answer):
    return Answer(rater, trial, Item(left, 90), Item(right, 90), answer, 1000, TIME)


def test_answers_on_disk(tmp_path):
    path = tmp_path / "folder" / "answers.csv"
    first = given("anna", "x-001", 'CNN, "b"', "KLT", "left")
    second = given("Jürgen 2", "x-001", "KLT", "KLT", "not sure")
    third = second._replace(trial="x-002", left=Item(ORIGINAL), right=Item(DAMAGED))
    rating.write_answers(path, [first, second, third])
    assert rating.read_answers(path) == [first, second, third]
    assert path.read_text(encoding="utf-8").splitlines()[1:4:2] == [
        f'anna,x-001,"CNN, ""b""",90,KLT,90,left,1000,{TIME}',
        f"Jürgen 2,x-002,original,,damaged,,not sure,1000,{TIME}",
    ]
    rating.write_answers(tmp_path / "folder" / "more.csv", [given("b", "x-001", "p", "q", "right")])
    assert len(rating.read_answers(tmp_path / "folder")) == 4


def test_the_largest_size_of_a_study_is_one_of_an_answer(tmp_path):
    path, side = tmp_path / "answers.csv", Item("KLT", form.MOST)
    assert form.SIZE.holds(side.target_bytes) and not form.SIZE.holds(side.target_bytes + 1)
    answer = given("anna", "x-001", "KLT", "KLT", "left")._replace(left=side, right=side)
    rating.write_answers(path, [answer])
    assert rating.read_answers(path) == [answer]


def test_names_are_of_letters_of_any_script(tmp_path):
    """The same names as in a browser, in test_rating_page.py."""
    path = tmp_path / "answers.csv"
    rating.write_answers(path, [given(name, "x-001", "a", "b", "left") for name in GOOD_NAMES])
    names = [answer.rater for answer in rating.read_answers(path)]
    assert names == [unicodedata.normalize("NFC", name) for name in GOOD_NAMES]
    rating.write_answers(path, [given(name, "x-001", "a", "b", "left") for name in WRONG_NAMES])
    with pytest.warns(rating.AnswersWarning, match="line 2 is skipped: 'a,b' is no rater"):
        assert rating.read_answers(path) == []


def test_one_rater_in_two_forms_of_unicode_is_one(tmp_path):
    path = tmp_path / "answers.csv"
    names = [unicodedata.normalize(form, "José") for form in ("NFC", "NFD")]
    rating.write_answers(path, [given(name, "x-001", "a", "b", "left") for name in names])
    assert [answer.rater for answer in rating.read_answers(path)] == ["José"]


def test_answers_of_the_first_format_are_read(tmp_path):
    path = tmp_path / "old.csv"
    end = f"left,1000,{TIME}"
    path.write_text(
        "rater,trial,left,right,answer,milliseconds,time\n"
        f'anna,x-001,"CNN, a @ b @ 90 bytes",KLT @ 90 bytes,{end}\n'
        f"anna,x-002,damaged,original,{end}\n"
        f"{answers.HEADER}\nanna,x-003,a,90,b,90,{end}\n"
        f"anna,x-004,a @ 90 bytes,b @ 90 bytes,{end}\n",
        encoding="utf-8",
    )
    with pytest.warns(rating.AnswersWarning, match="line 6 is skipped: expected 9 fields"):
        read = rating.read_answers(path)
    assert [answer[2:4] for answer in read] == [
        (("CNN, a @ b", 90), ("KLT", 90)),
        ((DAMAGED, None), (ORIGINAL, None)),
        (("a", 90), ("b", 90)),
    ]


@pytest.mark.parametrize("cut", [1, 2, 12, 25, 40])
def test_a_half_written_last_line_is_reported_and_skipped(tmp_path, cut):
    path = tmp_path / "answers.csv"
    whole = [given("anna", f"x-{number:03d}", "a", "b", "left") for number in range(3)]
    rating.write_answers(path, whole)
    path.write_bytes(path.read_bytes()[: -cut - 1])
    with pytest.warns(rating.AnswersWarning, match="answers.csv, line 4 is skipped: "):
        assert rating.read_answers(path) == whole[:2]


def test_any_cut_is_harmless(tmp_path):
    path = tmp_path / "answers.csv"
    whole = [given("anna", f"x-{number:03d}", "a, b", "c", "right") for number in range(2)]
    rating.write_answers(path, whole)
    content = path.read_bytes()
    header = len(answers.HEADER) + 1
    second = content.index(b"anna", header + 1) - 1
    for length in range(header, len(content)):
        path.write_bytes(content[:length])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rating.AnswersWarning)
            read = rating.read_answers(path)
        assert read == whole[: len(read)]
        assert len(read) == (length == len(content) - 1) + (length >= second)
    path.write_text(answers.HEADER[:14], encoding="utf-8")
    with pytest.warns(rating.AnswersWarning, match="cut off in its first line"):
        assert rating.read_answers(path) == []


def test_damage_within_a_file(tmp_path):
    path = tmp_path / "answers.csv"
    good = given("anna", "x-001", "a", "b", "left")
    rating.write_answers(path, [good])
    bad = [
        "anna,x",
        f"anna,x-002,a,90,b,90,perhaps,5,{TIME}",
        f"anna,x-002,a,90,b,90,left,-5,{TIME}",
        f"anna,x-002,a,many,b,90,left,5,{TIME}",
        f"a/b,x-002,a,90,b,90,left,5,{TIME}",
        f"anna,x-002,a,90,b,90,left,{'9' * 16},{TIME}",
        "\x00,\xff",
    ]
    line = path.read_text(encoding="utf-8").splitlines()[1]
    path.write_bytes("\r\n".join(["\ufeff" + answers.HEADER, *bad, "", line]).encode())
    with pytest.warns(rating.AnswersWarning, match=" .* ".join(f"line {n}" for n in range(2, 9))):
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
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="other.csv holds no answers: its first line is 'a,b'"):
        rating.read_answers(tmp_path / "other.csv")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    assert rating.read_answers(tmp_path / "empty.csv") == []
    with pytest.raises(FileNotFoundError):
        rating.read_answers(tmp_path / "none.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="holds no CSV file"):
        rating.read_answers(tmp_path / "folder")
