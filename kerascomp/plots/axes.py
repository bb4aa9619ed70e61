"""What is done to the axes of many figures: panels side by side, rows, grids, ticks."""

from collections.abc import Collection
from typing import Any, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import FigureBase
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

Panel = TypeVar("Panel")


def side_by_side(
    fig: FigureBase, panels: Collection[Panel], *, columns: int | None = None, **how: Any
) -> list[tuple[Axes, Panel]]:
    """Returns axes, each with its panel, in one row or in rows of so many columns.

    Further keywords are those of matplotlib's `subplots`.
    """
    columns = columns or len(panels)
    grid = fig.subplots(-(-len(panels) // columns), columns, squeeze=False, **how).ravel()
    for axes in grid[len(panels) :]:
        axes.remove()
    return list(zip(grid, panels, strict=False))


def without_ticks(axes: Axes, *, frame: bool = False) -> None:
    """Removes ticks and grid from axes that show a picture; keeps a frame if asked to."""
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(frame)


def name_rows(axes: Axes, labels: Collection[str]) -> np.ndarray:
    """Names rows on the y axis, from top to bottom, and returns their positions."""
    positions = np.arange(len(labels))[::-1]
    axes.set_yticks(positions, labels)
    axes.tick_params(axis="y", length=0)
    return positions


def grid_behind(axes: Axes, *, without: str) -> None:
    """Puts the grid behind bars, without its lines of one axis ("x" or "y")."""
    axes.grid(False, axis=without)
    axes.set_axisbelow(True)


def integer_ticks(axis: Axis, most: int = 10) -> None:
    """Puts the ticks of an axis at integers, in at most so many steps."""
    axis.set_major_locator(MaxNLocator(integer=True, nbins=most))


def plain_numbers(axis: Axis, *, most: float = 100) -> None:
    """Writes a logarithmic axis with plain numbers, fewer if it spans a factor above `most`."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7) if high < most * low else (1, 3)))
    axis.set_major_formatter(lambda value, _: _plain(value))
    axis.set_minor_formatter(NullFormatter())


def _plain(value):
    """Returns a number as text without an exponent: 0.002, 30, 5,000."""
    return f"{value:,.0f}" if value >= 1000 else np.format_float_positional(value, 6, trim="-")
