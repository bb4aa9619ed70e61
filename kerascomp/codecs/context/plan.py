"""The order of decoding: which latents are decoded together, and what is known before them."""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

EVERYWHERE, EVEN, ODD = "everywhere", "even", "odd"


@dataclasses.dataclass(frozen=True)
class Group:
    """Latents that are decoded together: channels from first to last - 1, at some places.

    `places` is EVERYWHERE, or one color of the checkerboard, EVEN or ODD.
    """

    first: int
    last: int
    places: str = EVERYWHERE

    @property
    def num_read(self) -> int:
        """How many channels, from the first, hold what is decoded before this group."""
        return self.last if self.places == ODD else self.first

    def mask(self, shape: tuple[int, ...]) -> np.ndarray:
        """Returns a bool array of a shape (h, w, K): which latents these are."""
        row, column, channel = np.indices(shape, sparse=True)
        even = (row + column) % 2 == 0
        here = {EVERYWHERE: True, EVEN: even, ODD: ~even}[self.places]
        return np.broadcast_to((channel >= self.first) & (channel < self.last) & here, shape)

    def known(self, shape: tuple[int, ...]) -> np.ndarray:
        """Returns a bool array of a shape (h, w, K): which latents are decoded before these."""
        own_half = Group(self.first, self.num_read, EVEN)
        return Group(0, self.first).mask(shape) | own_half.mask(shape)


class Plan:
    """Groups of latents, in the order of decoding.

    Args:
        slices: how many channels each slice has. One slice alone is a factorized prior.
        checkerboard: how many of the slices, from the first, are decoded in two halves, one color
            after the other, so that the second sees its four neighbors.
        window: side of the neighborhood that the network of a group sees; 1 is the place itself.
    """

    def __init__(self, slices: Sequence[int], *, checkerboard: int = 0, window: int = 1):
        if window % 2 == 0:
            raise ValueError(f"expected an odd window, received {window}")
        self.slices, self.checkerboard, self.window = tuple(slices), checkerboard, window
        self.num_channels, last = sum(slices), 0
        self.groups: list[Group] = []
        for index, size in enumerate(slices):
            first, last = last, last + size
            halves = (EVEN, ODD) if index < checkerboard else (EVERYWHERE,)
            self.groups += [Group(first, last, places) for places in halves]

    def first(self, num_channels: int) -> "Plan":
        """Returns the plan of the first channels, which are whole slices."""
        count = list(itertools.accumulate(self.slices)).index(num_channels) + 1
        return Plan(self.slices[:count], checkerboard=self.checkerboard, window=self.window)


def interleaved(shape: Sequence[int], side: int) -> np.ndarray:
    """Returns the numbers of (H, W, C) images block by block, those of a block from coarse to fine.

    The first pixels of all blocks are an image of their own, 1/side as wide. Each finer one adds
    the pixels diagonally between those that are known, then those beside and below. The colors of a
    pixel stay together.

    Args:
        shape: of the images; their sides are multiples of `side`.
        side: of a block, a power of 2.
    """
    row, column, color = np.indices(shape)
    rank = np.zeros(shape, int)
    for bit in range(side.bit_length() - 1):  # the last one tells the finest pixels apart
        rank = 4 * rank + np.array([[0, 2], [3, 1]])[row >> bit & 1, column >> bit & 1]
    block = row // side * shape[1] + column // side
    return np.lexsort([color.ravel(), rank.ravel(), block.ravel()])
