"""The rate–distortion model: training, rates, codec."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers import blobs, random_images, shaken, small_dataset

from kerascomp.codecs import BottleneckCodec
from kerascomp.codecs.bottleneck import conditioning, systems, transforms
from kerascomp.networks import autoencoders, training


def tiny():
    model = systems.of_autoencoder(autoencoders.dense(4, widths=(16,)), lmbdas=(10.0, 500.0))
    model._name = "tiny"
    return model


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    recipe = training.Recipe(epochs=6, batch_size=32, learning_rate=1e-2)
    path = tmp_path_factory.mktemp("trained") / "tiny.npz"
    return training.fit(tiny, small_dataset(), recipe, checkpoint=path)


def test_training_lowers_both_terms(trained):
    _, history = trained
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    names = "loss", "bpp", "distortion"
    assert set(history) == {*names, *(f"val_{name}" for name in names), "seconds"}


def test_rates_are_in_order(trained):
    """With noise ≥ rounded ≥ in integers, where the rarest cost less; and these are written."""
    model, _ = trained
    images = blobs(256, seed=7)
    x = images.astype(np.float32) / 255
    keras.utils.set_random_seed(1)
    quality = tf.fill([len(x)], 0.75)
    noisy = np.mean([model(x, quality, training=True)[1].numpy().mean() for _ in range(5)])
    rounded = model(x, quality, training=False)[1].numpy().mean()
    assert noisy > rounded > 0
    codec = BottleneckCodec.of(model).at(0.75).joined(len(images))
    estimated = codec.coder.estimated_bits(codec.to_symbols(images)).sum()
    assert 0.5 * rounded < estimated / len(images) < 1.01 * rounded
    (file,) = codec.encode(images)
    head = 4 + 2 + 4  # the number of images, of lanes, and the length of the only one
    assert len(file) - head == pytest.approx(estimated / 8, rel=0.005, abs=1)


def test_quality_is_what_lambda_says(trained):
    codec = BottleneckCodec.of(trained[0])
    images = blobs(128, seed=8)
    errors, sizes = [], []
    for quality in (0.0, 0.5, 1.0):
        files = codec.at(quality).encode(images)
        decoded = codec.at(quality).decode(files)
        errors.append(np.mean((decoded.astype(float) - images) ** 2))
        sizes.append(sum(map(len, files)))
    assert errors[0] > errors[1] > errors[2] and sizes[0] < sizes[1] < sizes[2]


def test_a_loss_that_is_no_number_stops_the_training(tmp_path):
    recipe = training.Recipe(epochs=3, batch_size=64, learning_rate=1e25)
    with pytest.raises(training.Diverged, match="train with a lower learning rate"):
        training.fit(tiny, small_dataset(), recipe, checkpoint=tmp_path / "x.npz")


def test_a_broken_network_is_no_codec(trained):
    model = tiny()
    broken = model.analysis.get_weights()
    broken[-1][:] = np.inf  # not NaN, which the ReLU of some processors turns into zero
    model.analysis.set_weights(broken)
    codec = BottleneckCodec.from_tables(model, BottleneckCodec.of(trained[0]).tables())
    with pytest.raises(ValueError, match="not finite; the network is damaged"):
        codec.encode(blobs(2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda codec: codec.at(1.1), "a quality from 0 to 1, received 1.1"),
        (lambda codec: codec.at_level(65), "a level from 0 to 64, received 65"),
        (lambda codec: codec.encode(blobs(2, size=32)), "28"),
        (lambda codec: codec.encode(blobs(2, channels=3)), "28"),
        (lambda codec: codec.encode(blobs(2).astype(float)), "uint8"),
        (lambda codec: codec.decode([]), "at least one file"),
    ],
)
def test_what_does_not_fit_is_refused(trained, call, message):
    with pytest.raises(ValueError, match=message):
        call(BottleneckCodec.of(trained[0]))


@pytest.mark.parametrize("build", [tiny, systems.digits, systems.photographs])
def test_networks_have_the_same_names_whatever_was_built_before(build):
    first = build()
    names = list(training.model_arrays(first))
    assert len(names) == len(first.weights)
    second = build()
    assert list(training.model_arrays(second)) == names
    for part in ("analysis", "synthesis", "encoder", "decoder"):
        one, other = (getattr(model, part, None) for model in (first, second))
        if one is not None:
            assert [layer.name for layer in one.layers] == [layer.name for layer in other.layers]


def test_transforms_begin_as_transform_codes():
    """A DCT with all its coefficients loses nothing; with the lowest ones, little."""
    x = tf.constant(blobs(4, size=32, channels=3), tf.float32) / 255
    best = conditioning.condition_of(tf.fill([4], 1.0))
    for num_latents, most in ((192, 1e-10), (96, 1e-3)):
        analysis, synthesis = transforms.photographs(num_latents, (16, 16), (1, 1))
        x_hat = synthesis([analysis([x, best]), best])
        assert np.mean((x_hat - x) ** 2) < most


# The network of digits: a base, then details


@pytest.fixture(scope="module")
def digits():
    return systems.digits()


def test_details_complete_any_picture(digits):
    """Whatever the base is, the error is that of rounding the details."""
    codec, images = BottleneckCodec.of(digits).at(1), random_images(20, 28, 28, 1)
    differences = codec.reconstruct(images) / 255.0 - images / 255.0
    (expected,) = {round(float(step) ** 2 / 12, 9) for step in codec.steps[96:]}
    assert np.mean(differences**2) == pytest.approx(expected + 1 / 255**2 / 12, rel=0.06)


def test_low_qualities_are_the_base_alone(digits):
    codec, images = BottleneckCodec.of(digits), blobs(20)
    levels = 0, systems.LAST_BASE_LEVEL, systems.LAST_BASE_LEVEL + 1, 64
    first, last, above, best = (codec.at_level(level).to_symbols(images) for level in levels)
    widths = [rows.shape[1] for rows in (first, last, above, best)]
    assert widths == [8, 96, 96 + 784, 96 + 784]
    np.testing.assert_array_equal(above[:, :96], last)
    np.testing.assert_array_equal(best[:, :96], last)
    with pytest.raises(ValueError, match="a level from 0 to 64, received -1"):
        codec.at_level(-1)


def test_details_do_not_change_how_the_base_is_trained():
    x, gradients = blobs(32, seed=3).astype(np.float32) / 255, []
    for scale in (0.0, 0.3):
        keras.utils.set_random_seed(0)
        model = systems.digits()
        shaken(model.prior.base)
        shaken(model.prior.details, scale)
        model.compile("sgd", "mse")
        keras.utils.set_random_seed(1)
        with tf.GradientTape() as tape:
            loss, bpp, distortion = model.losses_of(tf.constant(x), training=True)
        assert bpp.shape == distortion.shape == (32,)
        base = [*model.encoder.weights, *model.decoder.weights, *model.prior.base.weights]
        gradients.append([loss, *tape.gradient(loss, base)])
    (loss, *one), (other_loss, *other) = gradients
    assert loss != other_loss
    for first, second in zip(one, other, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-6)


def test_a_network_for_one_rate_is_trained_at_its_level_alone():
    x = tf.constant(blobs(16, seed=3).astype(np.float32) / 255)
    model = systems.digits(only_level=20)
    model.compile("sgd", "mse")
    quality = tf.fill([16], np.float32(20 / 64))
    step = tf.exp(model.base_steps(conditioning.condition_of(quality)))
    symbols = tf.round(model.scaled(x, quality, step))
    loss, bpp, distortion = model.losses_of(x, training=False)
    expected, *_ = model.costs(symbols, x, quality, step)
    assert float(loss) == pytest.approx(float(tf.reduce_mean(expected)), rel=1e-5)
    assert bpp.shape == distortion.shape == (16,)
    details = {id(variable) for variable in model.prior.details.weights}
    assert details and details.isdisjoint(map(id, model.trainable_variables))
    names = [set(training.model_arrays(network)) for network in (model, systems.digits())]
    assert names[0] == names[1]
