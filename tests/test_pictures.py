"""Pictures: what 8-bit gray or color cannot hold is refused, or converted and said."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms

from kerascomp.command import pictures
from kerascomp.command.pictures import PictureError, Reading

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8)
DEEP = np.random.default_rng(0).integers(0, 65536, (20, 24, 3), np.uint16)
COLOR = Image.fromarray(PIXELS)
CONVERT = Reading(1000, convert=True)
EXIF = Image.Exif()
EXIF[0x0112] = 6  # the camera was turned


def saved(picture, file_format, **options):
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def profile(name):
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


FRAMES = {"save_all": True, "append_images": [COLOR.rotate(90)]}
REFUSED = {
    "rgba": (saved(COLOR.convert("RGBA"), "PNG"), "transparency"),
    "gray and alpha": (saved(COLOR.convert("LA"), "PNG"), "transparency"),
    "tRNS": (saved(COLOR, "PNG", transparency=(0, 0, 0)), "transparency"),
    "palette": (saved(COLOR.quantize(8), "PNG", transparency=3), "transparency"),
    "GIF": (saved(COLOR, "GIF", **FRAMES), "2 frames"),
    "TIFF": (saved(COLOR, "TIFF", **FRAMES), "2 frames"),
    "WebP": (saved(COLOR, "WEBP", **FRAMES), "2 frames"),
    "MPO": (saved(COLOR, "MPO", **FRAMES), "2 frames"),
    "CMYK": (saved(COLOR.convert("CMYK"), "JPEG"), "mode CMYK"),
    "gray16": (saved(Image.fromarray(DEEP[..., 0]), "PNG"), "16 bits"),
    "gray16 TIFF": (saved(Image.fromarray(DEEP[..., 0]), "TIFF"), "16 bits"),
    "rgb16": (imagecodecs.png_encode(DEEP), "16 bits"),
    "PPM": (b"P6 24 20 65535\n" + DEEP.byteswap().tobytes(), "16 bits"),
    "JPEG 2000": (imagecodecs.jpeg2k_encode(DEEP, level=0), "16 bits"),
    "AVIF": (imagecodecs.avif_encode(DEEP >> 6, bitspersample=10), "10 bits"),
    "profile": (saved(COLOR, "PNG", icc_profile=profile("XYZ")), "a color profile"),
    "damaged profile": (saved(COLOR, "PNG", icc_profile=b"junk"), "a color profile"),
}
TAKEN = {
    "gray": (saved(COLOR.convert("L"), "PNG"), "L"),
    "black and white": (saved(COLOR.convert("1"), "PNG"), "L"),
    "color": (saved(COLOR, "PNG"), "RGB"),
    "palette": (saved(COLOR.quantize(8), "PNG"), "RGB"),
    "GIF": (saved(COLOR, "GIF"), "RGB"),
    "BMP": (saved(COLOR, "BMP"), "RGB"),
    "sRGB": (saved(COLOR, "PNG", icc_profile=profile("sRGB")), "RGB"),
    "JPEG 2000": (imagecodecs.jpeg2k_encode(PIXELS, level=0), "RGB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_be_lost_is_refused_or_converted_and_said(tmp_path, name):
    content, loss = REFUSED[name]
    path = tmp_path / "a.picture"
    path.write_bytes(content)
    for function in (pictures.check, pictures.read):
        with pytest.raises(PictureError, match=f"a.picture has .*{loss}.*; expected .*--convert"):
            function(path, Reading(1000))
    pictures.check(path, CONVERT)
    image, said = pictures.read(path, CONVERT)
    assert image.dtype == np.uint8 and image.shape[:2] == (20, 24) and loss in said


@pytest.mark.parametrize("name", TAKEN)
def test_what_loses_nothing_is_taken(tmp_path, name):
    content, mode = TAKEN[name]
    path = tmp_path / "a.picture"
    path.write_bytes(content)
    pictures.check(path, Reading(1000))
    image, said = pictures.read(path, Reading(1000))
    with Image.open(path) as picture:
        expected = np.asarray(picture.convert(mode))
    np.testing.assert_array_equal(image, expected.reshape(image.shape))
    assert said == "" and image.shape[2] == len(mode)


def test_conversions_give_the_expected_pixels(tmp_path):
    def converted(content):
        (tmp_path / "a").write_bytes(content)
        return pictures.read(tmp_path / "a", CONVERT)[0]

    np.testing.assert_array_equal(converted(REFUSED["rgb16"][0]), DEEP >> 8)
    np.testing.assert_array_equal(converted(REFUSED["gray16"][0])[..., 0], DEEP[..., 0] >> 8)
    alpha = np.zeros((20, 24), np.uint8)
    alpha[:10] = 255
    half = converted(saved(Image.fromarray(np.dstack([PIXELS, alpha])), "PNG"))
    np.testing.assert_array_equal(half[:10], PIXELS[:10])
    assert (half[10:] == 255).all()
    first = converted(REFUSED["TIFF"][0])
    np.testing.assert_array_equal(first, PIXELS)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP"])
def test_pictures_are_turned_upright(tmp_path, file_format):
    path = tmp_path / "turned"
    options = {"lossless": True} if file_format == "WEBP" else {}
    path.write_bytes(saved(COLOR, file_format, exif=EXIF, **options))
    image, said = pictures.read(path, Reading(1000))
    np.testing.assert_array_equal(image, np.rot90(PIXELS, -1))
    assert said == ""


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
        with pytest.raises(PictureError, match="some.jpg is "):
            pictures.read(path, Reading(1000))
    with pytest.raises(FileNotFoundError, match="none.jpg"):
        pictures.check(tmp_path / "none.jpg", Reading(1000))
    assert Image.MAX_IMAGE_PIXELS is not None, "Pillow's own limit was not restored"
