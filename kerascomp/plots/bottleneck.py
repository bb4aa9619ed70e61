"""Figures of the entropy bottleneck: where bits are expected, written and spent."""

from collections.abc import Sequence

import numpy as np

from kerascomp.plots.axes import grid_behind, integer_ticks, side_by_side
from kerascomp.plots.colors import BLUE, GRAY, ORANGE, VERMILION
from kerascomp.plots.diagrams import arrow, box, canvas, picture
from kerascomp.plots.images import show_image, tile
from kerascomp.plots.labels import note
from kerascomp.plots.style import Drawing, Numbers, drawing, new_figure


@drawing
def bits_at_arrows(image: np.ndarray, decoded: np.ndarray, bits: Numbers) -> Drawing:
    """Draws the way of an image through a learned codec, with its size at every arrow.

    Args:
        image, decoded: uint8 (H, W, C).
        bits: sizes in bits of the image, the latent, the rounded latent and the file.
    """
    raw, latent, rounded, written = (f"{number:,.0f} bits" for number in bits)
    fig, axes = canvas(2.2, (0, 17.2, 0.2, 4.1))
    for x, pixels, label in ((0.95, image, "image $x$"), (16.25, decoded, r"decoded $\hat{x}$")):
        picture(axes, (x, 2.5), 1.7, pixels)
        axes.text(x, 1.45, label, ha="center", va="top")
    box(axes, (3.75, 2.5), (2.0, 1.15), "analysis", BLUE)
    box(axes, (6.75, 2.5), (2.0, 1.15), "divide by\nsteps, round", ORANGE)
    box(axes, (10.0, 2.5), (2.3, 1.15), "entropy coder\n+ prior", VERMILION)
    box(axes, (13.25, 2.5), (2.0, 1.15), "synthesis", BLUE)
    for start, end, label, size in (
        (1.9, 2.75, "$x$", raw),
        (4.75, 5.75, "$y$", latent),
        (7.75, 8.8, r"$\hat{y}$", rounded),
        (11.2, 12.25, r"$\hat{y}$", rounded),
        (14.25, 15.3, r"$\hat{x}$", raw),
    ):
        arrow(axes, (start, 2.5), (end, 2.5))
        axes.text((start + end) / 2, 2.68, label, ha="center", va="bottom", fontsize=10)
        axes.text((start + end) / 2, 3.4, size, ha="center", va="bottom", fontsize=9, color=GRAY)
    arrow(axes, (10.0, 1.85), (10.0, 1.05), VERMILION)
    style = {"ha": "center", "va": "top", "fontweight": "bold", "fontsize": 12}
    axes.text(10.0, 0.9, f"file: {written}", color=VERMILION, **style)
    return fig


@drawing
def loss_terms(panels: Sequence[tuple[str, Numbers, Numbers]], *, title: str) -> Drawing:
    """Draws quantities of a training, one panel each: training (dashed) and validation (solid).

    Args:
        panels: tuples (label of the y axis, training values, validation values), one an epoch.
    """
    fig = new_figure(height=3.4, title=title)
    for axes, (label, training, validation) in side_by_side(fig, panels):
        epochs = np.arange(1, len(training) + 1)
        axes.plot(epochs, training, "--", color=BLUE, linewidth=1.5, label="training (noise)")
        axes.plot(epochs, validation, color=VERMILION, label="validation (rounded)")
        axes.set(xlabel="epoch", ylim=(0, 1.03 * max(*training, *validation)))
        axes.set_title(label, fontsize=11, fontweight="normal")
        integer_ticks(axes.xaxis, 6)
    fig.axes[0].legend(frameon=False)
    return fig


