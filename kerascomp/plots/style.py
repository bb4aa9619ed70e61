"""The one style of all figures: colors that everyone can tell apart, thin axes, direct labels."""

import functools

import matplotlib as mpl
from matplotlib.figure import Figure

# Okabe and Ito's palette (2008), safe for color-blind readers; one color for each system.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"
SKY, ORANGE, GRAY, INK = "#56B4E9", "#E69F00", "#767676", "#222222"
BROWN = "#A6761D"
# One for each of ten digits; labels beside them tell them apart as well.
CLASS_COLORS = (
    BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BROWN, "#B2182B", "#66A61E", "#4D4D4D",
)  # fmt: skip
COLORS = {"dense": BLUE, "cnn": VERMILION, "unet": GREEN, "pca": GRAY, "wide": PURPLE}

SETTINGS = {
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GRAY,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2.0,
    "lines.markersize": 6,
    "figure.dpi": 100,
    "savefig.dpi": 160,
    "figure.facecolor": "white",
}
WIDTH = 9.0  # inches, of a figure that fills the page


def styled(draw):
    """Decorates a drawing function: it runs under the course's style, whatever the caller's is."""

    @functools.wraps(draw)
    def wrapper(*args, **kwargs):
        with mpl.rc_context(SETTINGS):
            return draw(*args, **kwargs)

    return wrapper


def new_figure(height, width=WIDTH):
    """Returns an empty `Figure` of so many inches that lays itself out."""
    return Figure(figsize=(width, height), layout="constrained")


def without_ticks(axes, *, frame=False):
    """Removes ticks and grid from axes that show a picture; keeps a frame if asked to."""
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(frame)


def label_line_end(axes, x, y, text, color, *, offset=(6, 0)):
    """Writes `text` beside the point (x, y), in the line's color."""
    axes.annotate(
        text, (x, y), xytext=offset, textcoords="offset points",
        color=color, va="center", ha="left" if offset[0] >= 0 else "right",
        fontweight="bold", annotation_clip=False,
    )  # fmt: skip
