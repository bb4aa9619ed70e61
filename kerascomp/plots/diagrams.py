"""Diagrams: the training pipeline and the structure of the U-Net."""

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle

from kerascomp.plots.colors import (
    BLUE,
    DARK_ORANGE,
    GRAY,
    GREEN,
    INK,
    LIGHT_GRAY,
    ORANGE,
    VERMILION,
)
from kerascomp.plots.images import show_image
from kerascomp.plots.labels import Point
from kerascomp.plots.style import Drawing, drawing, new_plot

LABELS = "above a box: height × width × channels\n* none after the last pooling"


def canvas(
    height: float, limits: tuple[float, float, float, float], *, title: str | None = None
) -> tuple[Drawing, Axes]:
    """Returns (figure, axes) without ticks, with the given data limits and square units."""
    fig, axes = new_plot(height, title=title)
    axes.set(xlim=limits[:2], ylim=limits[2:], aspect="equal")
    axes.axis("off")
    return fig, axes


def box(axes: Axes, center: Point, size: Point, text: str, color: str) -> None:
    """Draws a rounded box (width, height) with text in it."""
    (x, y), (width, height) = center, size
    shape = "round,pad=0.02,rounding_size=0.1"
    style = {"facecolor": color + "22", "edgecolor": color, "linewidth": 1.6, "boxstyle": shape}
    axes.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, **style))
    axes.text(x, y, text, ha="center", va="center", fontsize=10, linespacing=1.35)


def arrow(
    axes: Axes,
    start: Point,
    end: Point,
    color: str = INK,
    *,
    dashed: bool = False,
    path: str = "arc3,rad=0",
) -> None:
    """Draws an arrow from one point to another, on a path in matplotlib's words for one."""
    style = {"arrowstyle": "-|>", "mutation_scale": 13, "color": color, "linewidth": 1.5}
    style |= {"linestyle": "--" if dashed else "-", "connectionstyle": path}
    axes.add_patch(FancyArrowPatch(start, end, shrinkA=0, shrinkB=0, **style))


def picture(axes: Axes, center: Point, side: float, image: np.ndarray) -> None:
    """Draws a uint8 image (H, W, C) in a square of a diagram."""
    corner = (center[0] - side / 2, center[1] - side / 2)
    show_image(axes.inset_axes((*corner, side, side), transform=axes.transData), image)


@drawing
def pipeline(image: np.ndarray, decoded: np.ndarray) -> Drawing:
    """Draws how a learned codec is trained: on the rate plus lambda times the distortion.

    Args:
        image, decoded: uint8 (H, W, C), shown at the two ends.
    """
    fig, axes = canvas(3.0, (0, 13.6, -0.15, 4.25))
    for x, pixels, label in ((0.9, image, "image $x$"), (12.7, decoded, r"decoded $\hat{x}$")):
        picture(axes, (x, 3.3), 1.6, pixels)
        axes.text(x, 2.25, label, ha="center", va="top")
    box(axes, (3.4, 3.3), (1.9, 1.1), "encoder", BLUE)
    box(axes, (6.8, 3.3), (2.2, 1.1), "quantizer and\nentropy coder", ORANGE)
    box(axes, (10.2, 3.3), (1.9, 1.1), "decoder", BLUE)
    for start, end, label in (
        (1.8, 2.4, ""),
        (4.4, 5.65, "code $y$"),
        (7.95, 9.2, r"rounded $\hat{y}$"),
        (11.2, 11.8, ""),
    ):
        arrow(axes, (start, 3.3), (end, 3.3))
        axes.text((start + end) / 2, 3.45, label, ha="center", va="bottom", fontsize=9)
    box(axes, (6.8, 0.45), (8.4, 0.9), "", VERMILION)
    loss = "loss  =  size of the code in bits  +  λ · reconstruction loss"
    axes.text(6.8, 0.45, loss, ha="center", va="center", fontsize=11, fontweight="bold")
    arrow(axes, (6.8, 2.7), (6.8, 0.95), ORANGE)
    axes.text(6.95, 1.8, "bits", color=DARK_ORANGE, va="center", fontsize=10)
    for x, end, text_x, side in ((0.9, 2.55, 1.05, "left"), (12.7, 11.05, 12.55, "right")):
        line = {"closed": False, "fill": False, "edgecolor": GRAY, "linewidth": 1.5}
        axes.add_patch(Polygon([(x, 1.85), (x, 0.45)], **line))
        arrow(axes, (x, 0.45), (end, 0.45), GRAY)
        axes.text(text_x, 1.2, "compare", color=GRAY, fontsize=10, va="center", ha=side)
    return fig


