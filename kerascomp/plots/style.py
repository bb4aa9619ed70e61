"""The one style of all figures, and the decorator that applies it and records what is drawn."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kerascomp.plots.colors import GRAY, INK, LIGHT_GRAY
from kerascomp.plots.recording import plain

P = ParamSpec("P")
Numbers = Sequence[float] | np.ndarray
Curve = tuple[Numbers, Numbers]  # xs, ys

SETTINGS: dict[str, Any] = {
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GRAY,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "grid.color": LIGHT_GRAY,
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


class Drawing(Figure):
    """A matplotlib figure that knows the call that drew it.

    Attributes:
        function: name of the drawing function, empty before it has returned.
        arguments: what the function was called with, defaults included, as `plain` returns it.
    """

    function: str = ""
    arguments: dict[str, Any] | None = None


@contextlib.contextmanager
def applied() -> Iterator[None]:
    """Applies the course's style, whatever the user's matplotlibrc says, until the end."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


def drawing(draw: Callable[P, Drawing]) -> Callable[P, Drawing]:
    """Decorates a drawing function: it runs under the course's style, and the call is recorded.

    A function that first selects or counts is split in two: it calls `_name`, which is decorated
    and recorded as "name", with what is really drawn.
    """
    signature = inspect.signature(draw)

    @functools.wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Drawing:
        with applied():
            fig = draw(*args, **kwargs)
        call = signature.bind(*args, **kwargs)
        call.apply_defaults()
        fig.function, fig.arguments = draw.__name__.lstrip("_"), plain(call.arguments)
        return fig

    return wrapper


def new_figure(height: float, width: float = WIDTH, *, title: str | None = None) -> Drawing:
    """Returns an empty figure of so many inches that lays itself out.

    Args:
        height, width: in inches.
        title: what the figure shows, in bold above all; lines below it say of which data.
    """
    fig = Drawing(figsize=(width, height), layout="constrained")
    if title:
        first, *rest = title.split("\n")
        place = {"x": 0.01, "ha": "left", "va": "top"}
        fig.suptitle(first, y=1 - 0.07 / height, fontweight="bold", fontsize=12, **place)
        if rest:
            fig.text(y=1 - 0.31 / height, s="\n".join(rest), fontsize=10, color=GRAY, **place)
        used = (0.3 + 0.22 * len(rest)) / height
        fig.set_layout_engine("constrained", rect=(0, 0, 1, 1 - used))
    return fig


def new_plot(
    height: float, width: float = WIDTH, *, title: str | None = None
) -> tuple[Drawing, Axes]:
    """Returns a figure as `new_figure` does, and its only axes."""
    fig = new_figure(height, width, title=title)
    return fig, fig.subplots()
