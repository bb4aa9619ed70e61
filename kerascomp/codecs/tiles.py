"""Large pictures part by part: memory is that of a part, however large the picture is.

Each part is computed with a halo around it, as wide as a convolution's output sees. What is
computed of the halo is thrown away, and so nobody sees where one part ends and the next begins.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerascomp.codecs import progress

PLACES = 48  # of a side of a part, without its halo


def parts(size: int, halo: int, places: int | None = None) -> list[tuple[slice, slice]]:
    """Returns (inner, outer) slices of a row of places: parts, and what they see around them.

    All outer ones are equally long, so that a network is traced once.

    Args:
        size: places of the row.
        halo: places that an output sees on either side.
        places: of a part, without its halo; `PLACES` when not given.
    """
    places = places or PLACES
    wide, slices = min(size, places + 2 * halo), []
    for start in range(0, size, places):
        first = min(max(start - halo, 0), size - wide)
        slices.append((slice(start, min(start + places, size)), slice(first, first + wide)))
    return slices


Window = tuple[slice, slice]  # rows and columns of places


def windows(
    shape: Sequence[int], halo: int, places: int | None = None
) -> list[tuple[Window, Window]]:
    """Returns (own, around) of each part of a picture of (h, w) places: itself, and what it sees.

    All of what they see is equally large. Further arguments are those of `parts`.
    """
    rows, columns = (parts(size, halo, places) for size in shape)
    return [
        ((row, column), (row_around, column_around))
        for row, row_around in rows
        for column, column_around in columns
    ]


def times(window: Window, side: int) -> Window:
    """Returns a window of places in numbers of which each place has `side` in a row."""
    rows, columns = (slice(part.start * side, part.stop * side) for part in window)
    return rows, columns


def within(own: Window, around: Window) -> Window:
    """Returns a window, counted from the first place of one around it."""
    rows, columns = (
        slice(part.start - outer.start, part.stop - outer.start)
        for part, outer in zip(own, around, strict=True)
    )
    return rows, columns


def in_tiles(
    function: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    sides: tuple[int, int],
    halo: int,
    *,
    places: int | None = None,
) -> np.ndarray:
    """Returns the outputs of a function of pictures, computed part by part.

    Args:
        function: from an array (1, h · a, w · a, any) to one (1, h · b, w · b, any).
        x: (1, H · a, W · a, any).
        sides: (a, b), what a place has of both.
        halo: places that an output sees on either side.
        places: of a side of a part, without its halo; `PLACES` when not given.
    """
    before, after = sides
    height, width = (size // before for size in x.shape[1:3])
    pixels, found = height * width * max(sides) ** 2, windows((height, width), halo, places)
    result: Any = None  # until the first part says how many channels there are
    with progress.bar(len(found), "transform", pixels) as bar:
        for own, around in found:
            part = function(x[:, *times(around, before)])
            if result is None:
                shape = 1, height * after, width * after, part.shape[3]
                result = np.empty(shape, part.dtype)
            result[:, *times(own, after)] = part[:, *times(within(own, around), after)]
            bar.update()
    return result
