"""Many images in one file: the strongest form of a classical codec on tiny images."""

import dataclasses
import struct

import numpy as np

from kerascomp.codecs.base import Codec, check_batch
from kerascomp.datasets import tile


@dataclasses.dataclass(frozen=True)
class Mosaic(Codec):
    """Many images side by side in one file: what a codec can do when headers are shared.

    Eight bytes in front of the file hold the number of images and their size.

    Args:
        codec: encodes the mosaic; any codec that takes images of any size.
        columns: images in a row.
        images_per_file: how many images go into one file.
    """

    codec: Codec
    columns: int = 32
    images_per_file: int = 1024

    @property
    def name(self):
        """The codec's name, marked."""
        return f"{self.codec.name}, mosaic"

    @property
    def setting(self):
        """The codec's setting."""
        return self.codec.setting

    @property
    def library(self):
        """The package that writes the mosaic."""
        return self.codec.library

    def encode(self, images: np.ndarray) -> list[bytes]:
        """Returns one file for every `images_per_file` images of (N, H, W, C)."""
        check_batch(images)
        starts = range(0, len(images), self.images_per_file)
        return [self._join(images[start : start + self.images_per_file]) for start in starts]

    def decode(self, files: list[bytes]) -> np.ndarray:
        """Returns the uint8 images (N, H, W, C) of files that `encode` wrote."""
        return np.concatenate([self._take_apart(file) for file in files])

    def _join(self, images):
        canvas = tile(images, self.columns, gap=0, background=0)
        return struct.pack(">IHH", *images.shape[:3]) + self.codec.encode(canvas[None])[0]

    def _take_apart(self, file):
        num_images, height, width = struct.unpack(">IHH", file[:8])
        canvas = self.codec.decode([file[8:]])[0]
        rows, channels = canvas.shape[0] // height, canvas.shape[-1]
        grid = canvas.reshape(rows, height, self.columns, width, channels).swapaxes(1, 2)
        return grid.reshape(-1, height, width, channels)[:num_images]
