"""The networks of one picture as bytes: integers, in steps that are powers of two.

    for each of both networks: binary places (1 byte), scale (1 byte); then their weights

The weights of a network follow a logistic distribution around zero; its scale is sent.
"""

from collections.abc import Sequence

import numpy as np

from kerascomp.codecs.context.integers import WEIGHT_BITS, IntegerNetwork
from kerascomp.codecs.context.tables import HIGHEST, OUTPUT_BITS, STEP_BITS, TOTAL, MixtureTables
from kerascomp.coders import StreamError
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder

SCALES_PER_E = 8  # how finely scales are told apart
LARGEST_SCALE = 6 * SCALES_PER_E  # from 1 to e⁶
HEAD = 2  # bytes of a network

Weights = dict[str, np.ndarray]


def rounded(weights: Weights, places: int) -> Weights | None:
    """Returns weights as integers with so many binary places, None if one is too large."""
    integers = {name: np.rint(w * 2.0**places).astype(np.int64) for name, w in weights.items()}
    largest = max(int(np.abs(w).max()) for w in integers.values())
    return integers if largest <= HIGHEST else None


def exact(integers: Weights, places: int) -> Weights:
    """Returns the float32 weights of integers with so many binary places."""
    return {name: (w * 2.0**-places).astype(np.float32) for name, w in integers.items()}


def encoded(networks: Sequence[tuple[Weights, int]]) -> bytes:
    """Returns the bytes of networks, (integers, binary places) each."""
    head, encoder = b"", LockstepEncoder(1)
    for integers, places in networks:
        symbols = np.concatenate([w.ravel() for w in integers.values()])[:, None]
        scales = range(-LARGEST_SCALE // 3, LARGEST_SCALE)
        sizes = [_tables(scale, len(symbols)).parts_of(symbols)[1] for scale in scales]
        scale = scales[int(np.argmin([np.log2(TOTAL / size).sum() for size in sizes]))]
        head += bytes([places, scale % 256])
        for start, size in zip(*_tables(scale, len(symbols)).parts_of(symbols), strict=True):
            encoder.encode(start, size, TOTAL)
    return head + encoder.finish()[0]


def decoded(data: bytes, shapes: Sequence[dict[str, tuple]]) -> list[tuple[Weights, int]]:
    """Returns the networks, (integers, binary places) each, of bytes that `encoded` returned.

    Args:
        data: the bytes.
        shapes: {name: shape} of the weights of each network.

    Raises:
        StreamError: no such bytes.
    """
    end, networks = HEAD * len(shapes), []
    if len(data) < end:
        raise StreamError(f"{len(data)} bytes that claim to be {len(shapes)} networks")
    decoder = LockstepDecoder([data[end:]])
    for index, names in enumerate(shapes):
        places, scale = data[HEAD * index : HEAD * (index + 1)]
        if places > WEIGHT_BITS:
            raise StreamError(f"weights of {places} binary places, expected at most {WEIGHT_BITS}")
        integers = {}
        for name, shape in names.items():
            table = _tables((scale + 128) % 256 - 128, 1)
            symbols = [decoder.decode(table[:, 0])[0] for _ in range(int(np.prod(shape)))]
            integers[name] = np.array(symbols).reshape(shape)
        networks.append((integers, places))
    return networks


def context_in_integers(integers: Weights, places: int) -> IntegerNetwork:
    """Returns the context network in fixed point, exactly what its weights say."""
    matrices = [integers[f"context{index}"] << WEIGHT_BITS - places for index in range(3)]
    biases = [integers[f"context{index}_bias"] for index in range(3)]
    shifts = WEIGHT_BITS - places, OUTPUT_BITS - places, OUTPUT_BITS - places
    biases = [np.atleast_2d(b << shift) for b, shift in zip(biases, shifts, strict=True)]
    biases[1:] = [np.repeat(b, len(biases[0]), axis=0) for b in biases[1:]]  # for every grid
    first, *others = (matrix.astype(float) for matrix in matrices)
    network = IntegerNetwork(first, np.zeros((0, first.shape[1])), others, biases)
    network.check_range(np.abs(first).sum(axis=0) * MixtureTables.largest, 0, "all grids")
    return network


def _tables(scale, number):
    """Returns the tables (number, 1) of a logistic distribution around zero."""
    log_scale = (scale << OUTPUT_BITS) // SCALES_PER_E
    outputs = np.broadcast_to([0, log_scale, 0], (number, 1, 3))
    return MixtureTables(outputs, np.array([1 << STEP_BITS]))
