"""Codecs whose files are rows of integers under an entropy coder.

    images -> symbols, one row of K integers an image -> coder -> files

A transform code and a rounded autoencoder differ in where the integers come from, not in this.
"""

import abc
import copy
import struct
from typing import Any, Self

import numpy as np

from kerascomp.codecs.base import Codec, CodecError, check_batch, check_shape
from kerascomp.coders import StreamError

COUNT = struct.Struct(">I")  # the number of images, in front of a file of several


class RowCodec(Codec):
    """Images of one size to rows of integers and back; subclasses define both directions.

    Attributes:
        name, setting: see `Codec`.
        image_shape: (H, W, C).
        coder: has `encode_each` and `decode_each` (a stream for each row), and, if `joins_rows`,
            `encode` and `decode` for files of several images; see `coders`.
        images_per_file: how many images share one stream; `joined` changes it.
    """

    image_shape: tuple[int, int, int]
    coder: Any

    def joined(self, images_per_file: int) -> Self:
        """Returns the same codec with so many images in a file, which share one stream.

        Raises:
            ValueError: no such number, or the coder writes a stream for each image.
        """
        if images_per_file != int(images_per_file) or images_per_file < 1:
            raise ValueError(f"expected at least one image in a file, received {images_per_file}")
        if images_per_file > 1 and not self.coder.joins_rows:
            raise ValueError(
                f"{type(self.coder).__name__} writes a stream for each image; several images in a "
                "file need coders.Arithmetic"
            )
        codec = copy.copy(self)
        codec.images_per_file = int(images_per_file)
        return codec

    @abc.abstractmethod
    def to_symbols(self, images: np.ndarray) -> np.ndarray:
        """Returns the integers (N, K) of uint8 images (N, H, W, C)."""

    @abc.abstractmethod
    def to_images(self, symbols: np.ndarray) -> np.ndarray:
        """Returns the uint8 images (N, H, W, C) of integers (N, K)."""

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Returns what the files of uint8 images (N, H, W, C) decode to, without the coder."""
        return self.to_images(self.to_symbols(images))

    def estimated_bytes(self, files: list[bytes]) -> float:
        """Returns the ideal length of files of one image each, all together: an estimate."""
        return self.coder.estimated_bits(self.coder.decode_each(files)).sum() / 8

    def encode(self, images: np.ndarray) -> list[bytes]:
        """Returns one file for each image (or for each `images_per_file` images).

        Raises:
            ValueError: the images are not uint8, or not of this codec's size.
        """
        check_batch(images)
        check_shape(f"this {self.name} codec", images, self.image_shape)
        rows = self.to_symbols(images)
        if self.images_per_file == 1:
            return self.coder.encode_each(rows)
        starts = range(0, len(rows), self.images_per_file)
        groups = [rows[start : start + self.images_per_file] for start in starts]
        return [COUNT.pack(len(group)) + self.coder.encode(group) for group in groups]

    def decode(self, files: list[bytes]) -> np.ndarray:
        """Returns the uint8 images (N, H, W, C) of files that `encode` wrote.

        Raises:
            CodecError: a file is truncated or not of this codec, as far as one can tell. (An
                arithmetic coder's file of one image has nothing but its symbols: any bytes decode
                to some image. The container's checksum is for that.)
        """
        if not files:
            raise CodecError(f"{self.name} cannot decode: expected at least one file")
        try:
            if self.images_per_file == 1:
                return self.to_images(self.coder.decode_each(files))
            return self.to_images(np.concatenate([self._decode_group(file) for file in files]))
        except StreamError as error:
            raise CodecError(
                f"{self.name} cannot decode this file ({error}); it is truncated, or was not "
                "written by this codec"
            ) from None

    def _decode_group(self, file):
        num_images = COUNT.unpack_from(file)[0] if len(file) >= COUNT.size else 0
        if not 1 <= num_images <= self.images_per_file:
            raise StreamError(f"{len(file)} bytes that claim to be {num_images} images")
        return self.coder.decode(file[COUNT.size :], num_images)
