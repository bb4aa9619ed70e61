"""The rate–distortion plane, and what files are made of."""

import functools
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from kerascomp.plots.axes import grid_behind, integer_ticks, name_rows, side_by_side
from kerascomp.plots.colors import BLUE, BROWN, GRAY, GREEN, INK, ORANGE, PURPLE, SKY, VERMILION
from kerascomp.plots.labels import HALO, color_key, label_starts, note
from kerascomp.plots.style import Curve, Drawing, Numbers, drawing, new_figure, new_plot

Bound = tuple[str, Numbers, Numbers]
Limits = tuple[float, float, float, float]
LINE_COLORS = {
    **dict.fromkeys(("JPEG XL", "dense"), BLUE),
    **dict.fromkeys(("WebP", "U-Net", "CNN, bottleneck"), GREEN),
    **dict.fromkeys(("JPEG", "CNN"), ORANGE),
    **dict.fromkeys(("JPEG 2000", "wavelet", "U-Net, bottleneck"), PURPLE),
    **dict.fromkeys(("AVIF", "DCT", "dense, bottleneck"), SKY),
    "KLT": VERMILION,
    "bottleneck": INK,
    "recurrent": BROWN,
}
# Variants of a codec, dashed.
OTHER_RATES = (
    ", mosaic",
    ", header-free",
    ", rounded afterwards",
    ", factorized",
    ", one stream",
    ", dynamic",
    ", refined",
)


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
    """Draws PSNR against bits per pixel (log), one line a codec, its name at its start.

    Args:
        curves: {label: (bpp, psnr_db)}; a label "X, mosaic" is drawn dashed in X's color.
        bound: (label, bpp, psnr_db) of the Gaussian bound, shaded towards less rate.
        limits: (lowest bpp, highest bpp, lowest dB, highest dB) of the axes.
        quiet: labels of curves to be drawn thin and gray, behind the others.
        points: {label: (bpp, psnr_db)} of up to three sets of published points.
    """
    fig, axes = new_plot(height=5.4)
    _draw_bound(axes, bound, limits)
    others = [bound[1:], *(points or {}).values()]
    _draw_curves(axes, curves, quiet=quiet, size=(8.2, 4.6), others=others)
    for marker, (label, (bpp, psnr_db)) in zip("Ds^", (points or {}).items(), strict=False):
        style = {"color": "white", "markeredgecolor": INK, "markersize": 5}
        axes.plot(bpp, psnr_db, marker, label=label, **style)
    if points:
        axes.legend(loc="lower right", fontsize=9, frameon=False, title="published")
    axes.set(title=title, ylabel="PSNR of the mean MSE (dB)")
    return fig


@drawing
def rate_distortion_panels(
    panels: Mapping[str, Mapping[str, Curve]], *, bound: Bound, limits: Limits
) -> Drawing:
    """Draws several planes with the same axes side by side.

    Args:
        panels: {title: curves}, curves as for `rate_distortion`.
        bound, limits: as for `rate_distortion`.
    """
    fig = new_figure(height=4.4, width=12.0)
    for axes, (title, curves) in side_by_side(fig, panels.items(), sharey=True):
        _draw_bound(axes, bound, limits)
        _draw_curves(axes, curves, size=(11.4 / len(panels), 3.6), others=[bound[1:]])
        axes.set_title(title)
    fig.axes[0].set_ylabel("PSNR of the mean MSE (dB)")
    return fig


def _draw_bound(axes: Axes, bound: Bound, limits: Limits) -> None:
    """Prepares the axes of a plane, and shades what lies beyond the bound."""
    left, right, bottom, top = limits
    label, bpp, psnr_db = bound
    axes.plot(bpp, psnr_db, color=INK, linewidth=1.4)
    axes.fill_betweenx(psnr_db, left, np.maximum(bpp, left), color=GRAY, alpha=0.13, linewidth=0)
    style = {"va": "top", "fontsize": 10, "linespacing": 1.4, "path_effects": HALO}
    note(axes, label, (0.015, 0.97), within="axes fraction", **style)
    axes.set(xscale="log", xlim=(left, right), ylim=(bottom, top))
    axes.set_xlabel("bits per pixel, counted on files")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    integer_ticks(axes.yaxis)


def _draw_curves(
    axes: Axes,
    curves: Mapping[str, Curve],
    *,
    size: tuple[float, float],
    quiet: Collection[str] = (),
    others: Sequence[Curve] = (),
) -> None:
    """Draws the curves of codecs and their names; the axes have about this size in inches."""
    lines = []
    for label, (bpp, psnr_db) in curves.items():
        name = functools.reduce(str.removesuffix, OTHER_RATES, label)
        if label in quiet:
            line = {"color": GRAY, "linewidth": 1.2, "markersize": 2.5}
            text = {"color": GRAY, "fontsize": 9}
        else:
            line = {"color": LINE_COLORS[name], "markersize": 4}
            line["linestyle"] = "-" if label == name else "--"
            text = {"color": LINE_COLORS[name], "fontsize": 10, "fontweight": "bold"}
        axes.plot(bpp, psnr_db, marker="o", **line)
        lines.append((bpp, psnr_db, label, text))
    label_starts(axes, lines, size=size, others=others)


@drawing
def file_parts(
    rows: Sequence[tuple[str, int, float, str]], *, title: str, raw_bytes: int
) -> Drawing:
    """Draws a bar for each codec: bytes that a blank image needs as well, and the others.

    Args:
        rows: tuples (label, bytes of a blank image's file, mean bytes of a file, note).
        raw_bytes: bytes of the raw pixels, a vertical line.
    """
    fig, axes = new_plot(height=1.4 + 0.45 * len(rows))
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
    axes.set_title(title, pad=20)
    return fig
