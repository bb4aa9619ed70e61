"""Maps of digits, and scores with their intervals."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from kerascomp.plots.axes import grid_behind, plain_numbers, side_by_side, without_ticks
from kerascomp.plots.colors import BLUE, CLASS_COLORS, GRAY, INK, VERMILION, color_of, line_of
from kerascomp.plots.images import show_image
from kerascomp.plots.labels import CENTERED, HALO, level, moved_apart, note
from kerascomp.plots.style import WIDTH, Drawing, Numbers, drawing, new_figure, new_plot

Score = tuple[float, float, float]  # value, low, high


@drawing
def maps(
    panels: Mapping[str, np.ndarray], labels: np.ndarray, *, title: str, columns: int = 3
) -> Drawing:
    """Draws maps side by side, every point in its class's color, every class's name on it.

    Args:
        panels: {title: points (N, 2)}.
        labels: (N,) integers from 0 to 9.
        columns: panels in a row.
    """
    columns = min(columns, len(panels))
    shapes = [_shape(points) for points in panels.values()]
    widths = [max(shapes[column::columns]) for column in range(columns)]
    num_rows = -(-len(panels) // columns)
    num_lines = 1 + max(name.count("\n") for name in panels)
    height = num_rows * (0.96 * WIDTH / sum(widths) + 0.2 * num_lines + 0.2) + 0.5
    fig = new_figure(height, title=title)
    rows = side_by_side(fig, panels.items(), columns=columns, width_ratios=widths)
    for axes, (name, points) in rows:
        _map(axes, points, labels)
        axes.set_title(name, fontsize=11, fontweight="normal")
    return fig


@drawing
def zoomed_map(
    points: np.ndarray,
    labels: np.ndarray,
    images: np.ndarray,
    *,
    window: tuple[float, float, float],
    title: str,
    num_cells: int = 16,
) -> Drawing:
    """Draws a map, and beside it a part of it made of the digits themselves.

    Args:
        points: (N, 2).
        labels: (N,) integers from 0 to 9.
        images: uint8 (N, H, W, 1).
        window: (left, bottom, side) of the part, in the map's coordinates.
        num_cells: a side of the part has room for so many digits; in each cell the point nearest
            to its center is shown.
    """
    left, bottom, side = window
    shape = _shape(points)
    fig = new_figure(height=0.96 * WIDTH / (1 + shape) + 0.6, title=title)
    whole, part = fig.subplots(1, 2, width_ratios=(shape, 1))
    _map(whole, points, labels)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * side + (left, bottom)
    whole.plot(*corners.T, color=INK, linewidth=1.6)

    cells = (points - (left, bottom)) / side * num_cells
    for row, column in np.ndindex(num_cells, num_cells):
        distances = np.abs(cells - np.array([column, row]) - 0.5).max(axis=1)
        nearest = distances.argmin()
        if distances[nearest] <= 0.5:
            digit = 255 - images[nearest, ..., 0]
            place = (column, column + 1, row, row + 1)
            part.imshow(digit, cmap="gray", vmin=0, vmax=255, extent=place)
    part.set(xlim=(0, num_cells), ylim=(0, num_cells), aspect="equal")
    without_ticks(part, frame=True)
    return fig


@drawing
def digit_card(
    image: np.ndarray,
    decoded: np.ndarray,
    code: np.ndarray,
    nearest: np.ndarray,
    *,
    place: tuple[np.ndarray, np.ndarray, int],
    title: str,
) -> Drawing:
    """Draws one digit: where it is on the map, its code, what that decodes to, its neighbors.

    Args:
        image, decoded: uint8 (H, W, 1).
        code: (K,) latents.
        nearest: uint8 (M, H, W, 1), the digits with the nearest codes.
        place: (points (N, 2), labels (N,), index of the digit).
    """
    points, labels, index = place
    fig = new_figure(height=4.6, title=title)
    left, right = fig.subfigures(1, 2, width_ratios=(1.1, 1))
    axes = left.subplots()
    _map(axes, points, labels)
    style = {"color": "none", "markeredgecolor": INK, "markeredgewidth": 2.5, "markersize": 16}
    axes.plot(*points[index], "o", **style)
    count = len(nearest)
    grid = right.add_gridspec(3, count, height_ratios=(2.2, 1.2, 1.0))
    half = count // 2
    for columns, pixels, name in (
        (slice(0, half), image, "original"),
        (slice(half, count), decoded, "decoded"),
    ):
        axes = right.add_subplot(grid[0, columns])
        show_image(axes, pixels)
        axes.set_title(name, fontsize=11, fontweight="normal", loc="center")
    axes = right.add_subplot(grid[1, :])
    axes.bar(np.arange(len(code)), code, color=BLUE, width=0.8)
    axes.axhline(0, color=GRAY, linewidth=0.8)
    axes.set_xticks([])
    axes.set_title(f"its code: {len(code)} numbers", fontsize=11, fontweight="normal", loc="center")
    grid_behind(axes, without="x")
    for column, pixels in enumerate(nearest):
        axes = right.add_subplot(grid[2, column])
        show_image(axes, pixels)
        if column == 0:
            axes.set_ylabel("nearest\ncodes", fontsize=9)
    return fig


@drawing
def scores(
    rows: Mapping[str, Mapping[str, Score]],
    metrics: Mapping[str, str],
    *,
    title: str,
    marked: Collection[str] = (),
) -> Drawing:
    """Draws scores with their intervals: a panel a metric, a line a representation.

    Args:
        rows: {name: {metric: (value, low, high)}}, from top to bottom.
        metrics: {metric: title of its panel}.
        marked: names in another color: the controls.
    """
    fig = new_figure(height=1.4 + 0.26 * len(rows), title=title)
    positions = np.arange(len(rows))[::-1]
    for axes, (metric, name) in side_by_side(fig, metrics.items(), sharey=True):
        for position, (label, row) in zip(positions, rows.items(), strict=True):
            value, low, high = row[metric]
            color = GRAY if label in marked else BLUE
            axes.plot([low, high], [position, position], color=color, linewidth=3, alpha=0.45)
            axes.plot([value], [position], "o", color=color, markersize=5)
        reference = next(iter(rows.values()))[metric][0]
        axes.axvline(reference, color=VERMILION, linewidth=1.2, linestyle=":")
        axes.set_title(name, fontsize=10, loc="center")
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=9)
        axes.locator_params(axis="x", nbins=4)
        axes.margins(x=0.1)
    fig.axes[0].set_yticks(positions, rows, fontsize=10)
    fig.axes[0].set_ylim(-0.7, len(rows) - 0.3)
    for label, name in zip(fig.axes[0].get_yticklabels(), rows, strict=True):
        label.set_color(GRAY if name in marked else INK)
    return fig


@drawing
def score_by_bits(
    lines: Mapping[str, tuple[Numbers, Sequence[Score]]],
    *,
    title: str,
    ylabel: str,
    references: Mapping[str, float] | None = None,
) -> Drawing:
    """Draws a score against the bits that a digit costs, with its interval.

    Args:
        lines: {"system, of what": (bits, [(value, low, high)])}.
        references: {label: value}, horizontal lines.
    """
    fig, axes = new_plot(height=4.4, title=title)
    for label, (bits, values) in lines.items():
        middle, low, high = np.array(values).T
        axes.fill_between(bits, low, high, color=color_of(label), alpha=0.18, linewidth=0)
        axes.plot(bits, middle, marker="o", markersize=5, label=label, **line_of(label))
    for label, value in (references or {}).items():
        style = {"color": INK, "path_effects": HALO, "va": "top"}
        level(axes, value, label, x=0.7, offset=(0, -9), **style)
    axes.set(xlabel="bits for a digit", ylabel=ylabel, ylim=(0, 1))
    axes.set_xscale("log")
    plain_numbers(axes.xaxis)
    axes.legend(loc="lower right", frameon=False)
    return fig


def _map(axes: Axes, points: np.ndarray, labels: np.ndarray) -> None:
    """Draws points in the colors of their classes, and each class's name in its middle."""
    colors = np.array(CLASS_COLORS)[labels]
    order = np.random.default_rng(0).permutation(len(points))  # no class lies above the others
    size = np.clip(14_000 / len(points), 2, 14)
    axes.scatter(*points[order].T, s=size, c=colors[order], linewidths=0, alpha=0.8)
    classes = np.unique(labels)
    middles = np.array([np.median(points[labels == label], axis=0) for label in classes])
    places = moved_apart(middles, 0.11 * np.ptp(points, axis=0).max())
    for label, place in zip(classes, places, strict=True):
        circle = {"boxstyle": "circle,pad=0.15", "facecolor": CLASS_COLORS[label]}
        style = {"fontsize": 10, "fontweight": "bold", "color": "white"}
        note(axes, str(label), place, bbox=circle | {"edgecolor": "white"}, **CENTERED, **style)
    axes.margins(0.03)
    axes.set_aspect("equal")
    without_ticks(axes)


def _shape(points: np.ndarray) -> float:
    """Returns the width of a map divided by its height, within limits."""
    width, height = np.ptp(points, axis=0)
    return float(np.clip(width / height, 0.5, 2))
