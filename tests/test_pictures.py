"""Pictures: what 8-bit gray or color cannot hold is refused, or converted and said."""

import io
import os
import struct
import sys
import zlib

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from kerascomp.command import conversions, pictures
from kerascomp.command.pictures import PictureError, Reading

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
DEEP = np.random.default_rng(0).integers(0, 65536, (20, 24, 3), np.uint16)
COLOR = Image.fromarray(PIXELS)
READING = Reading(1000)
WHITE, DROP, TO_8 = {"background": "white"}, {"drop_alpha": True}, {"to_8_bit": True}


def saved(picture, file_format, **options):
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def profile(name):
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


def exchanged_profile():
    """Returns a profile like sRGB, whose first channel is blue and whose last is red."""
    content = profile("sRGB").replace("sRGB".encode("utf-16-be"), "BGR!".encode("utf-16-be"))
    return content.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def linear_gray_profile():
    """Returns a profile of gray pictures whose numbers are proportional to the light."""
    header = bytearray(profile("sRGB")[:128])
    header[16:20] = b"GRAY"
    white, curve = struct.pack(">3i", 63190, 65536, 54061), struct.pack(">I", 0)
    tags = {b"wtpt": b"XYZ " + bytes(4) + white, b"kTRC": b"curv" + bytes(4) + curve}
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(data), len(content))
        data += content
    header[:4] = struct.pack(">I", len(header) + len(table) + len(data))
    return bytes(header) + table + data


FRAMES = {"save_all": True, "append_images": [COLOR.rotate(90)]}
REFUSED = {
    "rgba": (saved(COLOR.convert("RGBA"), "PNG"), "transparency", WHITE),
    "gray and alpha": (saved(COLOR.convert("LA"), "PNG"), "transparency", DROP),
    "tRNS": (saved(COLOR, "PNG", transparency=(0, 0, 0)), "transparency", DROP),
    "palette": (saved(COLOR.quantize(8), "PNG", transparency=3), "transparency", WHITE),
    "gray16": (saved(Image.fromarray(DEEP[..., 0]), "PNG"), "16 bits", TO_8),
    "gray16 TIFF": (saved(Image.fromarray(DEEP[..., 0]), "TIFF"), "16 bits", TO_8),
    "rgb16": (imagecodecs.png_encode(DEEP), "16 bits", TO_8),
    "PPM": (b"P6 24 20 65535\n" + DEEP.byteswap().tobytes(), "16 bits", TO_8),
    "JPEG 2000": (imagecodecs.jpeg2k_encode(DEEP, level=0), "16 bits", TO_8),
    "AVIF": (imagecodecs.avif_encode(DEEP >> 6, bitspersample=10), "10 bits", TO_8),
    "both": (
        imagecodecs.png_encode(np.dstack([DEEP, DEEP[..., :1]])),
        "transparency and 16 bits",
        DROP | TO_8,
    ),
}
TAKEN = {
    "gray": (saved(COLOR.convert("L"), "PNG"), "L", ""),
    "black and white": (saved(COLOR.convert("1"), "PNG"), "L", ""),
    "color": (saved(COLOR, "PNG"), "RGB", ""),
    "palette": (saved(COLOR.quantize(8), "PNG"), "RGB", ""),
    "GIF": (saved(COLOR, "GIF"), "RGB", ""),
    "BMP": (saved(COLOR, "BMP"), "RGB", ""),
    "JPEG": (saved(COLOR, "JPEG"), "RGB", ""),
    "JPEG 2000": (imagecodecs.jpeg2k_encode(PIXELS, level=0), "RGB", ""),
    "sRGB": (saved(COLOR, "PNG", icc_profile=profile("sRGB")), "RGB", ""),
    "frames of GIF": (saved(COLOR, "GIF", **FRAMES), "RGB", "only the first of 2 frames"),
    "frames of TIFF": (saved(COLOR, "TIFF", **FRAMES), "RGB", "only the first of 2 frames"),
    "frames of WebP": (saved(COLOR, "WEBP", **FRAMES), "RGB", "only the first of 2 frames"),
    "frames of MPO": (saved(COLOR, "MPO", **FRAMES), "RGB", "only the first of 2 frames"),
    "CMYK": (saved(COLOR.convert("CMYK"), "JPEG"), "RGB", "CMYK became RGB"),
    "CMYK TIFF": (saved(COLOR.convert("CMYK"), "TIFF"), "RGB", "CMYK became RGB"),
    "XYZ profile": (saved(COLOR, "PNG", icc_profile=profile("XYZ")), "RGB", "was ignored"),
    "damaged profile": (saved(COLOR, "PNG", icc_profile=b"junk"), "RGB", "was ignored"),
}


