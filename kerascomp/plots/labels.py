"""Labels beside the lines that they name, where they hide nothing."""

import itertools

import numpy as np
from matplotlib.patheffects import withStroke

HALO = [withStroke(linewidth=3, foreground="white")]
POINTS_PER_INCH = 72
CHARACTER, LINE = 0.68, 1.3  # width of a character and height of a line, of the font's size


def label_starts(axes, lines, *, size):
    """Writes each line's name on a free place near its start, and ties the two if it is not near.

    Args:
        axes: a matplotlib axes whose limits and scales are final.
        lines: tuples (xs, ys, text, style); the points of a line in data coordinates, and a dict
            for `annotate` that has a `fontsize`.
        size: (width, height) of the axes in inches, about.
    """
    curves = [_dense(_inches(axes, xs, ys, size)) for xs, ys, *_ in lines]
    visible = [curve[_inside(curve, (0, 0, *size))] for curve in curves]
    obstacles = np.concatenate(visible)
    boxes = []
    order = sorted(range(len(lines)), key=lambda index: tuple(visible[index][0]))
    for index in order:
        _, _, text, style = lines[index]
        height = style["fontsize"] / POINTS_PER_INCH * LINE
        width = style["fontsize"] / POINTS_PER_INCH * CHARACTER * len(text)
        start = visible[index][0]
        half = np.array([width, height]) / 2
        candidates = []
        for right, up in itertools.product(np.arange(-6, 7), np.arange(-9, 6)):
            center = start + np.array([right * width / 10, (up - 0.3) * height * 0.6])
            box = (*(center - half), *(center + half))
            hidden = _inside(obstacles, box).sum() + 200 * sum(_overlap(box, b) for b in boxes)
            hidden += 30 * _inside(start[None], _widened(box, 0.02)).sum()
            outside = min(box[0], box[1], size[0] - box[2], size[1] - box[3]) < 0.03
            distance = np.hypot(*(center - start))
            candidates.append((hidden + 400 * outside + 16 * distance, *center, box))
        _, x, y, box = min(candidates, key=lambda candidate: candidate[:3])
        boxes.append(box)
        far = not _inside(start[None], _widened(box, 0.12))[0]
        axes.annotate(
            text, start / size, (x / size[0], y / size[1]), "axes fraction",
            ha="center", va="center", path_effects=HALO, annotation_clip=False,
            arrowprops=_tie(style["color"]) if far else None,
            **style,
        )  # fmt: skip


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


def _inside(points, box):
    left, bottom, right, top = box
    x, y = points.T
    return (x >= left) & (x <= right) & (y >= bottom) & (y <= top)


def _tie(color):
    return {"arrowstyle": "-", "color": color, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 2}


def _widened(box, by):
    left, bottom, right, top = box
    return left - by, bottom - by, right + by, top + by


def _overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
