"""The network of TensorFlow's own tutorial, trained as `mnist-bottleneck` was."""

import dataclasses

import keras
import numpy as np
from keras import layers

from kerascomp import datasets
from kerascomp.codecs import bottleneck
from kerascomp.codecs.bottleneck import systems
from kerascomp.course.experiments import trials
from kerascomp.networks import autoencoders
from kerascomp.zoo import recipes

LMBDAS = (2.5, 1500.0)  # those of mnist-bottleneck
LEARNING_RATE = 1e-3  # the tutorial's
QUALITIES = np.linspace(0, 1, 9)


def run(*, few: int = 3, many: int | None = None) -> dict:
    """Returns {"short": {"tutorial": points, "ours": points}, "long": {"tutorial": points}, …}.

    Args:
        few: epochs of the short trainings.
        many: epochs of the long training; those of the published network when not given.
    """
    mnist, ours = datasets.mnist(), recipes.entry("mnist-bottleneck").recipe
    tutorials = dataclasses.replace(ours, learning_rate=LEARNING_RATE)
    epochs = {"short": few, "long": many or ours.epochs}

    def points(name, build, recipe, length):
        recipe = dataclasses.replace(recipe, epochs=epochs[length])
        model, _ = trials.fit(f"{name}-{recipe.epochs}", build, mnist, recipe)
        codec = bottleneck.BottleneckCodec.of(model)
        return trials.points([codec.at(quality) for quality in QUALITIES], mnist.test.images)

    return {
        "epochs": epochs,
        "num_parameters": network().count_params(),
        "short": {
            "tutorial": points("tutorial", network, tutorials, "short"),
            "ours": points("ours", systems.digits, ours, "short"),
        },
        "long": {"tutorial": points("tutorial", network, tutorials, "long")},
    }


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
