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

    def mask(self, latent_shape):
        """Returns a bool array (h, w, K): which latents these are."""
        row, column, channel = np.indices(latent_shape)
        even = (row + column) % 2 == 0
        here = {EVERYWHERE: True, EVEN: even, ODD: ~even}[self.places]
        return (channel >= self.first) & (channel < self.last) & here


class Plan:
    """Groups of latents, in the order of decoding.

    Args:
        latent_shape: (h, w, K).
        slices: how many channels each slice has; they add up to K. One slice, without a
            checkerboard, is a factorized prior.
        checkerboard: how many of the slices, from the first, are decoded in two halves, one color
            after the other, so that the second sees its four neighbors.
        window: side of the neighborhood that the network of a group sees; 1 is the place itself.

    Attributes:
        groups: list of `Group`.
        masks: which latents each decodes, bool arrays (h, w, K).
        known: which ones were decoded before it, the same.
        num_read: how many channels, from the first, it has to read to see them.
    """

    def __init__(self, latent_shape, slices=None, *, checkerboard=0, window=1):
        self.latent_shape = tuple(latent_shape)
        self.slices = tuple(slices or latent_shape[-1:])
        self.checkerboard, self.window = checkerboard, window
        if sum(self.slices) != self.latent_shape[-1] or window % 2 == 0:
            raise ValueError(
                f"expected slices that add up to {self.latent_shape[-1]} channels and an odd "
                f"window, received {self.slices} and {window}"
            )
        self.groups, last = [], 0
        for index, size in enumerate(self.slices):
            first, last = last, last + size
            halves = (EVEN, ODD) if index < checkerboard else (EVERYWHERE,)
            self.groups += [Group(first, last, places) for places in halves]
        self.masks = [group.mask(self.latent_shape) for group in self.groups]
        nothing = np.zeros(self.latent_shape, bool)
        self.known = np.cumsum([nothing, *self.masks[:-1]], axis=0).astype(bool)
        self.num_read = [int(np.flatnonzero(k.any((0, 1))).max(initial=-1)) + 1 for k in self.known]

    def config(self):
        """Returns what makes this plan, for a training's signature."""
        return [self.latent_shape, self.slices, self.checkerboard, self.window]
