"""The order of decoding: which latents are decoded together, and what is known before them."""

import dataclasses

import numpy as np

EVERYWHERE, EVEN, ODD = "everywhere", "even", "odd"


@dataclasses.dataclass(frozen=True)
class Group:
    """Latents that are decoded together: some channels, at some places.

    Attributes:
        first, last: channels from first to last - 1.
        places: EVERYWHERE, or one color of the checkerboard, EVEN or ODD.
    """

    first: int
    last: int
    places: str = EVERYWHERE

    @property
    def num_channels(self) -> int:
        """How many channels there are."""
        return self.last - self.first

    @property
    def num_read(self) -> int:
        """How many channels, from the first, hold what is decoded before this group."""
        return self.last if self.places == ODD else self.first

    def mask(self, shape: tuple[int, int, int]) -> np.ndarray:
        """Returns a bool array of a shape (h, w, K): which latents these are."""
        row, column, channel = np.indices(shape)
        even = (row + column) % 2 == 0
        here = {EVERYWHERE: True, EVEN: even, ODD: ~even}[self.places]
        return (channel >= self.first) & (channel < self.last) & here

    def known(self, shape: tuple[int, int, int]) -> np.ndarray:
        """Returns a bool array of a shape (h, w, K): which latents are decoded before these."""
        earlier = Group(0, self.first).mask(shape)
        return earlier | Group(self.first, self.num_read, EVEN).mask(shape)


class Plan:
    """Groups of latents, in the order of decoding.

    Args:
        slices: how many channels each slice has. One slice, without a checkerboard, is a
            factorized prior.
        checkerboard: how many of the slices, from the first, are decoded in two halves, one color
            after the other, so that the second sees its four neighbors.
        window: side of the neighborhood that the network of a group sees; 1 is the place itself.

    Attributes:
        groups: list of `Group`.
        num_channels: of the latents, K.
    """

    def __init__(self, slices, *, checkerboard=0, window=1):
        if window % 2 == 0:
            raise ValueError(f"expected an odd window, received {window}")
        self.slices, self.checkerboard, self.window = tuple(slices), checkerboard, window
        self.num_channels = sum(self.slices)
        ends = np.cumsum(self.slices).tolist()
        self.groups = [
            Group(last - size, last, places)
            for index, (size, last) in enumerate(zip(self.slices, ends, strict=True))
            for places in ((EVEN, ODD) if index < checkerboard else (EVERYWHERE,))
        ]

    def config(self):
        """Returns what makes this plan, for a training's signature."""
        return [self.slices, self.checkerboard, self.window]
