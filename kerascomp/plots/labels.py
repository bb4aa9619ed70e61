"""Notes at points, and labels beside the lines that they name, where they hide nothing."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from kerascomp.plots.colors import GRAY
from kerascomp.plots.style import Numbers

HALO = [withStroke(linewidth=3, foreground="white")]
CENTERED = {"ha": "center", "va": "center"}
POINTS_PER_INCH = 72
CHARACTER, LINE = 0.68, 1.3  # width of a character and height of a line, of the font's size
Point = tuple[float, float]
Within = str | tuple[str, str]


def note(
    axes: Axes,
    text: str,
    at: Point,
    *,
    offset: Point = (0, 0),
    within: Within = "data",
    **style: Any,
) -> None:
    """Writes a text at a point, or some way from it.

    Args:
        at: (x, y).
        offset: of the text, (to the right, up), in points (1/72 inch).
        within: the coordinates of `at`: "data", "axes fraction", or one of them for each of x, y.
        style: how the text looks, as for matplotlib's `Text`.
    """
    style |= {"xycoords": within, "xytext": offset, "textcoords": "offset points"}
    axes.annotate(text, at, **style)


def note_at_end(axes: Axes, end: Point, text: str, color: str, *, offset: Point = (6, 0)) -> None:
    """Writes a line's name beside its last point, in the line's color."""
    side = "left" if offset[0] >= 0 else "right"
    style = {"color": color, "fontweight": "bold", "annotation_clip": False}
    note(axes, text, end, offset=offset, va="center", ha=side, **style)


def level(
    axes: Axes, value: float, label: str, *, x: float = 0.01, offset: Point = (0, 4), **style: Any
) -> None:
    """Draws a dotted horizontal line with a note on it, at `x` of the width of the axes."""
    axes.axhline(value, color=GRAY, linewidth=1.2, linestyle=":")
    style = {"fontsize": 9, "color": GRAY} | style
    note(axes, label, (x, value), offset=offset, within=("axes fraction", "data"), **style)


def color_key(axes: Axes, entries: Sequence[tuple[str, str, float]]) -> None:
    """Says above the axes what colors mean: tuples (text, color, x in parts of the width)."""
    for text, color, x in entries:
        style = {"color": color, "fontweight": "bold", "fontsize": 10}
        note(axes, text, (x, 1.0), offset=(0, 4), within="axes fraction", **style)


def moved_apart(places: np.ndarray, distance: float) -> np.ndarray:
    """Returns places (N, 2), moved as far as is needed for no two to be nearer than a distance."""
    places = places.astype(float)
    for _ in range(100):
        for i, j in itertools.combinations(range(len(places)), 2):
            gap = places[j] - places[i]
            length = np.hypot(*gap)
            if length < distance:
                direction = gap / length if length else np.array([1.0, 0.0])
                places[i] -= direction * (distance - length) / 2
                places[j] += direction * (distance - length) / 2
    return places


def label_starts(
    axes: Axes,
    lines: Sequence[tuple[Numbers, Numbers, str, dict[str, Any]]],
    *,
    size: Point,
    others: Sequence[tuple[Numbers, Numbers]] = (),
) -> None:
    """Writes each line's name on a free place near its start, and ties the two if it is not near.

    Args:
        axes: axes whose limits and scales are final.
        lines: tuples (xs, ys, text, style); the points of a line in data coordinates, and a dict
            for `annotate` that has a `fontsize`.
        size: (width, height) of the axes in inches, about.
        others: (xs, ys) of lines that have no name, but should not be hidden either.
    """
    curves = [_dense(_inches(axes, xs, ys, size)) for xs, ys, *_ in (*lines, *others)]
    visible = [curve[_inside(curve, (0, 0, *size))] for curve in curves]
    obstacles = np.concatenate(visible)
    boxes = []
    order = sorted(  # large names first, then from the left
        range(len(lines)), key=lambda index: (-lines[index][3]["fontsize"], *visible[index][0])
    )
    for index in order:
        _, _, text, style = lines[index]
        height = style["fontsize"] / POINTS_PER_INCH * LINE
        width = style["fontsize"] / POINTS_PER_INCH * CHARACTER * len(text)
        start, grid = visible[index][0], {*map(tuple, _cells(obstacles).tolist())}
        half = np.array([width, height]) / 2
        candidates = []
        for right, up in itertools.product(np.arange(-10, 11), np.arange(-12, 10)):
            center = start + np.array([right * width / 10, (up - 0.3) * height * 0.6])
            box = (*(center - half), *(center + half))
            hidden = 3 * _inside(obstacles, _widened(box, 0.02)).sum()
            hidden += 200 * sum(_overlap(box, b) for b in boxes)
            tie = _dense(np.array([start, center]))
            hidden += 10 * sum(_inside(tie, b).sum() for b in boxes)
            hidden += 3 * _near(tie[4:], grid)
            hidden += 30 * _inside(start[None], _widened(box, 0.02)).sum()
            outside = min(box[0], box[1], size[0] - box[2], size[1] - box[3]) < 0.03
            distance = np.hypot(*(center - start))
            candidates.append((hidden + 400 * outside + 30 * distance, *center, box))
        _, x, y, box = min(candidates, key=lambda candidate: candidate[:3])
        boxes.append(box)
        obstacles = np.concatenate([obstacles, _dense(np.array([start, (x, y)]))])
        far = not _inside(start[None], _widened(box, 0.12))[0]
        tie = {"arrowstyle": "-", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 2}
        tie = tie | {"color": style["color"]} if far else None
        look = {"path_effects": HALO, "annotation_clip": False, "arrowprops": tie} | CENTERED
        place = x / size[0], y / size[1]
        axes.annotate(text, start / size, place, "axes fraction", **look, **style)


def _inches(axes, xs, ys, size):
    """Returns points (P, 2) in inches from the lower left corner of the axes."""
    to_fraction = axes.transScale + axes.transLimits
    return to_fraction.transform(np.stack([xs, ys], axis=1).astype(float)) * size


def _dense(points, step=0.04):
    """Returns the points of a polyline, one every `step` inches."""
    parts = [points[:1]]
    for a, b in itertools.pairwise(points):
        number = max(1, int(np.hypot(*(b - a)) / step))
        parts.append(a + (b - a) * np.arange(1, number + 1)[:, None] / number)
    return np.concatenate(parts)


def _cells(points, side=0.04):
    """Returns in which cells of a grid points are, integers (P, 2)."""
    return np.floor(points / side).astype(int)


def _near(points, cells):
    """Returns how many points are in a set of cells."""
    return sum(tuple(cell) in cells for cell in _cells(points).tolist())


def _inside(points, box):
    left, bottom, right, top = box
    x, y = points.T
    return (x >= left) & (x <= right) & (y >= bottom) & (y <= top)


def _widened(box, by):
    left, bottom, right, top = box
    return left - by, bottom - by, right + by, top + by


def _overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
