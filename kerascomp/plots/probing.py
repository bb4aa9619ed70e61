"""Maps of digits, and scores with their intervals."""

import numpy as np

from kerascomp.plots.images import show_image
from kerascomp.plots.labels import HALO
from kerascomp.plots.style import (
    BLUE,
    CLASS_COLORS,
    GRAY,
    INK,
    VERMILION,
    WIDTH,
    label_line_end,
    new_figure,
    styled,
    without_ticks,
)


@styled
def maps(panels, labels, *, columns=3):
    """Draws maps side by side, every point in its class's color, every class's name on it.

    Args:
        panels: {title: points (N, 2)}.
        labels: (N,) integers from 0 to 9.
        columns: panels in a row.
    """
    columns = min(columns, len(panels))
    num_rows = -(-len(panels) // columns)
    sides = [np.ptp(points, axis=0) for points in panels.values()]
    shape = np.clip(max(height / width for width, height in sides), 0.6, 1.1)
    fig = new_figure(height=num_rows * (WIDTH / columns * shape + 0.35))
    all_axes = fig.subplots(num_rows, columns, squeeze=False).ravel()
    for axes, (title, points) in zip(all_axes, panels.items(), strict=False):
        _map(axes, points, labels)
        axes.set_title(title)
    for axes in all_axes[len(panels) :]:
        axes.remove()
    return fig


@styled
def zoomed_map(points, labels, images, *, window, title, num_cells=16):
    """Draws a map, and beside it a part of it made of the digits themselves.

    Args:
        points: (N, 2).
        labels: (N,) integers from 0 to 9.
        images: uint8 (N, H, W, 1).
        window: (left, bottom, side) of the part, in the map's coordinates.
        title: string.
        num_cells: a side of the part has room for so many digits; in each cell the point nearest
            to its center is shown.
    """
    left, bottom, side = window
    fig = new_figure(height=WIDTH / 2 + 0.45)
    fig.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=12)
    whole, part = fig.subplots(1, 2)
    _map(whole, points, labels)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * side + (left, bottom)
    whole.plot(*corners.T, color=INK, linewidth=1.6)

    cells = (points - (left, bottom)) / side * num_cells
    for row in range(num_cells):
        for column in range(num_cells):
            center = np.array([column, row]) + 0.5
            distances = np.abs(cells - center).max(axis=1)
            nearest = distances.argmin()
            if distances[nearest] <= 0.5:
                digit = 255 - images[nearest, ..., 0]
                place = (column, column + 1, row, row + 1)
                part.imshow(digit, cmap="gray", vmin=0, vmax=255, extent=place)
    part.set(xlim=(0, num_cells), ylim=(0, num_cells), aspect="equal")
    without_ticks(part, frame=True)
    return fig


