"""What all classical codecs share: one image at a time, on all cores, with clear errors."""

import abc
import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kerascomp.codecs.base import Codec, CodecError, check_batch


class ImageByImage(Codec):
    """A codec that treats each image by itself, on all cores; subclasses encode and decode one."""

    @abc.abstractmethod
    def encode_one(self, image: np.ndarray) -> bytes:
        """Returns the file of a uint8 image (H, W, C)."""

    @abc.abstractmethod
    def decode_one(self, file: bytes) -> np.ndarray:
        """Returns the uint8 image (H, W, C) of a file."""

    def encode(self, images: np.ndarray) -> list[bytes]:
        check_batch(images)
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self.encode_one, images))

    def decode(self, files: list[bytes]) -> np.ndarray:
        """Returns the uint8 images (N, H, W, C) of files that `encode` wrote.

        Raises:
            CodecError: a file is truncated or of another format.
        """
        with ThreadPoolExecutor() as pool:
            return np.stack(list(pool.map(self._decode_checked, files)))

    def _decode_checked(self, file):
        try:
            return self.decode_one(file)
        except Exception as error:  # each library has its own kinds
            raise CodecError(
                f"{self.name} cannot decode this file of {len(file)} bytes ({error}); it is "
                "truncated, or was not written by this codec"
            ) from error


@dataclasses.dataclass(frozen=True)
class WithQuality(ImageByImage):
    """A lossy codec whose setting is a quality.

    Args:
        quality: within `qualities`, of which the subclass may have its own.
    """

    quality: int
    qualities = (0, 100)

    def __post_init__(self):
        low, high = self.qualities
        if not low <= self.quality <= high:
            raise ValueError(
                f"{self.name} takes qualities {low} to {high}, received {self.quality}"
            )

    @property
    def setting(self):
        """The quality."""
        return f"quality {self.quality}"


def with_channels(pixels: np.ndarray) -> np.ndarray:
    """Returns an array (H, W, C) of pixels that may come without channels."""
    return pixels[..., None] if pixels.ndim == 2 else pixels
