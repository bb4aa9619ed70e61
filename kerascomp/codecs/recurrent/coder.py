"""Arithmetic coding of bit-planes under the context model, so that a file may be cut anywhere.

    number of planes (4 bits) · plane 1 · plane 2 · …      one stream for each image

A plane is there if no continuation of the file could change one of its bits. So the decoder of a
cut file knows by itself how many planes it has, and a file spends nothing on saying it.
"""

import numpy as np

from kerascomp.codecs.recurrent.integers import BitTables
from kerascomp.codecs.recurrent.model import MAX_ITERATIONS
from kerascomp.coders import StreamError
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder


class PlaneCoder:
    """Codes bit-planes of many images in lockstep.

    Args:
        context: `integers.IntegerContext`.
    """

    def __init__(self, context):
        self.context = context

    def encode(self, planes, counts):
        """Returns a list of bytes, a file for each image.

        Args:
            planes: integers (N, T, h, w, K) of -1 and +1, T at most 16.
            counts: how many planes of each image to write, integers (N,) from 1 to T.
        """
        encoder = LockstepEncoder(len(planes))
        encoder.encode(counts - 1, np.ones_like(counts), MAX_ITERATIONS)
        past = self.context.nothing(planes[:, 0].shape)
        for iteration in range(counts.max(initial=0)):
            plane = planes[:, iteration].astype(np.int64)
            here = np.flatnonzero(counts > iteration)
            for mask, tables in self._groups(plane, past, iteration):
                starts, sizes = tables.parts_of(plane[:, mask] > 0)
                for start, size in zip(starts[here].T, sizes[here].T, strict=True):
                    encoder.encode(start, size, BitTables.total, streams=here)
            past = self.context.after(plane, past)
        return encoder.finish_decided()

    def decode(self, files, shape):
        """Returns (planes, found, counts): what is there, and how much of it.

        Args:
            files: list of bytes that `encode` wrote, or the beginnings of such.
            shape: (h, w, K) of a plane.

        Returns:
            planes: int8 (N, T, h, w, K) of -1 and +1; T is the largest of `found`.
            found: how many planes each file has, integers (N,).
            counts: how many it had before it was cut.

        Raises:
            StreamError: a file has not even one plane. (Bytes behind the last plane are ignored.)
        """
        decoder = LockstepDecoder(files)
        counts = decoder.decode(_Uniform()) + 1
        found = np.zeros(len(files), np.int64)
        here = np.flatnonzero(decoder.decided())
        past = self.context.nothing((len(files), *shape))
        planes = []
        for iteration in range(MAX_ITERATIONS):
            here = here[counts[here] > iteration]
            plane = np.zeros((len(files), *shape), np.int64)
            if len(here):
                for mask, tables in self._groups(plane, past, iteration):
                    plane[:, mask] = self._decoded(decoder, tables, plane[:, mask].shape, here)
            here = here[decoder.decided()[here]]
            if not len(here):
                break
            found[here] += 1
            planes.append(plane.astype(np.int8))
            past = self.context.after(plane, past)
        if not found.all():
            raise StreamError(f"{(found == 0).sum()} of {len(files)} files have no whole plane")
        return np.stack(planes, axis=1), found, counts

    def estimated_bits(self, planes):
        """Returns the ideal code lengths of planes (N, T, h, w, K), a float array of that shape.

        They are what the context model says, not what was written.
        """
        bits = np.empty(planes.shape)
        past = self.context.nothing(planes[:, 0].shape)
        for iteration in range(planes.shape[1]):
            plane = planes[:, iteration].astype(np.int64)
            for mask, tables in self._groups(plane, past, iteration):
                _, sizes = tables.parts_of(plane[:, mask] > 0)
                bits[:, iteration, mask] = np.log2(BitTables.total / sizes)
            past = self.context.after(plane, past)
        return bits

    def _groups(self, plane, past, iteration):
        """Yields (mask, tables) of each group; a decoder fills `plane` between two of them."""
        for group, mask in enumerate(self.context.plan(plane.shape[1:3]).masks):
            yield mask, self.context.tables(group, plane, past, iteration)

    def _decoded(self, decoder, tables, shape, here):
        """Returns the bits of a group, -1 and +1, of a shape (N, M); 0 in images not `here`."""
        bits = np.zeros(shape, np.int64)
        part = tables.of(here)
        for index in range(shape[1]):
            bits[here, index] = 2 * decoder.decode(part.column(index), streams=here) - 1
        return bits


class _Uniform:
    """The table of the number of planes: all are equally likely."""

    total = MAX_ITERATIONS

    def symbols_at(self, positions):
        return positions

    def parts_of(self, symbols):
        return symbols, np.ones_like(symbols)
