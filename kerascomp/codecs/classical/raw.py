"""Raw pixels through the compressors that every operating system has."""

import bz2
import dataclasses
import lzma
import struct
import zlib

import numpy as np

from kerascomp.codecs.classical.image_by_image import ImageByImage

# The smallest files; the dictionary need not be larger than an image.
LZMA_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 20}]
COMPRESSORS = {
    "deflate": (
        lambda data: zlib.compress(data, 9, wbits=-15),
        lambda data: zlib.decompress(data, wbits=-15),
    ),
    "bzip2": (bz2.compress, bz2.decompress),
    "LZMA": (
        lambda data: lzma.compress(data, lzma.FORMAT_RAW, filters=LZMA_FILTERS),
        lambda data: lzma.decompress(data, lzma.FORMAT_RAW, filters=LZMA_FILTERS),
    ),
}


@dataclasses.dataclass(frozen=True)
class Raw(ImageByImage):
    """Raw pixels through a general-purpose compressor; five bytes in front hold the shape.

    Args:
        name: one of "deflate", "bzip2", "LZMA".
    """

    name: str

    def __post_init__(self):
        if self.name not in COMPRESSORS:
            raise ValueError(f"no compressor {self.name!r}; there are {', '.join(COMPRESSORS)}")

    def encode_one(self, image: np.ndarray) -> bytes:
        return struct.pack(">HHB", *image.shape) + COMPRESSORS[self.name][0](image.tobytes())

    def decode_one(self, file: bytes) -> np.ndarray:
        pixels = COMPRESSORS[self.name][1](file[5:])
        return np.frombuffer(pixels, np.uint8).reshape(struct.unpack(">HHB", file[:5]))
