"""Pictures of pictures: grids, originals above reconstructions, traversals of a code."""

import numpy as np

from kerascomp.datasets import tile
from kerascomp.plots.style import INK, WIDTH, new_figure, styled, without_ticks


def show_image(axes, image):
    """Draws one uint8 image (H, W, C) pixel by pixel, gray if C is 1."""
    image = np.asarray(image)
    axes.imshow(
        image[..., 0] if image.shape[-1] == 1 else image,
        cmap="gray", vmin=0, vmax=255 if image.dtype == np.uint8 else 1, interpolation="nearest",
    )  # fmt: skip
    without_ticks(axes)


@styled
def sample_grids(groups, *, columns=10):
    """Draws a grid of images for each data set.

    Args:
        groups: {title: uint8 images (N, H, W, C)}.
        columns: images in a row of a grid.
    """
    fig = new_figure(height=9.0 / len(groups) + 0.5)
    for axes, (title, images) in zip(
        fig.subplots(1, len(groups), squeeze=False)[0], groups.items(), strict=True
    ):
        show_image(axes, tile(images, columns))
        axes.set_title(title)
    return fig


@styled
def reconstructions(images, decoded, errors, *, title, num_each=6):
    """Draws originals above their reconstructions: the best, the median and the worst by error.

    Args:
        images, decoded: uint8 (N, H, W, C).
        errors: (N,) MSE of each.
        title: string.
        num_each: images of each kind.

    Returns:
        The figure.
    """
    order = np.argsort(errors)
    middle = (len(order) - num_each) // 2
    groups = {
        "best": order[:num_each],
        "median": order[middle : middle + num_each],
        "worst": order[-num_each:][::-1],
    }
    gap = 2
    height, width = images.shape[1:3]
    fig = new_figure(height=2.15)
    fig.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=12)
    for axes, (label, chosen) in zip(fig.subplots(1, 3), groups.items(), strict=True):
        pairs = np.concatenate([images[chosen], decoded[chosen]])
        show_image(axes, tile(pairs, num_each, gap=gap))
        axes.set_title(label, fontweight="normal", fontsize=11)
        axes.set_xticks(
            np.arange(num_each) * (width + gap) + width / 2,
            [f"{error:.4f}".lstrip("0") for error in errors[chosen]],
        )
        axes.tick_params(length=0, labelsize=8)
        if label == "best":
            axes.set_yticks([height / 2, height * 1.5 + gap], ["original", "decoded"])
    fig.supxlabel("MSE of each image (pixels in [0, 1])", fontsize=9, color=INK)
    return fig


@styled
def traversals(rows, row_labels, column_labels, *, title, xlabel):
    """Draws what one number of a code does: a row of decoded images for each number.

    Args:
        rows: uint8 (R, K, H, W, C): K images for each of R numbers.
        row_labels: R strings.
        column_labels: K strings, the values along a row.
        title, xlabel: strings.
    """
    num_rows, num_columns, height, width = rows.shape[:4]
    fig = new_figure(height=1.1 + num_rows * 0.72, width=1.4 + num_columns * 0.72)
    axes = fig.subplots()
    gap = 2
    show_image(axes, tile(rows.reshape(-1, *rows.shape[2:]), num_columns, gap=gap))
    axes.set_xticks(np.arange(num_columns) * (width + gap) + width / 2, column_labels)
    axes.set_yticks(np.arange(num_rows) * (height + gap) + height / 2, row_labels)
    axes.tick_params(length=0, labelsize=9)
    axes.set_xlabel(xlabel)
    axes.set_title(title)
    return fig


@styled
def distortions(images, titles, notes, *, title):
    """Draws one image and its distorted versions side by side, with a note under each.

    Args:
        images: uint8 (R, K, H, W, C): R pictures, each in K versions.
        titles: K strings above the columns.
        notes: R lists of K strings below the images.
    """
    num_rows, num_columns = images.shape[:2]
    fig = new_figure(height=0.62 + num_rows * (0.96 * WIDTH / num_columns + 0.25))
    fig.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=12)
    for axes, image, note in zip(
        fig.subplots(num_rows, num_columns, squeeze=False).ravel(),
        images.reshape(-1, *images.shape[2:]),
        [note for row in notes for note in row],
        strict=True,
    ):
        show_image(axes, image)
        axes.set_xlabel(note, fontsize=min(9, 56 / num_columns), labelpad=4)
    for axes, label in zip(fig.axes, titles, strict=False):
        axes.set_title(label, fontsize=10, fontweight="normal", loc="center")
    return fig
