"""Notes at points, and labels beside the lines that they name, where they hide nothing."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from kerascomp.plots.colors import GRAY, INK
from kerascomp.plots.style import Numbers

HALO = [withStroke(linewidth=3, foreground="white")]
CENTERED = {"ha": "center", "va": "center"}
POINTS_PER_INCH = 72
CHARACTER, LINE = 0.68, 1.3  # width of a character and height of a line, of the font's size
GAP = 0.07  # between a line and its name, in inches
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


def vertical(axes: Axes, label: str, value: float) -> None:
    """Draws a dotted vertical line with a note at its upper end."""
    axes.axvline(value, color=INK, linewidth=1.2, linestyle=":")
    style = {"within": ("data", "axes fraction"), "fontsize": 9, "va": "top"}
    note(axes, label, (value, 1.0), offset=(5, -2), **style)


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


def label_lines(
    fig: Figure,
    axes: Axes,
    lines: Sequence[tuple[Numbers, Numbers, str, dict[str, Any]]],
    *,
    others: Sequence[tuple[Numbers, Numbers]] = (),
) -> None:
    """Writes each line's name beside it, where it hides nothing, rather near one of its ends.

    Args:
        fig: a figure that is complete but for these names.
        axes: its axes; no name is put on their texts and their legend.
        lines: tuples (xs, ys, text, style); the points of a line in data coordinates, and a dict
            for `annotate` that has a `fontsize`.
        others: (xs, ys) of lines that have no name, but should not be hidden either.
    """
    fig.draw_without_rendering()  # puts everything in its place
    frame, inch = axes.get_window_extent(), fig.dpi
    corner, size = np.array(frame.p0), np.array(frame.size) / inch
    things = [*axes.texts, *filter(None, [axes.get_legend()])]
    boxes = [((t.get_window_extent().get_points() - corner) / inch).ravel() for t in things]
    curves = []
    for xs, ys in [*((xs, ys) for xs, ys, *_ in lines), *others]:
        pixels = axes.transData.transform(np.stack([np.asarray(xs), np.asarray(ys)], axis=1))
        curve = _dense((pixels - corner) / inch)
        curves.append(curve[_inside(curve, (0, 0, *size))])
    for index in sorted(range(len(lines)), key=lambda index: len(curves[index])):
        _, _, text, style = lines[index]
        letter = style["fontsize"] / POINTS_PER_INCH
        half = np.array([CHARACTER * len(text), LINE]) * letter / 2
        strange = np.concatenate([curves[index][:0], *curves[:index], *curves[index + 1 :]])
        box = _best_place(curves[index], strange, boxes, half, size)
        boxes.append(box)
        place = (box[:2] + box[2:]) / 2 / size
        look = {"within": "axes fraction", "annotation_clip": False, "path_effects": HALO}
        note(axes, text, (place[0], place[1]), **look, **CENTERED, **style)


def _best_place(own, strange, boxes, half, size):
    """Returns the box (left, bottom, right, top) of a name that hides least.

    Args:
        own, strange: points (P, 2) in inches of the line itself, and of all others.
        boxes: of what is written already.
        half: (width, height) of the name, halved.
        size: (width, height) of the axes.
    """
    costs, candidates = [], []
    places = range(0, len(own), 3), np.arange(16) * np.pi / 8, (GAP, 2 * GAP)
    for number, angle, gap in itertools.product(*places):
        direction = np.array([np.cos(angle), np.sin(angle)])
        center = own[number] + direction * (half + gap) / np.abs(direction).max()
        box = np.concatenate([center - half, center + half])
        hidden = _inside(own, _widened(box, 0.01)).sum() + _inside(strange, box).sum()
        near = _inside(strange, _widened(box, 0.09)).sum()  # whose name is it?
        on_others = sum(_overlap(_widened(box, 0.03), other) for other in boxes)
        outside = min(*box[:2], *(size - box[2:])) < 0.03
        from_end = min(number, len(own) - 1 - number)
        wrong = on_others + outside
        costs.append(1000 * wrong + 30 * hidden + 2 * near + 0.15 * from_end + 60 * gap)
        candidates.append(box)
    return candidates[int(np.argmin(costs))]


def _dense(points, step=0.04):
    """Returns the points of a polyline, one every `step` inches."""
    parts = [points[:1]]
    for a, b in itertools.pairwise(points):
        number = max(1, int(np.hypot(*(b - a)) / step))
        parts.append(a + (b - a) * np.arange(1, number + 1)[:, None] / number)
    return np.concatenate(parts)


def _inside(points, box):
    left, bottom, right, top = box
    x, y = points.T
    return (x >= left) & (x <= right) & (y >= bottom) & (y <= top)


def _widened(box, by):
    left, bottom, right, top = box
    return left - by, bottom - by, right + by, top + by


def _overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
