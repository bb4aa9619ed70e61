"""Arithmetic coding of large pictures: the latents of one picture are coded side by side.

number of slices (1 byte) · lanes

The latents of a group do not depend on each other, so they take turns in several streams, as images
do in `coder`. Slices of channels that are zero everywhere at the end are left out.
"""

import numpy as np

from kerascomp.codecs import progress
from kerascomp.codecs.context.coder import ContextCoder, intervals, write
from kerascomp.codecs.context.integers import Groups, IntegerContext
from kerascomp.codecs.context.tables import TOTAL
from kerascomp.coders import StreamError, lanes
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder


class PictureCoder(ContextCoder):
    """Codes rows of integers, a large picture each, as `ContextCoder` codes many small ones."""

    def encode_each(self, rows: np.ndarray) -> list[bytes]:
        return [self._encoded(symbols[None]) for symbols in self._symbols(rows)]

    def decode_each(self, files: list[bytes]) -> np.ndarray:
        """Returns the rows (N, K) of files that `encode_each` wrote.

        Raises:
            StreamError: a file is truncated, or none of these.
        """
        return np.stack([self._decoded(file) for file in files])

    def _encoded(self, symbols):
        """Returns the file of a picture (1, h, w, K)."""
        last = int(symbols.any(axis=(0, 1, 2)).nonzero()[0].max(initial=-1))
        ends = np.cumsum(self.context.plan.slices)
        number = int(np.searchsorted(ends, last, side="right")) + 1 if last >= 0 else 0
        head = bytes([number])
        if not number:
            return head
        symbols = symbols[..., : ends[number - 1]]
        context = self.context.first(symbols.shape[3])
        groups = self._watched("encoding", context, symbols)
        coded = [  # half as many bytes: they are all there at once
            (starts.T.astype(np.int32), sizes.T.astype(np.int32))
            for _, starts, sizes in intervals(groups, symbols)
        ]
        bits = sum(np.log2(TOTAL / sizes).sum() for _, sizes in coded)
        num_lanes = lanes.number_for(bits / 8, symbols[0, ..., 0].size)
        encoder = LockstepEncoder(num_lanes)
        for starts, sizes in coded:
            write(encoder, [(None, starts, sizes)], lanes.turns(len(starts), num_lanes))
        return head + lanes.joined(encoder.finish())

    def _decoded(self, file):
        """Returns the row (K,) of a file."""
        plan, symbols = self.context.plan, np.zeros((1, *self.latent_shape), np.int64)
        if not file or file[0] > len(plan.slices):
            raise StreamError(f"{len(file)} bytes that do not begin with a number of slices")
        if number := file[0]:
            context = self.context.first(sum(plan.slices[:number]))
            streams = lanes.split(file[1:])
            decoder, coded = LockstepDecoder(streams), symbols[..., : context.plan.num_channels]
            for mask, tables in self._watched("decoding", context, coded):
                tables = tables.turned()
                column = np.zeros(mask.sum(), np.int64)
                for places, lane in lanes.turns(len(column), len(streams)):
                    column[places] = decoder.decode(tables[places][:, 0], streams=lane)
                coded[0, mask] = column
        return symbols.reshape(-1)

    def _watched(self, description, context: IntegerContext, symbols) -> Groups:
        """Yields the groups of a picture (1, h, w, K), with a progress bar if it is large."""
        parts = len(context.plan.groups) * len(context.bands(symbols.shape))
        pixels = progress.PIXELS_OF_A_PLACE * symbols[..., 0].size
        with progress.bar(parts, description, pixels) as bar:
            for group in context.groups(symbols, self.level):
                yield group
                bar.update()
