"""The formats that Pillow writes: PNG, JPEG, JPEG 2000, WebP, AVIF; one small class each."""

import dataclasses
import io

import numpy as np
from PIL import Image

from kerascomp.codecs.classical.image_by_image import ImageByImage, WithQuality, with_channels


class PillowCodec(ImageByImage):
    """A format that Pillow writes; subclasses say which, and with what options.

    Attributes:
        format: as Pillow calls it.
        extra_bytes: what stands in front of the file that other programs read.
    """

    format, library, extra_bytes = "", "pillow", 0

    def options(self, image: np.ndarray) -> dict:
        """Returns what Pillow's `save` needs for an image (H, W, C)."""
        return {}

    def encode_one(self, image: np.ndarray) -> bytes:
        return self.written(image[..., 0] if image.shape[-1] == 1 else image, self.options(image))

    def written(self, pixels: np.ndarray, options: dict) -> bytes:
        """Returns the file that Pillow writes of pixels (H, W) or (H, W, 3)."""
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, self.format, **options)
        return buffer.getvalue()

    def decode_one(self, file: bytes) -> np.ndarray:
        return with_channels(np.asarray(Image.open(io.BytesIO(file), formats=[self.format])))


class PNG(PillowCodec):
    """PNG: prediction from neighboring pixels, then deflate. Lossless."""

    name, format = "PNG", "PNG"

    def options(self, image: np.ndarray) -> dict:
        return {"optimize": True}


@dataclasses.dataclass(frozen=True)
class JPEG(WithQuality, PillowCodec):
    """JPEG: 8×8 cosine transform, quantization, Huffman coding.

    Args:
        quality: 1 to 95.
        subsampling: of the color channels.
    """

    subsampling: str = "4:2:0"
    name, format, qualities = "JPEG", "JPEG", (1, 95)

    def options(self, image: np.ndarray) -> dict:
        """Returns Pillow's options; Huffman tables are made for each image."""
        color = {"subsampling": self.subsampling} if image.shape[-1] == 3 else {}
        return {"quality": self.quality, "optimize": True} | color


@dataclasses.dataclass(frozen=True)
class JPEG2000(PillowCodec):
    """JPEG 2000: wavelets and arithmetic coding of bit-planes; the codestream without a box.

    Args:
        psnr_db: the quality to reach, in dB.
    """

    psnr_db: float
    name, format = "JPEG 2000", "JPEG2000"

    @property
    def setting(self):
        """The target quality."""
        return f"{self.psnr_db:g} dB"

    def options(self, image: np.ndarray) -> dict:
        """Returns Pillow's options; small images have fewer wavelet levels.

        Colors are transformed to brightness and two differences, which halves the bytes of
        photographs; without being told, Pillow does not.
        """
        levels = max(1, min(6, int(np.log2(min(image.shape[:2])))))
        quality = {"irreversible": True, "quality_mode": "dB", "quality_layers": [self.psnr_db]}
        color = {"mct": int(image.shape[-1] == 3)}
        return {"no_jp2": True, "num_resolutions": levels} | quality | color


class GrayAsColor(PillowCodec):
    """A format without gray images: gray is written as three equal channels.

    One byte in front of the file says how many channels to give back.
    """

    extra_bytes = 1

    def encode_one(self, image: np.ndarray) -> bytes:
        color = np.broadcast_to(image, (*image.shape[:2], 3))
        return bytes([image.shape[-1]]) + self.written(color, self.options(image))

    def decode_one(self, file: bytes) -> np.ndarray:
        picture = Image.open(io.BytesIO(file[1:]), formats=[self.format])
        return with_channels(np.asarray(picture.convert({1: "L", 3: "RGB"}[file[0]])))


@dataclasses.dataclass(frozen=True)
class WebP(WithQuality, GrayAsColor):
    """WebP: the key frames of VP8, with prediction between blocks and arithmetic coding.

    Args:
        quality: 0 to 100.
    """

    name, format = "WebP", "WEBP"

    def options(self, image: np.ndarray) -> dict:
        """Returns Pillow's options, for the smallest file."""
        return {"quality": self.quality, "method": 6}


class WebPLossless(GrayAsColor):
    """WebP without loss."""

    name, format = "WebP lossless", "WEBP"

    def options(self, image: np.ndarray) -> dict:
        """Returns Pillow's options, for the smallest file."""
        return {"lossless": True, "quality": 100, "method": 6}


@dataclasses.dataclass(frozen=True)
class AVIF(WithQuality, GrayAsColor):
    """AVIF: the key frames of AV1.

    Args:
        quality: 0 to 100.
    """

    name, format = "AVIF", "AVIF"

    def options(self, image: np.ndarray) -> dict:
        """Returns Pillow's options; gray images are stored without color planes."""
        subsampling = "4:0:0" if image.shape[-1] == 1 else "4:4:4"
        return {"quality": self.quality, "speed": 6, "subsampling": subsampling}
