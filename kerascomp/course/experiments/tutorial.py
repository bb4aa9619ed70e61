"""The network of TensorFlow's own tutorial, trained as `mnist-bottleneck` was."""

from collections.abc import Sequence

import keras
from keras import layers

from kerascomp import datasets, zoo
from kerascomp.codecs import bottleneck
from kerascomp.course.experiments import trials
from kerascomp.networks import autoencoders
from kerascomp.zoo import recipes

LMBDAS = (1.0, 300.0)  # its errors hardly fall beyond
LEVELS = range(0, 65, 4)


def run(*, lengths: Sequence[int] = (3, 15)) -> dict:
    """Returns both networks' rate points after equal epochs, and after equal minutes.

    After as many minutes as `mnist-bottleneck` was trained by its card, whose points are stored
    elsewhere: the tutorial's network has as many epochs as fit into them, at the speed of the
    training before. (On another computer, train `mnist-bottleneck` there first.)

    Args:
        lengths: epochs of the trainings of both.

    Returns:
        {"num_parameters": of the tutorial's network, "trainings": [{name: {"epochs": number,
        "seconds": an epoch, "points": [...]}}, ...]} with names "tutorial" and "ours", the last one
        without "ours".
    """
    ours = recipes.entry("mnist-bottleneck")

    def both(epochs):
        return {
            "tutorial": _trained("tutorial", network, epochs),
            "ours": _trained("ours", ours.build, epochs),
        }

    trainings = [both(epochs) for epochs in lengths]
    seconds = zoo.card("mnist-bottleneck")["wall_seconds"]
    equal = max(1, round(seconds / trainings[-1]["tutorial"]["seconds"]))
    trainings.append({"tutorial": _trained("tutorial", network, equal)})
    return {"num_parameters": network().count_params(), "trainings": trainings}


def _trained(name, build, epochs):
    codec, seconds = trials.fit_digits(name, build, epochs)
    members = [codec.at_level(level) for level in LEVELS]
    points = trials.points(members, datasets.mnist().test.images)
    return {"epochs": epochs, "seconds": seconds, "points": points}


def network() -> keras.Model:
    """Returns the tutorial's transforms with a factorized prior, for every rate.

    28×28×1 → 14×14×20 → 7×7×50 → 500 → 50 → 500 → 7×7×50 → 14×14×20 → 28×28×1

    The tutorial has one logistic distribution for each latent and one rate; here it is a mixture
    of three, and the quality sets the quantization steps and shifts the prior.
    """
    options = {"padding": "same", "activation": "leaky_relu"}
    encoder = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(20, 5, strides=2, name="encoder_convolution_1", **options),
            layers.Conv2D(50, 5, strides=2, name="encoder_convolution_2", **options),
            layers.Flatten(name="encoder_flatten"),
            layers.Dense(500, "leaky_relu", name="encoder_dense"),
            layers.Dense(50, name="encoder_code"),
        ],
        name="encoder",
    )
    decoder = keras.Sequential(
        [
            layers.Input((50,)),
            layers.Dense(500, "leaky_relu", name="decoder_dense_1"),
            layers.Dense(2450, "leaky_relu", name="decoder_dense_2"),
            layers.Reshape((7, 7, 50), name="decoder_reshape"),
            layers.Conv2DTranspose(20, 5, strides=2, name="decoder_convolution", **options),
            layers.Conv2DTranspose(1, 5, strides=2, name="decoder_pixels", **options),
        ],
        name="decoder",
    )
    transforms = autoencoders.Autoencoder(encoder, decoder, name="tutorial")
    return bottleneck.of_autoencoder(transforms, LMBDAS)
