"""Figures of recurrent codecs: the loop unrolled, what an iteration costs, where bits go."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from kerascomp.plots.diagrams import arrow, box, canvas
from kerascomp.plots.images import show_image
from kerascomp.plots.style import BLUE, GRAY, ORANGE, VERMILION, new_figure, styled, without_ticks

CELL_COLORS = {"dense": GRAY, "LSTM": BLUE, "GRU": VERMILION}


@styled
def unrolled(image, stages, residuals, sizes):
    """Draws three iterations of a recurrent codec side by side.

    Args:
        image: uint8 (H, W, C).
        stages: three uint8 images, what is decoded after each iteration.
        residuals: three uint8 images, what each iteration encodes.
        sizes: three strings, what each bit-plane costs.
    """
    fig, axes = canvas(3.9, (-2.3, 15.3, -0.8, 6.5))

    def picture(x, y, pixels):
        show_image(axes.inset_axes((x - 0.7, y - 0.7, 1.4, 1.4), transform=axes.transData), pixels)

    picture(-1.3, 5.5, image)
    axes.text(-1.3, 4.7, "image $x$", ha="center", va="top")
    for index in range(3):
        x = 1.9 + 5.0 * index
        picture(x, 5.5, residuals[index])
        axes.text(x + 0.8, 5.5, f"$r_{index}$", va="center")
        box(axes, x, 3.75, 1.9, 0.8, "encoder", BLUE)
        box(axes, x, 2.4, 1.9, 0.8, f"bits $b_{index + 1}$", ORANGE)
        axes.text(x + 1.1, 2.4, sizes[index], va="center", fontsize=9, color=VERMILION)
        box(axes, x, 1.05, 1.9, 0.8, "decoder", BLUE)
        for start, end in ((4.75, 4.17), (3.33, 2.82), (1.98, 1.47)):
            arrow(axes, (x, start), (x, end))
        picture(x + 2.5, 1.05, stages[index])
        axes.text(x + 2.5, -0.12, rf"$\hat{{x}}_{index + 1}$", ha="center", va="top")
        arrow(axes, (x + 0.97, 1.05), (x + 1.75, 1.05))
        if index < 2:
            arrow(axes, (x + 2.5, 1.8), (x + 4.25, 4.95), GRAY, bend=-0.15)
            axes.text(x + 3.0, 4.5, r"$x-\hat{x}$", ha="center", fontsize=9, color=GRAY)
            arrow(axes, (x + 0.97, 3.75), (x + 4.03, 3.75), BLUE, dashed=True)
            arrow(axes, (x + 0.97, 0.8), (x + 4.03, 0.8), BLUE, dashed=True, bend=0.45)
    axes.text(4.4, 3.9, "state", ha="center", va="bottom", fontsize=9, color=BLUE)
    arrow(axes, (-0.55, 5.5), (1.15, 5.5))
    return fig


@styled
def bits_by_iteration(panels):
    """Draws what the bits of each iteration cost, raw and coded.

    Args:
        panels: {title: (raw bits of one, estimated bits (T,), saved shares of files (T,))}.
    """
    fig = new_figure(height=3.6)
    all_axes = fig.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, (raw, coded, saved)) in zip(all_axes, panels.items(), strict=True):
        iterations = np.arange(1, len(coded) + 1)
        axes.bar(iterations, np.full(len(coded), raw), color=GRAY + "33", width=0.8)
        axes.bar(iterations, coded, color=BLUE, width=0.8)
        for iteration, bits, share in zip(iterations, coded, saved, strict=True):
            axes.text(
                iteration, bits + 0.02 * raw, f"−{share:.0%}", ha="center", fontsize=8.5, color=BLUE
            )
        axes.set(title=title, xlabel="iteration", ylim=(0, 1.12 * raw))
        axes.annotate(
            f"raw: {raw} bits", (0.01, raw / (1.12 * raw)), xycoords="axes fraction",
            xytext=(0, 3), textcoords="offset points", fontsize=9, color=GRAY,
        )  # fmt: skip
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        axes.grid(False, axis="x")
        axes.set_axisbelow(True)
    all_axes[0].set_ylabel("bits of a bit-plane (estimated)")
    return fig


@styled
def compared(panels):
    """Draws quality against rate of recurrent codecs, an iteration a point.

    Args:
        panels: {title: {"cell, reconstruction": (bpp, psnr_db)}}; one-shot lines are dashed.
    """
    fig = new_figure(height=3.8)
    all_axes = fig.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (title, lines) in zip(all_axes, panels.items(), strict=True):
        for label, (bpp, psnr_db) in lines.items():
            style = "--" if "one-shot" in label else "-"
            color = CELL_COLORS[label.split(",")[0]]
            axes.plot(bpp, psnr_db, style, color=color, marker="o", label=label)
        axes.set(title=title, xlabel="bits per pixel")
        axes.legend(frameon=False, fontsize=10, loc="lower right")
    all_axes[0].set_ylabel("PSNR (dB)")
    return fig


@styled
def bits_over_image(photograph, bits, counts, *, title):
    """Draws where a file's bits go, and how many iterations images take for one quality.

    Args:
        photograph: uint8 (H, W, 3).
        bits: bits of each block of 8×8 pixels, (H/8, W/8).
        counts: {label: iterations that each image of a test set needs, (N,)}.
        title: string.
    """
    fig = new_figure(height=3.7)
    left, middle, right = fig.subplots(1, 3, width_ratios=(1, 1.18, 1.25))
    fig.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=12)
    show_image(left, photograph)
    left.set_title("photograph", fontweight="normal", fontsize=11)
    drawn = middle.imshow(bits, cmap="magma")
    without_ticks(middle)
    middle.set_title("bits of each block", fontweight="normal", fontsize=11)
    fig.colorbar(drawn, ax=middle, shrink=0.75)
    colors = (BLUE, VERMILION, ORANGE)
    number, width = len(counts), 0.85 / len(counts)
    for index, ((label, found), color) in enumerate(zip(counts.items(), colors, strict=False)):
        iterations, shares = np.unique(found, return_counts=True)
        place = iterations + (index - (number - 1) / 2) * width
        right.bar(place, shares / len(found), width=width, color=color, label=label)
    right.set(xlabel="iterations of an image", ylabel="share of the images")
    right.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    right.grid(False, axis="x")
    right.set_axisbelow(True)
    right.legend(frameon=False, fontsize=9)
    return fig


@styled
def stages(rows, titles, notes, *, title):
    """Draws images after more and more iterations, a row of them for each image.

    Args:
        rows: list of lists of uint8 images; those of a row have one size.
        titles: of the columns.
        notes: what stands under each image, lists of strings.
        title: string.
    """
    columns = len(titles)
    fig = new_figure(height=0.7 + len(rows) * 2.1)
    fig.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=12)
    all_axes = fig.subplots(len(rows), columns)
    for row, images, texts in zip(all_axes, rows, notes, strict=True):
        for axes, image, text in zip(row, images, texts, strict=True):
            show_image(axes, image)
            axes.set_xlabel(text, fontsize=9)
    for axes, text in zip(all_axes[0], titles, strict=True):
        axes.set_title(text, fontsize=10, fontweight="normal")
    return fig
