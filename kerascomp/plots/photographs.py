"""Figures of codecs for photographs: maps of a photograph, its plane, what a decoder costs."""

from collections.abc import Mapping

import numpy as np

from kerascomp.plots.axes import without_ticks
from kerascomp.plots.colors import GRAY, INK, VERMILION
from kerascomp.plots.images import show_image
from kerascomp.plots.labels import note
from kerascomp.plots.rates import Limits, draw_curves, draw_published, set_plane
from kerascomp.plots.style import WIDTH, Curve, Drawing, drawing, new_figure, new_plot


@drawing
def maps_of(photograph: np.ndarray, maps: Mapping[str, np.ndarray], *, title: str) -> Drawing:
    """Draws a photograph beside maps of it, each with a scale of its own.

    Args:
        photograph: uint8 (H, W, 3).
        maps: {title: numbers of its blocks (h, w)}.
    """
    height, width = photograph.shape[:2]
    fig = new_figure(1.5 + WIDTH / (1 + len(maps)) * height / width, title=title)
    grid = fig.add_gridspec(2, 1 + len(maps), height_ratios=(1, 0.04))
    show_image(fig.add_subplot(grid[0, 0]), photograph, "the photograph")
    for column, (name, numbers) in enumerate(maps.items(), start=1):
        axes = fig.add_subplot(grid[0, column])
        blocks = axes.imshow(numbers, cmap="magma", interpolation="nearest")
        without_ticks(axes)
        axes.set_title(name, fontsize=11, fontweight="normal")
        bar = fig.add_subplot(grid[1, column])
        fig.colorbar(blocks, cax=bar, orientation="horizontal")
        bar.tick_params(labelsize=8)
        bar.grid(False)
    return fig


@drawing
def photograph_plane(
    curves: Mapping[str, Curve],
    points: Mapping[str, Curve],
    *,
    limits: Limits,
    title: str,
    ylabel: str,
) -> Drawing:
    """Draws the quality of photographs against bits per pixel (log), one line a codec.

    Args:
        curves: {label: (bpp, qualities)}, with their names beside them.
        points: {label: (bpp, qualities)} of up to six sets of published points.
        limits: (lowest bpp, highest bpp, lowest quality, highest quality) of the axes.
        ylabel: what the quality is, with its unit.
    """
    fig, axes = new_plot(height=5.6, title=title)
    set_plane(axes, limits)
    draw_published(axes, points)
    axes.legend(loc="lower right", fontsize=9, frameon=False, title="published")
    axes.set(ylabel=ylabel, xlabel="bits per pixel, counted on files")
    draw_curves(fig, axes, curves, others=[*points.values()])
    return fig


@drawing
def quality_by_cost(
    costs: Mapping[str, tuple[float, float]], *, ours: str, title: str, ylabel: str
) -> Drawing:
    """Draws what codecs reach against what decoding costs, a point and a name for each.

    Args:
        costs: {label: (thousands of multiplications a pixel, quality in dB)}.
        ours: the label that is drawn in color.
        ylabel: what the quality is, with its unit.
    """
    fig, axes = new_plot(height=4.6, title=title)
    axes.set(xscale="log", xlabel="thousands of multiplications a pixel to decode", ylabel=ylabel)
    axes.xaxis.set_major_formatter("{x:g}")
    for label, (cost, quality) in costs.items():
        color = VERMILION if label == ours else GRAY
        axes.plot(cost, quality, "o", color=color)
        style = {"color": color if label == ours else INK, "fontsize": 9, "va": "center"}
        is_hidden = any(1 < x / cost < 4 and abs(y - quality) < 0.2 for x, y in costs.values())
        note(axes, label, (cost, quality), offset=(0, 10) if is_hidden else (8, 0), **style)
    low, high = axes.get_xlim()
    axes.set_xlim(low, high * 3)  # room for the last names
    return fig
