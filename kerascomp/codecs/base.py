"""Everything is a codec: what a caller may ask of any of them.

    files = codec.encode(images)     one independent byte string for each image
    images = codec.decode(files)     the same shape and dtype as went in

A codec with several rates gives others of itself: `at` (a quality, a number of iterations),
`at_bytes` (a size), and one for images of any size gives `for_shape`. One whose encoder may
search for better files gives `with_effort`.
"""

import abc
import bisect
import contextlib
import functools
from collections.abc import Sequence
from typing import Any, Self

import numpy as np


class CodecError(ValueError):
    """A codec did not give back what it was given."""


class Codec(abc.ABC):
    """Images to files and back; subclasses define `name`, `encode` and `decode`.

    Attributes:
        name: as written on plots, without its setting.
        setting: what makes this one of a family, such as "quality 10"; "" if there is nothing.
        image_shape: (H, W, C) of its images; None for any.
        images_per_file: 1, unless it joins several images into one file.
        is_progressive: whether a file that was cut decodes to a coarser image.
        rate_options: arguments of `at`, of which one is given; () for a codec of one rate.
        has_efforts: whether its encoder may search for better files, see `with_effort`.
        level: the rate as an integer, which a decoder must know; None if a file says it itself.
        library: the package that writes its files, if another release may write other bytes.
    """

    name: str
    setting: str = ""
    image_shape: tuple[int, int, int] | None = None
    images_per_file: int = 1
    is_progressive: bool = False
    rate_options: tuple[str, ...] = ()
    has_efforts: bool = False
    level: int | None = None
    library: str = ""

    @abc.abstractmethod
    def encode(self, images: np.ndarray) -> list[bytes]:
        """Returns one byte string for each uint8 image of (N, H, W, C), C being 1 or 3."""

    @abc.abstractmethod
    def decode(self, files: list[bytes]) -> np.ndarray:
        """Returns the uint8 images (N, H, W, C) of byte strings that `encode` wrote."""

    def decode_beginnings(self, files: list[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns (images, present, written): parts of each file there are, and once were, (N,).

        A file has a single part, unless the codec is progressive.
        """
        one = np.ones(len(files), int)
        return self.decode(files), one, one

    def estimated_bytes(self, files: list[bytes]) -> float:
        """Returns how long files would be with an ideal coder, all together; here, as they are."""
        return float(sum(map(len, files)))

    def tables(self) -> dict[str, np.ndarray]:
        """Returns {name: integer array}, what is stored with a network's weights: here, nothing."""
        return {}

    def at(self, **rate: float) -> Self:
        """Returns the same codec at another rate, chosen by one of `rate_options`.

        Raises:
            ValueError: this codec has one rate only.
        """
        raise ValueError(f"{self.name} has one rate only, received {rate}")

    def at_level(self, level: int) -> Self:
        """Returns the same codec at another level.

        Raises:
            ValueError: its files say themselves how they were written.
        """
        raise ValueError(f"{self.name} has no levels, received {level}")

    def family(self) -> "list[Codec]":
        """Returns this codec at all its rates, from small files to large ones."""
        return [self]

    def at_bytes(self, images: np.ndarray, target_bytes: float) -> "tuple[Codec, float]":
        """Returns (codec, its mean bytes an image): this one at the rate nearest to a size.

        Args:
            images: uint8, shape (N, H, W, C).
            target_bytes: mean bytes of their files. Whoever needs the target checks that the
                result is near enough: beyond the ends of the scale it is not.
        """
        return nearest_in_bytes(self.family(), images, target_bytes)

    def with_effort(self, effort: int) -> "Codec":
        """Returns the same codec, which spends so many steps on each image at encoding.

        Its files are decoded by this codec as before.

        Args:
            effort: steps; 0 gives the codec itself.

        Raises:
            ValueError: the number is negative, or this codec has one effort only.
        """
        if effort:
            raise ValueError(f"{self.name} has one effort only, received {effort}")
        return self

    def for_shape(self, image_shape: Sequence[int]) -> Self:
        """Returns the same codec for images of another shape (H, W, C).

        Raises:
            ValueError: it does not take such images.
        """
        if self.image_shape not in (None, tuple(image_shape)):
            raise ValueError(
                f"{self.name} takes images of {self.image_shape}, received {tuple(image_shape)}"
            )
        return self


def nearest_in_bytes(
    family: Sequence[Codec], images: np.ndarray, target_bytes: float
) -> tuple[Codec, float]:
    """Returns the codec of a family whose files have the mean size nearest to a target.

    Args:
        family: `Codec`s from small files to large ones.
        images: uint8, shape (N, H, W, C).
        target_bytes: for one image.

    Returns:
        (codec, its mean bytes for an image). Whoever compares codecs at equal bytes checks that
        this is near enough.

    Raises:
        ValueError: an empty family, or no such images.
    """
    check_batch(images)
    if not family:
        raise ValueError("expected a family of at least one codec, received none")

    @functools.cache
    def mean_bytes(index: int) -> float:
        return sum(map(len, family[index].encode(images))) / len(images)

    above = bisect.bisect_left(range(len(family)), target_bytes, key=mean_bytes)
    candidates = [index for index in (above - 1, above) if 0 <= index < len(family)]
    best = min(candidates, key=lambda index: abs(mean_bytes(index) - target_bytes))
    return family[best], mean_bytes(best)


def check_batch(images: Any) -> None:
    """Raises a ValueError unless `images` are uint8 of shape (N, H, W, 1 or 3), N at least 1."""
    is_batch = isinstance(images, np.ndarray) and images.dtype == np.uint8 and images.ndim == 4
    if not is_batch or images.shape[-1] not in (1, 3) or len(images) == 0:
        raise ValueError(
            "expected uint8 images of shape (N, H, W, 1 or 3), at least one, received "
            f"{described(images)}"
        )


def check_shape(name: str, images: np.ndarray, image_shape: Sequence[int]) -> None:
    """Raises a ValueError unless `images` are of `image_shape`, (H, W, C)."""
    if images.shape[1:] != tuple(image_shape):
        raise ValueError(
            f"{name} takes images of {tuple(image_shape)}, received {images.shape[1:]}"
        )


def described(images: Any) -> str:
    """Returns what images were received, for an error message: dtype (or type) and shape."""
    kind = images.dtype if isinstance(images, np.ndarray) else type(images).__name__
    with contextlib.suppress(ValueError):  # a list of images of several sizes has no shape
        return f"{kind} {np.shape(images)}"
    return kind
