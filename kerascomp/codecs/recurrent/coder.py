"""Arithmetic coding of bit-planes under the context model, so that a file may be cut anywhere.

    number of planes (4 bits) · plane 1 · plane 2 · …      one stream for each image

A plane is there if no continuation of the file could change one of its bits. So the decoder of a
cut file knows by itself how many planes it has, and a file spends nothing on saying it.
"""

from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from kerascomp.codecs import progress
from kerascomp.codecs.context import coder
from kerascomp.codecs.context.integers import Groups, IntegerContext
from kerascomp.codecs.recurrent.context import HISTORY_BITS, MAX_ITERATIONS, SIDE
from kerascomp.coders import StreamError
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder
from kerascomp.coders.tables import FrequencyTable

COUNTS = FrequencyTable(np.ones(MAX_ITERATIONS))  # all numbers of planes are equally likely


class PlaneCoder:
    """Codes bit-planes of many images in lockstep, under a `Context` in integers."""

    def __init__(self, context: IntegerContext):
        self.context = context

    def encode(self, planes: np.ndarray, counts: np.ndarray) -> list[bytes]:
        """Returns a file for each image.

        Args:
            planes: integers (N, T, h, w, K) of -1 and +1, T at most 16.
            counts: how many planes of each image to write, integers (N,) from 1 to T.
        """
        encoder = LockstepEncoder(len(planes))
        encoder.encode(*COUNTS.parts_of(counts - 1), COUNTS.total)
        for iteration, intervals in enumerate(self._intervals(planes[:, : counts.max(initial=0)])):
            here = np.flatnonzero(counts > iteration)
            coder.write(encoder, intervals, [(here, here)])
        return encoder.finish_decided()

    def decode(
        self, files: list[bytes], shape: tuple[int, int, int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns (planes, present, written): what is there, and how much of it.

        Args:
            files: what `encode` wrote, or the beginnings of such.
            shape: (h, w, K) of a plane.

        Returns:
            planes: int8 (N, T, h, w, K) of -1 and +1; T is the largest of `present`.
            present: how many planes each file has, integers (N,).
            written: how many it had before it was cut.

        Raises:
            StreamError: a file has not even one plane. (Bytes behind the last plane are ignored.)
        """
        decoder, planes = LockstepDecoder(files), []
        written = decoder.decode(COUNTS) + 1
        present, here = np.zeros(len(files), np.int64), np.flatnonzero(decoder.decided())
        past = Past(self.context, (len(files), *shape))
        for iteration, bar in self._watched("decoding", written.max(initial=0), past.shape):
            here = here[written[here] > iteration]
            plane = np.zeros(past.shape, np.int64)
            groups = _while_there(decoder, here, past.groups(plane, iteration, bar))
            coder.read(decoder, groups, plane, [(here, here)])
            here = here[decoder.decided()[here]]
            if not len(here):
                break
            present[here] += 1
            planes.append(plane.astype(np.int8))
            past.add(plane)
        if not present.all():
            raise StreamError(f"{(present == 0).sum()} of {len(files)} files have no whole plane")
        return np.stack(planes, axis=1), present, written

    def estimated_bits(self, planes: np.ndarray) -> np.ndarray:
        """Returns the ideal code lengths of planes (N, T, h, w, K) in bits, float of that shape."""
        shape = planes[:, 0].shape
        bits = [coder.ideal_bits(intervals, shape) for intervals in self._intervals(planes)]
        return np.stack(bits, axis=1)

    def _intervals(self, planes) -> Iterator[coder.Intervals]:
        """Yields the intervals of one plane of (N, T, h, w, K) after the other."""
        past = Past(self.context, planes[:, 0].shape)
        for iteration, bar in self._watched("encoding", planes.shape[1], past.shape):
            plane = planes[:, iteration].astype(np.int64)
            yield coder.intervals(past.groups(plane, iteration, bar), plane)
            past.add(plane)

    def _watched(self, description, num_planes, shape) -> Iterator[tuple[int, tqdm]]:
        """Yields (iteration, bar) of each plane (N, h, w, K); the bar counts parts of groups."""
        num_parts = len(self.context.plan.groups) * len(self.context.bands(shape))
        with progress.bar(
            num_planes * num_parts, description, SIDE**2 * shape[1] * shape[2]
        ) as bar:
            for iteration in range(num_planes):
                yield iteration, bar


def _while_there(decoder, streams, groups: Groups) -> Groups:
    """Yields groups as long as one of the streams has not run out."""
    for group in groups:
        if decoder.exhausted()[streams].all():
            return
        yield group


class Past:
    """The planes before one, (N, h, w, K), as the networks of all its groups see them."""

    def __init__(self, context: IntegerContext, shape: tuple[int, ...]):
        self.shape, self._context = shape, context
        self._last, self._history = np.zeros((2, *shape), np.int64)

    def groups(self, plane: np.ndarray, iteration: int, bar: tqdm | None = None) -> Groups:
        """Yields (mask, tables) of the groups of a plane; see `IntegerContext.groups`."""
        sums = None
        if iteration:
            past = np.concatenate([self._last, self._history], axis=3)
            sums = self._context.past_sums(past)
        for group in self._context.groups(plane, iteration, sums):
            yield group
            if bar is not None:
                bar.update()

    def add(self, plane: np.ndarray) -> None:
        """Adds a plane of -1 and +1, integers."""
        self._last = plane << HISTORY_BITS
        self._history = (self._history + self._last) >> 1
