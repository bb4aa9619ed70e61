"""Pictures: read one by one, nothing of them lost unasked, and written.

Headers say what a picture has that 8-bit gray or color has not: `check` looks at them alone.
"""

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from kerascomp.codecs.classical import PNG
from kerascomp.command import conversions
from kerascomp.command.conversions import PictureError, Reading
from kerascomp.files import write_atomically

MODES = {1: "L", 3: "RGB"}  # Pillow's names for gray and color
# Of these formats it is known what Pillow leaves out.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF")
HEIF_SUFFIXES, HEIF_BRANDS = {".heic", ".heif"}, (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
TAGS = ExifTags.Base
PERSONAL = {TAGS.ImageDescription, TAGS.Make, TAGS.Model, TAGS.DateTime, TAGS.Artist}
PERSONAL |= {TAGS.Copyright, TAGS.ExifOffset, TAGS.GPSInfo}
TEXTS = {"xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Comment", "Description", "Author"}


class Picture(NamedTuple):
    """What was read.

    Attributes:
        pixels: uint8 (H, W, C), upright, C being 1 or 3.
        changes: what else was converted or left out, as text; "" if nothing.
        has_metadata: whether the file says more, such as when and where it was taken.
    """

    pixels: np.ndarray
    changes: str
    has_metadata: bool


def suffixes() -> set[str]:
    """Returns how the names of pictures end, ".png" and others."""
    known = Image.registered_extensions().items()
    return HEIF_SUFFIXES | {suffix for suffix, name in known if name in FORMATS}


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


def read(path: Path, reading: Reading) -> Picture:
    """Returns the `Picture` in a file.

    Raises:
        PictureError: it cannot be read, or not without losing something, or it changes meanwhile.
        OSError: there is no such file.
    """
    with _opened(path, reading) as (picture, changes):
        pixels = conversions.pixels(ImageOps.exif_transpose(picture), reading)
        has_metadata = bool(PERSONAL & set(picture.getexif()) or TEXTS & set(picture.info))
    return Picture(
        pixels[..., None] if pixels.ndim == 2 else pixels, ", ".join(changes), has_metadata
    )


def write(path: Path, image: np.ndarray) -> None:
    """Writes a uint8 image (H, W, C) as a PNG, whole or not at all."""
    write_atomically(path, PNG().encode(image[None])[0])


@contextlib.contextmanager
def _opened(path, reading) -> Iterator[tuple[Image.Image, list[str]]]:
    """Yields (picture, changes) of a file."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # Pillow's own, of other words
    try:
        with Path(path).open("rb") as file, warnings.catch_warnings(), _unchanged(path, file):
            warnings.simplefilter("ignore")  # on metadata
            start = file.read(12)
            with Image.open(file, formats=_formats()) as picture:
                check_size(path, picture.width * picture.height, reading.max_pixels)
                yield picture, conversions.changes(picture, path, reading)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(f"{path} {_unidentified(start)}") from None
    except MemoryError:
        raise PictureError(f"{path} needs more memory than there is") from None
    except Exception as error:  # damaged bytes make Pillow raise a dozen kinds
        if isinstance(error, OSError) and error.filename is not None:
            raise  # no such file
        raise PictureError(f"{path} is damaged ({error})") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


@contextlib.contextmanager
def _unchanged(path, file):
    """Raises a PictureError if an open file has changed at the end, whatever else is wrong."""
    before = os.fstat(file.fileno())
    try:
        yield
    finally:
        after = os.fstat(file.fileno())
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise PictureError(f"{path} changed while it was read; try again when it is complete")


def _formats():
    """Returns the formats that are read: HEIF if its library is there."""
    try:
        import pillow_heif
    except ImportError:
        return FORMATS
    pillow_heif.register_heif_opener()
    return *FORMATS, "HEIF"


def _unidentified(start):
    """Returns what is wrong with a file that Pillow does not know, by its first bytes."""
    if not start:
        return "is empty; expected a picture"
    if start[4:8] == b"ftyp" and start[8:] in HEIF_BRANDS and "HEIF" not in _formats():
        return "is a HEIF picture; to read these, pip install pillow-heif"
    return f"is no picture that can be read; expected {', '.join(_formats())}"
