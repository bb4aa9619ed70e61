"""Every codec keeps the one promise: what goes in comes out, and every byte is counted."""

import io

import numpy as np
import pytest
from helpers import blobs, random_images
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kerascomp import codecs, datasets, metrics
from kerascomp.codecs import CodecError, RatePoint, classical

LOSSLESS = classical.lossless()
LOSSY = classical.lossy_families()
MIDDLE = [family[len(family) // 2] for family in LOSSY.values()]
ALL = [*LOSSLESS, *MIDDLE]


def named(codec):
    return f"{codec.name} {codec.setting}"


@st.composite
def small_images(draw):
    """Batches of noise, constants and gradients, from one pixel on, gray and color."""
    height, width = draw(st.integers(1, 20)), draw(st.integers(1, 20))
    channels, seed = draw(st.sampled_from([1, 3])), draw(st.integers(0, 1000))
    kind = draw(st.sampled_from(["noise", "constant", "gradient"]))
    shape = (2, height, width, channels)
    if kind == "noise":
        return random_images(*shape, seed=seed)
    if kind == "constant":
        return np.full(shape, seed % 256, np.uint8)
    return np.arange(np.prod(shape), dtype=np.uint64).reshape(shape).astype(np.uint8)


@pytest.mark.parametrize("codec", LOSSLESS, ids=named)
@given(images=small_images())
@settings(max_examples=25, deadline=None)
def test_lossless_codecs_give_back_every_pixel(codec, images):
    point = codecs.measure(codec, images)
    assert point.mse == 0 and point.psnr_db is None
    np.testing.assert_array_equal(codec.decode(codec.encode(images)), images)


@pytest.mark.parametrize("codec", MIDDLE, ids=named)
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 3), (3, 5, 1), (3, 5, 3), (33, 17, 3)])
def test_lossy_codecs_take_every_size(codec, shape):
    images = random_images(2, *shape)
    assert codecs.measure(codec, images).num_images == 2


