"""Two layers of latents in one stream: a row first, then images that know it.

row, decoded  ->  a network in integers  ->  features, what the images' networks read as well
"""

from collections.abc import Sequence

import numpy as np

from kerascomp.codecs.context.integers import Groups, IntegerContext, IntegerNetwork, product
from kerascomp.codecs.context.tables import OUTPUT_BITS, rounded

LARGEST_FEATURE = 6


class ChainedContext:
    """An `IntegerContext` of a row of latents, and one of images that read features of the row.

    Symbols are rows (N, 1, 1, K): those of the first context, then those of the second.

    Args:
        row: context of the row.
        network: from the row to the features, in fixed point.
        images: context of the images; its past are the features.
        places: (h, w) of the images.

    Raises:
        ValueError: a sum might exceed 2 ** 53, where float64 is no longer exact.
    """

    def __init__(
        self,
        row: IntegerContext,
        network: IntegerNetwork,
        images: IntegerContext,
        places: Sequence[int],
    ):
        self.row, self.network, self.images, self.places = row, network, images, tuple(places)
        self.step_bits, self.num_first = row.step_bits, row.plan.num_channels
        of_images = np.tile(images.steps, (1, int(np.prod(places))))
        self.steps = np.concatenate([row.steps, of_images], axis=1)
        largest = row.tables.largest * row.steps.max(axis=0)
        network.check_range(largest @ np.abs(network.kernel), self.step_bits, "features")

    def first(self, num_channels: int) -> "IntegerContext | ChainedContext":
        """Returns the context of the first channels alone: whole slices of the row, or all."""
        return self if num_channels == self.steps.shape[1] else self.row.first(num_channels)

    def groups(self, symbols: np.ndarray, level: int) -> Groups:
        """Yields (mask, tables) of each group, as `IntegerContext.groups` does."""
        row, images = np.split(symbols, [self.num_first], axis=3)  # views
        num_others = images.shape[3]
        for mask, tables in self.row.groups(row, level):
            yield np.pad(mask, ((0, 0), (0, 0), (0, num_others))), tables
        shape = (len(symbols), *self.places, -1)
        past_sums = self.images.past_sums(self.features(row[:, 0, 0], level).reshape(shape))
        for mask, tables in self.images.groups(images.reshape(shape), level, past_sums):
            mask = mask.reshape(1, 1, -1)
            yield np.pad(mask, ((0, 0), (0, 0), (self.num_first, 0))), tables

    def features(self, row: np.ndarray, level: int) -> np.ndarray:
        """Returns integers (N, F) with `step_bits` places of the row's symbols (N, K)."""
        sums = product(row * self.row.steps[level].astype(float), self.network.kernel)
        outputs = self.network.outputs(sums, 0, self.step_bits)
        features = rounded(outputs, OUTPUT_BITS - self.step_bits)
        return np.clip(features, 0, LARGEST_FEATURE << self.step_bits)
