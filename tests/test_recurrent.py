"""Recurrent models and codecs: training, files of any size, prefixes."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import blobs, random_images, shaken, small_dataset

from kerascomp import codecs
from kerascomp.codecs import CodecError, RecurrentCodec
from kerascomp.codecs.dct import dct_basis
from kerascomp.codecs.recurrent import initial_weights, systems
from kerascomp.codecs.recurrent.context import Context
from kerascomp.networks import training

RANDOM = np.random.default_rng(0)
SMALL = {"num_bits": 8, "num_iterations": 2, "widths": (6, 8, 6)}


@pytest.fixture(scope="module")
def context():
    return shaken(Context([2, 2, 4], checkerboard=1, hidden=8))


@pytest.fixture(scope="module")
def codec():
    training.seed_everything(0)
    return RecurrentCodec.of(shaken(systems.convolutional(**SMALL), 0.05))


@pytest.mark.parametrize(
    "build",
    [
        lambda: systems.patches(units=8),
        lambda: systems.patches("lstm", units=8),
        lambda: systems.convolutional("lstm", **SMALL),
        lambda: systems.convolutional("gru", reconstruction="one-shot", **SMALL),
        lambda: systems.convolutional(image_shape=(28, 28, 1), **SMALL),
        lambda: systems.convolutional(linear_code=False, **SMALL),
    ],
)
def test_unrolled_shapes_and_bits(build):
    model = build()
    height, width, channels = model.image_shape
    x = tf.constant(RANDOM.uniform(size=(2, height, width, channels)), tf.float32)
    results = model(x)
    assert len(results) == model.num_iterations
    for x_hat, bits in results:
        assert x_hat.shape == x.shape and bits.shape == (2,)
        # An untrained context model expects nothing: a bit costs a bit.
        np.testing.assert_allclose(bits, model.num_latents, rtol=1e-5)
    names = list(training.model_arrays(model))
    assert len(names) == len(model.weights)
    again = build()
    assert list(training.model_arrays(again)) == names
    layers = [[layer.name for layer in training.leaves(unrolled)] for unrolled in (model, again)]
    assert layers[0] == layers[1]


def test_without_a_linear_code_additive_and_one_shot_begin_alike():
    models = {}
    for how in ("additive", "one-shot"):
        training.seed_everything(1)
        models[how] = systems.convolutional(linear_code=False, reconstruction=how, **SMALL)
    additive, one_shot = (training.model_arrays(model) for model in models.values())
    assert additive.keys() == one_shot.keys()
    assert not any("direct" in name for name in additive)
    for name, values in additive.items():
        np.testing.assert_array_equal(values, one_shot[name])
    x = tf.constant(blobs(4, 32, 3) / 256, tf.float32)
    bits = models["additive"].encode_step(x - 0.5, tf.zeros_like(x), None, 0)[0]
    assert len(np.unique(bits)) == 2, "an untrained encoder's bits depend on the image"
    for model in models.values():
        shaken(model.decoder[-2], 0.05)  # begins with zeros: everything would be gray
    (first, second), (other_first, other_second) = [model(x) for model in models.values()]
    np.testing.assert_array_equal(first[0], other_first[0])
    assert not np.allclose(second[0], other_second[0])


@pytest.mark.slow
def test_training_lowers_error_and_bits_and_resumes(tmp_path):
    dataset = small_dataset(64, 32, 3)
    recipe = training.Recipe(epochs=3, batch_size=16, learning_rate=3e-3)

    def build():
        return systems.convolutional(rate_weight=0.5, skip_after=6, **SMALL)

    _, history = training.fit(build, dataset, recipe, checkpoint=tmp_path / "a.npz")
    assert history["loss"][-1] < history["loss"][0]
    assert history["val_distortion"][-1] < history["val_distortion"][0]
    _, again = training.fit(build, dataset, recipe, checkpoint=tmp_path / "a.npz")
    assert again == history


def test_skipped_iterations_happen_but_the_gradient_does_not_see_them():
    model = shaken(systems.convolutional(**SMALL), 0.05)
    x = tf.constant(blobs(2, 32, 3) / 256, tf.float32)
    variables = [model.to_bits.kernel, model.direct_pixels]

    def outcome(number, skipped=None):
        model.num_iterations = number
        with tf.GradientTape() as tape:
            x_hat, bits = model(x, skipped=skipped)[-1]
            error = tf.reduce_sum(tf.square(x - x_hat))
        return x_hat, bits, tape.gradient(error, variables)

    for expected, received in zip(outcome(2), outcome(2, tf.constant(0)), strict=True):
        tf.nest.map_structure(np.testing.assert_allclose, expected, received)
    whole, short = outcome(5), outcome(2, tf.constant(3))
    np.testing.assert_allclose(short[0], whole[0], atol=1e-6)
    np.testing.assert_allclose(short[1], whole[1], rtol=1e-5)
    of_pixels = np.abs(short[2][1]).sum(axis=(1, 2))  # (T,)
    np.testing.assert_array_equal(np.flatnonzero(of_pixels), [4])


@pytest.mark.parametrize("rate_weight", [0.0, 0.5])
def test_bits_reach_the_encoder_only_if_they_have_a_weight(rate_weight):
    model = shaken(systems.convolutional(rate_weight=rate_weight, **SMALL), 0.1)
    x = tf.constant(blobs(4, 32, 3) / 256, tf.float32)
    with tf.GradientTape() as tape:
        bits = tf.reduce_sum([bits for _, bits in model(x, training=True)])
    gradient = tape.gradient(bits, model.to_bits.kernel)
    reached = gradient is not None and np.abs(gradient).max() > 0
    assert reached == (rate_weight > 0)


def test_files_decode_to_what_the_network_reconstructs(codec):
    images = blobs(105, 32, 3)
    for chosen in (codec.at(3), codec.at(target_psnr=16)):
        files = chosen.encode(images)
        np.testing.assert_array_equal(chosen.decode(files), chosen.reconstruct(images))
        assert chosen.encode(images[7:8]) == files[7:8]
        np.testing.assert_array_equal(chosen.decode(files[7:8]), chosen.decode(files)[7:8])


def test_a_prefix_is_the_file_of_fewer_iterations(codec):
    images = blobs(5, 32, 3)
    planes, _ = codec.at(4).to_planes(images)
    stages = codec.all_images(planes)
    for number in (1, 2, 3):
        fewer = codec.at(number)
        np.testing.assert_array_equal(fewer.to_planes(images)[0], planes[:, :number])
        np.testing.assert_array_equal(fewer.decode(fewer.encode(images)), stages[number - 1])
    files = codec.at(4).encode(images)
    decoded, present, written = codec.decode_beginnings([file[: len(file) // 2] for file in files])
    assert (written == 4).all() and (present >= 1).all() and (present < 4).all()
    for image, number in enumerate(present):
        np.testing.assert_array_equal(decoded[image], stages[number - 1, image])


def test_a_wanted_quality_stops_early(codec):
    images = blobs(30, 32, 3)
    planes, _ = codec.at(16).to_planes(images)
    errors = np.mean((codec.all_images(planes) / 255 - images / 255) ** 2, axis=(2, 3, 4))
    target = float(-10 * np.log10(np.median(errors[0])))
    _, counts = codec.at(target_psnr=target).to_planes(images)
    for image, count in enumerate(counts):
        reached = errors[:, image] <= 10 ** (-target / 10)
        assert count == (reached.argmax() + 1 if reached.any() else 16)
    assert len(set(counts)) > 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (17, 43, 3), (30, 3, 1), (64, 200, 3)])
def test_images_of_any_size(codec, shape):
    images = random_images(2, *shape)
    sized = codec.for_shape(shape).at(2)
    point = codecs.measure(sized, images)
    blocks = -(-shape[0] // 8) * -(-shape[1] // 8)
    # With weights at random the context model is wrong about bits, but not by much.
    assert 0.5 < point.bytes_per_image / (blocks * 2 * 8 / 8) < 2


def test_wrong_images_and_settings_are_refused(codec):
    with pytest.raises(ValueError, match=r"takes images of \(32, 32, 3\), received \(40, 32, 3\)"):
        codec.encode(random_images(1, 40, 32, 3))
    with pytest.raises(ValueError, match="uint8"):
        codec.encode(np.zeros((1, 32, 32, 3), np.float32))
    for shape in ((0, 32, 3), (32, 32, 2)):
        with pytest.raises(ValueError, match="any size with 1 or 3 channels, received"):
            codec.for_shape(shape)
    gray = RecurrentCodec.of(systems.convolutional(image_shape=(28, 28, 1), **SMALL))
    with pytest.raises(ValueError, match="with 1 or 1 channels, received"):
        gray.for_shape((28, 28, 3))
    for number in (0, 17, 2.5):
        with pytest.raises(ValueError, match="expected 1 to 16 iterations"):
            codec.at(number)
    for options in ({}, {"num_iterations": 2, "target_psnr": 20}):
        with pytest.raises(ValueError, match="either num_iterations or target_psnr"):
            codec.at(**options)
    with pytest.raises(ValueError, match="a PSNR above 0 dB"):
        codec.at(target_psnr=-3)


def test_damaged_files_are_refused_or_decode_to_some_image(codec):
    with pytest.raises(CodecError, match="at least one file"):
        codec.decode([])
    for file in (b"", b"\xf0"):
        with pytest.raises(CodecError, match="have no whole plane"):
            codec.decode([file])
    for seed in range(20):
        junk = np.random.default_rng(seed).integers(0, 256, 200, np.uint8).tobytes()
        assert codec.decode([junk]).shape == (1, 32, 32, 3)


def test_a_network_that_gives_no_numbers_is_noticed():
    model = systems.convolutional(**SMALL)
    model.direct_pixels.assign_add(np.nan * np.ones((16, 8, 192)))
    with pytest.raises(CodecError, match="is damaged or was not trained"):
        RecurrentCodec.of(model).encode(blobs(2, 32, 3))


def test_the_signs_that_training_begins_with_do_what_theory_says():
    """The first signs of Gaussian coefficients leave 1 - 2/π of their variances; more help on."""
    to_bits, to_pixels, gains = initial_weights.signs(8, 1, 4, 6)
    variances = initial_weights._variances(8, 1)
    blocks = RANDOM.normal(size=(20_000, 64)) * np.sqrt(variances) @ dct_basis(8).T
    residual, errors = blocks, []
    for first, second, gain in zip(to_bits, to_pixels, gains, strict=True):
        residual = residual - np.sign(gain * residual @ first) @ second / gain
        errors.append((residual**2).sum(axis=1).mean())
    largest = np.sort(variances)[-4:].sum()
    assert errors[0] == pytest.approx(variances.sum() - 2 / np.pi * largest, rel=0.02)
    assert errors == sorted(errors, reverse=True)