@pytest.mark.parametrize("family", LOSSY.values(), ids=LOSSY.keys())
@pytest.mark.parametrize("name", ["gray", "color"])
def test_more_quality_costs_more_and_damages_less(family, name):
    images = datasets.mnist(40).test.images if name == "gray" else (
        datasets.natural_patches(40).test.images
    )  # fmt: skip
    points = codecs.sweep([family[0], family[len(family) // 2], family[-1]], images)
    rates, errors = [point.bpp for point in points], [point.mse for point in points]
    assert rates == sorted(rates) and errors == sorted(errors, reverse=True)
    assert len(set(rates)) == 3


def test_jpeg_and_png_are_pillows_own_files():
    image = blobs(1, 28, 3)
    for codec, options in ((classical.JPEG(30), {"quality": 30, "optimize": True}),
                           (classical.PNG(), {"optimize": True})):  # fmt: skip
        buffer = io.BytesIO()
        Image.fromarray(image[0]).save(buffer, codec.format, **options)
        assert codec.encode(image) == [buffer.getvalue()]


def test_a_rate_is_eight_bits_a_byte_over_the_pixels():
    images = datasets.mnist(50).test.images
    codec = classical.JPEG(20)
    sizes = np.array([len(file) for file in codec.encode(images)])
    point = codecs.measure(codec, images)
    assert point.bytes_per_image == pytest.approx(sizes.mean())
    assert point.bpp == pytest.approx(sizes.mean() * 8 / 784)
    assert point.bpp == pytest.approx(metrics.bits_per_pixel(codec.encode(images), images).mean())
    assert point.bytes_interval == pytest.approx(1.96 * sizes.std(ddof=1) / 50**0.5, rel=1e-4)
    assert point.mse == pytest.approx(
        metrics.mse(images, codec.decode(codec.encode(images))).mean()
    )
    assert point.encode_seconds > 0 and point.decode_seconds > 0 and point.rate_kind == "file"


def test_photographs_of_many_sizes_are_measured_one_by_one():
    images = [random_images(1, *shape)[0] for shape in ((40, 30, 3), (50, 60, 3), (33, 44, 3))]
    images[0][:] = 90  # easy, and so the mean of PSNRs is not the PSNR of the mean
    images[0][:20] = 100
    codec = classical.JPEG(60)
    singles = [codecs.measure(codec, image[None]) for image in images]
    point = codecs.measure(codec, images)
    for name in ("bpp", "psnr_db", "mse", "ssim", "bytes_per_image"):
        mean = np.mean([getattr(single, name) for single in singles])
        assert getattr(point, name) == pytest.approx(mean)
    assert point.psnr_db != pytest.approx(metrics.mse_to_psnr_db(point.mse), abs=0.1)
    assert point.num_images == 3 and point.bytes_interval > 0
    with_small = codecs.measure(codec, [*images, images[0][:6]])
    assert with_small.ssim is None and with_small.num_images == 4
    with pytest.raises(ValueError, match=r"expected uint8 images.*received list"):
        codecs.measure(codec, [])


def test_the_header_free_rate_is_marked():
    images, codec = datasets.mnist(20).test.images, classical.JPEG(20)
    blank = classical.blank_bytes(codec, (28, 28, 1))
    assert blank == len(codec.encode(np.zeros((1, 28, 28, 1), np.uint8))[0]) > 100
    whole = codecs.measure(codec, images)
    free = codecs.header_free(whole, blank)
    assert free.rate_kind == "header-free"
    assert free.bytes_per_image == pytest.approx(whole.bytes_per_image - blank)
    assert free.bpp == pytest.approx(8 * free.bytes_per_image / 784)
    with pytest.raises(ValueError, match="received a header-free one"):
        codecs.header_free(free, blank)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("num_images", [1, 7, 24])
def test_a_mosaic_gives_back_every_image(channels, num_images):
    images = random_images(num_images, 6, 5, channels)
    codec = classical.Mosaic(classical.PNG(), columns=4, images_per_file=10)
    files = codec.encode(images)
    assert len(files) == -(-num_images // 10)
    np.testing.assert_array_equal(codec.decode(files), images)
    point = codecs.measure(codec, images)
    assert point.rate_kind == "joint" and point.codec == "PNG, mosaic"
    assert point.bytes_per_image == pytest.approx(sum(map(len, files)) / num_images)


def test_the_interval_of_a_mosaic_knows_that_the_last_file_is_smaller():
    images = datasets.mnist(250).test.images
    even = codecs.measure(classical.Mosaic(classical.PNG(), images_per_file=50), images)
    uneven = codecs.measure(classical.Mosaic(classical.PNG(), images_per_file=60), images)
    assert 0 < uneven.bytes_interval < 2 * even.bytes_interval


def test_a_mosaic_shares_its_headers():
    images = datasets.mnist(256).test.images
    alone = codecs.measure(classical.JPEG(20), images)
    joint = codecs.measure(classical.Mosaic(classical.JPEG(20)), images)
    assert joint.bytes_per_image < 0.6 * alone.bytes_per_image


@pytest.mark.parametrize("codec", ALL, ids=named)
def test_foreign_and_truncated_files_are_one_kind_of_error(codec):
    images = random_images(1, 16, 16, 3)
    file = codec.encode(images)[0]
    for bad in (b"", b"not an image", file[: len(file) // 3]):
        with pytest.raises(CodecError, match=f"{codec.name} cannot decode this file of"):
            codec.decode([bad])


@pytest.mark.parametrize("codec", ALL, ids=named)
def test_what_is_no_batch_of_images_is_named(codec):
    images = random_images(2, 8, 8, 3)
    for bad in (images / 255, images[0], images[:0], images[..., :2], images.tolist()):
        with pytest.raises(ValueError, match=r"expected uint8 images of shape \(N, H, W, 1 or 3\)"):
            codec.encode(bad)
        with pytest.raises(ValueError, match="expected uint8 images"):
            codecs.measure(codec, bad)


@pytest.mark.parametrize("build", [classical.JPEG, classical.WebP, classical.AVIF,
                                   classical.JPEGXL])  # fmt: skip
def test_quality_out_of_range(build):
    for quality in (-1, 101):
        with pytest.raises(ValueError, match=f"takes qualities .* received {quality}"):
            build(quality)


def test_unknown_compressor():
    with pytest.raises(ValueError, match="no compressor 'zip'; there are deflate"):
        classical.Raw("zip")


def test_the_setting_whose_files_come_nearest_to_a_size():
    images = datasets.mnist(30).test.images
    family = [classical.JPEG(quality) for quality in range(1, 96)]
    codec, size = codecs.nearest_in_bytes(family, images, 300)
    assert size == pytest.approx(codecs.measure(codec, images).bytes_per_image)
    others = [codecs.measure(codec, images).bytes_per_image for codec in family[::6]]
    assert abs(size - 300) <= min(abs(other - 300) for other in others)
    assert codecs.nearest_in_bytes(family, images, 1)[0] == family[0]
    assert codecs.nearest_in_bytes(family, images, 10_000)[0] == family[-1]
    with pytest.raises(ValueError, match="at least one codec"):
        codecs.nearest_in_bytes([], images, 300)


class Liar(codecs.Codec):
    """A codec that breaks one promise."""

    name = "liar"

    def __init__(self, files=None, decoded=None):
        self.files, self.decoded = files, decoded

    def encode(self, images):
        return [b"x"] * len(images) if self.files is None else self.files

    def decode(self, files):
        return self.decoded


@pytest.mark.parametrize(("liar", "message"), [
    (Liar(files=[b"only one"]), "wrote 1 files, expected 2"),
    (Liar(files=["text", "text"]), "must encode to a list of bytes"),
    (Liar(files=b"one string"), "must encode to a list of bytes"),
    (Liar(decoded=np.zeros((2, 4, 4, 3), np.uint8)), "decoded uint8 .*expected"),
    (Liar(decoded=np.zeros((1, 4, 4, 1), np.uint8)), "decoded uint8 .*expected"),
    (Liar(decoded=np.zeros((2, 4, 4, 1), np.float32)), "decoded float32 .*expected"),
    (Liar(decoded=None), "decoded NoneType .*expected"),
])  # fmt: skip
def test_measure_refuses_a_codec_that_breaks_its_promise(liar, message):
    with pytest.raises(CodecError, match=message):
        codecs.measure(liar, random_images(2, 4, 4, 1))


def test_images_too_small_for_ssim_have_none():
    point = codecs.measure(classical.PNG(), random_images(2, 4, 4, 1))
    assert point.ssim is None and point.ms_ssim is None


def test_a_rate_point_goes_to_json_and_back():
    point = codecs.measure(classical.JPEG(20), datasets.mnist(5).test.images)
    assert RatePoint.from_json(point.to_json()) == point
    lossless = codecs.measure(classical.PNG(), datasets.mnist(1).test.images)
    assert RatePoint.from_json(lossless.to_json()) == lossless
    with pytest.raises(ValueError, match=r"missing or unknown are \['bpp'\]"):
        RatePoint.from_json(point.to_json().replace('"bpp"', '"bpp_"').replace("bpp_", "codec"))
    with pytest.raises(ValueError, match="no RatePoint"):
        RatePoint.from_json("[1, 2]")


def test_a_missing_library_is_named_once_and_left_out(monkeypatch, capsys):
    from kerascomp.codecs.classical import families

    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    families._has_imagecodecs.cache_clear()
    assert "JPEG XL" not in families.lossy_families()
    assert "JPEG XL lossless" not in [codec.name for codec in families.lossless()]
    assert capsys.readouterr().out.count("pip install imagecodecs") == 1
    families._has_imagecodecs.cache_clear()
