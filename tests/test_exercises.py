"""Every exercise accepts its solution, and refuses two wrong answers."""

import re
import runpy

import numpy as np
import pytest

from kerascomp import files
from kerascomp.course import exercises, sources
from kerascomp.course.exercises.kinds import Choice, Function, Numbers

NAMES = sorted(exercises.EXERCISES)
SOLUTIONS = files.WORKPLACE / "notebooks" / "solutions"


def without_conversion(x, x_hat):
    return -10 * np.log10(np.mean((x - x_hat) ** 2) / 255**2)  # uint8 wraps around


def error_in_gray_levels(x, x_hat):
    return -10 * np.log10(np.mean((x.astype(float) - x_hat) ** 2))


def mean_not_added(x, k):
    centered = x - x.mean(axis=0)
    directions = np.linalg.svd(centered, full_matrices=False)[2][:k]
    return centered @ directions.T @ directions


def not_centered(x, k):
    directions = np.linalg.svd(x, full_matrices=False)[2][:k]
    return x @ directions.T @ directions


def zeros_are_nan(counts):
    with np.errstate(all="ignore"):
        p = counts / counts.sum()
        return -(p * np.log2(p)).sum()


def joint_entropy(counts):
    p = counts[counts > 0] / counts.sum()
    return -(p * np.log2(p)).sum()


def rows_count_alike(counts):
    return np.mean([joint_entropy(row) for row in counts])


def own_neighbor(vectors, labels):
    return 1.0


def first_number_only(vectors, labels):
    gaps = np.abs(vectors[:, :1] - vectors[:, 0])
    np.fill_diagonal(gaps, np.inf)
    return np.mean(labels[gaps.argmin(axis=1)] == labels)


