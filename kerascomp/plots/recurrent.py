"""Figures of recurrent codecs: the loop unrolled, what an iteration costs, where bits go."""

from collections.abc import Mapping, Sequence

import numpy as np

from kerascomp.plots.axes import grid_behind, integer_ticks, side_by_side, without_ticks
from kerascomp.plots.colors import BLUE, CELLS, GRAY, INDIGO, LIGHT_GRAY, ORANGE, SKY, VERMILION
from kerascomp.plots.diagrams import arrow, box, canvas, picture
from kerascomp.plots.images import picture_table, show_image
from kerascomp.plots.style import Curve, Drawing, Numbers, drawing, new_figure


@drawing
def unrolled(
    image: np.ndarray,
    stages: Sequence[np.ndarray],
    residuals: Sequence[np.ndarray],
    sizes: Sequence[str],
) -> Drawing:
    """Draws three iterations of a recurrent codec side by side.

    Args:
        image: uint8 (H, W, C).
        stages: three uint8 images, what is decoded after each iteration.
        residuals: three uint8 images, what each iteration encodes.
        sizes: three strings, what each bit-plane costs.
    """
    fig, axes = canvas(3.9, (-2.3, 15.3, -0.8, 6.5))
    picture(axes, (-1.3, 5.5), 1.4, image)
    axes.text(-1.3, 4.7, "image $x$", ha="center", va="top")
    for index in range(3):
        x = 1.9 + 5.0 * index
        picture(axes, (x, 5.5), 1.4, residuals[index])
        axes.text(x + 0.8, 5.5, f"$r_{index}$", va="center")
        box(axes, (x, 3.75), (1.9, 0.8), "encoder", BLUE)
        box(axes, (x, 2.4), (1.9, 0.8), f"bits $b_{index + 1}$", ORANGE)
        axes.text(x + 1.1, 2.4, sizes[index], va="center", fontsize=9, color=VERMILION)
        box(axes, (x, 1.05), (1.9, 0.8), "decoder", BLUE)
        for start, end in ((4.75, 4.17), (3.33, 2.82), (1.98, 1.47)):
            arrow(axes, (x, start), (x, end))
        picture(axes, (x + 2.5, 1.05), 1.4, stages[index])
        axes.text(x + 2.5, -0.12, rf"$\hat{{x}}_{index + 1}$", ha="center", va="top")
        arrow(axes, (x + 0.97, 1.05), (x + 1.75, 1.05))
        if index < 2:
            arrow(axes, (x + 2.5, 1.8), (x + 4.25, 4.95), GRAY, path="arc3,rad=-0.15")
            axes.text(x + 3.0, 4.5, r"$x-\hat{x}$", ha="center", fontsize=9, color=GRAY)
            arrow(axes, (x + 0.97, 3.75), (x + 4.03, 3.75), BLUE, dashed=True)
            arrow(axes, (x + 0.97, 0.8), (x + 4.03, 0.8), BLUE, dashed=True, path="arc3,rad=0.45")
    axes.text(4.4, 3.9, "state", ha="center", va="bottom", fontsize=9, color=BLUE)
    arrow(axes, (-0.55, 5.5), (1.15, 5.5))
    return fig


@drawing
def bits_by_iteration(panels: Mapping[str, tuple[int, Numbers, Numbers]], *, title: str) -> Drawing:
    """Draws what the bits of each iteration cost, raw, in files, and by estimate.

    Args:
        panels: {title: (raw bits of one, estimated bits (T,), saved shares of files (T,))}.
    """
    fig = new_figure(height=4.0, title=title)
    for axes, (name, (raw, estimated, saved)) in side_by_side(fig, panels.items()):
        iterations = np.arange(1, len(saved) + 1)
        written = raw * (1 - np.asarray(saved))
        axes.bar(iterations, np.full(len(saved), raw), color=LIGHT_GRAY, width=0.8, label="raw")
        axes.bar(iterations, written, color=BLUE, width=0.8, label="in files, and what they save")
        ends = iterations - 0.4, iterations + 0.4
        axes.hlines(estimated, *ends, color=ORANGE, linewidth=2, label="estimated")
        for iteration, share in zip(iterations, saved, strict=True):
            style = {"ha": "center", "va": "bottom", "fontsize": 8.5, "color": "white"}
            axes.text(iteration, 0.02 * raw, f"−{share:.0%}", **style)
        axes.set(xlabel="iteration", ylim=(0, 1.02 * raw))
        axes.set_title(f"{name}: {raw} raw bits", fontsize=11, fontweight="normal")
        integer_ticks(axes.xaxis, 8)
        grid_behind(axes, without="x")
    fig.axes[0].set_ylabel("bits of a bit-plane")
    handles, labels = fig.axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, frameon=False, fontsize=9, loc="outside lower center", ncols=3)
    return fig


