"""Lanes: several streams in one file, so that many images are coded in lockstep.

number of lanes (2 bytes) · their lengths (4 bytes each) · the streams
"""

import struct
from collections.abc import Sequence

import numpy as np

from kerascomp.coders.base import StreamError

BYTES_PER_LANE = 1000
NUMBER = struct.Struct(">H")
LENGTH = struct.Struct(">I")

Turn = tuple[slice | np.ndarray, slice | np.ndarray]  # images, and the streams they are in
EACH: Sequence[Turn] = ((slice(None), slice(None)),)  # images with a stream each


def number_for(num_bytes: float, num_images: int) -> int:
    """Returns how many lanes a file of about so many bytes gets."""
    return int(np.clip(num_bytes / BYTES_PER_LANE, 1, min(num_images, 2**16 - 1)))


def turns(num_images: int, num_lanes: int) -> list[tuple[slice, slice]]:
    """Returns tuples (images, lanes): image i is in lane i modulo their number."""
    starts = range(0, num_images, num_lanes)
    parts = [slice(start, min(start + num_lanes, num_images)) for start in starts]
    return [(part, slice(part.stop - part.start)) for part in parts]


def joined(streams: list[bytes]) -> bytes:
    """Returns the bytes of a file with several lanes."""
    lengths = b"".join(LENGTH.pack(len(stream)) for stream in streams)
    return NUMBER.pack(len(streams)) + lengths + b"".join(streams)


def split(data: bytes) -> list[bytes]:
    """Returns the streams of a file's lanes.

    Raises:
        StreamError: the file is truncated, or too long.
    """
    number = NUMBER.unpack_from(data)[0] if len(data) >= NUMBER.size else 0
    end = NUMBER.size + number * LENGTH.size
    if not number or len(data) < end:
        raise StreamError(f"{len(data)} bytes that claim to have {number} lanes")
    lengths = [length for (length,) in LENGTH.iter_unpack(data[NUMBER.size : end])]
    if len(data) != end + sum(lengths):
        raise StreamError(f"expected {end + sum(lengths)} bytes, received {len(data)}")
    stops = (end + np.cumsum(lengths)).tolist()
    return [data[stop - length : stop] for stop, length in zip(stops, lengths, strict=True)]
