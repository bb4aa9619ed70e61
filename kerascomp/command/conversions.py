"""What 8-bit gray or color cannot hold of a picture: refused, or converted and said."""

import io
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageColor

TAKEN = {"1": "L", "L": "L", "P": "RGB", "RGB": "RGB", "LA": "L", "PA": "RGB", "RGBA": "RGB"}
CONVERTED = {"CMYK": "RGB", "YCbCr": "RGB"}
DEEP_GRAY = ("I;16", "I;16B", "I;16L", "I;16N")
LONGEST_HEADER = 1 << 20  # bytes in which JPEG 2000 and AVIF say how many bits they have


class PictureError(ValueError):
    """A picture cannot be read, or not without losing something."""


class Reading(NamedTuple):
    """How pictures are read.

    Attributes:
        max_pixels: of a picture.
        drop_alpha: whether the transparency of a picture is left out.
        background: or the name of the color that is put behind it.
        to_8_bit: whether the lower ones of more than 8 bits are left out.
    """

    max_pixels: int
    drop_alpha: bool = False
    background: str | None = None
    to_8_bit: bool = False

    def checked(self) -> "Reading":
        """Returns this, after checking what a user gave.

        Raises:
            ValueError: there is no such color, or it is put behind a transparency that is left out.
        """
        if self.background is None:
            return self
        if self.drop_alpha:
            raise ValueError("--drop-alpha and --background exclude each other; give one of them")
        try:
            ImageColor.getrgb(self.background)
        except ValueError:
            raise ValueError(
                f"no color is called {self.background!r}; expected white, '#ff8800' or the like"
            ) from None
        return self


def changes(picture: Image.Image, path: Path, reading: Reading) -> list[str]:
    """Returns what is converted or left out of a picture, in words.

    Raises:
        PictureError: 8-bit gray or color cannot hold it, and nobody asked for the conversion.
    """
    mode, done, refused = picture.mode, [], {}
    is_deep = mode in DEEP_GRAY
    if mode not in TAKEN | CONVERTED and (not is_deep or picture.has_transparency_data):
        raise PictureError(f"{path} has mode {mode}; expected gray or color, convert it first")
    if (number := getattr(picture, "n_frames", 1)) > 1:
        done.append(f"only the first of {number} frames was taken")
    if mode in CONVERTED:
        done.append(f"{mode} became RGB")
    if profile := picture.info.get("icc_profile"):
        if _to_srgb(picture):
            done.append("the colors of its profile became sRGB")
        elif not _is_srgb(profile):
            done.append("its color profile cannot be used and was ignored")
    if picture.has_transparency_data:
        if not reading.drop_alpha and reading.background is None:
            refused["transparency"] = "--background white or --drop-alpha"
        behind = "left out" if reading.drop_alpha else f"put on {reading.background}"
        done.append(f"transparency was {behind}")
    if (bits := 16 if is_deep else _bits(picture, path)) > 8:
        if not reading.to_8_bit:
            refused[f"{bits} bits"] = "--to-8-bit"
        done.append(f"{bits} bits became 8")
    if refused:
        raise PictureError(
            f"{path} has {' and '.join(refused)}; expected opaque 8-bit gray or color, which "
            f"{' and '.join(refused.values())} makes of it"
        )
    return done


def pixels(picture: Image.Image, reading: Reading) -> np.ndarray:
    """Returns the uint8 pixels (H, W) or (H, W, 3) of a picture."""
    mode = (TAKEN | CONVERTED).get(picture.mode, "L")
    transform = _to_srgb(picture)
    is_on_background = picture.has_transparency_data and not reading.drop_alpha
    opacity = picture.convert("RGBA").getchannel("A") if is_on_background else None
    if picture.mode in DEEP_GRAY:
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if transform:
        colors = picture.convert(transform.input_mode)
        picture = ImageCms.applyTransform(colors, transform) or colors
    if opacity:
        color = ImageColor.getrgb(reading.background or "white")[:3]
        behind = Image.new("RGB", picture.size, color)
        picture = Image.composite(picture.convert("RGB"), behind, opacity)
        mode = mode if len(set(color)) == 1 else "RGB"
    return np.asarray(picture.convert(mode))


def _to_srgb(picture):
    """Returns the transform from the color profile of a picture, None where it has no usable one.

    A profile called sRGB is what pictures without one have.
    """
    profile = picture.info.get("icc_profile")
    if not profile or _is_srgb(profile):
        return None
    is_gray = TAKEN.get(picture.mode, "RGB") == "L" or picture.mode in DEEP_GRAY
    mode = "L" if is_gray else "CMYK" if picture.mode == "CMYK" else "RGB"
    profiles = io.BytesIO(profile), ImageCms.createProfile("sRGB")
    exact = ImageCms.Flags.NOOPTIMIZE  # the fast way is wrong by up to 10 gray levels in the dark
    try:
        return ImageCms.buildTransform(*profiles, mode, "RGB", flags=exact)
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
        return picture.info.get("bit_depth", 8)  # of HEIF
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
