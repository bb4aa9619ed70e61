"""Answers on disk: a CSV that grows by a line a trial, so that nothing is lost.

    rater,trial,left,right,answer,milliseconds,time
    anna,3f9a1c-001,KLT @ 90 bytes,WebP @ 90 bytes,right,1830,2026-03-02T10:15:04Z

The notebook and the page write the same lines. A line that was cut off, because a battery died
while it was written, is reported and skipped.
"""

import csv
import datetime
import io
import re
import typing
import warnings
from pathlib import Path

from kerascomp.files import write_atomically

LEFT, RIGHT, UNSURE = "left", "right", "not sure"
ANSWERS = (LEFT, UNSURE, RIGHT)
RATER = re.compile(r"[\w .-]{1,40}")
TIME = "%Y-%m-%dT%H:%M:%SZ"  # its last letter shows that a line is whole


class AnswersWarning(UserWarning):
    """Some lines of a file of answers are not used."""


class Answer(typing.NamedTuple):
    """One answer of one rater.

    Attributes:
        rater: a name, of letters, digits, spaces, dots and dashes.
        trial: name of the trial.
        left, right: labels of what was shown there.
        answer: "left", "right" (nearer to the original), or "not sure".
        milliseconds: from showing to answering.
        time: when, in UTC, as in "2026-03-02T10:15:04Z".
    """

    rater: str
    trial: str
    left: str
    right: str
    answer: str
    milliseconds: int
    time: str


HEADER = ",".join(Answer._fields)


def now():
    """Returns the time as answers hold it."""
    return datetime.datetime.now(datetime.UTC).strftime(TIME)


def check_rater(name):
    """Returns a rater's name without spaces around it.

    Raises:
        ValueError: it is empty, too long, or has signs that a CSV would need to quote.
    """
    name = name.strip()
    if not RATER.fullmatch(name):
        raise ValueError(
            "expected a name of 1 to 40 letters, digits, spaces, dots and dashes, received "
            f"{name!r}"
        )
    return name


def read_answers(path):
    """Returns the answers of a CSV file, or of all CSV files of a folder, a list of `Answer`.

    Lines that are not whole are skipped, with an `AnswersWarning` that names them. Where a rater
    has answered a trial twice, the later answer counts, also with a warning if they differ.

    Args:
        path: of a file that the notebook or the page wrote, or of a folder of such files.

    Raises:
        ValueError: a file is none of answers, or a folder has no CSV file.
        OSError: a file cannot be read.
    """
    path = Path(path)
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path} holds no CSV file; expected the answers of one rater in each")
    found, problems = [], []
    for file in files:
        answers, bad = _parse(file)
        found += answers
        problems += bad
    latest, changed = {}, 0
    for answer in sorted(found, key=lambda each: each.time):
        key = answer.rater, answer.trial
        changed += key in latest and latest[key].answer != answer.answer
        latest[key] = answer
    if changed:
        problems.append(f"{changed} answers were given again and differ; the later ones count")
    if problems:
        warnings.warn("; ".join(problems), AnswersWarning, stacklevel=2)
    return list(latest.values())


def write_answers(path, answers):
    """Writes answers to a new CSV file, whole or not at all."""
    write_atomically(path, "".join([f"{HEADER}\n", *map(to_line, answers)]).encode())


def append_answer(path, answer):
    """Writes one answer behind the others, on a line of its own even if the last was cut off."""
    path = Path(path)
    before = path.read_bytes() if path.exists() else b""
    if HEADER.encode().startswith(before):  # a file that was cut off in its first line
        before = b""
        path.unlink(missing_ok=True)
    start = "" if before.endswith(b"\n") else "\n" if before else f"{HEADER}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(start + to_line(answer))


def remove_answer(path, answer):
    """Takes an answer out of a file; the other lines stay as they are."""
    lines = Path(path).read_bytes().splitlines(keepends=True)
    out = to_line(answer).encode().rstrip()
    write_atomically(path, b"".join(line for line in lines if line.rstrip() != out))


def to_line(answer):
    """Returns an answer as a line of CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(answer)
    return buffer.getvalue()


def _parse(path):
    """Returns (answers, problems) of one file."""
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    lines = text.splitlines()
    if len(lines) == 1 and lines[0] != HEADER and HEADER.startswith(lines[0]):
        return [], [f"{path.name} was cut off in its first line and holds no answers"]
    if lines and lines[0] != HEADER:
        raise ValueError(
            f"{path} holds no answers: its first line is {lines[0][:60]!r}, expected {HEADER!r}"
        )
    answers, problems = [], []
    for number, line in enumerate(lines, 1):
        if line in (HEADER, ""):
            continue
        try:
            answers.append(_answer(next(csv.reader([line]))))
        except (ValueError, csv.Error) as error:
            problems.append(f"{path.name}, line {number} is skipped: {error}")
    return answers, problems


def _answer(fields):
    """Returns the `Answer` of a line's fields.

    Raises:
        ValueError: they are too few, or not what they should be; a line that was cut off.
    """
    if len(fields) != len(Answer._fields):
        raise ValueError(f"expected {len(Answer._fields)} fields, received {len(fields)}")
    rater, trial, left, right, answer, milliseconds, time = fields
    if answer not in ANSWERS or not milliseconds.isdecimal():
        raise ValueError(f"no answer and time in milliseconds: {answer!r}, {milliseconds!r}")
    datetime.datetime.strptime(time, TIME)
    return Answer(check_rater(rater), trial, left, right, answer, int(milliseconds), time)
