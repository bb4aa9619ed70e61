"""Answers on disk: a CSV with a line for each answer of a rater, as the page writes it.

    rater,trial,left_codec,left_bytes,right_codec,right_bytes,answer,milliseconds,time
    anna,3f9a1c-001,KLT,90,WebP,90,right,1830,2026-03-02T10:15:04Z

A line that was cut off, or damaged, is reported and skipped. Analyses begin with `Choices`,
in which there are no catch trials.
"""

import csv
import io
import re
import unicodedata
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerascomp.files import write_atomically
from kerascomp.rating.study import Item, is_catch

# A rater's name, in Unicode's form NFC: letters, marks and digits of any script, and these. Joiners
# (U+200C, U+200D) are part of how some names are written. page.js has the same rule.
PUNCTUATION = "_ .'’ʼ‐‑\u200c\u200d-"
MOST_CHARACTERS = 40
LEFT, RIGHT, UNSURE = "left", "right", "not sure"
ANSWERS = (LEFT, UNSURE, RIGHT)
FIELDS = {
    "rater": ".+",  # see `is_name`
    "trial": ".+",
    "left_codec": ".+",
    "left_bytes": "[0-9]{0,16}",  # up to 2**53, as in a study
    "right_codec": ".+",
    "right_bytes": "[0-9]{0,16}",
    "answer": "|".join(ANSWERS),
    "milliseconds": "[0-9]{1,15}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",  # its last letter shows that a line is whole
}
HEADER = ",".join(FIELDS)
HEADER_1 = "rater,trial,left,right,answer,milliseconds,time"  # first format, "KLT @ 90 bytes"
HEADERS = (HEADER, HEADER_1)


class AnswersWarning(UserWarning):
    """Some lines of a file of answers are not used."""


class Answer(NamedTuple):
    """One answer of one rater."""

    rater: str  # 1 to 40 letters, marks, digits and `PUNCTUATION`
    trial: str  # name of the trial
    left: Item
    right: Item
    answer: str  # "left" or "right" is nearer to the original, or "not sure"
    milliseconds: int  # from showing to answering
    time: str  # in UTC, as "2026-03-02T10:15:04Z"

    @property
    def is_catch(self) -> bool:
        """Whether the right answer is known."""
        return is_catch(self.left, self.right)


def is_name(text: str) -> bool:
    """Returns whether a rater may be called so.

    Example:
        >>> [is_name(name) for name in ("Zoë O'Neil-2", "அனிதா", "a,b", "")]
        [True, True, False, False]
    """
    return 1 <= len(text) <= MOST_CHARACTERS and all(
        character in PUNCTUATION or unicodedata.category(character)[0] in "LMN"
        for character in text
    )


def read_answers(path: str | Path) -> list[Answer]:
    """Returns the answers of a CSV file, or of all CSV files of a folder.

    Lines that are not whole are skipped, with an `AnswersWarning` that names them. Where a rater
    has answered a trial twice, the later answer counts, also with a warning if they differ.

    Raises:
        ValueError: a file is none of answers, or a folder has no CSV file.
        OSError: a file cannot be read.
    """
    path = Path(path)
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path} holds no CSV file; expected the answers of one rater in each")
    problems, latest, changed = [], {}, 0
    answers = [answer for file in files for answer in _parse(file, problems)]
    for answer in sorted(answers, key=lambda answer: answer.time):
        key = answer.rater, answer.trial
        changed += key in latest and latest[key].answer != answer.answer
        latest[key] = answer
    if changed:
        problems.append(f"{changed} answers were given again and differ; the later ones count")
    if problems:
        warnings.warn("; ".join(problems), AnswersWarning, stacklevel=2)
    return list(latest.values())


def write_answers(path: str | Path, answers: Iterable[Answer]) -> None:
    """Writes answers to a new CSV file, whole or not at all."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for rater, trial, left, right, *rest in answers:
        writer.writerow([rater, trial, *left, *right, *rest])
    write_atomically(path, f"{HEADER}\n{buffer.getvalue()}".encode())


def _parse(path, problems):
    """Yields the answers of one file, and appends what is wrong with it to `problems`."""
    lines = path.read_bytes().decode("utf-8-sig", errors="replace").splitlines()
    header = lines[0] if lines else HEADER
    if header not in HEADERS:
        if len(lines) > 1 or not any(whole.startswith(header) for whole in HEADERS):
            raise ValueError(
                f"{path} holds no answers: its first line is {header[:60]!r}, expected {HEADER!r}"
            )
        problems.append(f"{path.name} was cut off in its first line and holds no answers")
    for number, line in enumerate(lines[1:], 2):
        if line in (*HEADERS, ""):
            header = line or header
            continue
        try:
            yield _answer(line, header)
        except (ValueError, csv.Error) as error:
            problems.append(f"{path.name}, line {number} is skipped: {error}")


def _answer(line, header):
    """Returns the `Answer` of a line; raises a ValueError or csv.Error if it is none."""
    fields = next(csv.reader([line]))
    if header == HEADER_1 and len(fields) == 7:
        fields[2:4] = [*_split(fields[2]), *_split(fields[3])]
    elif header == HEADER_1 or len(fields) != len(FIELDS):
        raise ValueError(f"expected {header.count(',') + 1} fields, received {len(fields)}")
    fields[0] = unicodedata.normalize("NFC", fields[0])
    if not is_name(fields[0]):
        raise ValueError(f"{fields[0]!r} is no rater")
    for (name, pattern), field in zip(FIELDS.items(), fields, strict=True):
        if not re.fullmatch(pattern, field):
            raise ValueError(f"{field!r} is no {name}")
    rater, trial, *sides, answer, milliseconds, time = fields
    left, right = (Item(sides[i], int(sides[i + 1]) if sides[i + 1] else None) for i in (0, 2))
    return Answer(rater, trial, left, right, answer, int(milliseconds), time)


def _split(side):
    """Returns (codec, size) of a side as the first format has it."""
    codec, _, size = side.removesuffix(" bytes").rpartition(" @ ")
    return (codec, size) if codec else (side, "")


class Choices(NamedTuple):
    """N answers to comparisons as arrays; those to catch trials are left out."""

    items: tuple[Item, ...]  # the K different items that were compared
    left: np.ndarray  # place of each left side in `items`, (N,)
    right: np.ndarray  # place of each right side
    raters: tuple[str, ...]
    rater: np.ndarray  # place of each answer's rater in `raters`
    trials: tuple[str, ...]
    trial: np.ndarray  # place of each answer's trial in `trials`
    values: np.ndarray  # 1 for "left", 0 for "not sure", −1 for "right"

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> "Choices":
        """Returns the choices in a list of answers."""
        answers = [answer for answer in answers if not answer.is_catch]
        items, places = _numbered([a.left for a in answers] + [a.right for a in answers])
        left, right = places.reshape(2, -1)
        raters, rater = _numbered([answer.rater for answer in answers])
        trials, trial = _numbered([answer.trial for answer in answers])
        values = 1 - np.array([ANSWERS.index(answer.answer) for answer in answers], int)
        return cls(items, left, right, raters, rater, trials, trial, values)


def _numbered(values):
    """Returns the different values in order, and the place of each of N values there, (N,)."""
    different = sorted(set(values))
    place = {value: number for number, value in enumerate(different)}
    return tuple(different), np.array([place[value] for value in values], int)
