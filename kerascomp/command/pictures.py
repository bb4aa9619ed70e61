"""Pictures: read one by one, nothing of them lost unasked, and written.

Headers say what a picture has that 8-bit gray or color has not: `check` looks at them alone.
"""

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from kerascomp.codecs.classical import PNG
from kerascomp.files import write_atomically

MODES = {1: "L", 3: "RGB"}  # Pillow's names for gray and color
LOSSLESS = {"1": "L", "L": "L", "P": "RGB", "RGB": "RGB"}
LOSSY = {"LA": "L", "PA": "RGB", "RGBA": "RGB", "CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB"}
DEEP_GRAY = ("I;16", "I;16B", "I;16L", "I;16N")
# Of these formats it is known what Pillow leaves out.
FORMATS = "PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF"
LONGEST_HEADER = 1 << 20  # bytes in which JPEG 2000 and AVIF say how many bits they have


class PictureError(ValueError):
    """A picture cannot be read, or not without losing something."""


class Reading(NamedTuple):
    """How pictures are read.

    Attributes:
        max_pixels: of a picture.
        convert: whether what 8-bit gray or color cannot hold is converted.
    """

    max_pixels: int
    convert: bool = False


def check_size(path: Path, num_pixels: int, max_pixels: int) -> None:
    """Raises a PictureError if a file claims more pixels than are allowed."""
    if num_pixels > max_pixels:
        raise PictureError(
            f"{path} has {num_pixels:,} pixels, expected at most {max_pixels:,}; --max-pixels "
            "raises the limit"
        )


def check(path: Path, reading: Reading) -> None:
    """Reads the header of a picture.

    Raises:
        PictureError: it cannot be read, or not without losing something.
        OSError: there is no such file.
    """
    with _opened(path, reading):
        pass


def read(path: Path, reading: Reading) -> tuple[np.ndarray, str]:
    """Returns (image, text): uint8 pixels (H, W, C) upright, and what was converted.

    Raises:
        PictureError: it cannot be read, or not without losing something.
        OSError: there is no such file.
    """
    with _opened(path, reading) as (picture, conversions):
        upright = ImageOps.exif_transpose(picture)
        pixels = _pixels(upright)
    text = f"{path}: {', '.join(conversions)}" if conversions else ""
    return (pixels[..., None] if pixels.ndim == 2 else pixels), text


def write(path: Path, image: np.ndarray) -> None:
    """Writes a uint8 image (H, W, C) as a PNG, whole or not at all."""
    write_atomically(path, PNG().encode(image[None])[0])


@contextlib.contextmanager
def _opened(path, reading) -> Iterator[tuple[Image.Image, list[str]]]:
    """Yields (picture, conversions) of a file."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # Pillow's own, of other words
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on metadata
            with Image.open(path, formats=FORMATS) as picture:
                check_size(path, picture.width * picture.height, reading.max_pixels)
                losses = _losses(picture, path)
                if losses and not reading.convert:
                    raise PictureError(
                        f"{path} has {' and '.join(losses)}; expected one frame in 8-bit gray or "
                        "color, which --convert makes of it"
                    )
                yield picture, [f"{what} {done}" for what, done in losses.items()]
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(
            f"{path} is no picture that can be read; expected {', '.join(FORMATS)}"
        ) from None
    except MemoryError:
        raise PictureError(f"{path} needs more memory than there is") from None
    except Exception as error:  # damaged bytes make Pillow raise a dozen kinds
        if isinstance(error, OSError) and error.filename is not None:
            raise  # no such file
        raise PictureError(f"{path} is damaged ({error})") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _losses(picture, path):
    """Returns {what 8-bit gray or color cannot hold of a picture: how it is converted}."""
    losses, mode = {}, picture.mode
    is_deep = mode in DEEP_GRAY
    if mode not in LOSSLESS | LOSSY and (not is_deep or picture.has_transparency_data):
        raise PictureError(f"{path} has mode {mode}; expected gray or color, convert it first")
    if (number := getattr(picture, "n_frames", 1)) > 1:
        losses[f"{number} frames"] = "became the first one"
    if picture.has_transparency_data:
        losses["transparency"] = "was replaced by white"
    elif mode in LOSSY:
        losses[f"mode {mode}"] = "became RGB"
    if (bits := 16 if is_deep else _bits(picture, path)) > 8:
        losses[f"{bits} bits"] = "became 8"
    if "icc_profile" in picture.info and not _is_srgb(picture.info["icc_profile"]):
        losses["a color profile"] = "became sRGB" if _to_srgb(picture) else "was ignored"
    return losses


def _pixels(picture):
    """Returns the uint8 pixels (H, W) or (H, W, 3) of a picture."""
    if picture.mode in DEEP_GRAY:
        return (np.asarray(picture) >> 8).astype(np.uint8)
    mode, transform = _target_mode(picture.mode), _to_srgb(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture).convert("RGB")
    if transform:
        picture = picture if picture.mode == transform.input_mode else picture.convert("RGB")
        picture = ImageCms.applyTransform(picture, transform)
    return np.asarray(picture.convert(mode))


def _target_mode(mode):
    """Returns the mode that pictures of a mode are converted to."""
    return (LOSSLESS | LOSSY).get(mode, "L")


def _to_srgb(picture):
    """Returns the transform from the color profile of a picture, None where it has no usable one.

    A profile called sRGB is what pictures without one have.
    """
    profile = picture.info.get("icc_profile")
    if not profile or _is_srgb(profile) or _target_mode(picture.mode) != "RGB":
        return None
    source = io.BytesIO(profile)
    try:
        mode = "CMYK" if picture.mode == "CMYK" else "RGB"
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except ImageCms.PyCMSError:
        return None


def _bits(picture, path):
    """Returns how many bits a channel has in the file, where Pillow keeps 8."""
    for tile in picture.tile:
        if re.search(r"\b(L|LA|RGB|RGBA|RGBX|CMYK);16", str(tile.args)):
            return 16
        if tile.codec_name.startswith("ppm"):  # its largest value
            return tile.args[-1].bit_length()
    if picture.format not in ("JPEG2000", "AVIF"):
        return 8
    with Path(path).open("rb") as file:
        header = file.read(LONGEST_HEADER)
    if match := re.search(rb"\xff\x4f\xff\x51.{36}(..)", header, re.DOTALL):
        depths = header[match.end() : match.end() + 3 * int.from_bytes(match[1], "big") : 3]
        return max(((depth & 0x7F) + 1 for depth in depths), default=8)
    match = re.search(rb"pixi.{4}(.)", header, re.DOTALL)
    return max(header[match.end() : match.end() + match[1][0]], default=8) if match else 8


def _is_srgb(profile):
    """Whether a color profile is the one that pictures without a profile have, by its name."""
    return b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile
