"""From numbers to bits, drawn: staircases, histograms, trees, intervals, coefficients."""

import itertools

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kerascomp.plots.images import show_image
from kerascomp.plots.labels import HALO
from kerascomp.plots.style import (
    BLUE,
    GRAY,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    WIDTH,
    new_figure,
    styled,
    without_ticks,
)

PART_COLORS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)


@styled
def staircases(y, rounded, surrogates):
    """Draws what training sees in place of rounding, and its gradient below.

    Args:
        y: (P,) values, ascending.
        rounded: (P,) what rounding makes of them.
        surrogates: {title: (values (R, P), gradients (P,))}, values of R random draws, of which
            40 are shown.
    """
    fig = new_figure(height=4.6)
    grid = fig.subplots(
        2, len(surrogates), sharex=True, sharey="row", height_ratios=(2.2, 1), squeeze=False
    )
    for column, (title, (values, gradients)) in enumerate(surrogates.items()):
        upper, lower = grid[:, column]
        upper.plot(y, rounded, color=GRAY, linewidth=1.2)
        if np.ptp(values, axis=0).max() > 0:
            upper.plot(y, values[:40].T, ",", color=BLUE, alpha=0.35)
            upper.plot(y, values.mean(axis=0), color=BLUE)
        else:
            upper.plot(y, values[0], color=BLUE)
        lower.plot(y, gradients, color=VERMILION)
        upper.set_title(title, fontsize=11)
        lower.set_xlabel("y, in steps")
        upper.set_aspect("equal")
    grid[0, 0].set_ylabel("what training sees")
    grid[1, 0].set_ylabel("gradient")
    grid[0, -1].annotate(
        "rounding", (y[0], rounded[0]), xytext=(0, -14), textcoords="offset points",
        color=GRAY, fontsize=9,
    )  # fmt: skip
    return fig


@styled
def histograms(panels, *, title, xlabel):
    """Draws how often each integer came, one panel a latent, with its entropy.

    Args:
        panels: tuples (title, integers ascending, shares that add up to 1, entropy in bits).
        title, xlabel: strings.
    """
    fig = new_figure(height=2.9)
    fig.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=12)
    for axes, (name, integers, shares, bits) in zip(
        fig.subplots(1, len(panels), sharey=True), panels, strict=True
    ):
        axes.set_axisbelow(True)
        axes.bar(integers, shares, width=0.9, color=BLUE)
        axes.set_title(name, fontweight="normal", fontsize=10)
        axes.annotate(
            f"{bits:.2f} bits", (0.97, 0.93), xycoords="axes fraction", ha="right", va="top",
            fontweight="bold", color=VERMILION, fontsize=11,
        )  # fmt: skip
        axes.set(xlabel=xlabel, xlim=(min(*integers, -2) - 0.7, max(*integers, 2) + 0.7))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.grid(False, axis="x")
    fig.axes[0].set_ylabel("share of the digits")
    return fig


@styled
def huffman_tree(words, shares, *, title):
    """Draws a Huffman code as a tree: down to the left is 0, to the right is 1.

    Args:
        words: {symbol: its word, a string of 0 and 1}.
        shares: {symbol: how often it comes, a share}.
        title: string.
    """
    leaves = sorted(words, key=words.get)  # from left to right
    places = {words[symbol]: float(index) for index, symbol in enumerate(leaves)}
    depth = max(map(len, places))
    inner = sorted({w[:n] for w in places for n in range(len(w))}, key=len, reverse=True)
    for node in inner:
        below = [places[node + bit] for bit in "01" if node + bit in places]
        places[node] = sum(below) / len(below)
    fig = new_figure(height=1.6 + 0.45 * depth)
    axes = fig.subplots()
    for node, x in places.items():
        if node:
            parent = node[:-1]
            axes.plot([places[parent], x], [-len(parent), -len(node)], color=GRAY, linewidth=1.5)
            middle = (places[parent] + x) / 2, -len(node) + 0.5
            axes.annotate(
                node[-1], middle, ha="center", va="center", fontsize=9, color=INK,
                path_effects=HALO,
            )  # fmt: skip
    for symbol in leaves:
        x, y = places[words[symbol]], -len(words[symbol])
        axes.plot([x], [y], "o", markersize=20, color=BLUE)
        axes.annotate(
            str(symbol), (x, y), ha="center", va="center", color="white",
            fontweight="bold", fontsize=9,
        )  # fmt: skip
        axes.annotate(
            f"{words[symbol]}\n{_percent(shares[symbol])}", (x, y), xytext=(0, -15),
            textcoords="offset points", ha="center", va="top", fontsize=9, linespacing=1.3,
        )  # fmt: skip
    axes.set(xlim=(-0.7, len(leaves) - 0.3), ylim=(-depth - 1.1, 0.3), title=title)
    without_ticks(axes)
    return fig