WRONG = {
    "00a": ([1.0, 2 / 3], [0.125, 0.25]),  # colors as pixels; bytes
    "00b": (without_conversion, error_in_gray_levels),
    "00c": ("noise", "shifted"),
    "01a": (1.34, 2.0),  # equal distortions; distortion 1
    "01b": (
        lambda parts, blank, n: 8 * np.mean([len(part) for part in parts]) / n,
        lambda parts, blank, n: np.mean([len(part) - len(blank) for part in parts]) / n,
    ),
    "01c": ("WebP", "JPEG"),
    "02a": (222_384 - 24, 219_312),  # no weights; no biases
    "02b": (mean_not_added, not_centered),
    "02c": (8, 32),
    "03a": ([144, 1152, 4096], [160, 152, 4128]),  # no biases; no input channels
    "03b": (lambda values: (values == 0).mean(), lambda values: (values.max(axis=1) == 0).mean()),
    "03c": (1.33, 1 / 16.5),
    "04a": ([2048, 1.5], [31_232, 0.1]),  # no code; all skips
    "04b": (
        lambda x: x[::2, ::2],
        lambda x: x.reshape(len(x) // 2, 2, x.shape[1] // 2, 2, -1).mean(axis=(1, 3)),
    ),
    "04c": ([1.48, 0.73], [1.37, 0.68]),
    "05a": (1 / 12, 0.25),
    "05b": (lambda y, u: np.round(y), lambda y, u: np.trunc(y) + (u < y - np.trunc(y))),
    "05c": (16.5 / 0.12 * 0.25, 16.5),
    "06a": ([2.05, 2.0], [2.01, 1.0]),  # entropy instead of the mean length
    "06b": (zeros_are_nan, lambda counts: joint_entropy(counts) * counts.sum()),
    "06c": ([1.0, 1.29, 0.47], [0.47, 0.47, 0.47]),
    "07a": ([1.5, 0.25], [1.75, -0.25]),
    "07b": (
        lambda rows, tables: -np.log2(tables[np.arange(rows.shape[1]), rows]).mean(),
        lambda rows, tables: -np.log2(tables[np.arange(rows.shape[1]), rows]).sum(),
    ),
    "07c": (10, 40),
    "08a": ([0.811, 1.0], [1.0, 1.811]),
    "08b": (joint_entropy, rows_count_alike),
    "08c": (49, 97),  # without the sign; the other way round
    "09a": ([1323.0, 0.375], [42_336, 1.5]),  # one iteration; bits
    "09b": (lambda x, n: round(x * 2**n) / 2**n, lambda x, n: x),
    "09c": (0.3, 0.81),
    "10a": (0.25, 3.0),
    "10b": (
        lambda a, b: np.corrcoef(a, b)[0, 1],
        lambda a, b: np.corrcoef(np.argsort(a), np.argsort(b))[0, 1],
    ),
    "10c": (0.72, 0.435),
    "11a": (0.33, -0.25),
    "11b": (own_neighbor, first_number_only),
    "11c": ("raw digits", "dense code, 32"),
    "12a": ([250, -50], [200, 100]),
    "12b": (
        lambda sizes, psnr_db, target_db: np.interp(target_db, psnr_db, sizes),
        lambda sizes, psnr_db, target_db: np.interp(target_db, psnr_db, np.log(sizes)),
    ),
    "12c": ("bottleneck", "KLT"),
    "13a": ([2728, 1.38], [2772, 0.0138]),  # rounded down; no percent
    "13b": (
        lambda kernels, strides: 1 + sum(k - 1 for k in kernels),
        lambda kernels, strides: sum(kernels) - len(kernels),
    ),
    "13c": (-47, 10),  # the other way round; too few
}


def answered(capsys, name, answer):
    """Returns what a check prints behind the exercise's name, without its line end."""
    assert exercises.check(name, answer) is None
    printed = capsys.readouterr().out
    assert printed.startswith(f"{name}: ") and printed.count("\n") == 1
    return printed.removeprefix(f"{name}: ").rstrip("\n")


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_is_right_and_two_others_are_not(name, capsys):
    solution = runpy.run_path(str(SOLUTIONS / f"{name[:2]}.py"))[name[2]]
    assert answered(capsys, name, solution) == "right"
    hint = exercises.EXERCISES[name].hint
    for wrong in WRONG[name]:
        assert answered(capsys, name, wrong).startswith(hint)
    assert answered(capsys, name, ...) == "not answered yet"


@pytest.mark.parametrize("lesson", sources.names())
def test_every_lesson_checks_its_three_exercises(lesson):
    number, text = lesson[:2], sources.source_path(lesson).read_text(encoding="utf-8")
    names = [f"{number}{letter}" for letter in "abc"]
    assert re.findall(r'^exercises\.check\("(.+)", \.\.\.\)$', text, re.M) == names
    assert re.findall(r"^# \*\*(\w+)\.\*\* ", text, re.M) == names
    assert [name for name in NAMES if name.startswith(number)] == names
    assert f"[solutions/{number}.py](solutions/{number}.py)" in text


@pytest.mark.parametrize("name", ["99a", "5a", "", None, 5, ["05a"]])
def test_unknown_exercises(name):
    with pytest.raises(ValueError, match=f"no exercise is called {re.escape(repr(name))}.*00a, "):
        exercises.check(name, ...)


@pytest.mark.parametrize("answer", [
    None, "0.02", True, 1j, [0.02], [[1], [1, 2]], {0.02}, np.zeros((2, 2)), object(), len,
])  # fmt: skip
def test_something_else_than_a_number(answer, capsys):
    assert answered(capsys, "05a", answer).startswith("expected a number, received ")


def test_numbers_of_any_library_are_numbers(capsys):
    for answer in (np.float32(0.02083), np.array(0.02083)):
        assert answered(capsys, "05a", answer) == "right"
    for answer in ((1, 2), np.array([1.0, 2.0])):
        assert answered(capsys, "00a", answer) == "right"
    assert answered(capsys, "00a", [1, 2, 3]) == (
        "expected a list of 2 numbers, received a list of 3 numbers"
    )
    for nothing in (np.nan, np.inf):
        assert answered(capsys, "05a", nothing) == exercises.EXERCISES["05a"].hint


@pytest.mark.parametrize("answer", ["Noise", "", 3, None, ["noise"]])
def test_something_that_cannot_be_chosen(answer, capsys):
    assert answered(capsys, "00c", answer).startswith("expected one of 'noise', 'brighter', ")


def raises(y, u):
    raise KeyError("latent")


@pytest.mark.parametrize(("answer", "message"), [
    ([0, 2, -1, 2], "expected a function of y, u, received a list of 4 numbers"),
    (lambda y: y, "expected a function of y, u, received one of (y)"),
    (lambda y, u, v: y, "expected a function of y, u, received one of (y, u, v)"),
    (raises, "your function raised KeyError: 'latent' (for y=[0.3, 1.7, "),
    (lambda y, u: None, "expected a list of 4 numbers from it, received None"),
    (lambda y, u: y[:2], "expected a list of 4 numbers from it, received a list of 2 numbers"),
    (lambda y, u: "text", "expected a list of 4 numbers from it, received 'text', which is not"),
    (lambda y, u: y * np.nan, "round down with np.floor"),
    (max, "your function raised ValueError: "),  # a built-in function without a signature
])  # fmt: skip
def test_functions_that_are_wrong_in_other_ways(answer, message, capsys):
    assert answered(capsys, "05b", answer).startswith(message)


def test_a_function_that_changes_its_arguments_is_tested_on_copies(capsys):
    def changes(y, u):
        y -= u
        return np.ceil(y)

    assert [answered(capsys, "05b", changes) for _ in range(2)] == ["right", "right"]


def test_no_hint_gives_the_answer_away():
    for name, exercise in exercises.EXERCISES.items():
        if isinstance(exercise, Numbers):
            numbers = map(float, re.findall(r"\d+\.?\d*", exercise.hint))
            assert set(np.abs(np.ravel(exercise.right()))).isdisjoint(set(numbers) - {1.0}), name
        elif isinstance(exercise, Choice):
            assert exercise.right() not in exercise.hint, name
        else:
            assert isinstance(exercise, Function)
