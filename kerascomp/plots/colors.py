"""Colors that everyone can tell apart, one for each system."""

# Okabe and Ito's palette (2008), safe for color-blind readers.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA4499"
SKY, ORANGE, GRAY, INK = "#56B4E9", "#E69F00", "#767676", "#222222"
BROWN = "#A6761D"
# One for each of ten digits; labels beside them tell them apart as well.
CLASS_COLORS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BROWN, "#B2182B", "#66A61E", "#4D4D4D")
COLORS = {"dense": BLUE, "cnn": VERMILION, "unet": GREEN, "pca": GRAY, "wide": PURPLE}
COLORS |= {"unet-dropout": BROWN, "unet-skips": GREEN}
