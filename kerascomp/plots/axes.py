"""What is done to the axes of many figures: panels side by side, rows, grids, ticks."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import FigureBase
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter


def side_by_side(fig: FigureBase, number: int, **how: object) -> np.ndarray:
    """Returns an array of so many axes in one row; `how` as for matplotlib's `subplots`."""
    return fig.subplots(1, number, squeeze=False, **how)[0]


def without_ticks(axes: Axes, *, frame: bool = False) -> None:
    """Removes ticks and grid from axes that show a picture; keeps a frame if asked to."""
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(frame)


def name_rows(axes: Axes, labels: Sequence[str], **style: object) -> np.ndarray:
    """Names rows on the y axis, from top to bottom, and returns their positions."""
    positions = np.arange(len(labels))[::-1]
    axes.set_yticks(positions, labels, **style)
    axes.tick_params(axis="y", length=0)
    return positions


def grid_behind(axes: Axes, *, without: str) -> None:
    """Puts the grid behind bars, without its lines of one axis ("x" or "y")."""
    axes.grid(False, axis=without)
    axes.set_axisbelow(True)


def integer_ticks(axis: Axis, most: int = 10) -> None:
    """Puts the ticks of an axis at integers, in at most so many steps."""
    axis.set_major_locator(MaxNLocator(integer=True, nbins=most))


def plain_numbers(axis: Axis) -> None:
    """Writes the ticks of a logarithmic axis as plain numbers, fewer if it spans decades."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7) if high < 100 * low else (1, 3)))
    axis.set_major_formatter(lambda value, _: np.format_float_positional(value, 6, trim="-"))
    axis.set_minor_formatter(NullFormatter())