@drawing
def unet(filters: Sequence[int], image_shape: tuple[int, int, int], *, title: str) -> Drawing:
    """Draws the U-Net: its feature maps, the code at the bottom, the possible skips in gray.

    Args:
        filters: channels of each level, from the top.
        image_shape: (H, W, C), H a power of two at least 2 ** len(filters).
    """
    size, levels = image_shape[0], len(filters)
    fig, axes = canvas(4.9, (-0.2, 16.4, -0.75, 8.1), title=title)
    tops = [7.6 - 1.75 * level for level in range(levels)] + [0.5]
    left = [2.3 + 1.25 * level for level in range(levels)]
    right = [16.0 - x for x in left]
    middle = 8.0

    def feature_map(x, top, side, channels, color):
        """Draws one map, higher for more pixels, wider for more channels.

        Returns the middles of its left edge, right edge and bottom.
        """
        height, width = 0.35 + side / size * 1.1, 0.14 + channels / max(filters) * 0.9
        style = {"facecolor": color + "55", "edgecolor": color, "linewidth": 1.4}
        axes.add_patch(Rectangle((x - width / 2, top - height), width, height, **style))
        text = f"{side}×{side}×{channels}"
        axes.text(x, top + 0.06, text, ha="center", va="bottom", fontsize=8.5)
        y = top - height / 2
        return (x - width / 2, y), (x + width / 2, y), (x, top - height)

    _, image, _ = feature_map(left[0] - 1.9, tops[0], size, image_shape[2], INK)
    decoded, _, _ = feature_map(right[0] + 1.9, tops[0], size, image_shape[2], INK)
    count = size // 2**levels
    code = feature_map(middle, tops[-1], count, filters[-1], VERMILION)
    above = [
        (
            feature_map(left[level], tops[level], size // 2**level, channels, BLUE),
            feature_map(right[level], tops[level], size // 2**level, channels, GREEN),
        )
        for level, channels in enumerate(filters)
    ]
    arrow(axes, image, above[0][0][0], BLUE)
    arrow(axes, above[0][1][1], decoded, BLUE)
    for (down, up), (next_down, next_up) in itertools.pairwise([*above, (code, code)]):
        arrow(axes, down[1], up[0], LIGHT_GRAY, dashed=True)
        arrow(axes, down[2], next_down[0], VERMILION, path="angle,angleA=-90,angleB=180")
        arrow(axes, next_up[1], up[2], ORANGE, path="angle,angleA=0,angleB=90")
    text = f"the code: {count}·{count}·{filters[-1]} = {count**2 * filters[-1]} numbers"
    style = {"ha": "center", "va": "top", "fontweight": "bold"}
    axes.text(middle, code[2][1] - 0.12, text, **style)
    legend = (
        (BLUE, "-", "convolution 3×3"),
        (VERMILION, "-", "max-pooling 2×2, convolution 3×3*"),
        (ORANGE, "-", "convolution 3×3, up-sampling 2×2"),
        (LIGHT_GRAY, "--", "skip connection"),
    )
    for index, (color, line, text) in enumerate(legend):
        y = 1.75 - 0.55 * index
        axes.plot([0.0, 0.7], [y, y], line, color=color, linewidth=2)
        axes.text(0.9, y, text, va="center", fontsize=9)
    style = {"ha": "right", "va": "center", "fontsize": 9, "color": GRAY, "linespacing": 1.5}
    axes.text(16.2, 0.35, LABELS, **style)
    return fig