def _percent(share):
    return f"{share:.1%}" if share >= 0.001 else "below 0.1%"


@styled
def interval(rows, *, title):
    """Draws how an arithmetic coder's interval narrows, a bar for each symbol.

    Args:
        rows: tuples (chosen symbol, its label, {symbol: share}, low, high): the interval that a
            row divides among its symbols, in [0, 1].
        title: string.
    """
    fig = new_figure(height=1.0 + 0.8 * len(rows))
    axes = fig.subplots()
    for index, (chosen, label, shares, low, high) in enumerate(rows):
        y, start = -1.6 * index, 0.0
        for color, (symbol, share) in zip(itertools.cycle(PART_COLORS), shares.items()):
            mine = symbol == chosen
            axes.barh(
                y, share, left=start, height=0.62, color=color, alpha=1.0 if mine else 0.3,
                edgecolor="white",
            )  # fmt: skip
            if share > 0.035:
                axes.annotate(
                    symbol, (start + share / 2, y), ha="center", va="center", fontsize=10,
                    color="white" if mine else INK, fontweight="bold" if mine else "normal",
                )  # fmt: skip
            if mine and index + 1 < len(rows):
                for top, bottom in ((start, 0.0), (start + share, 1.0)):
                    axes.plot([top, bottom], [y - 0.34, y - 1.26], color=GRAY, linewidth=1)
            start += share
        axes.annotate(
            f"{low:.6f}".rstrip("0").rstrip("."), (0, y), xytext=(-6, 0), ha="right",
            textcoords="offset points", va="center", fontsize=9,
        )  # fmt: skip
        axes.annotate(
            f"{high:.6f}".rstrip("0").rstrip(".") + f"   {label}", (1, y), xytext=(6, 0),
            textcoords="offset points", va="center", fontsize=9,
        )  # fmt: skip
    axes.set(xlim=(-0.1, 1.32), ylim=(-1.6 * (len(rows) - 1) - 0.5, 0.5), title=title)
    without_ticks(axes)
    return fig


@styled
def coefficient_maps(rows):
    """Draws images, their transform coefficients and the bits that each coefficient costs.

    Args:
        rows: tuples (title, image (H, W, C), coefficients (h, w), bits (h, w)), the coefficients
            in steps, their size drawn on a log scale.
    """
    fig = new_figure(height=WIDTH / 3 * len(rows) * 0.9)
    for axes, (title, image, coefficients, bits) in zip(
        fig.subplots(len(rows), 3, squeeze=False), rows, strict=True
    ):
        show_image(axes[0], image)
        axes[0].set_title(title, fontsize=11)
        sizes = np.maximum(np.abs(coefficients), 0.05)
        pictures = (
            (axes[1], sizes, "coefficients, in steps", {"norm": LogNorm(0.1, 30), "cmap": "magma"}),
            (
                axes[2],
                bits,
                f"bits, {bits.sum():,.0f} in all",
                {"vmin": 0, "vmax": 8, "cmap": "viridis"},
            ),
        )
        for each, values, label, how in pictures:
            drawn = each.imshow(values, interpolation="nearest", **how)
            without_ticks(each)
            each.set_title(label, fontsize=11, fontweight="normal")
            bar = fig.colorbar(drawn, ax=each, shrink=0.8, ticks=(0, 1, 2, 4, 8, 16, 30))
            bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
            bar.ax.minorticks_off()
            bar.outline.set_visible(False)
    return fig


@styled
def bits_by_skew(probabilities, lines, *, title):
    """Draws bits a symbol against the probability of the more frequent of two.

    Args:
        probabilities: (P,) ascending.
        lines: {"Huffman", "Huffman, pairs", "arithmetic", "entropy": bits (P,)}.
        title: string.
    """
    fig = new_figure(height=4.2)
    axes = fig.subplots()
    styles = {  # color, line, and the place of the label: (x, distance in points)
        "Huffman": (VERMILION, "-", (0.86, 8)),
        "Huffman, pairs": (VERMILION, "--", (0.86, 8)),
        "arithmetic": (BLUE, "-", (0.70, -26)),
        "entropy": (INK, ":", (0.82, -40)),
    }
    for label, bits in lines.items():
        color, line, (x, up) = styles[label]
        axes.plot(
            probabilities, bits, color=color, linestyle=line, linewidth=3 if line == ":" else 2
        )
        axes.annotate(
            label, (x, np.interp(x, probabilities, bits)), xytext=(0, up),
            textcoords="offset points", color=color, fontweight="bold", fontsize=10,
        )  # fmt: skip
    axes.set(title=title, xlabel="probability of the more frequent symbol", ylabel="bits a symbol")
    axes.set(ylim=(0, 1.12), xlim=(0.5, 1.0))
    return fig
