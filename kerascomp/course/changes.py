"""What `make figures` changed: the numbers of every figure that was drawn again, against before.

On another processor, or with other versions of the packages, trainings and maps end a little
differently. So a figure whose numbers have changed is reported, and is no error.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]
EXPLANATION = (
    "On another processor, or with other versions of the packages, many figures change a little; "
    "so they should. Look at those that differ."
)


def compare(before: Record, after: Record, *, most: float = 0.1) -> str:
    """Returns how the numbers of a figure have changed: "equal", "within 2 %" or "differs".

    A number is compared with the largest one in its list, in a list of lists with the largest of
    all. Texts are not compared, for they repeat numbers, nor are seconds. Of pictures only shape
    and hash are stored.

    Args:
        before, after: the JSON of the figure.
        most: relative difference above which, or with numbers more or fewer, a figure differs.

    Example:
        >>> compare({"arguments": {"a": [1, 50.0]}}, {"arguments": {"a": [2, 50.5]}})
        'within 2 %'
    """
    parts = [dict(_lists(part)) for part in (_drawn(before), _drawn(after))]
    if [(place, len(numbers)) for place, numbers in parts[0].items()] != [
        (place, len(numbers)) for place, numbers in parts[1].items()
    ]:
        return "differs: it has other numbers"
    largest = 0.0
    for place, old in parts[0].items():
        new = parts[1][place]
        scale = max(map(abs, (*old, *new)))
        if scale:
            largest = max(largest, *(abs(a - b) / scale for a, b in zip(old, new, strict=True)))
    if largest > most:
        return f"differs, by up to {largest:.0%}"
    if largest:
        return f"within {math.ceil(1000 * largest) / 10:g} %"
    return (
        "equal"
        if list(_hashes(_drawn(before))) == list(_hashes(_drawn(after)))
        else "equal, in other pictures"
    )


def table(before: Mapping[str, Record], after: Mapping[str, Record]) -> str:
    """Returns a line for each figure, and what to think of it.

    Args:
        before, after: {figure: its JSON}.
    """
    width = max(map(len, after), default=0)
    lines = ["The numbers of each figure, against those before:"]
    for figure, record in after.items():
        change = compare(before[figure], record) if figure in before else "new"
        lines.append(f"  {figure:{width}}  {change}")
    return "\n".join([*lines, EXPLANATION])


def _drawn(record):
    return {key: record.get(key) or {} for key in ("arguments", "values")}


def _lists(value: Any, place: str = "") -> Iterator[tuple[str, list[float]]]:
    """Yields (place, numbers) of each list of numbers, however nested, and of each number."""
    if isinstance(value, dict):
        for index, (key, item) in enumerate(value.items()):
            if not key.endswith("seconds"):
                name = re.sub(r"\d[\d.,]*", "#", key)  # a label may have a number in it
                yield from _lists(item, f"{place}/{index} {name}")
    elif isinstance(value, list) and (numbers := _numbers(value)) is not None:
        yield place, numbers
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _lists(item, f"{place}/{index}")
    elif isinstance(value, int | float):
        yield place, [float(value)]


def _numbers(value: Any) -> list[float] | None:
    """Returns the numbers in nested lists, or None if these hold anything else."""
    if isinstance(value, list):
        parts = [part for part in map(_numbers, value) if part is not None]
        whole = value and len(parts) == len(value)
        return [number for part in parts for number in part] if whole else None
    if value is None:
        return []
    return [float(value)] if isinstance(value, int | float) else None


def _hashes(value: Any) -> Iterator[str]:
    """Yields the hashes of pictures, in order."""
    if isinstance(value, dict):
        if "sha256" in value:
            yield value["sha256"]
        for item in value.values():
            yield from _hashes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _hashes(item)
