import numpy as np
import pytest
from helpers import blobs, random_images

from kerascomp import codecs, datasets
from kerascomp.codecs import CodecError
from kerascomp.codecs.transform import DCT, KLT, TransformCode, Wavelet

IMAGES = blobs(300, 12)
BUILDERS = {"KLT": KLT.fit, "DCT": DCT, "wavelet": Wavelet}


@pytest.fixture(params=BUILDERS.values(), ids=BUILDERS.keys())
def build(request):
    return request.param


@pytest.mark.parametrize("shape", [(12, 12, 1), (3, 5, 3), (17, 9, 3), (1, 1, 1)])
def test_the_transform_is_inverted_and_keeps_squared_errors(build, shape):
    images = random_images(60, *shape)
    codec = build(images, 0.1)
    x = datasets.to_float(images)
    coefficients = codec.forward(x)
    assert codec.inverse(coefficients) == pytest.approx(x, abs=1e-5)
    moved = coefficients + np.random.default_rng(0).normal(size=coefficients.shape)
    if coefficients.shape[1] == np.prod(shape):  # nothing was padded
        errors = np.sum((codec.inverse(moved) - x) ** 2, axis=(1, 2, 3))
        assert errors == pytest.approx(np.sum((moved - coefficients) ** 2, axis=1), rel=1e-3)


def test_decoding_gives_the_quantized_image(build):
    codec = build(IMAGES, 0.1)
    expected = datasets.to_uint8(codec.inverse(codec.to_symbols(IMAGES[:20]) * codec.step))
    np.testing.assert_array_equal(codec.decode(codec.encode(IMAGES[:20])), expected)
    assert codecs.measure(codec, IMAGES).codec in BUILDERS


def test_the_error_of_a_small_step_is_that_of_uniform_rounding():
    images = random_images(400, 8, 8, 1)
    for build in BUILDERS.values():
        codec = build(images, 0.05)
        x_hat = codec.inverse(codec.to_symbols(images) * codec.step)
        error = np.mean((datasets.to_float(images) - x_hat) ** 2)
        assert error == pytest.approx(0.05**2 / 12, rel=0.05)


def test_smaller_steps_cost_more_and_damage_less(build):
    points = codecs.sweep([build(IMAGES, step) for step in (0.4, 0.2, 0.1, 0.05)], IMAGES)
    assert [p.bpp for p in points] == sorted(p.bpp for p in points)
    assert [p.mse for p in points] == sorted((p.mse for p in points), reverse=True)


def test_a_dead_zone_saves_bits_and_damages_more(build):
    plain, dead = build(IMAGES, 0.2), build(IMAGES, 0.2, rounding=0.3)
    assert (np.abs(dead.to_symbols(IMAGES)) <= np.abs(plain.to_symbols(IMAGES))).all()
    one, other = codecs.measure(plain, IMAGES), codecs.measure(dead, IMAGES)
    assert other.bpp < one.bpp and other.mse > one.mse


def test_real_bytes_are_near_the_ideal_length_of_the_tables(build):
    joint = build(IMAGES, 0.1).joined(100)
    ideal = joint.coder.estimated_bits(joint.to_symbols(IMAGES)).sum()
    point = codecs.measure(joint, IMAGES)
    assert point.rate_kind == "joint"
    # three files, each with four bytes for the count and less than two for the end
    assert ideal <= 8 * point.bytes_per_image * 300 <= 1.001 * ideal + 3 * 48
    alone = codecs.measure(build(IMAGES, 0.1), IMAGES)
    assert alone.mse == point.mse
    assert point.bytes_per_image < alone.bytes_per_image < point.bytes_per_image + 1


def test_values_never_seen_in_training_are_sent_all_the_same(build):
    codec = build(IMAGES, 0.1)
    images = np.concatenate([random_images(3, 12, 12, 1), 255 - IMAGES[:2]])
    values = codec.to_symbols(images)
    learned = codec.to_symbols(IMAGES)
    assert ((values < learned.min(axis=0)) | (values > learned.max(axis=0))).any()
    expected = datasets.to_uint8(codec.inverse(values * codec.step))
    np.testing.assert_array_equal(codec.decode(codec.encode(images)), expected)


def test_wrong_input(build):
    codec = build(IMAGES, 0.5).joined(10)
    with pytest.raises(ValueError, match=r"takes images of \(12, 12, 1\), received \(28, 28, 1\)"):
        codec.encode(blobs(2))
    with pytest.raises(ValueError, match="expected uint8 images"):
        codec.encode(IMAGES / 255)
    for step, rounding in ((0, 0.5), (np.inf, 0.5), (0.1, 0), (0.1, 0.6)):
        with pytest.raises(ValueError, match=f"received {step} and {rounding}"):
            build(IMAGES, step, rounding=rounding)
    whole = codec.encode(IMAGES[:10])[0]
    with pytest.raises(CodecError, match="expected at least one file"):
        codec.decode([])
    for bad in (b"", b"\xff\xff\xff\xff...", whole[: len(whole) // 2], whole[:-1]):
        with pytest.raises(CodecError, match=f"{codec.name} cannot decode this file"):
            codec.decode([bad])


def test_a_code_needs_a_transform():
    with pytest.raises(TypeError, match="abstract methods '?forward'?, '?inverse"):
        TransformCode(IMAGES, 0.1)
