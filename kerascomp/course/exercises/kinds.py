"""Three kinds of answers: numbers, a choice, and a function that is tested on inputs.

Each kind has a method `remark(answer)`, which returns "" if the answer is right, else a sentence.
"""

import copy
import dataclasses
import inspect
import reprlib
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Numbers:
    """A number, or a list of numbers.

    Args:
        right: a function without arguments that returns the right number, or the right list.
        tolerance: how far each number may be from the right one.
        hint: what a wrong answer is told.
    """

    right: Callable[[], Any]
    tolerance: float
    hint: str

    def remark(self, answer: object) -> str:
        """Returns "" for a right answer, else the hint or what was expected."""
        expected, received = np.asarray(self.right(), float), _floats(answer)
        if received is None or received.shape != expected.shape:
            return f"expected {_described(expected)}, received {_described(answer)}"
        is_right = np.all(np.abs(received - expected) <= self.tolerance)
        return "" if is_right else self.hint


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of several texts.

    Args:
        options: all texts.
        right: a function without arguments that returns the right one.
        hint: what a wrong answer is told.
    """

    options: Sequence[str]
    right: Callable[[], str]
    hint: str

    def remark(self, answer: object) -> str:
        """Returns "" for a right answer, else the hint or what was expected."""
        if not isinstance(answer, str) or answer not in self.options:
            options = ", ".join(repr(option) for option in self.options)
            return f"expected one of {options}, received {reprlib.repr(answer)}"
        return "" if answer == self.right() else self.hint


@dataclasses.dataclass(frozen=True)
class Function:
    """A function that returns a number or an array.

    Args:
        oracle: another function of the same arguments, which is right.
        inputs: arguments of the calls on which both are compared.
        hint: what is told if a result is wrong.
    """

    oracle: Callable[..., Any]
    inputs: Sequence[tuple]
    hint: str

    def remark(self, answer: object) -> str:
        """Returns "" for a right answer, else the hint, what was expected, or what was raised."""
        names = list(inspect.signature(self.oracle).parameters)
        wanted = f"expected a function of {', '.join(names)}"
        if not callable(answer):
            return f"{wanted}, received {_described(answer)}"
        if not _takes(answer, len(names)):
            return f"{wanted}, received one of {inspect.signature(answer)}"
        for arguments in self.inputs:
            remark = self._remark_on(answer, arguments)
            if remark:
                call = ", ".join(map("{}={}".format, names, map(_plain, arguments)))
                return remark + (f" (for {call})" if len(call) < 100 else "")
        return ""

    def _remark_on(self, answer, arguments):
        try:
            result = answer(*copy.deepcopy(arguments))
        except Exception as error:  # whatever it is, the student shall read it
            text = textwrap.shorten(str(error), 200)
            return f"your function raised {type(error).__name__}: {text}"
        expected, received = np.asarray(self.oracle(*arguments), float), _floats(result)
        if received is None or received.shape != expected.shape:
            return f"expected {_described(expected)} from it, received {_described(result)}"
        return "" if np.allclose(received, expected, rtol=1e-4, atol=1e-6) else self.hint


Exercise = Numbers | Choice | Function


def _takes(function, number):
    """Returns whether a function can be called with so many arguments; True if that is unknown."""
    try:
        inspect.signature(function).bind(*range(number))
    except TypeError:
        return False
    except ValueError:  # some built-in functions have no signature
        return True
    return True


def _plain(value):
    """Returns arrays as lists, which are printed in one line."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def _floats(value):
    """Returns a number or numbers as an array of floats, None for anything else."""
    try:
        array = np.asarray(value)
    except Exception:  # lists of unequal lengths, and objects that refuse
        return None
    return array.astype(float) if array.dtype.kind in "iuf" else None


def _described(value):
    """Returns in words what a value is."""
    if value is None:
        return "None"
    array = _floats(value)
    if array is None:
        return f"{reprlib.repr(value)}, which is not a number"
    if array.ndim == 0:
        return "a number"
    if array.ndim == 1:
        return f"a list of {len(array)} numbers"
    return f"an array of shape {array.shape}"
