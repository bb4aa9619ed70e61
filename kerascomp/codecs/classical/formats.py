"""The formats that Pillow writes: PNG, JPEG, JPEG 2000, WebP, AVIF; one small class each."""

import dataclasses
import io

import numpy as np
from PIL import Image

from kerascomp.codecs.classical.image_by_image import ImageByImage, WithQuality, with_channels


class PillowCodec(ImageByImage):
    """A format that Pillow writes; subclasses say which, and with what options."""

    format = ""

    def options(self, image):
        """Returns what Pillow's `save` needs for an image (H, W, C)."""
        return {}

    def encode_one(self, image):
        picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
        buffer = io.BytesIO()
        picture.save(buffer, self.format, **self.options(image))
        return buffer.getvalue()

    def decode_one(self, file):
        return with_channels(np.asarray(Image.open(io.BytesIO(file), formats=[self.format])))


class PNG(PillowCodec):
    """PNG: prediction from neighboring pixels, then deflate. Lossless."""

    name, format = "PNG", "PNG"

    def options(self, image):
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

    def options(self, image):
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

    def options(self, image):
        """Returns Pillow's options; small images have fewer wavelet levels."""
        levels = max(1, min(6, int(np.log2(min(image.shape[:2])))))
        return {
            "no_jp2": True, "irreversible": True, "num_resolutions": levels,
            "quality_mode": "dB", "quality_layers": [self.psnr_db],
        }  # fmt: skip


class GrayAsColor(PillowCodec):
    """A format without gray images: gray is written as three equal channels.

    One byte in front of the file says how many channels to give back.
    """

    def encode_one(self, image):
        color = np.broadcast_to(image, (*image.shape[:2], 3))
        buffer = io.BytesIO()
        Image.fromarray(color).save(buffer, self.format, **self.options(image))
        return bytes([image.shape[-1]]) + buffer.getvalue()

    def decode_one(self, file):
        picture = Image.open(io.BytesIO(file[1:]), formats=[self.format])
        return with_channels(np.asarray(picture.convert({1: "L", 3: "RGB"}[file[0]])))


@dataclasses.dataclass(frozen=True)
class WebP(WithQuality, GrayAsColor):
    """WebP: the key frames of VP8, with prediction between blocks and arithmetic coding.

    Args:
        quality: 0 to 100.
    """

    name, format = "WebP", "WEBP"

    def options(self, image):
        """Returns Pillow's options, for the smallest file."""
        return {"quality": self.quality, "method": 6}


class WebPLossless(GrayAsColor):
    """WebP without loss."""

    name, format = "WebP lossless", "WEBP"

    def options(self, image):
        """Returns Pillow's options, for the smallest file."""
        return {"lossless": True, "quality": 100, "method": 6}


@dataclasses.dataclass(frozen=True)
class AVIF(WithQuality, GrayAsColor):
    """AVIF: the key frames of AV1.

    Args:
        quality: 0 to 100.
    """

    name, format = "AVIF", "AVIF"

    def options(self, image):
        """Returns Pillow's options; gray images are stored without color planes."""
        subsampling = "4:0:0" if image.shape[-1] == 1 else "4:4:4"
        return {"quality": self.quality, "speed": 6, "subsampling": subsampling}