@drawing
def priors(
    panels: Sequence[tuple[str, Numbers, Numbers, Numbers, float, float]], *, title: str
) -> Drawing:
    """Draws how often integers came, and how often the prior expected them.

    Args:
        panels: tuples (title, integers ascending, shares, expected shares, bits, expected bits):
            the entropy of the integers, and what the prior spends on them.
    """
    fig = new_figure(height=1.0 + 1.95 * -(-len(panels) // 4), title=title)
    top = 1.05 * max(max(*shares, *expected) for _, _, shares, expected, *_ in panels)
    for axes, panel in side_by_side(fig, panels, columns=4):
        name, integers, shares, expected, bits, spent = panel
        axes.bar(integers, shares, width=0.85, color=BLUE + "88", label="came")
        style = {"color": VERMILION, "markersize": 3, "linewidth": 1.2}
        axes.plot(integers, expected, "o-", label="expected", **style)
        text = f"{name}\nentropy {bits:.2f}, spent {spent:.2f} bits"
        axes.set_title(text, fontweight="normal", fontsize=8.5)
        seen = np.asarray(integers)[np.maximum(shares, expected) > 0.001]
        axes.set(xlim=(seen.min() - 0.7, seen.max() + 0.7), ylim=(0, top))
        integer_ticks(axes.xaxis, 5)
        grid_behind(axes, without="x")
    handles, labels = fig.axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, frameon=False, fontsize=10, loc="upper right", ncols=2)
    fig.supxlabel("symbol", fontsize=10)
    fig.supylabel("share of the digits", fontsize=10)
    return fig


@drawing
def estimated_and_written(estimated: np.ndarray, written: np.ndarray, *, title: str) -> Drawing:
    """Draws the bits of each image's file against their estimate.

    Args:
        estimated, written: bits (N,) of the same images.
    """
    fig = new_figure(height=4.2, title=title)
    left, right = fig.subplots(1, 2, width_ratios=(1.3, 1))
    ends = 0.95 * min(estimated.min(), written.min()), 1.02 * max(estimated.max(), written.max())
    left.plot(ends, ends, color=GRAY, linewidth=1.2, zorder=1)
    left.plot(estimated, written, ".", color=BLUE, markersize=3, alpha=0.35)
    left.set(xlim=ends, ylim=ends, xlabel="estimated bits of a digit", ylabel="bits of its file")
    note(left, "equal", (ends[1], ends[1]), offset=(-12, -22), ha="right", color=GRAY)
    above = written - estimated
    right.hist(above, bins=np.arange(np.floor(above.min()), above.max() + 1, 0.5), color=BLUE)
    right.axvline(above.mean(), color=VERMILION)
    grid_behind(right, without="x")
    text, at, within = f"mean {above.mean():.1f} bits", (above.mean(), 1), ("data", "axes fraction")
    style = {"va": "top", "color": VERMILION, "fontweight": "bold"}
    note(right, text, at, offset=(6, -4), within=within, **style)
    right.set(xlabel="bits of the file above the estimate", ylabel="digits")
    return fig


@drawing
def bits_spent(
    per_latent: np.ndarray,
    per_class: Sequence[np.ndarray],
    extremes: Sequence[tuple[str, np.ndarray]],
    *,
    title: str,
) -> Drawing:
    """Draws what bits are spent on: which latents, which digits; the least and most expensive.

    Args:
        per_latent: mean bits (K,) of each latent, in the order of decoding.
        per_class: ten arrays, bits of the digits of each class.
        extremes: tuples (label, uint8 images (N, H, W, C)).
    """
    fig = new_figure(height=4.7, title=title)
    top, bottom = fig.subfigures(2, 1, height_ratios=(2.1, 1))
    left, right = top.subplots(1, 2)
    left.bar(np.arange(1, len(per_latent) + 1), per_latent, width=0.9, color=BLUE)
    left.set(xlabel="latent, in the order of decoding", ylabel="mean bits")
    for axes in (left, right):
        grid_behind(axes, without="x")
    parts = right.violinplot(per_class, positions=range(10), widths=0.85, showextrema=False)
    for body in parts["bodies"]:
        body.set(facecolor=BLUE, alpha=0.45)
    medians = [np.median(bits) for bits in per_class]
    right.plot(range(10), medians, "o", color=VERMILION, markersize=4, label="median")
    right.legend(frameon=False, loc="upper right", handletextpad=0.1)
    right.set(xlabel="digit", ylabel="bits of its file", xticks=range(10))
    for axes, (label, images) in side_by_side(bottom, extremes):
        show_image(axes, tile(images, columns=10), label)
    return fig
