import itertools

import keras
import numpy as np
import pytest
from helpers import blobs, random_images
from keras import layers

from kerascomp import datasets
from kerascomp.networks import autoencoders, training

BUILDERS = {
    "dense": autoencoders.dense,
    "wide": autoencoders.wide,
    "cnn": autoencoders.cnn,
    "unet": autoencoders.unet,
    "unet digits": lambda: autoencoders.unet((28, 28, 1)),
    "unet skips": lambda: autoencoders.unet(dropout=0.0, skips=True),
}


@pytest.fixture(scope="module", params=BUILDERS)
def model(request):
    training.seed_everything(0)
    return BUILDERS[request.param]()


def test_parameters_and_codes_are_the_reports():
    dense, cnn, unet = autoencoders.dense(), autoencoders.cnn(), autoencoders.unet()
    assert (dense.count_params(), dense.num_latents) == (222_384, 32)
    assert (cnn.count_params(), cnn.num_latents) == (13_289, 8)
    assert unet.latent_shapes == [(2, 2, 128)] and 32 * 32 * 3 / unet.num_latents == 6
    # by hand: 3·3·inputs·outputs + outputs, for each of nine convolutions
    channels = [3, 16, 32, 64, 128, 128, 64, 32, 16, 3]
    by_hand = sum(9 * a * b + b for a, b in itertools.pairwise(channels))
    assert unet.count_params() == by_hand == 342_339


@pytest.mark.parametrize(("number", "layer", "difference"), [
    (1, layers.Dense(64, "tanh"), "layer 2 differs.*relu.*tanh"),
    (1, layers.Dense(63, "relu"), "layer 2 differs.*64.*63"),
    (1, layers.Dense(64, "relu", use_bias=False), "layer 2 differs.*True.*False"),
    (1, layers.Activation("relu"), "layer 2 differs.*Dense.*Activation"),
    (2, None, "layer 3 differs.*Dense.* in one network, no layer in the other"),
])  # fmt: skip
def test_layers_are_compared_one_by_one(number, layer, difference):
    """The same layers with another start and other names are the same."""
    dense = autoencoders.dense(widths=(64,))
    same = [layers.Flatten(), layers.Dense(64, "relu"), layers.Dense(32, "relu", name="last")]
    own = keras.Sequential([layers.Input((28, 28, 1)), *same])
    autoencoders.check_same_layers(dense.encoder.layers, own.layers)
    changed = [*same[:number], *([layer] if layer else []), *same[number + 1 :]]
    other = keras.Sequential([layers.Input((28, 28, 1)), *map(clone, changed)])
    with pytest.raises(ValueError, match=difference):
        autoencoders.check_same_layers(dense.encoder.layers, other.layers)


def clone(layer):
    """Returns a new layer with the same options."""
    return type(layer).from_config(layer.get_config())


def test_dropout_is_on_every_hidden_layer_of_the_unet():
    unet = autoencoders.unet(dropout=0.1)
    dropouts = [layer for layer in training.leaves(unet) if "dropout" in layer.name]
    assert len(dropouts) == 8 and all(layer.rate == 0.1 for layer in dropouts)


def test_every_skip_is_a_latent():
    unet = autoencoders.unet(skips=True)
    assert unet.latent_shapes == [(2, 2, 128), (32, 32, 16), (16, 16, 32), (8, 8, 64), (4, 4, 128)]
    assert unet.num_latents == 512 + 16384 + 8192 + 4096 + 2048


def test_shapes_and_range(model):
    images = random_images(3, *model.image_shape)
    x_hat = model(datasets.to_float(images)).numpy()
    assert x_hat.shape == images.shape and x_hat.dtype == np.float32
    assert x_hat.min() >= 0 and x_hat.max() <= 1
    decoded = model.reconstruct(images)
    assert decoded.shape == images.shape and decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, datasets.to_uint8(x_hat))


def test_encoder_and_decoder_are_the_model(model):
    x = datasets.to_float(random_images(2, *model.image_shape))
    y = model.encoder.predict(x, verbose=0)
    sizes = [part.shape[1:] for part in (y if isinstance(y, list) else [y])]
    assert sizes == model.latent_shapes
    np.testing.assert_allclose(model.decoder.predict(y, verbose=0), model(x), atol=1e-6)


def test_one_training_step_lowers_the_loss(model):
    height, _, channels = model.image_shape
    x = datasets.to_float(blobs(8, height, channels))
    model.compile("adam", "mse")
    before = model.evaluate(x, x, verbose=0)
    model.train_on_batch(x, x)
    assert model.evaluate(x, x, verbose=0) < before


def test_save_and_load_give_the_same_output(model, tmp_path):
    import keras

    images = random_images(2, *model.image_shape)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(loaded.reconstruct(images), model.reconstruct(images))
    assert loaded.latent_shapes == model.latent_shapes


def test_wrong_images_are_named():
    model = autoencoders.dense()
    with pytest.raises(ValueError, match=r"dense takes float32 images .* received uint8"):
        model(random_images(1, 28, 28, 1))
    with pytest.raises(ValueError, match=r"\(N, 28, 28, 1\), received float32 \(1, 32, 32, 3\)"):
        model(np.zeros((1, 32, 32, 3), np.float32))
    with pytest.raises(ValueError, match="expected uint8 images, received float32"):
        model.reconstruct(np.zeros((1, 28, 28, 1), np.float32))
    with pytest.raises(ValueError, match=r"received \(1, 32, 32, 3\)"):
        model.reconstruct(random_images(1, 32, 32, 3))


def test_starts_with_the_same_weights_for_the_same_seed():
    models = []
    for seed in (0, 0, 1):
        training.seed_everything(seed)
        models.append(autoencoders.cnn().get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(models[0], models[1], strict=True))
    assert not np.array_equal(models[0][0], models[2][0])


def test_a_dark_start_begins_near_the_mean_digit():
    digits = datasets.mnist(64).train.images
    for build in (autoencoders.dense, autoencoders.cnn):
        training.seed_everything(0)
        x_hat = datasets.to_float(build().reconstruct(digits))
        assert abs(x_hat.mean() - datasets.to_float(digits).mean()) < 0.05
