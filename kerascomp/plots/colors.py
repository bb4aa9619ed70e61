"""Colors that everyone can tell apart: one for each system, in the whole course.

A figure without systems uses the same colors for kinds of numbers, such as training and validation.
"""

from typing import Any

# Okabe and Ito's palette (2008) and parts of Paul Tol's, safe for color-blind readers.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"
SKY, ORANGE, BROWN, INDIGO = "#56B4E9", "#E69F00", "#7A4B12", "#332288"
OLIVE, WINE, TEAL, ROSE = "#999933", "#882255", "#44AA99", "#CC6677"
GRASS, SAND, SLATE, RED = "#66A61E", "#C2A83E", "#5C6F82", "#B2182B"
GRAY, INK, DARK_GRAY = "#767676", "#222222", "#4D4D4D"
DARK_ORANGE = "#9A6700"  # of small text
LIGHT_GRAY, NEARLY_WHITE = "#E4E4E4", "#F7F7F7"

SYSTEMS = {
    "bottleneck": VERMILION,
    "dense": BLUE,
    "CNN": ORANGE,
    "U-Net": GREEN,
    "recurrent": BROWN,
    "KLT": PURPLE,
    "DCT": SKY,
    "wavelet": INDIGO,
    "JPEG": OLIVE,
    "JPEG 2000": WINE,
    "WebP": TEAL,
    "AVIF": ROSE,
    "JPEG XL": SLATE,
    "wide": RED,
    "U-Net with dropout": GRASS,
    "tutorial": SAND,
    "published": INK,
}
OTHER_NAMES = {
    "PCA": "KLT",  # the transform of the KLT code
    "pca": "KLT",
    "cnn": "CNN",
    "unet": "U-Net",
    "unet-skips": "U-Net",
    "unet-dropout": "U-Net with dropout",
}
COLORS = SYSTEMS | {name: SYSTEMS[system] for name, system in OTHER_NAMES.items()}
DASHES = {  # of variants; a system's first or only line is solid
    "factorized": "--",
    "bottleneck": "-.",
    "one stream": "--",
    "dynamic": "--",
    "refined": "--",
    "decoded": "--",
    "rounded afterwards": ":",
}
TRAININGS = {  # how a network learns that its code will be rounded
    "never rounded": GRAY,
    "rounded afterwards": GRAY,
    "noise": BLUE,
    "rate term": VERMILION,
    "straight-through": SKY,
    "stochastic": PURPLE,
    "soft": GREEN,
}
CELLS = {"dense": GRAY, "LSTM": BLUE, "GRU": VERMILION}  # of recurrent codecs
# One for each of ten digits; labels beside them tell them apart as well.
CLASS_COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BROWN, RED, GRASS, DARK_GRAY)


def color_of(label: str) -> str:
    """Returns the color of a system; "dense, factorized" is a variant of "dense".

    Example:
        >>> color_of("AVIF, mosaic") == color_of("AVIF"), color_of("raw pixels") == GRAY
        (True, True)
    """
    return COLORS.get(label.split(",")[0], GRAY)


def line_of(label: str) -> dict[str, Any]:
    """Returns color and dashes of a system's line, keywords of matplotlib's `plot`."""
    return {"color": color_of(label), "linestyle": DASHES.get(label.partition(", ")[2], "-")}
