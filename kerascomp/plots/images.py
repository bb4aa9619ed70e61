"""Pictures of pictures: grids, originals above reconstructions, traversals of a code."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from kerascomp.datasets import tile
from kerascomp.plots.axes import side_by_side, without_ticks
from kerascomp.plots.style import WIDTH, Drawing, drawing, new_figure, new_plot

GAP = 2  # pixels between the pictures of a grid


def show_image(axes: Axes, image: np.ndarray, title: str | None = None) -> None:
    """Draws one uint8 image (H, W, C) pixel by pixel, gray if C is 1."""
    image = np.asarray(image)
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    white = 255 if image.dtype == np.uint8 else 1
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=white, interpolation="nearest")
    without_ticks(axes)
    if title is not None:
        axes.set_title(title, fontsize=11, fontweight="normal")


def show_grid(axes: Axes, images: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws images (N, H, W, C) in so many columns.

    Returns:
        The centers of the columns and of the rows, without ticks there.
    """
    show_image(axes, tile(images, columns, gap=GAP))
    height, width = images.shape[1:3]
    rows = -(-len(images) // columns)
    axes.tick_params(length=0)
    return (
        np.arange(columns) * (width + GAP) + width / 2,
        np.arange(rows) * (height + GAP) + height / 2,
    )


def picture_table(
    fig: Drawing,
    rows: Sequence[Sequence[np.ndarray]] | np.ndarray,
    titles: Sequence[str],
    notes: Sequence[Sequence[str]],
    *,
    loc: str = "left",
    **style: Any,
) -> None:
    """Draws rows of images under titles (at `loc`), with a note in that style under each image."""
    grid = fig.subplots(len(rows), len(titles), squeeze=False)
    for all_axes, images, texts in zip(grid, rows, notes, strict=True):
        for axes, image, text in zip(all_axes, images, texts, strict=True):
            show_image(axes, image)
            axes.set_xlabel(text, **style)
    for axes, text in zip(grid[0], titles, strict=True):
        axes.set_title(text, fontsize=10, fontweight="normal", loc=loc)


@drawing
def sample_grids(groups: Mapping[str, np.ndarray], *, columns: int = 10) -> Drawing:
    """Draws a grid of images for each data set.

    Args:
        groups: {title: uint8 images (N, H, W, C)}.
        columns: images in a row of a grid.
    """
    fig = new_figure(height=WIDTH / len(groups) + 0.3)
    for axes, (title, images) in side_by_side(fig, groups.items()):
        show_image(axes, tile(images, columns))
        axes.set_title(title)
    return fig


def reconstructions(
    images: np.ndarray, decoded: np.ndarray, errors: np.ndarray, *, title: str, num_each: int = 6
) -> Drawing:
    """Draws originals above their reconstructions: the best, the median and the worst by error.

    Args:
        images, decoded: uint8 (N, H, W, C).
        errors: (N,) MSE of each.
        num_each: images of each kind.
    """
    order = np.argsort(errors)
    middle = (len(order) - num_each) // 2
    kinds = {
        "best": order[:num_each],
        "median": order[middle : middle + num_each],
        "worst": order[-num_each:][::-1],
    }
    groups = {kind: (images[part], decoded[part], errors[part]) for kind, part in kinds.items()}
    return _reconstructions(groups, title=title)


@drawing
def _reconstructions(
    groups: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]], *, title: str
) -> Drawing:
    num_each = len(next(iter(groups.values()))[2])
    side = 5.5 / num_each  # of a picture, in inches
    fig = new_figure(0.6 + len(groups) * (2 * side + 0.3), 5.5 + 1.3, title=title)
    for axes, (kind, (images, decoded, errors)) in side_by_side(fig, groups.items(), columns=1):
        xs, ys = show_grid(axes, np.concatenate([images, decoded]), len(images))
        axes.set_xticks(xs, [f"MSE {error:.4f}" for error in errors], fontsize=8)
        axes.set_yticks(ys, [f"{kind}:\noriginal", "decoded"], fontsize=10)
    return fig


@drawing
def traversals(
    rows: np.ndarray,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    title: str,
    xlabel: str,
) -> Drawing:
    """Draws what one number of a code does: a row of decoded images for each number.

    Args:
        rows: uint8 (R, K, H, W, C): K images for each of R numbers.
        row_labels: R strings.
        column_labels: K strings, the values along a row.
    """
    num_rows, num_columns = rows.shape[:2]
    left = 0.3 + 0.08 * max(map(len, row_labels))
    side = (WIDTH - left) / max(num_columns, 8)  # of a picture, in inches
    height, width = 0.6 + 0.18 * title.count("\n") + num_rows * side, left + num_columns * side
    fig, axes = new_plot(height + 0.35, width, title=title)
    xs, ys = show_grid(axes, rows.reshape(-1, *rows.shape[2:]), num_columns)
    axes.set_xticks(xs, column_labels)
    axes.set_yticks(ys, row_labels)
    axes.tick_params(labelsize=9)
    axes.set(xlabel=xlabel, anchor="NW")
    return fig


@drawing
def distortions(
    images: np.ndarray, titles: Sequence[str], notes: Sequence[Sequence[str]], *, title: str
) -> Drawing:
    """Draws one image and its distorted versions side by side, with a note under each.

    Args:
        images: uint8 (R, K, H, W, C): R pictures, each in K versions.
        titles: K strings above the columns.
        notes: R lists of K strings below the images.
    """
    num_rows, num_columns = images.shape[:2]
    height = 0.62 + 0.18 * title.count("\n") + num_rows * (0.96 * WIDTH / num_columns + 0.25)
    fig = new_figure(height, title=title)
    size = min(9, 60 / num_columns)
    picture_table(fig, images, titles, notes, loc="center", fontsize=size, labelpad=4)
    return fig
