"""Checks of what is probed: finite vectors that differ, labels of at least two classes."""

import numpy as np


def as_vectors(vectors: np.ndarray) -> np.ndarray:
    """Returns float64 (N, K) of numbers (N, ...).

    Raises:
        ValueError: fewer than two vectors, numbers that are not finite, or all vectors the same.
    """
    vectors = np.asarray(vectors)
    if vectors.ndim < 2 or len(vectors) < 2:
        raise ValueError(f"expected at least two vectors (N, K), received shape {vectors.shape}")
    vectors = vectors.reshape(len(vectors), -1).astype(np.float64)
    if not np.isfinite(vectors).all():
        bad = (~np.isfinite(vectors)).any(axis=1).sum()
        raise ValueError(f"{bad} of {len(vectors)} vectors have numbers that are not finite")
    if (vectors == vectors[0]).all():
        raise ValueError(f"all {len(vectors)} vectors are the same; expected vectors that differ")
    return vectors


def as_labels(labels: np.ndarray, number: int) -> np.ndarray:
    """Returns the labels as an array of `number` values.

    Raises:
        ValueError: not `number` labels, or all of one class.
    """
    labels = np.asarray(labels)
    if labels.shape != (number,) or number == 0:
        raise ValueError(f"expected {number} labels, a label a vector, received {labels.shape}")
    if (labels == labels[0]).all():
        raise ValueError(f"all labels are {labels[0].item()!r}; a score needs at least two classes")
    return labels
