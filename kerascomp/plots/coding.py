"""From numbers to bits, drawn: staircases, histograms, trees, intervals, coefficients."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from kerascomp.plots.axes import grid_behind, integer_ticks, side_by_side, without_ticks
from kerascomp.plots.colors import (
    BLUE,
    GRAY,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    TRAININGS,
    VERMILION,
)
from kerascomp.plots.images import show_image
from kerascomp.plots.labels import CENTERED, HALO, note, note_at_end
from kerascomp.plots.style import WIDTH, Drawing, Numbers, drawing, new_figure, new_plot

PART_COLORS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)


def staircases(
    y: np.ndarray,
    rounded: np.ndarray,
    surrogates: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    title: str,
) -> Drawing:
    """Draws what replaces rounding in training, and the gradients of all beside it.

    Args:
        y: (P,) values, ascending.
        rounded: (P,) what rounding makes of them.
        surrogates: {title: (values (R, P), gradients (P,))}, values of R random draws, of which
            40 are shown.
    """
    panels = {
        name: (values[:40] if np.ptp(values, axis=0).any() else None, values.mean(axis=0), slopes)
        for name, (values, slopes) in surrogates.items()
    }
    return _staircases(y, rounded, panels, title=title)


@drawing
def _staircases(
    y: np.ndarray,
    rounded: np.ndarray,
    panels: Mapping[str, tuple[np.ndarray | None, np.ndarray, np.ndarray]],
    *,
    title: str,
) -> Drawing:
    fig = new_figure(height=2.9, title=title)
    *grid, last = fig.subplots(1, len(panels) + 1)
    others = {"label": "the others", "color": INK, "linestyle": "--"}  # constant gradients
    for axes, (name, (draws, mean, gradients)) in zip(grid, panels.items(), strict=True):
        color = TRAININGS.get(name, BLUE)
        axes.plot(y, rounded, color=GRAY, linewidth=1.2)
        if draws is not None:
            axes.plot(y, np.transpose(draws), ",", color=color, alpha=0.35)
        axes.plot(y, mean, color=color)
        axes.set_title(name, fontsize=11)
        axes.set(xlabel="y, in steps", xlim=(-2.3, 2.3), ylim=(-2.3, 2.3), box_aspect=1)
        axes.set_yticks((-2, -1, 0, 1, 2))
        if np.ptp(gradients):
            last.plot(y, gradients, color=color, label=name)
        else:
            last.plot(y, gradients, **others)
            others["label"] = ""
    last.legend(frameon=False, fontsize=9, loc="upper center")
    last.set(xlabel="y, in steps", ylim=(0, 1.7 * last.get_ylim()[1]), box_aspect=1)
    last.set_title("gradients", fontsize=11)
    grid[0].set_ylabel("value in training")
    note(grid[0], "gray: rounding", (0.05, 0.88), within="axes fraction", color=GRAY, fontsize=9)
    return fig


@drawing
def histograms(
    panels: Sequence[tuple[str, Numbers, Numbers, float]], *, title: str, xlabel: str
) -> Drawing:
    """Draws how often each integer came, one panel a latent, with its entropy.

    Args:
        panels: tuples (title, integers ascending, shares that add up to 1, entropy in bits).
    """
    fig = new_figure(height=2.9, title=title)
    for axes, (name, integers, shares, bits) in side_by_side(fig, panels, sharey=True):
        axes.bar(integers, shares, width=0.9, color=BLUE)
        axes.set_title(name, fontweight="normal", fontsize=10)
        style = {"ha": "right", "va": "top", "fontweight": "bold", "color": VERMILION}
        note(axes, f"{bits:.2f} bits", (0.97, 0.93), within="axes fraction", fontsize=11, **style)
        axes.set(xlabel=xlabel, xlim=(min(*integers, -2) - 0.7, max(*integers, 2) + 0.7))
        integer_ticks(axes.xaxis, 6)
        grid_behind(axes, without="x")
    fig.axes[0].set_ylabel("share of the digits")
    return fig


@drawing
def huffman_tree(words: Mapping[int, str], shares: Mapping[int, float], *, title: str) -> Drawing:
    """Draws a Huffman code as a tree: down to the left is 0, to the right is 1.

    Args:
        words: {symbol: its word, a string of 0 and 1}.
        shares: {symbol: how often it comes, a share}.
    """
    leaves = sorted(words, key=words.__getitem__)  # from left to right
    places = {words[symbol]: float(index) for index, symbol in enumerate(leaves)}
    depth = max(map(len, places))
    inner = sorted({w[:n] for w in places for n in range(len(w))}, key=len, reverse=True)
    for node in inner:
        below = [places[node + bit] for bit in "01" if node + bit in places]
        places[node] = sum(below) / len(below)
    fig, axes = new_plot(height=1.6 + 0.45 * depth, title=title)
    for node, x in places.items():
        if node:
            parent = node[:-1]
            axes.plot([places[parent], x], [-len(parent), -len(node)], color=GRAY, linewidth=1.5)
            middle = (places[parent] + x) / 2, -len(node) + 0.5
            note(axes, node[-1], middle, fontsize=9, path_effects=HALO, **CENTERED)
    for symbol in leaves:
        x, y = places[words[symbol]], -len(words[symbol])
        axes.plot([x], [y], "o", markersize=20, color=BLUE)
        style = {"color": "white", "fontweight": "bold", "fontsize": 9}
        note(axes, str(symbol), (x, y), **style, **CENTERED)
        text = f"{words[symbol]}\n{_percent(shares[symbol])}"
        style = {"ha": "center", "va": "top", "fontsize": 9, "linespacing": 1.3}
        note(axes, text, (x, y), offset=(0, -15), **style)
    axes.set(xlim=(-0.7, len(leaves) - 0.3), ylim=(-depth - 1.1, 0.3))
    without_ticks(axes)
    return fig


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "below 0.1%"


@drawing
def interval(
    rows: Sequence[tuple[str, str, Mapping[str, float], float, float]], *, title: str
) -> Drawing:
    """Draws how an arithmetic coder's interval narrows, a bar for each symbol.

    Args:
        rows: tuples (chosen symbol, its label, {symbol: share}, low, high): the interval that a
            row divides among its symbols, in [0, 1].
    """
    fig, axes = new_plot(height=1.0 + 0.8 * len(rows), title=title)
    for index, (chosen, label, shares, low, high) in enumerate(rows):
        y, start = -1.6 * index, 0.0
        for color, (symbol, share) in zip(itertools.cycle(PART_COLORS), shares.items()):
            mine = symbol == chosen
            style = {"color": color, "alpha": 1.0 if mine else 0.3, "edgecolor": "white"}
            axes.barh(y, share, left=start, height=0.62, **style)
            if share > 0.035:
                style = {"color": "white" if mine else INK, "fontsize": 10}
                style["fontweight"] = "bold" if mine else "normal"
                note(axes, symbol, (start + share / 2, y), **style, **CENTERED)
            if mine and index + 1 < len(rows):
                for top, bottom in ((start, 0.0), (start + share, 1.0)):
                    axes.plot([top, bottom], [y - 0.34, y - 1.26], color=GRAY, linewidth=1)
            start += share
        left, right = (f"{end:.6f}".rstrip("0").rstrip(".") for end in (low, high))
        style = {"va": "center", "fontsize": 9}
        note(axes, left, (0, y), offset=(-6, 0), ha="right", **style)
        note(axes, f"{right}   {label}", (1, y), offset=(6, 0), **style)
    axes.set(xlim=(-0.1, 1.32), ylim=(-1.6 * (len(rows) - 1) - 0.5, 0.5))
    without_ticks(axes)
    return fig


@drawing
def coefficient_maps(
    rows: Sequence[tuple[str, np.ndarray, np.ndarray, np.ndarray]], *, title: str
) -> Drawing:
    """Draws images, their transform coefficients and the bits that each coefficient costs.

    Args:
        rows: tuples (title, image (H, W, C), coefficients (h, w), bits (h, w)), the coefficients
            in steps, their size drawn on a log scale.
    """
    fig = new_figure(height=WIDTH / 3 * len(rows) * 0.9 + 0.5, title=title)
    grid = fig.subplots(len(rows), 3, squeeze=False)
    for (left, middle, right), (name, image, coefficients, bits) in zip(grid, rows, strict=True):
        show_image(left, image, name)
        sizes, scale = np.maximum(np.abs(coefficients), 0.05), LogNorm(0.1, 30)
        _heat_map(middle, sizes, "|coefficients|, in steps", cmap="magma", norm=scale)
        _heat_map(right, bits, f"bits, {bits.sum():,.0f} in all", cmap="viridis", vmin=0, vmax=8)
    return fig


def _heat_map(axes: Axes, numbers: np.ndarray, title: str, **colors: Any) -> None:
    """Draws a matrix in colors, with a bar that says what they mean."""
    pixels = axes.imshow(numbers, interpolation="nearest", **colors)
    without_ticks(axes)
    axes.set_title(title, fontsize=11, fontweight="normal")
    bar = axes.figure.colorbar(pixels, ax=axes, shrink=0.8, ticks=(0, 1, 2, 4, 8, 16, 30))
    bar.ax.yaxis.set_major_formatter("{x:.0f}")
    bar.ax.minorticks_off()
    bar.outline.set_visible(False)


def bits_by_skew(probabilities: Numbers, lines: Mapping[str, Numbers], *, title: str) -> Drawing:
    """Draws how many bits a symbol coders need above the entropy, against how skewed symbols are.

    Args:
        probabilities: (P,) of the more frequent of two symbols, ascending.
        lines: {coder: bits (P,)}, and "entropy": bits (P,).
    """
    entropy = np.asarray(lines["entropy"])
    excess = {label: bits - entropy for label, bits in lines.items() if label != "entropy"}
    return _bits_by_skew(probabilities, excess, title=title)


@drawing
def _bits_by_skew(
    probabilities: Numbers, excess: Mapping[str, np.ndarray], *, title: str
) -> Drawing:
    fig, axes = new_plot(height=4.2, title=title)
    for color, (label, bits) in zip((VERMILION, ORANGE, BLUE), excess.items(), strict=False):
        axes.plot(probabilities, bits, color=color)
        note_at_end(axes, (probabilities[-1], bits[-1]), label, color)
    axes.set(xlabel="probability of the more frequent symbol", ylabel="bits above the entropy")
    axes.set(ylim=(-0.02, 1.0), xlim=(0.5, 1.0))
    return fig
