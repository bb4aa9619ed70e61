"""What a data set is, and the only conversions between bytes and numbers."""

import dataclasses
import hashlib
from functools import cached_property
from typing import Any

import numpy as np

NUM_VALIDATION = 5000  # the last training images are the validation set, in every data set


@dataclasses.dataclass(frozen=True)
class Split:
    """Images and their labels.

    Attributes:
        images: uint8, shape (N, H, W, C); a list of (H, W, C) where each has its own size.
        labels: uint8, shape (N,).
    """

    images: Any
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    def head(self, limit: int | None) -> "Split":
        """Returns the first `limit` images; all of them when it is None."""
        return Split(self.images[:limit], self.labels[:limit])


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Three splits under one name.

    Attributes:
        name: as written on figures.
        train, validation, test: the `Split`s. Look at test once, at the end.
        class_names: one string for each label.
        is_stand_in: whether other images replace those that the loader is named for.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    class_names: tuple[str, ...]
    is_stand_in: bool = False

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(H, W, C)."""
        return self.train.images.shape[1:]

    @cached_property
    def digest(self) -> str:
        """Hex string that identifies the training and validation pixels and their order."""
        digest = hashlib.sha256()
        for split in (self.train, self.validation):
            digest.update(np.ascontiguousarray(split.images).data)
        return digest.hexdigest()

    def head(self, limit: int | None) -> "Dataset":
        """Returns the data set with at most `limit` images in each split (None: all)."""
        return dataclasses.replace(
            self,
            train=self.train.head(limit),
            validation=self.validation.head(limit),
            test=self.test.head(limit),
        )


def to_float(images: np.ndarray) -> np.ndarray:
    """Returns float32 pixels in [0, 1] from uint8 ones, same shape.

    Raises:
        ValueError: `images` is not uint8.

    Example:
        >>> to_float(np.array([0, 51, 255], np.uint8))
        array([0. , 0.2, 1. ], dtype=float32)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise ValueError(f"expected uint8 images, received {images.dtype}")
    return images.astype(np.float32) / np.float32(255)


def to_uint8(x: np.ndarray) -> np.ndarray:
    """Returns uint8 pixels, rounded and clipped, from float ones in [0, 1], same shape.

    Raises:
        ValueError: `x` is not floating point, or has values that are not finite.

    Example:
        >>> to_uint8(np.array([-0.1, 0.2, 1.0]))
        array([  0,  51, 255], dtype=uint8)
    """
    x = np.asarray(x)
    if not np.issubdtype(x.dtype, np.floating):
        raise ValueError(f"expected floating-point pixels in [0, 1], received {x.dtype}")
    if not np.isfinite(x).all():
        raise ValueError("expected finite pixels, received NaN or infinity")
    return np.rint(np.clip(x, 0, 1) * 255).astype(np.uint8)


def tile(images: np.ndarray, columns: int, *, gap: int = 2, background: int = 255) -> np.ndarray:
    """Returns one uint8 image of many, row by row.

    Args:
        images: uint8 (N, H, W, C); N need not fill the last row.
        columns: images in a row.
        gap: pixels between them.
        background: gray value of the gaps.

    Example:
        >>> tile(np.zeros((3, 28, 28, 1), np.uint8), columns=2).shape
        (58, 58, 1)
    """
    num_images, height, width, channels = images.shape
    rows = -(-num_images // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, channels)
    canvas = np.full(shape, background, np.uint8)
    for index, image in enumerate(images):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        canvas[top : top + height, left : left + width] = image
    return canvas


def split_off_validation(images: np.ndarray, labels: np.ndarray) -> tuple[Split, Split]:
    """Returns (train, validation): the last `NUM_VALIDATION` images are the validation set."""
    return (
        Split(images[:-NUM_VALIDATION], labels[:-NUM_VALIDATION]),
        Split(images[-NUM_VALIDATION:], labels[-NUM_VALIDATION:]),
    )
