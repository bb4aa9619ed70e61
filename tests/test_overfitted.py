"""Codecs overfitted to one picture: order of decoding, coders, training and files."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import blobs, random_images, shaken

from kerascomp.codecs import CodecError, OverfittedCodec
from kerascomp.codecs.overfitted import latents, shapes, weights
from kerascomp.codecs.overfitted.network import Overfitted
from kerascomp.codecs.overfitted.picture import picture
from kerascomp.codecs.overfitted.training import noise, soft_round

SIZES = (37, 50)


@pytest.fixture(scope="module")
def model():
    return shaken(Overfitted((*SIZES, 3)), 0.1)


@pytest.fixture(scope="module")
def grids(model):
    """Integer latents (h, w) of all grids."""
    return [np.rint(0.4 * y.numpy()[0, :, :, 0]).astype(np.int64) for y in model.latents()]


def as_tensors(grids):
    return [tf.constant(y[None, ..., None], tf.float32) for y in grids]


# The order of decoding


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), SIZES])
def test_all_that_a_place_sees_is_decoded_in_an_earlier_wavefront(size):
    order = latents.wavefronts(*size)
    wavefront = np.full(order.size, -1)  # the border is there from the beginning
    for number, front in enumerate(order.fronts):
        wavefront[order.places[front]] = number
    seen = wavefront[order.places[:, None] + order._offsets[order.grids]]
    assert (seen < wavefront[order.places][:, None]).all()
    assert len(set(order.places)) == sum(h * w for h, w in latents.grid_shapes(*size))


def test_grids_come_back_from_the_flat_array(grids):
    order = latents.wavefronts(*SIZES)
    flat = order.flat(grids)
    for before, after in zip(grids, order.separate(flat), strict=True):
        np.testing.assert_array_equal(before, after)
    inside = np.zeros(order.size, bool)
    inside[order.places] = True
    assert not flat[~inside].any()


def test_a_place_sees_the_twelve_above_and_to_the_left():
    order = latents.wavefronts(5, 6)
    finest = np.arange(30).reshape(5, 6) + 1
    others = [np.zeros(shape, int) for shape in latents.grid_shapes(5, 6)[1:]]
    flat = order.flat([finest, *others])
    (here,) = np.flatnonzero(flat[order.places] == finest[2, 3])
    seen = flat[order.places[here] + order._offsets[0]]
    expected = [*finest[0, 1:6], *finest[1, 1:6], *finest[2, 1:3]]
    np.testing.assert_array_equal(seen, expected)


# In integers and in NumPy


def test_the_context_model_in_integers_expects_what_the_trained_one_does(model, grids):
    _, context = model.parts()
    integers = weights.rounded(context, 8)
    network = weights.context_in_integers(integers, 8)
    before = {name: model.networks[name].numpy() for name in context}
    for name, array in weights.exact(integers, 8).items():
        model.networks[name].assign(array)
    expected = float(model.bits(as_tensors(grids)))
    for name, array in before.items():
        model.networks[name].assign(array)
    order = latents.wavefronts(*SIZES)
    assert latents.estimated_bits(network, grids, order) == pytest.approx(expected, rel=0.002)
    data = latents.encoded(network, grids, order)
    assert 8 * len(data) == pytest.approx(expected, rel=0.01, abs=64)
    for one, other in zip(grids, latents.decoded(network, data, order), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_synthesis_in_numpy_is_that_in_tensorflow(model, grids):
    synthesis, _ = model.parts()
    expected = model(as_tensors(grids)).numpy()[0]
    np.testing.assert_allclose(picture(grids, synthesis), expected, atol=1e-5)


@pytest.mark.parametrize("places", [2, 5, 8])
def test_networks_come_back_as_integers(model, places):
    parts = [(weights.rounded(part, places), places) for part in model.parts()]
    names = shapes.weight_shapes(3)
    data = weights.encoded(parts)
    for (before, _), (after, known) in zip(parts, weights.decoded(data, names), strict=True):
        assert known == places and list(before) == list(after)
        for name in before:
            np.testing.assert_array_equal(before[name], after[name])


def test_weights_that_are_too_large_for_so_many_places_are_not_rounded():
    assert weights.rounded({"w": np.array([1.0, 8.1])}, 6) is None
    assert weights.rounded({"w": np.array([1.0, 7.9])}, 6) is not None


# Training


def test_the_staircase_is_steep_when_it_is_cold():
    y = tf.linspace(-2.0, 2.0, 81)
    warm, cold = (soft_round(y, temperature) for temperature in (0.3, 1e-3))
    away = np.abs(y - np.floor(y) - 0.5) > 0.01
    np.testing.assert_allclose(cold[away], np.round(y)[away], atol=1e-5)
    assert np.all(np.diff(warm) > 0)
    np.testing.assert_allclose(soft_round(tf.range(-3.0, 4.0), 0.3), np.arange(-3, 4), atol=1e-6)


def test_noise_is_uniform_at_the_end_and_near_zero_before():
    keras.utils.set_random_seed(0)
    uniform, narrow = (noise([40_000], peak).numpy() for peak in (1.0, 2.0))
    assert np.abs(uniform).max() <= 0.5 and np.abs(narrow).max() <= 0.5
    assert np.histogram(uniform, 4, (-0.5, 0.5))[0] == pytest.approx([10_000] * 4, rel=0.05)
    assert narrow.std() < 0.85 * uniform.std()
    counts = np.histogram(narrow, 10, (-0.5, 0.5))[0]
    assert counts.argmax() in (4, 5)


# Files


@pytest.fixture(scope="module")
def written():
    """A small picture, its codec, its file, and what was reported."""
    keras.utils.set_random_seed(0)
    image, reports = blobs(1, size=24, channels=3)[:, :20], []
    codec = OverfittedCodec(2000, effort=150, report=lambda *report: reports.append(report))
    codec = codec.for_shape(image.shape[1:])
    return image, codec, codec.encode(image), reports


def test_training_lowers_bits_and_errors_together(written):
    _, codec, _, reports = written
    assert [number for number, *_ in reports] == list(range(1, 151))
    costs = [bpp + codec.lmbda * error for _, bpp, error in reports]
    assert np.mean(costs[-5:]) < 0.2 * costs[0]


def test_a_file_decodes_to_nearly_its_picture(written):
    image, codec, files, reports = written
    decoded = codec.decode(files)
    assert decoded.shape == image.shape and decoded.dtype == np.uint8
    error = np.mean((decoded / 255.0 - image / 255.0) ** 2)
    assert error < 1.5 * reports[-1][2] + 1e-4


def test_a_decoder_needs_no_tensorflow(written, tmp_path):
    image, codec, files, _ = written
    code = (
        "import sys, numpy as np\n"
        "from kerascomp.codecs import OverfittedCodec\n"
        f"codec = OverfittedCodec().for_shape({image.shape[1:]})\n"
        "np.save(sys.argv[1], codec.decode([bytes.fromhex(sys.argv[2])]))\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    path = tmp_path / "pixels.npy"
    subprocess.run([sys.executable, "-c", code, str(path), files[0].hex()], check=True)
    np.testing.assert_array_equal(np.load(path), codec.decode(files))


@pytest.mark.parametrize("damage", [lambda f: b"", lambda f: f[:40], lambda f: f[:-1]])
def test_damaged_files_are_named(written, damage):
    _, codec, (file,), _ = written
    with pytest.raises(CodecError, match="overfitted cannot decode this file"):
        codec.decode([damage(file)])


def test_an_interrupted_training_gives_a_file():
    def interrupt(number, *_):
        if number == 3:
            raise KeyboardInterrupt

    image = random_images(1, 8, 8, 1)
    codec = OverfittedCodec(effort=1000, report=interrupt).for_shape((8, 8, 1))
    assert codec.decode(codec.encode(image)).shape == image.shape


def test_a_constant_picture_costs_little_more_than_its_networks():
    keras.utils.set_random_seed(0)
    image = np.full((1, 9, 17, 3), 77, np.uint8)
    codec = OverfittedCodec(50_000, effort=200).for_shape(image.shape[1:])
    (file,) = codec.encode(image)
    assert np.abs(codec.decode([file])[0].astype(int) - 77).max() <= 12
    assert len(file) - int.from_bytes(file[:2], "big") < 60


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: OverfittedCodec(0), "a lambda above 0"),
        (lambda: OverfittedCodec(effort=0), "at least one step"),
        (lambda: OverfittedCodec().decode([b"1234"]), "a codec that is `for_shape`"),
        (lambda: OverfittedCodec().for_shape((8, 8, 3)).encode(blobs(1)), r"\(8, 8, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
