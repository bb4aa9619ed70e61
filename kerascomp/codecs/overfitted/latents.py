"""The order in which the latents of all grids are decoded, and their coder.

A latent's context is the 12 places of its grid above it and to its left. So all places on a slanted
line, a wavefront, can be decoded at once: column + 3 · row is the same for them, and less for all
that they see.
"""

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from kerascomp.codecs.context.integers import IntegerNetwork, product
from kerascomp.codecs.context.tables import STEP_BITS, TOTAL, MixtureTables
from kerascomp.coders import lanes
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder

REACH = 2  # places on either side that the context model sees
NUM_GRIDS = 7  # each half as wide as the one before
SLANT = REACH + 1


def grid_shapes(height: int, width: int) -> list[tuple[int, int]]:
    """Returns (h, w) of each grid of latents, from fine to coarse."""
    return [(-(-height >> grid), -(-width >> grid)) for grid in range(NUM_GRIDS)]


def known_places() -> np.ndarray:
    """Returns (row, column) of the places around one that are decoded before it, (12, 2)."""
    places = np.argwhere(np.ones((2 * REACH + 1,) * 2)) - REACH
    return places[: len(places) // 2]


class Wavefronts:
    """All latents of a picture in one flat array, with a border of zeros around each grid.

    Args:
        shapes: (h, w) of the grids.

    Attributes:
        places: where each latent is in the array, in the order of decoding.
        grids: of which grid it is.
        fronts: the part of `places` that each wavefront has.
    """

    def __init__(self, shapes: Sequence[tuple[int, int]]):
        self.shapes, self.size = list(shapes), 0
        places, grids, times, offsets = [], [], [], []
        for grid, (height, width) in enumerate(self.shapes):
            row, column = map(np.ravel, np.indices((height, width)))
            stride = width + 2 * REACH
            places.append(self.size + (row + REACH) * stride + column + REACH)
            grids.append(np.full(len(row), grid))
            times.append(column + SLANT * row)
            offsets.append(known_places() @ [stride, 1])
            self.size += (height + REACH) * stride
        time = np.concatenate(times)
        order = np.argsort(time, kind="stable")
        self.places, self.grids = np.concatenate(places)[order], np.concatenate(grids)[order]
        ends = np.flatnonzero(np.diff(time[order], append=-1)) + 1
        self.fronts = [slice(*pair) for pair in itertools.pairwise([0, *ends.tolist()])]
        self._offsets = np.array(offsets)

    def flat(self, latents: Sequence[np.ndarray]) -> np.ndarray:
        """Returns the flat array of integer grids (h, w)."""
        parts = [np.pad(y, ((REACH, 0), (REACH, REACH))).ravel() for y in latents]
        return np.concatenate(parts).astype(np.int64)

    def separate(self, flat: np.ndarray) -> list[np.ndarray]:
        """Returns the grids (h, w) of a flat array."""
        parts, start = [], 0
        for height, width in self.shapes:
            shape = height + REACH, width + 2 * REACH
            part = flat[start : start + np.prod(shape)].reshape(shape)
            parts.append(part[REACH:, REACH : REACH + width])
            start += np.prod(shape)
        return parts

    def tables(self, network: IntegerNetwork, flat: np.ndarray, part: slice) -> MixtureTables:
        """Returns the tables of a part of the latents, (M, 1) symbols."""
        grids = self.grids[part]
        known = flat[self.places[part, None] + self._offsets[grids]].astype(np.float64)
        outputs = network.outputs(product(known, network.kernel), grids, 0)
        outputs = np.pad(outputs, ((0, 0), (0, 1)))[:, None]  # one component: its logit is 0
        return MixtureTables(outputs, np.array([1 << STEP_BITS]))


@functools.lru_cache(maxsize=2)
def wavefronts(height: int, width: int) -> Wavefronts:
    """Returns those of a picture of that size."""
    return Wavefronts(grid_shapes(height, width))


def encoded(network: IntegerNetwork, latents: Sequence[np.ndarray], order: Wavefronts) -> bytes:
    """Returns the bytes of integer grids (h, w)."""
    flat = order.flat(latents)
    everything = slice(0, len(order.places))
    symbols = flat[order.places][:, None]
    starts, sizes = order.tables(network, flat, everything).parts_of(symbols)
    num_lanes = lanes.number_for(np.log2(TOTAL / sizes).sum() / 8, len(symbols))
    encoder = LockstepEncoder(num_lanes)
    for front in order.fronts:
        for part, lane in lanes.turns(front.stop - front.start, num_lanes):
            encoder.encode(starts[front][part, 0], sizes[front][part, 0], TOTAL, streams=lane)
    return lanes.joined(encoder.finish())


def decoded(network: IntegerNetwork, data: bytes, order: Wavefronts) -> list[np.ndarray]:
    """Returns the integer grids (h, w) of bytes that `encoded` returned.

    Raises:
        StreamError: the bytes are truncated, or none of these.
    """
    streams = lanes.split(data)
    decoder, flat = LockstepDecoder(streams), np.zeros(order.size, np.int64)
    for front in order.fronts:
        tables, places = order.tables(network, flat, front), order.places[front]
        for part, lane in lanes.turns(len(places), len(streams)):
            flat[places[part]] = decoder.decode(tables[part][:, 0], streams=lane)
    return order.separate(flat)


def estimated_bits(network, latents, order: Wavefronts) -> float:
    """Returns the ideal code length of integer grids, all together."""
    flat = order.flat(latents)
    symbols = flat[order.places][:, None]
    tables = order.tables(network, flat, slice(0, len(symbols)))
    return float(np.log2(TOTAL / tables.parts_of(symbols)[1]).sum())
