"""What is said of a figure that was drawn again."""

import json

import pytest

from kerascomp.course import changes, runs


def record(value, **values):
    return {"figure": "a", "caption": "before", "arguments": {"x": value}, "values": values}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([1, 2.5], [1, 2.5], "equal"),
        ([[1, None], [2, 3]], [[1, None], [2, 3]], "equal"),
        ({"a": "0.1 dB"}, {"a": "0.2 dB"}, "equal"),  # texts repeat numbers
        ([10, 100], [10.1, 100], "within 0.1 %"),
        ([["a", 1.0], ["b", 2.0]], [["a", 1.0], ["b", 2.1]], "within 4.8 %"),
        (0.5, 0.4, "differs, by up to 20%"),
        ([1, 2], [1, 2, 3], "differs: it has other numbers"),
        ({"a": 1}, {"b": 1}, "differs: it has other numbers"),
        ({"sha256": "1"}, {"sha256": "2"}, "equal, in other pictures"),
        (0, 0, "equal"),
        ({"of 0.91": 1, "of 2": 3}, {"of 0.92": 1, "of 2": 3}, "equal"),
        ({"mse": 1, "encode_seconds": 1}, {"mse": 1, "encode_seconds": 3}, "equal"),
    ],
)
def test_numbers_are_compared_with_those_before(before, after, expected):
    assert changes.compare(record(before), record(after)) == expected
    assert changes.compare(record(0, y=before), record(0, y=after)) == expected


def test_one_line_for_each_figure_and_a_word_to_students():
    before, after = {"01_a": record(1)}, {"01_a": record(1), "01_bc": record(2)}
    first, *lines, last = changes.table(before, after).splitlines()
    assert lines == ["  01_a   equal", "  01_bc  new"]
    assert "against those before" in first and "so they should" in last


@pytest.mark.parametrize(
    "path", sorted(runs.PUBLISHED_FIGURES.glob("*.json")), ids=lambda p: p.stem
)
def test_every_published_figure_equals_itself_and_nothing_is_overlooked(path):
    figure = json.loads(path.read_text(encoding="utf-8"))
    assert changes.compare(figure, figure) == "equal"
    numbers = [x for _, numbers in changes._lists(changes._drawn(figure)) for x in numbers]
    assert numbers or list(changes._hashes(changes._drawn(figure)))