@styled
def digit_card(image, decoded, code, nearest, *, place, title):
    """Draws one digit: where it is on the map, its code, what that decodes to, its neighbors.

    Args:
        image, decoded: uint8 (H, W, 1).
        code: (K,) latents.
        nearest: uint8 (M, H, W, 1), the digits with the nearest codes.
        place: (points (N, 2), labels (N,), index of the digit).
        title: string.
    """
    points, labels, index = place
    fig = new_figure(height=4.6)
    fig.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=12)
    left, right = fig.subfigures(1, 2)
    axes = left.subplots()
    _map(axes, points, labels)
    axes.plot(*points[index], "o", color="none", markeredgecolor=INK, markeredgewidth=2.5,
              markersize=16)  # fmt: skip
    count = len(nearest)
    grid = right.add_gridspec(3, count, height_ratios=(2.2, 1.2, 1.0))
    for columns, picture, name in (
        (slice(0, count // 2), image, "original"),
        (slice(count // 2, count), decoded, "decoded"),
    ):
        axes = right.add_subplot(grid[0, columns])
        show_image(axes, picture)
        axes.set_title(name, fontsize=11, fontweight="normal", loc="center")
    axes = right.add_subplot(grid[1, :])
    axes.bar(np.arange(len(code)), code, color=BLUE, width=0.8)
    axes.axhline(0, color=GRAY, linewidth=0.8)
    axes.set_xticks([])
    axes.set_title(f"its code: {len(code)} numbers", fontsize=11, fontweight="normal", loc="center")
    axes.grid(False, axis="x")
    for column, picture in enumerate(nearest):
        axes = right.add_subplot(grid[2, column])
        show_image(axes, picture)
        if column == 0:
            axes.set_ylabel("nearest\ncodes", fontsize=9)
    return fig


@styled
def scores(rows, metrics, *, marked=()):
    """Draws scores with their intervals: a panel a metric, a line a representation.

    Args:
        rows: {name: {metric: (value, low, high)}}, from top to bottom.
        metrics: {metric: title of its panel}.
        marked: names in another color: the controls.
    """
    fig = new_figure(height=0.9 + 0.26 * len(rows))
    positions = np.arange(len(rows))[::-1]
    all_axes = fig.subplots(1, len(metrics), sharey=True)
    for axes, (metric, title) in zip(all_axes, metrics.items(), strict=True):
        for position, (name, found) in zip(positions, rows.items(), strict=True):
            value, low, high = found[metric]
            color = GRAY if name in marked else BLUE
            axes.plot([low, high], [position, position], color=color, linewidth=3, alpha=0.45)
            axes.plot([value], [position], "o", color=color, markersize=5)
        reference = next(iter(rows.values()))[metric][0]
        axes.axvline(reference, color=VERMILION, linewidth=1.2, linestyle=":")
        axes.set_title(title, fontsize=10, loc="center")
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=9)
        axes.locator_params(axis="x", nbins=4)
        axes.margins(x=0.1)
    all_axes[0].set_yticks(positions, rows, fontsize=10)
    all_axes[0].set_ylim(-0.7, len(rows) - 0.3)
    for label, name in zip(all_axes[0].get_yticklabels(), rows, strict=True):
        label.set_color(GRAY if name in marked else INK)
    return fig


@styled
def score_by_bits(lines, *, title, ylabel, references=None):
    """Draws a score against the bits that a digit costs, with its interval.

    Args:
        lines: {label: (bits, [(value, low, high)])}, at most three.
        title, ylabel: strings.
        references: {label: value}, horizontal lines.
    """
    fig = new_figure(height=4.2)
    axes = fig.subplots()
    for (label, (bits, values)), color in zip(lines.items(), (BLUE, VERMILION, GRAY), strict=False):
        middle, low, high = np.array(values).T
        axes.fill_between(bits, low, high, color=color, alpha=0.18, linewidth=0)
        axes.plot(bits, middle, "o-", color=color, markersize=5)
        label_line_end(axes, bits[-1], middle[-1], label, color)
    for label, value in (references or {}).items():
        axes.axhline(value, color=GRAY, linewidth=1.2, linestyle=":")
        axes.annotate(
            label, (0.01, value), xycoords=("axes fraction", "data"), xytext=(0, -4),
            textcoords="offset points", fontsize=9, color=INK, path_effects=HALO, va="top",
        )  # fmt: skip
    axes.set(title=title, xlabel="bits for a digit, real bytes in one stream", ylabel=ylabel)
    axes.set_xlim(left=0)
    return fig


def _map(axes, points, labels):
    """Draws points in the colors of their classes, and each class's name in its middle."""
    colors = np.array(CLASS_COLORS)[labels]
    order = np.random.default_rng(0).permutation(len(points))  # no class lies above the others
    size = np.clip(9000 / len(points), 1.5, 12)
    axes.scatter(*points[order].T, s=size, c=colors[order], linewidths=0, alpha=0.8)
    for label in np.unique(labels):
        middle = np.median(points[labels == label], axis=0)
        axes.annotate(
            str(label), middle, ha="center", va="center", fontsize=13, fontweight="bold",
            color=CLASS_COLORS[label], path_effects=HALO,
        )  # fmt: skip
    axes.margins(0.02)
    axes.set_aspect("equal", adjustable="datalim")
    without_ticks(axes)