def written(tmp_path, content):
    path = tmp_path / "a.picture"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_lost_is_refused_or_left_out_on_request(tmp_path, name):
    content, loss, options = REFUSED[name]
    path = written(tmp_path, content)
    advice = {"background": "--background white or --drop-alpha", "to_8_bit": "--to-8-bit"}
    advice["drop_alpha"] = advice["background"]
    for function in (pictures.check, pictures.read):
        with pytest.raises(PictureError, match=f"a.picture has {loss}; expected opaque") as caught:
            function(path, READING)
        assert all(advice[option] in str(caught.value) for option in options)
    reading = READING._replace(**options)
    pictures.check(path, reading)
    picture = pictures.read(path, reading)
    assert picture.pixels.dtype == np.uint8 and picture.pixels.shape[:2] == (20, 24)
    assert loss.split()[-1] in picture.changes


@pytest.mark.parametrize("name", TAKEN)
def test_other_pictures_are_what_pillow_makes_of_them(tmp_path, name):
    content, mode, said = TAKEN[name]
    path = written(tmp_path, content)
    pictures.check(path, READING)
    picture = pictures.read(path, READING)
    with Image.open(path) as opened:
        expected = np.asarray(opened.convert(mode))
    np.testing.assert_array_equal(picture.pixels, expected.reshape(picture.pixels.shape))
    assert picture.pixels.shape[2] == len(mode)
    assert picture.has_metadata == (name == "JPEG 2000")  # who wrote it
    assert said in picture.changes if said else picture.changes == ""


def read(tmp_path, content, **options):
    return pictures.read(written(tmp_path, content), READING._replace(**options)).pixels


def test_conversions_give_the_expected_pixels(tmp_path):
    np.testing.assert_array_equal(read(tmp_path, REFUSED["rgb16"][0], **TO_8), DEEP >> 8)
    gray = read(tmp_path, REFUSED["gray16"][0], **TO_8)
    np.testing.assert_array_equal(gray[..., 0], DEEP[..., 0] >> 8)
    alpha = np.zeros((20, 24), np.uint8)
    alpha[:10] = 255
    half = saved(Image.fromarray(np.dstack([PIXELS, alpha])), "PNG")
    np.testing.assert_array_equal(read(tmp_path, half, **DROP), PIXELS)
    for color, expected in (("white", (255, 255, 255)), ("#ff8000", (255, 128, 0))):
        image = read(tmp_path, half, background=color)
        np.testing.assert_array_equal(image[:10], PIXELS[:10])
        assert (image[10:] == expected).all()
    gray = saved(Image.fromarray(np.dstack([PIXELS[..., 0], alpha])), "PNG")
    assert read(tmp_path, gray, background="white").shape == (20, 24, 1)
    assert read(tmp_path, gray, background="red").shape == (20, 24, 3)


