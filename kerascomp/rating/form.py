"""What the file of a study must hold, field by field."""

import reprlib
import unicodedata
from collections.abc import Callable
from typing import Any, NamedTuple

MOST_CHARACTERS = 200  # of a name
MOST = 2**53  # the largest whole number that JavaScript holds exactly


class StudyError(ValueError):
    """This is no study, or one that would not be fair."""


class Kind(NamedTuple):
    """What one value may be."""

    expected: str  # for the error message
    holds: Callable[[Any], bool]


def _is_name(value):
    is_line = isinstance(value, str) and len(value.splitlines()) == 1
    return (
        is_line
        and len(value) <= MOST_CHARACTERS
        and not {"Cc", "Cs"} & set(map(unicodedata.category, value))  # control, half a character
    )


def _is_number(value):
    return type(value) is int and 0 <= value <= MOST


ANY = "any key"
NAME = Kind(f"a line of 1 to {MOST_CHARACTERS} characters", _is_name)
NUMBER = Kind("a whole number from 0 to 2**53", _is_number)
SIZE = Kind(f"null or {NUMBER.expected}", lambda value: value is None or _is_number(value))
PICTURE = Kind("a PNG in base64", lambda value: isinstance(value, str) and value.isascii())
VERSION = {"codec": NAME, "target_bytes": SIZE, "image": NAME, "num_bytes": SIZE}
STUDY = {
    "format": NAME,
    "name": NAME,
    "trials": [{"name": NAME, "original": NAME, "left": VERSION, "right": VERSION}],
    "images": {ANY: PICTURE},  # a picture under each key
    "seed": NUMBER,
    "left_out": [NAME],
}


def check(value: Any, form: Any = STUDY, field: str = "") -> None:
    """Checks a value that JSON holds, and all that is in it.

    Args:
        value: anything; tuples count as lists.
        form: a `Kind`, a list with the form of every item, or a dict with the form of every field.
        field: where the value is, "trials[3].left"; empty for the whole study.

    Raises:
        StudyError: a value is not as it should be; says where, what came, what was expected.

    Example:
        >>> check({"codec": "KLT", "target_bytes": "90"}, {"codec": NAME, "target_bytes": SIZE})
        Traceback (most recent call last):
        kerascomp.rating.form.StudyError: target_bytes is '90'; expected null or a whole number \
from 0 to 2**53
    """
    if isinstance(form, Kind):
        if not form.holds(value):
            raise _error(value, form.expected, field)
    elif isinstance(form, list):
        if not isinstance(value, list | tuple):
            raise _error(value, "a list", field)
        for number, item in enumerate(value):
            check(item, form[0], f"{field}[{number}]")
    else:
        if not isinstance(value, dict):
            raise _error(value, "fields with names", field)
        fields = dict.fromkeys(value, form[ANY]) if ANY in form else form
        for key in [*fields, *value]:
            if key not in value:
                raise StudyError(f"{_inside(field, key)} is missing")
            if key not in fields:
                raise StudyError(f"{_inside(field, key)} is unknown; expected {', '.join(fields)}")
            check(value[key], fields[key], _inside(field, key))


def _inside(field, key):
    return f"{field}.{key:.40}" if field else f"{key:.40}"


def _error(value, expected, field):
    return StudyError(f"{field or 'the file'} is {reprlib.repr(value)}; expected {expected}")
