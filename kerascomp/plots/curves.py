"""Curves: how training goes, and what an error costs in numbers."""

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from kerascomp.plots.labels import HALO
from kerascomp.plots.style import BLUE, GRAY, INK, VERMILION, label_line_end, new_figure, styled


def plain_numbers(axis):
    """Writes the ticks of a logarithmic axis as plain numbers, fewer if it spans decades."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7) if high < 100 * low else (1, 3)))
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: np.format_float_positional(value, 6, trim="-"))
    )
    axis.set_minor_formatter(NullFormatter())


@styled
def training_curves(panels, *, references=None):
    """Draws training (dashed) and validation (solid) loss against the epoch, log scale.

    Args:
        panels: {title: {label: (history, color)}}, a history as `training.fit` returns it.
        references: {title: {label: MSE}}, horizontal lines in that panel.
    """
    fig = new_figure(height=3.9)
    all_axes = fig.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, curves) in zip(all_axes, panels.items(), strict=True):
        for label, (history, color) in curves.items():
            epochs = np.arange(1, len(history["loss"]) + 1)
            axes.plot(epochs, history["loss"], "--", color=color, linewidth=1.4, alpha=0.9)
            axes.plot(epochs, history["val_loss"], color=color)
            label_line_end(axes, epochs[-1], history["val_loss"][-1], label, color)
        for label, value in (references or {}).get(title, {}).items():
            axes.axhline(value, color=GRAY, linewidth=1.2, linestyle=":")
            axes.annotate(
                label, (0.99, value), xycoords=("axes fraction", "data"), xytext=(0, 3),
                textcoords="offset points", ha="right", fontsize=9, color=GRAY,
            )  # fmt: skip
        axes.set(yscale="log", xlabel="epoch", title=title)
        axes.margins(x=0.02)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        plain_numbers(axes.yaxis)
    all_axes[0].set_ylabel("MSE (pixels in [0, 1])")
    all_axes[0].plot([], [], "--", color=INK, linewidth=1.4, label="training")
    all_axes[0].plot([], [], color=INK, label="validation")
    all_axes[0].legend(frameon=False, loc="upper right")
    return fig


@styled
def error_by_size(lines, points=(), *, title, references=None, raw_size=None):
    """Draws test error against the numbers in the code, both axes logarithmic.

    Args:
        lines: {label: (sizes, MSEs, color)}.
        points: tuples (label, size, MSE, color, (dx, dy) of the label in points).
        title: string.
        references: {label: MSE}, horizontal lines.
        raw_size: numbers in an image; beyond it, "compression" expands.
    """
    fig = new_figure(height=4.6)
    axes = fig.subplots()
    for label, (sizes, errors, color) in lines.items():
        axes.plot(sizes, errors, "o-", color=color)
        label_line_end(axes, sizes[-1], errors[-1], label, color)
    for label, size, error, color, offset in points:
        axes.plot([size], [error], "D", color=color, markersize=8, markeredgecolor="white")
        label_line_end(axes, size, error, label, color, offset=offset)
    for label, value in (references or {}).items():
        axes.axhline(value, color=GRAY, linewidth=1.2, linestyle=":")
        axes.annotate(
            label, (0.01, value), xycoords=("axes fraction", "data"), xytext=(0, 4),
            textcoords="offset points", fontsize=9, color=GRAY,
        )  # fmt: skip
    axes.set(xscale="log", yscale="log", title=title)
    if raw_size:
        low, high = axes.get_xlim()
        axes.set_xlim(low, high)
        axes.axvspan(raw_size, high, color=VERMILION, alpha=0.08, linewidth=0)
        axes.annotate(
            f"more numbers than\nthe image has ({raw_size:,})",
            (raw_size, 1), xycoords=("data", "axes fraction"), xytext=(6, -4),
            textcoords="offset points", va="top", fontsize=9, color=VERMILION,
        )  # fmt: skip
    axes.set(xlabel="numbers in the code of one image", ylabel="test MSE (pixels in [0, 1])")
    plain_numbers(axes.yaxis)
    axes.xaxis.set_major_locator(LogLocator(base=2, numticks=20))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    return fig


@styled
def horizontal_bars(rows, *, title, xlabel, reference=None, number="{:.4f}"):
    """Draws one labelled bar a row, its value written at its end.

    Args:
        rows: tuples (label, value, color), from top to bottom.
        title, xlabel: strings.
        reference: (label, value) of a vertical line.
        number: how values are written, a format.
    """
    fig = new_figure(height=1.3 + (0.5 if len(rows) < 8 else 0.36) * len(rows))
    axes = fig.subplots()
    labels, values, colors = zip(*rows, strict=True)
    positions = np.arange(len(rows))[::-1]
    axes.set_axisbelow(True)
    axes.barh(positions, values, color=colors, height=0.62)
    for position, value in zip(positions, values, strict=True):
        axes.annotate(
            number.format(value), (value, position), xytext=(6 if value >= 0 else -6, 0),
            textcoords="offset points", va="center", ha="left" if value >= 0 else "right",
            fontweight="bold", path_effects=HALO,
        )  # fmt: skip
    if reference:
        axes.axvline(reference[1], color=INK, linewidth=1.2, linestyle=":")
        axes.annotate(
            reference[0], (reference[1], 1.0), xycoords=("data", "axes fraction"),
            xytext=(5, -2), textcoords="offset points", fontsize=9, va="top",
        )  # fmt: skip
    axes.set_yticks(positions, labels)
    axes.tick_params(axis="y", length=0)
    axes.set(title=title, xlabel=xlabel, ylim=(-0.6, len(rows) - 0.1))
    axes.grid(False, axis="y")
    axes.margins(x=0.12)
    return fig


@styled
def speeds(rows, *, title):
    """Draws how many images a codec encodes and decodes in a second, on a log scale.

    Args:
        rows: {label: (images encoded in a second, images decoded in a second)}.
        title: string.
    """
    fig = new_figure(height=1.4 + 0.38 * len(rows))
    axes = fig.subplots()
    positions = np.arange(len(rows))[::-1]
    for position, both in zip(positions, rows.values(), strict=True):
        axes.plot(both, (position, position), color=GRAY, linewidth=1.5, zorder=1)
        for value, color in zip(both, (VERMILION, BLUE), strict=True):
            axes.plot([value], [position], "o", color=color, markersize=9)
    for text, color, x in (("encoding", VERMILION, 0.0), ("decoding", BLUE, 0.13)):
        axes.annotate(
            text, (x, 1.0), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points",
            color=color, fontweight="bold", fontsize=10,
        )  # fmt: skip
    axes.set_yticks(positions, rows)
    axes.tick_params(axis="y", length=0)
    axes.set(xscale="log", xlabel="images in a second")
    axes.set_title(title, pad=20)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return fig


@styled
def error_panels(panels):
    """Draws test error against several quantities, both axes logarithmic.

    Args:
        panels: tuples (title, {label: (xs, MSEs, color)}, label of the x axis).
    """
    fig = new_figure(height=4.2)
    all_axes = fig.subplots(1, len(panels), sharey=True)
    for axes, (title, lines, xlabel) in zip(all_axes, panels, strict=True):
        for label, (xs, errors, color) in lines.items():
            axes.plot(xs, errors, "o-", color=color, markersize=4, label=label)
        axes.set(xscale="log", yscale="log", title=title, xlabel=xlabel)
        plain_numbers(axes.xaxis)
        plain_numbers(axes.yaxis)
    all_axes[0].set_ylabel("test MSE (pixels in [0, 1])")
    all_axes[0].legend(frameon=False, loc="upper left")  # the lines are too near for labels
    return fig
