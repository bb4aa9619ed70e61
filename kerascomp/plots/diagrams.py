"""Diagrams: the training pipeline and the structure of the U-Net."""

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle

from kerascomp.plots.images import show_image
from kerascomp.plots.style import BLUE, GRAY, GREEN, INK, ORANGE, VERMILION, new_figure, styled

LABELS = "above a box: channels\nat its left: height × width\n* none after the last pooling"


def canvas(height, limits):
    """Returns (figure, axes) without ticks, with the given data limits and square units."""
    fig = new_figure(height)
    axes = fig.subplots()
    axes.set(xlim=limits[:2], ylim=limits[2:], aspect="equal")
    axes.axis("off")
    return fig, axes


def box(axes, x, y, width, height, text, color):
    """Draws a rounded box with text in it."""
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height,
            boxstyle="round,pad=0.02,rounding_size=0.1",
            facecolor=color + "22", edgecolor=color, linewidth=1.6,
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=10, linespacing=1.35)


def arrow(axes, start, end, color=INK, *, style="-|>", dashed=False, bend=0.0):
    """Draws an arrow from one point to another."""
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle=style, mutation_scale=13, color=color, linewidth=1.5,
            linestyle="--" if dashed else "-", connectionstyle=f"arc3,rad={bend}",
            shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip


@styled
def pipeline(image, decoded):
    """Draws how a learned codec is trained: reconstruction loss plus a penalty on the rate.

    Args:
        image, decoded: uint8 (H, W, C), shown at the two ends.
    """
    fig, axes = canvas(3.0, (0, 13.6, -0.15, 4.25))
    for x, picture, label in ((0.9, image, "image $x$"), (12.7, decoded, r"decoded $\hat{x}$")):
        inset = axes.inset_axes((x - 0.8, 2.5, 1.6, 1.6), transform=axes.transData)
        show_image(inset, picture)
        axes.text(x, 2.25, label, ha="center", va="top")
    for x, text, color in (
        (3.4, "encoder", BLUE),
        (6.8, "quantizer and\nentropy coder", ORANGE),
        (10.2, "decoder", BLUE),
    ):
        box(axes, x, 3.3, 1.9 if color == BLUE else 2.2, 1.1, text, color)
    for start, end, label in (
        (1.8, 2.4, ""), (4.4, 5.65, "code $y$"), (7.95, 9.2, r"rounded $\hat{y}$"), (11.2, 11.8, "")
    ):  # fmt: skip
        arrow(axes, (start, 3.3), (end, 3.3))
        axes.text((start + end) / 2, 3.45, label, ha="center", va="bottom", fontsize=9)
    box(axes, 6.8, 0.45, 8.4, 0.9, "", VERMILION)
    axes.text(
        6.8, 0.45, "loss  =  reconstruction loss  +  λ · size of the code in bits",
        ha="center", va="center", fontsize=11, fontweight="bold",
    )  # fmt: skip
    arrow(axes, (6.8, 2.7), (6.8, 0.95), ORANGE)
    axes.text(6.95, 1.8, "bits", color="#9A6700", va="center", fontsize=10)
    for x, end in ((0.9, 2.55), (12.7, 11.05)):
        axes.add_patch(Polygon([(x, 1.85), (x, 0.45)], closed=False, fill=False,
                               edgecolor=GRAY, linewidth=1.5))  # fmt: skip
        arrow(axes, (x, 0.45), (end, 0.45), GRAY)
    axes.text(1.05, 1.2, "compare", color=GRAY, fontsize=10, va="center")
    axes.text(12.55, 1.2, "compare", color=GRAY, fontsize=10, va="center", ha="right")
    return fig


@styled
def unet(filters, image_shape):
    """Draws the U-Net: its feature maps, the code at the bottom, the skips above it.

    Args:
        filters: channels of each level, from the top.
        image_shape: (H, W, C), H a power of two at least 2 ** len(filters).
    """
    size, levels = image_shape[0], len(filters)
    fig, axes = canvas(4.9, (-0.2, 16.4, -0.75, 8.1))
    tops = [7.6 - 1.75 * level for level in range(levels + 1)]
    left = [2.3 + 1.25 * level for level in range(levels)]
    right = [16.0 - x for x in left]
    middle_x = 8.0

    def feature_map(x, top, side, channels, color):
        """Draws one map, higher for more pixels, wider for more channels; returns its edges."""
        height, width = 0.35 + side / size * 1.1, 0.14 + channels / max(filters) * 0.9
        axes.add_patch(
            Rectangle((x - width / 2, top - height), width, height,
                      facecolor=color + "55", edgecolor=color, linewidth=1.4)
        )  # fmt: skip
        axes.text(x, top + 0.06, f"{channels}", ha="center", va="bottom", fontsize=9)
        axes.text(x - width / 2 - 0.08, top - height / 2, f"{side}²", ha="right", va="center",
                  fontsize=8, color=GRAY)  # fmt: skip
        return x - width / 2, x + width / 2, top - height / 2, top - height

    _, edge, middle, _ = feature_map(left[0] - 1.6, tops[0], size, image_shape[2], INK)
    arrow(axes, (edge + 0.1, middle), (left[0] - 0.75, middle), BLUE)
    for level, channels in enumerate(filters):
        side = size // 2**level
        _, edge_left, middle, bottom = feature_map(left[level], tops[level], side, channels, BLUE)
        edge_right, *_ = feature_map(right[level], tops[level], side, channels, GREEN)
        arrow(axes, (edge_left + 0.1, middle), (edge_right - 0.5, middle), GRAY, dashed=True)
        is_last = level + 1 == levels
        down = middle_x - 0.35 if is_last else left[level + 1]
        up = middle_x + 0.35 if is_last else right[level + 1]
        below = tops[level + 1] + (0.25 if is_last else 0.35)
        arrow(axes, (left[level] + 0.1, bottom - 0.06), (down - 0.2, below), VERMILION)
        arrow(axes, (up + 0.2, below), (right[level] - 0.1, bottom - 0.06), ORANGE)
    edge, *_ = feature_map(right[0] + 1.6, tops[0], size, image_shape[2], INK)
    arrow(axes, (right[0] + 0.2, tops[0] - 0.73), (edge - 0.55, tops[0] - 0.73), BLUE)
    code_side = size // 2**levels
    bottom = feature_map(middle_x, tops[levels] - 0.1, code_side, filters[-1], VERMILION)[3]
    num_values = code_side**2 * filters[-1]
    axes.text(middle_x, bottom - 0.12, f"the code: {code_side}·{code_side}·{filters[-1]} = "
              f"{num_values} numbers", ha="center", va="top", fontweight="bold")  # fmt: skip
    legend = (
        (BLUE, "-", "convolution 3×3"),
        (VERMILION, "-", "max-pooling 2×2, convolution 3×3*"),
        (ORANGE, "-", "convolution 3×3, up-sampling 2×2"),
        (GRAY, "--", "skip connection, where used"),
    )
    for index, (color, line, text) in enumerate(legend):
        y = 1.75 - 0.55 * index
        axes.plot([0.0, 0.7], [y, y], line, color=color, linewidth=2)
        axes.text(0.9, y, text, va="center", fontsize=9)
    axes.text(16.2, 0.35, LABELS, ha="right",
              va="center", fontsize=9, color=GRAY, linespacing=1.5)  # fmt: skip
    return fig
