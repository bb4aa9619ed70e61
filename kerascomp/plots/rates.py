"""The rate–distortion plane, and what files are made of."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from kerascomp.plots.axes import grid_behind, integer_ticks, name_rows, side_by_side
from kerascomp.plots.colors import BLUE, GRAY, INK, color_of, line_of
from kerascomp.plots.labels import color_key, label_lines, note
from kerascomp.plots.style import Curve, Drawing, Numbers, drawing, new_figure, new_plot

Bound = tuple[str, Numbers, Numbers]
Limits = tuple[float, float, float, float]


@drawing
def rate_distortion(
    curves: Mapping[str, Curve],
    *,
    title: str,
    bound: Bound,
    limits: Limits,
    quiet: Collection[str] = (),
    points: Mapping[str, Curve] | None = None,
) -> Drawing:
    """Draws PSNR against bits per pixel (log), one line a codec, with its name beside it.

    Args:
        curves: {label: (bpp, psnr_db)}; a label "X, factorized" is drawn dashed in X's color.
        bound: (label, bpp, psnr_db) of the Gaussian bound, shaded towards less rate.
        limits: (lowest bpp, highest bpp, lowest dB, highest dB) of the axes.
        quiet: labels of curves to be drawn thin and gray, and named in the legend.
        points: {label: (bpp, psnr_db)} of up to three sets of published points.
    """
    fig, axes = new_plot(height=5.6, title=title)
    _draw_bound(axes, bound, limits)
    for marker, label in zip("ov^sP", quiet, strict=False):
        style = {"color": GRAY, "linewidth": 0.9, "markersize": 4, "alpha": 0.8}
        axes.plot(*curves[label], marker=marker, label=label, **style)
    draw_published(axes, points or {})
    if quiet or points:
        axes.legend(loc="lower right", fontsize=9, frameon=False, labelspacing=0.35)
    loud = {label: curve for label, curve in curves.items() if label not in quiet}
    others = [bound[1:], *(points or {}).values(), *(curves[label] for label in quiet)]
    axes.set(ylabel="PSNR of the mean MSE (dB)", xlabel="bits per pixel, counted on files")
    draw_curves(fig, axes, loud, others=others)
    return fig


@drawing
def rate_distortion_panels(
    panels: Mapping[str, Mapping[str, Curve]], *, title: str, bound: Bound, limits: Limits
) -> Drawing:
    """Draws several planes with the same axes side by side.

    Args:
        panels: {title: curves}, curves as for `rate_distortion`.
        bound, limits: as for `rate_distortion`.
    """
    fig = new_figure(height=4.8, title=title)
    all_axes = side_by_side(fig, panels.items(), sharey=True)
    for axes, (name, _) in all_axes:
        _draw_bound(axes, bound, limits)
        bound = "", *bound[1:]  # one panel says what it is
        axes.set_title(name, fontsize=11)
        axes.set_xlabel("bits per pixel")
    fig.axes[0].set_ylabel("PSNR of the mean MSE (dB)")
    for axes, (_, curves) in all_axes:
        draw_curves(fig, axes, curves, others=[bound[1:]])
    return fig


def _draw_bound(axes: Axes, bound: Bound, limits: Limits) -> None:
    """Prepares the axes of a plane, and shades what lies beyond the bound."""
    left, label, (bpp, psnr_db) = limits[0], bound[0], bound[1:]
    axes.plot(bpp, psnr_db, color=GRAY, linewidth=1)
    axes.fill_betweenx(psnr_db, left, np.maximum(bpp, left), color=GRAY, alpha=0.13, linewidth=0)
    style = {"va": "top", "fontsize": 9, "linespacing": 1.4, "color": GRAY}
    note(axes, label, (0.015, 0.98), within="axes fraction", **style)
    set_plane(axes, limits)


def set_plane(axes: Axes, limits: Limits) -> None:
    """Gives axes the scales of a rate–distortion plane: the rate is logarithmic."""
    left, right, bottom, top = limits
    axes.set(xscale="log", xlim=(left, right), ylim=(bottom, top))
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    integer_ticks(axes.yaxis)


def draw_published(axes: Axes, points: Mapping[str, Curve]) -> None:
    """Draws up to six sets of published points, white, each with a marker of its own."""
    for marker, (label, curve) in zip("Ds^vPX", points.items(), strict=False):
        style = {"color": "white", "markeredgecolor": INK, "markersize": 5.5, "zorder": 3}
        axes.plot(*curve, marker, label=label, **style)


def draw_curves(
    fig: Drawing,
    axes: Axes,
    curves: Mapping[str, Curve],
    *,
    others: Sequence[Curve],
) -> None:
    """Draws the curves of codecs and their names, on axes that are complete but for them."""
    lines = []
    for label, curve in curves.items():
        axes.plot(*curve, marker="o", markersize=3.5, **line_of(label))
        style = {"color": color_of(label), "fontsize": 10, "fontweight": "bold"}
        sample = {"-": "", "--": "– – "}.get(line_of(label)["linestyle"], "– · ")
        lines.append((*curve, sample + label, style))
    label_lines(fig, axes, lines, others=others)


@drawing
def file_parts(
    rows: Sequence[tuple[str, int, float, str]], *, title: str, raw_bytes: int
) -> Drawing:
    """Draws a bar for each codec: bytes that a blank image needs as well, and the others.

    Args:
        rows: tuples (label, bytes of a blank image's file, mean bytes of a file, note).
        raw_bytes: bytes of the raw pixels, a vertical line.
    """
    fig, axes = new_plot(height=1.4 + 0.45 * len(rows), title=title)
    labels, blank, whole, notes = zip(*rows, strict=True)
    positions, blank = name_rows(axes, labels), np.minimum(blank, whole)
    grid_behind(axes, without="y")
    axes.barh(positions, blank, color=GRAY, height=0.62)
    axes.barh(positions, np.subtract(whole, blank), left=blank, color=BLUE, height=0.62)
    for position, size, text in zip(positions, whole, notes, strict=True):
        style = {"va": "center", "fontsize": 10}
        note(axes, f"{size:.0f}   {text}", (size, position), offset=(6, 0), **style)
    color_key(axes, [("what a black image costs too", GRAY, 0.0), ("the rest", BLUE, 0.34)])
    axes.axvline(raw_bytes, color=INK, linewidth=1.2, linestyle=":")
    style = {"within": ("data", "axes fraction"), "ha": "right", "fontsize": 9}
    note(axes, "raw pixels", (raw_bytes, 0.02), offset=(-5, 0), **style)
    axes.set(xlabel="mean bytes of a file", xlim=(0, raw_bytes * 1.04))
    return fig
