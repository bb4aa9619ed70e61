"""The rate–distortion plane, and what files are made of."""

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from kerascomp.plots.style import (
    BLUE,
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

CODEC_COLORS = {
    "JPEG": ORANGE,
    "JPEG 2000": PURPLE,
    "WebP": GREEN,
    "AVIF": SKY,
    "JPEG XL": BLUE,
    "KLT": VERMILION,
}


@styled
def rate_distortion(curves, *, title, bound, limits):
    """Draws PSNR against bits per pixel (log), one line a codec, its name at its start.

    Args:
        curves: {label: (bpp, psnr_db)}; a label "X, mosaic" is drawn dashed in X's color.
        title: string.
        bound: (label, bpp, psnr_db) of the Gaussian bound, shaded towards less rate.
        limits: (lowest bpp, highest bpp, lowest dB, highest dB) of the axes.
    """
    left, right, bottom, top = limits
    fig = new_figure(height=5.4)
    axes = fig.subplots()
    starts = []
    for label, (bpp, psnr_db) in curves.items():
        name = label.removesuffix(", mosaic")
        line = {"color": CODEC_COLORS[name], "linestyle": "--" if label != name else "-"}
        axes.plot(bpp, psnr_db, marker="o", markersize=4, **line)
        inside = (np.asarray(psnr_db) > bottom) & (np.asarray(bpp) > left)
        first = np.flatnonzero(inside)[0]
        starts.append((bpp[first], psnr_db[first], label, line["color"]))
    label, bpp, psnr_db = bound
    axes.plot(bpp, psnr_db, color=INK, linewidth=1.4)
    axes.fill_betweenx(psnr_db, left, np.maximum(bpp, left), color=GRAY, alpha=0.13, linewidth=0)
    axes.annotate(
        label, (0.015, 0.97), xycoords="axes fraction", va="top", fontsize=10, color=INK,
        linespacing=1.4,
    )  # fmt: skip
    for x, y, text, color in _spread(starts, gap=(top - bottom) / 24):
        axes.annotate(
            text, (x, y), ha="center", va="center", color=color, fontweight="bold", fontsize=10,
            annotation_clip=False, path_effects=[withStroke(linewidth=3, foreground="white")],
        )  # fmt: skip
    axes.set(xscale="log", xlim=(left, right), ylim=(bottom, top), title=title)
    axes.set(xlabel="bits per pixel, counted on files", ylabel="PSNR of the mean MSE (dB)")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    return fig


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


def _spread(starts, *, gap, decades=0.3):
    """Returns a place under each line's start for its label, so that no labels overlap."""
    placed = []
    for x, y, *others in sorted(starts):
        y -= gap
        while any(abs(np.log10(x / far)) < decades and abs(y - high) < gap
                  for far, high, *_ in placed):  # fmt: skip
            y -= gap
        placed.append((x, y, *others))
    return placed
