"""The architecture of mnist-bottleneck against that of TensorFlow's own tutorial, trained alike.

    make tutorial

The tutorial (tensorflow/docs, data_compression) compresses digits with two convolutions, a dense
layer of 500 units and 50 latents. Here both get the same loss, the same qualities, the same
epochs; the tutorial's latents get a factorized prior of three logistic distributions each, where
it has one. What counts is the mean difference in rate at equal PSNR, on real bytes.
"""

import tempfile
from pathlib import Path

from keras import Sequential, layers

from kerascomp import codecs, datasets, metrics
from kerascomp.codecs.bottleneck import systems
from kerascomp.codecs.bottleneck.codec import BottleneckCodec
from kerascomp.networks import autoencoders, training

EPOCHS = 3
QUALITIES = (0.0, 0.25, 0.5, 0.75, 1.0)


def tutorial():
    """Returns the tutorial's transforms with a factorized prior, for every rate."""
    options = {"padding": "same", "activation": "leaky_relu"}
    encoder = Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(20, 5, strides=2, **options),
            layers.Conv2D(50, 5, strides=2, **options),
            layers.Flatten(),
            layers.Dense(500, activation="leaky_relu"),
            layers.Dense(50),
        ]
    )
    decoder = Sequential(
        [
            layers.Input((50,)),
            layers.Dense(500, activation="leaky_relu"),
            layers.Dense(2450, activation="leaky_relu"),
            layers.Reshape((7, 7, 50)),
            layers.Conv2DTranspose(20, 5, strides=2, **options),
            layers.Conv2DTranspose(1, 5, strides=2, **options),
        ]
    )
    return systems.of_autoencoder(autoencoders.Autoencoder(encoder, decoder, name="tutorial"))


def main():
    """Trains both, prints their points, and what ours saves."""
    mnist = datasets.mnist()
    points = {}
    for name, build, rate in (("tutorial", tutorial, 1e-3), ("ours", systems.digits, 3e-3)):
        recipe = training.Recipe(epochs=EPOCHS, learning_rate=rate)
        with tempfile.TemporaryDirectory() as folder:
            model, _ = training.fit(build, mnist, recipe, checkpoint=Path(folder) / "new.npz")
        codec, number = BottleneckCodec.of(model), len(mnist.test)
        family = [codec.at(quality).joined(number) for quality in QUALITIES]
        points[name] = codecs.sweep(family, mnist.test.images)
        for point in points[name]:
            print(f"{name:9} {8 * point.bytes_per_image:6.1f} bits  MSE {point.mse:.5f}")
    saved = metrics.bd_rate(points["tutorial"], points["ours"])
    print(
        f"after {EPOCHS} epochs: {saved:+.1f} % bits at equal PSNR, against the tutorial's network"
    )


if __name__ == "__main__":
    main()
