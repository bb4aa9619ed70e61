"""The rate–distortion plane, and what files are made of."""

import functools

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from kerascomp.plots.labels import HALO, label_starts
from kerascomp.plots.style import (
    BLUE,
    BROWN,
    GRAY,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    new_figure,
    styled,
)

LINE_COLORS = {
    "JPEG": ORANGE,
    "JPEG 2000": PURPLE,
    "WebP": GREEN,
    "AVIF": SKY,
    "JPEG XL": BLUE,
    "KLT": VERMILION,
    "DCT": SKY,
    "wavelet": PURPLE,
    "dense": BLUE,
    "CNN": ORANGE,
    "U-Net": GREEN,
    "bottleneck": INK,
    "recurrent": BROWN,
    "dense, bottleneck": SKY,
    "CNN, bottleneck": GREEN,
    "U-Net, bottleneck": PURPLE,
}
OTHER_RATES = (
    ", mosaic",
    ", header-free",
    ", rounded afterwards",
    ", one stream",
    ", dynamic",
)  # variants of a codec, dashed


@styled
def rate_distortion(curves, *, title, bound, limits, quiet=(), points=None):
    """Draws PSNR against bits per pixel (log), one line a codec, its name at its start.

    Args:
        curves: {label: (bpp, psnr_db)}; a label "X, mosaic" is drawn dashed in X's color.
        title: string.
        bound: (label, bpp, psnr_db) of the Gaussian bound, shaded towards less rate.
        limits: (lowest bpp, highest bpp, lowest dB, highest dB) of the axes.
        quiet: labels of curves to be drawn thin and gray, behind the others.
        points: {label: (bpp, psnr_db)} of up to three sets of published points.
    """
    fig = new_figure(height=5.4)
    axes = fig.subplots()
    _draw_plane(axes, curves, bound, limits, quiet=quiet, points=points, size=(8.2, 4.6))
    axes.set_title(title)
    axes.set_ylabel("PSNR of the mean MSE (dB)")
    return fig


@styled
def rate_distortion_panels(panels, *, bound, limits):
    """Draws several planes with the same axes side by side.

    Args:
        panels: {title: curves}, curves as for `rate_distortion`.
        bound, limits: as for `rate_distortion`.
    """
    fig = new_figure(height=4.4, width=12.0)
    all_axes = fig.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, curves) in zip(all_axes, panels.items(), strict=True):
        _draw_plane(axes, curves, bound, limits, size=(11.4 / len(panels), 3.6))
        axes.set_title(title)
    all_axes[0].set_ylabel("PSNR of the mean MSE (dB)")
    return fig


def _draw_plane(axes, curves, bound, limits, *, quiet=(), points=None, size):
    left, right, bottom, top = limits
    label, bpp, psnr_db = bound
    axes.plot(bpp, psnr_db, color=INK, linewidth=1.4)
    axes.fill_betweenx(psnr_db, left, np.maximum(bpp, left), color=GRAY, alpha=0.13, linewidth=0)
    axes.annotate(
        label, (0.015, 0.97), xycoords="axes fraction", va="top", fontsize=10, color=INK,
        linespacing=1.4, path_effects=HALO,
    )  # fmt: skip
    axes.set(xscale="log", xlim=(left, right), ylim=(bottom, top))
    axes.set_xlabel("bits per pixel, counted on files")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
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
    for marker, (label, (bpp, psnr_db)) in zip("Ds^", (points or {}).items(), strict=False):
        axes.plot(
            bpp, psnr_db, marker, color="white", markeredgecolor=INK, markersize=5, label=label
        )
    if points:
        axes.legend(loc="lower right", fontsize=9, frameon=False, title="published")
    label_starts(axes, lines, size=size)


@styled
def file_parts(rows, *, title, raw_bytes):
    """Draws a bar for each codec: bytes that a blank image needs as well, and the others.

    Args:
        rows: tuples (label, bytes of a blank image's file, mean bytes of a file, note).
        title: string.
        raw_bytes: bytes of the raw pixels, a vertical line.
    """
    fig = new_figure(height=1.4 + 0.45 * len(rows))
    axes = fig.subplots()
    labels, blank, whole, notes = zip(*rows, strict=True)
    positions, blank = np.arange(len(rows))[::-1], np.minimum(blank, whole)
    axes.set_axisbelow(True)
    axes.barh(positions, blank, color=GRAY, height=0.62)
    axes.barh(positions, np.subtract(whole, blank), left=blank, color=BLUE, height=0.62)
    for position, size, note in zip(positions, whole, notes, strict=True):
        axes.annotate(
            f"{size:.0f}   {note}", (size, position), xytext=(6, 0),
            textcoords="offset points", va="center", fontsize=10,
        )  # fmt: skip
    for color, text, x in ((GRAY, "what a black image costs too", 0.0), (BLUE, "the rest", 0.34)):
        axes.annotate(
            text, (x, 1.0), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points",
            color=color, fontweight="bold", fontsize=10,
        )  # fmt: skip
    axes.axvline(raw_bytes, color=INK, linewidth=1.2, linestyle=":")
    axes.annotate(
        "raw pixels", (raw_bytes, 0.02), xycoords=("data", "axes fraction"), xytext=(-5, 0),
        textcoords="offset points", ha="right", fontsize=9,
    )  # fmt: skip
    axes.set_yticks(positions, labels)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.set(xlabel="mean bytes of a file", xlim=(0, raw_bytes * 1.04))
    axes.set_title(title, pad=20)
    return fig
