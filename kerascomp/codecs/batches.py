"""Batches of one size: networks always compute so many images at a time.

The last digit of a float may depend on how many are computed together, and a file must decode to
the same pixels in any company. (On another kind of processor a pixel may still differ by one gray
level; the integers are the same everywhere.)
"""

from collections.abc import Iterator

import numpy as np

BATCH_SIZE = 100


def batches(
    arrays: list[np.ndarray], size: int = BATCH_SIZE
) -> Iterator[tuple[list[np.ndarray], int]]:
    """Yields (slices, number): `size` rows of each array, of which `number` count.

    The last slices are filled up with copies of their last rows.

    Args:
        arrays: with the same number of rows.
        size: rows of a slice.
    """
    for start in range(0, len(arrays[0]), size):
        slices = [array[start : start + size] for array in arrays]
        missing = size - len(slices[0])
        filled = [
            np.pad(part, [(0, missing)] + [(0, 0)] * (part.ndim - 1), "edge") for part in slices
        ]
        yield filled, size - missing


def in_batches(network, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """Returns a network's outputs, a list of arrays, computed in batches of one size."""
    results = []
    for parts, number in batches(arrays):
        outputs = network(parts if len(parts) > 1 else parts[0], training=False)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        results.append([output.numpy()[:number] for output in outputs])
    return [np.concatenate(parts) for parts in zip(*results, strict=True)]
