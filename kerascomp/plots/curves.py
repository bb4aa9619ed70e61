"""Curves: how training goes, and what an error costs in numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from kerascomp.plots.axes import grid_behind, integer_ticks, name_rows, plain_numbers, side_by_side
from kerascomp.plots.colors import BLUE, GRAY, INK, VERMILION
from kerascomp.plots.labels import CENTERED, HALO, color_key, level, note, note_at_end, vertical
from kerascomp.plots.style import Drawing, Numbers, drawing, new_figure, new_plot

History = Mapping[str, Numbers]
ColoredCurve = tuple[Numbers, Numbers, str]  # xs, ys, color


@drawing
def training_curves(
    panels: Mapping[str, Mapping[str, tuple[History, str]]],
    *,
    title: str,
    references: Mapping[str, Mapping[str, float]] | None = None,
) -> Drawing:
    """Draws training (dashed) and validation (solid) loss against the epoch, log scale.

    Args:
        panels: {title: {label: (history, color)}}, a history as `training.fit` returns it.
        references: {title: {label: MSE}}, horizontal lines in that panel.
    """
    fig = new_figure(height=4.2, title=title)
    for axes, (name, curves) in side_by_side(fig, panels.items(), sharey=True):
        for label, (history, color) in curves.items():
            epochs = np.arange(1, len(history["loss"]) + 1)
            axes.plot(epochs, history["loss"], "--", color=color, linewidth=1.4, alpha=0.9)
            axes.plot(epochs, history["val_loss"], color=color)
            note_at_end(axes, (epochs[-1], history["val_loss"][-1]), label, color)
        for label, value in (references or {}).get(name, {}).items():
            level(axes, value, label, x=0.99, offset=(0, 3), ha="right")
        axes.set(yscale="log", xlabel="epoch")
        axes.set_title(name, fontsize=11, fontweight="normal")
        axes.margins(x=0.02)
        integer_ticks(axes.xaxis)
        plain_numbers(axes.yaxis)
    fig.axes[0].set_ylabel("MSE (pixels in [0, 1])")
    fig.axes[0].plot([], [], "--", color=INK, linewidth=1.4, label="training")
    fig.axes[0].plot([], [], color=INK, label="validation")
    fig.axes[0].legend(frameon=False, loc="upper right")
    return fig


@drawing
def error_by_size(
    lines: Mapping[str, ColoredCurve],
    points: Sequence[tuple[str, float, float, str, tuple[float, float]]] = (),
    *,
    title: str,
    references: Mapping[str, float] | None = None,
    raw_size: int | None = None,
) -> Drawing:
    """Draws test error against the numbers in the code, both axes logarithmic.

    Args:
        lines: {label: (sizes, MSEs, color)}.
        points: tuples (label, size, MSE, color, (dx, dy) of the label in points).
        references: {label: MSE}, horizontal lines.
        raw_size: numbers in an image; beyond it, "compression" expands.
    """
    fig, axes = new_plot(height=4.8, title=title)
    for label, (sizes, errors, color) in lines.items():
        axes.plot(sizes, errors, "o-", color=color)
        note_at_end(axes, (sizes[-1], errors[-1]), label, color)
    for label, size, error, color, offset in points:
        axes.plot([size], [error], "D", color=color, markersize=8, markeredgecolor="white")
        note_at_end(axes, (size, error), label, color, offset=offset)
    for label, value in (references or {}).items():
        level(axes, value, label)
    axes.set(xscale="log", yscale="log")
    if raw_size:
        low, high = axes.get_xlim()
        axes.set_xlim(low, high)
        axes.axvspan(raw_size, high, color=VERMILION, alpha=0.08, linewidth=0)
        text = f"more numbers than\nthe image has ({raw_size:,})"
        style = {"va": "top", "fontsize": 9, "color": VERMILION}
        note(axes, text, (raw_size, 1), offset=(6, -4), within=("data", "axes fraction"), **style)
    axes.set(xlabel="numbers in the code of one image", ylabel="test MSE (pixels in [0, 1])")
    plain_numbers(axes.yaxis)
    axes.xaxis.set_major_locator(LogLocator(base=2, numticks=20))
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    return fig


@drawing
def horizontal_bars(
    rows: Sequence[tuple[str, float, str]],
    *,
    title: str,
    xlabel: str,
    reference: tuple[str, float] | None = None,
    number: str = "{:.4f}",
    cut: float | None = None,
) -> Drawing:
    """Draws one labelled bar a row, its value written at its end.

    Args:
        rows: tuples (label, value, color), from top to bottom.
        reference: (label, value) of a vertical line.
        number: how values are written, a format.
        cut: longer bars end here, with a mark that says so.
    """
    fig, axes = new_plot(1.4 + (0.45 if len(rows) < 8 else 0.33) * len(rows), title=title)
    labels, values, colors = zip(*rows, strict=True)
    positions = name_rows(axes, labels)
    grid_behind(axes, without="y")
    drawn = np.minimum(values, np.inf if cut is None else cut)
    axes.barh(positions, drawn, color=colors, height=0.62)
    for position, value, end in zip(positions, values, drawn, strict=True):
        if end < value:
            note(axes, "//", (0.96 * end, position), color="white", fontsize=20, **CENTERED)
        side, right = ("left", 6) if value >= 0 else ("right", -6)
        style = {"va": "center", "ha": side, "fontweight": "bold", "path_effects": HALO}
        text = number.format(value).replace("-", "−")
        note(axes, text, (end, position), offset=(right, 0), **style)
    if reference:
        vertical(axes, *reference)
    axes.set(xlabel=xlabel, ylim=(-0.6, len(rows) - 0.1))
    axes.margins(x=0.12)
    return fig


@drawing
def pairs(
    rows: Mapping[str, tuple[float, float]],
    *,
    title: str,
    xlabel: str,
    names: tuple[str, str],
    reference: tuple[str, float] | None = None,
) -> Drawing:
    """Draws two values a row, joined by a line; on a log scale if they span a factor over 10.

    Args:
        rows: {label: (one value, the other)}.
        names: what the two values are.
        reference: (label, value) of a vertical line.
    """
    fig, axes = new_plot(height=1.6 + 0.38 * len(rows), title=title)
    for position, both in zip(name_rows(axes, rows), rows.values(), strict=True):
        axes.plot(both, (position, position), color=GRAY, linewidth=1.5)
        for value, color in zip(both, (VERMILION, BLUE), strict=True):
            axes.plot([value], [position], "o", color=color, markersize=9)
            side, right = ("right", -8) if value == min(both) else ("left", 8)
            text = f"{value:,.0f}" if value >= 10 else f"{value:.4f}"
            style = {"va": "center", "ha": side, "fontsize": 9, "color": color}
            note(axes, text, (value, position), offset=(right, 0), **style)
    axes.set_xlabel(xlabel)
    color_key(axes, [(names[0], VERMILION, 0.0), (names[1], BLUE, 0.13)])
    axes.margins(x=0.12)
    axes.set_ylim(-0.6, len(rows) - 0.1)
    grid_behind(axes, without="y")
    if reference:
        vertical(axes, *reference)
    if max(map(max, rows.values())) > 10 * min(map(min, rows.values())):
        axes.set_xscale("log")
        plain_numbers(axes.xaxis)
    return fig


@drawing
def error_panels(
    panels: Sequence[tuple[str, Mapping[str, ColoredCurve], str]], *, title: str | None = None
) -> Drawing:
    """Draws test error against several quantities, both axes logarithmic.

    Args:
        panels: tuples (title, {label: (xs, MSEs, color)}, label of the x axis).
    """
    fig = new_figure(height=4.5, title=title)
    for axes, (name, lines, xlabel) in side_by_side(fig, panels, sharey=True):
        for label, (xs, errors, color) in lines.items():
            axes.plot(xs, errors, "o-", color=color, markersize=4, label=label)
        axes.set(xscale="log", yscale="log", xlabel=xlabel)
        axes.set_title(name, fontsize=11, fontweight="normal")
        plain_numbers(axes.xaxis, most=50)
        plain_numbers(axes.yaxis)
    fig.axes[0].set_ylabel("test MSE (pixels in [0, 1])")
    handles, labels = fig.axes[0].get_legend_handles_labels()  # the lines are too near for labels
    fig.axes[-1].legend(handles, labels, frameon=False, loc="best")
    return fig