@drawing
def compared(panels: Mapping[str, Mapping[str, Curve]], *, title: str) -> Drawing:
    """Draws quality against rate of recurrent codecs, an iteration a point.

    Args:
        panels: {title: {"cell, reconstruction": (bpp, psnr_db)}}; one-shot lines are dashed.
    """
    fig = new_figure(height=4.2, title=title)
    for axes, (name, lines) in side_by_side(fig, panels.items(), sharex=True, sharey=True):
        for label, (bpp, psnr_db) in lines.items():
            style = "--" if "one-shot" in label else "-"
            color = CELLS[label.split(",")[0]]
            axes.plot(bpp, psnr_db, style, color=color, marker="o", label=label)
        axes.set_xlabel("bits per pixel")
        axes.set_title(name, fontsize=11, fontweight="normal")
        axes.legend(frameon=False, fontsize=10, loc="lower right")
    fig.axes[0].set_ylabel("PSNR (dB)")
    return fig


def bits_over_image(
    photograph: np.ndarray, bits: np.ndarray, counts: Mapping[str, np.ndarray], *, title: str
) -> Drawing:
    """Draws where a file's bits go, and how many iterations images take for one quality.

    Args:
        photograph: uint8 (H, W, 3).
        bits: bits of each block of 8×8 pixels, (H/8, W/8).
        counts: {label: iterations that each image of a test set needs, (N,)}, at most three.
    """
    shares = {}
    for label, needed in counts.items():
        iterations, numbers = np.unique(needed, return_counts=True)
        shares[label] = iterations, numbers / len(needed)
    return _bits_over_image(photograph, bits, shares, title=title)


@drawing
def _bits_over_image(
    photograph: np.ndarray, bits: np.ndarray, shares: Mapping[str, Curve], *, title: str
) -> Drawing:
    fig = new_figure(height=6.0, title=title)
    grid = fig.add_gridspec(2, 3, width_ratios=(1, 1, 0.04), height_ratios=(1.25, 1))
    show_image(fig.add_subplot(grid[0, 0]), photograph, "a photograph")
    middle, right = fig.add_subplot(grid[0, 1]), fig.add_subplot(grid[1, :])
    blocks = middle.imshow(bits, cmap="magma")
    without_ticks(middle)
    middle.set_title("bits of each block of 8×8 pixels", fontweight="normal", fontsize=11)
    fig.colorbar(blocks, cax=fig.add_subplot(grid[0, 2])).ax.grid(False)
    number, width = len(shares), 0.85 / len(shares)
    for index, (label, (iterations, parts)) in enumerate(shares.items()):
        place = np.asarray(iterations) + (index - (number - 1) / 2) * width
        color = (SKY, BLUE, INDIGO)[index]
        right.bar(place, parts, width=width, color=color, label=label)
    right.set(
        xlabel="iterations that images of a test set need for a PSNR", ylabel="share of the images"
    )
    integer_ticks(right.xaxis, 8)
    grid_behind(right, without="x")
    right.legend(frameon=False, fontsize=9)
    return fig


@drawing
def stages(
    rows: Sequence[Sequence[np.ndarray]],
    titles: Sequence[str],
    notes: Sequence[Sequence[str]],
    *,
    title: str,
) -> Drawing:
    """Draws images after more and more iterations, a row of them for each image.

    Args:
        rows: list of lists of uint8 images; those of a row have one size.
        titles: of the columns.
        notes: what stands under each image, lists of strings.
    """
    fig = new_figure(height=0.7 + len(rows) * 2.1, title=title)
    picture_table(fig, rows, titles, notes, fontsize=9)
    return fig