def test_colors_of_a_profile_become_srgb(tmp_path):
    """Of profiles for which anybody can say what the colors must become."""
    content = saved(COLOR, "PNG", icc_profile=exchanged_profile())
    picture = pictures.read(written(tmp_path, content), READING)
    assert picture.changes == "the colors of its profile became sRGB"
    difference = picture.pixels.astype(int) - PIXELS[..., ::-1]
    assert abs(difference).max() <= 1
    gray = PIXELS[..., 0]
    picture = Image.fromarray(gray)
    content = saved(picture, "PNG", icc_profile=linear_gray_profile())
    light = gray / 255
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    difference = read(tmp_path, content)[..., 0] - 255 * expected
    assert abs(difference).max() <= 1
    alpha = Image.fromarray(np.full((20, 24), 255, np.uint8))
    opaque = COLOR.copy()
    opaque.putalpha(alpha)
    content = saved(opaque, "PNG", icc_profile=exchanged_profile())
    for options in (DROP, WHITE):
        difference = read(tmp_path, content, **options).astype(int) - PIXELS[..., ::-1]
        assert abs(difference).max() <= 1


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(tmp_path, file_format, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if file_format == "WEBP" else {}
    path = written(tmp_path, saved(COLOR, file_format, exif=exif, **options))
    picture = pictures.read(path, READING)
    with Image.open(path) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened))
    np.testing.assert_array_equal(picture.pixels, expected)
    assert picture.changes == "" and not picture.has_metadata
    if orientation == 6 and file_format != "JPEG":  # the camera was turned
        np.testing.assert_array_equal(picture.pixels, np.rot90(PIXELS, -1))


def test_metadata_is_noticed(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    for content in (
        saved(COLOR, "JPEG", exif=exif),
        saved(COLOR, "TIFF", exif=exif),
        saved(COLOR, "JPEG", comment=b"a comment"),
        saved(COLOR, "WEBP", xmp=b"<x:xmpmeta/>"),
    ):
        assert pictures.read(written(tmp_path, content), READING).has_metadata


def test_heif_needs_its_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = written(tmp_path, b"\0\0\0\x18ftypheic" + bytes(100))
    with pytest.raises(PictureError, match="is a HEIF picture; .*pip install pillow-heif"):
        pictures.check(path, READING)
    assert ".heic" in pictures.suffixes()


def test_heif_with_its_library(tmp_path):
    heif = pytest.importorskip("pillow_heif", reason="HEIF: pip install pillow-heif")
    smooth = COLOR.convert("L").convert("RGB").resize((64, 48), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = 6
    heif.from_pillow(smooth).save(tmp_path / "a.picture", quality=95, exif=exif.tobytes())
    picture = pictures.read(tmp_path / "a.picture", Reading(10_000))
    assert picture.pixels.shape == (64, 48, 3)
    difference = picture.pixels.astype(float) - np.rot90(np.asarray(smooth), -1)
    assert abs(difference).mean() < 5


def test_a_header_bounds_the_work(tmp_path):
    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 14_000, 14_000, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(14_001 * 14_000), 1)
    path = tmp_path / "bomb.png"
    content = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    for function in (pictures.check, pictures.read):
        with pytest.raises(PictureError, match="196,000,000 pixels.*67,108,864; --max-pixels"):
            function(path, Reading(1 << 26))
    pictures.check(path, Reading(14_000**2))


def test_every_error_names_its_file(tmp_path):
    content = saved(COLOR, "JPEG")
    path = tmp_path / "some.jpg"
    for length in range(0, len(content), 29):
        path.write_bytes(content[:length])
        with pytest.raises(PictureError, match="some.jpg is " + ("" if length else "empty; exp")):
            pictures.read(path, READING)
    with pytest.raises(FileNotFoundError, match="none.jpg"):
        pictures.check(tmp_path / "none.jpg", READING)
    assert Image.MAX_IMAGE_PIXELS is not None, "Pillow's own limit was not restored"


@pytest.mark.parametrize("is_damaged", [False, True])
def test_a_picture_that_changes_while_it_is_read(tmp_path, monkeypatch, is_damaged):
    path, function = written(tmp_path, saved(COLOR, "PNG")), conversions.pixels

    def slow(picture, reading):
        with path.open("ab") as file:
            file.write(b"more")
        os.utime(path, ns=(0, 0))
        if is_damaged:
            raise OSError("broken data stream")
        return function(picture, reading)

    monkeypatch.setattr(conversions, "pixels", slow)
    with pytest.raises(PictureError, match="changed while it was read; try again"):
        pictures.read(path, READING)
