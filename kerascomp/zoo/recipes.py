"""How each published network comes to be: builder, data set, recipe."""

import dataclasses
import functools

from kerascomp.codecs import lossless
from kerascomp.codecs.bottleneck import systems as bottlenecks
from kerascomp.codecs.recurrent import systems as recurrent
from kerascomp.networks import autoencoders, quantizers
from kerascomp.networks.training import Recipe
from kerascomp.zoo.cards import IMAGE_SHAPES
from kerascomp.zoo.entries import Entry

DENSE_RECIPE = Recipe(epochs=30, learning_rate=2e-3)
CNN_RECIPE = Recipe(epochs=12, learning_rate=3e-3)


def _dense(num_latents, **options):
    return Entry(
        f"the report's dense autoencoder with {num_latents} numbers in its code",
        functools.partial(autoencoders.dense, num_latents),
        "mnist",
        DENSE_RECIPE,
        **options,
    )


def _unet(dataset, summary, epochs, *, weight_bits=8, **options):
    return Entry(
        summary,
        functools.partial(autoencoders.unet, IMAGE_SHAPES[dataset], **options),
        dataset,
        Recipe(epochs=epochs, batch_size=64, learning_rate=2e-3),
        weight_bits=weight_bits,
        precision="mixed_bfloat16",
    )


# Quantized networks are trained at a coarse step, where it matters what stands in for rounding.
QUANTIZED_STEP = 1.0  # standard deviations of a latent
FACTORIZED_LMBDAS = {
    "mnist-dense": (3, 10, 40, 160, 640),
    "mnist-cnn": (1, 3, 10, 40, 160),
    "cifar10-unet": (40, 160, 640, 2560),
}
NUM_TRAINING_IMAGES = {"mnist": 55_000, "cifar10": 45_000}


def _quantized(entry, surrogate, epochs):
    """Returns an entry of the same network, trained with a quantizer at its code."""
    recipe = dataclasses.replace(entry.recipe, epochs=epochs)
    options = {}
    if surrogate == "soft":  # the staircase is hard after three quarters of the training
        whole_batches = NUM_TRAINING_IMAGES[entry.dataset] // recipe.batch_size
        options["anneal_steps"] = epochs * whole_batches * 3 // 4

    def build():
        quantizer = quantizers.SURROGATES[surrogate](QUANTIZED_STEP, **options)
        return autoencoders.quantized(entry.build(), quantizer)

    summary = f"{entry.summary.split(',')[0]}, rounded by {surrogate} in training"
    return dataclasses.replace(
        entry, summary=summary, build=build, recipe=recipe, kind="quantized", weight_bits=8
    )


def _factorized(entry, lmbda, epochs):
    """Returns an entry of the same network, trained with an entropy bottleneck at its code."""

    def build():
        return autoencoders.rounded(entry.build())

    summary = f"{entry.summary.split(',')[0]}, factorized entropy bottleneck, lambda {lmbda}"
    recipe = dataclasses.replace(entry.recipe, epochs=epochs)
    options = {"kind": "factorized", "lmbda": lmbda, "weight_bits": 8}
    return dataclasses.replace(entry, summary=summary, build=build, recipe=recipe, **options)


def _bottleneck(dataset, build, summary, recipe, **options):
    """Returns an entry of a rate–distortion model."""
    return Entry(summary, build, dataset, recipe, kind="bottleneck", **options)


def _recurrent(dataset, build, summary, epochs, batch_size=64, note=""):
    """Returns an entry of a recurrent model."""
    recipe = Recipe(epochs, batch_size, learning_rate=2e-3, weight_decay=1e-4)
    return Entry(summary, build, dataset, recipe, kind="recurrent", note=note)


def _with_bottleneck(name, epochs, batch_size=128):
    """Returns an entry of a published autoencoder that is trained on with an entropy bottleneck."""
    entry = ENTRIES[name]
    return _bottleneck(
        entry.dataset,
        lambda: bottlenecks.of_autoencoder(entry.build()),
        f"{entry.summary.split(',')[0]}, with an entropy bottleneck",
        Recipe(epochs=epochs, batch_size=batch_size, learning_rate=1e-3),
        start=name,
    )


ENTRIES = {
    "mnist-dense": _dense(32, weight_bits=10),
    "mnist-dense-2": _dense(2),
    "mnist-dense-4": _dense(4),
    "mnist-dense-8": _dense(8),
    "mnist-dense-16": _dense(16),
    "mnist-dense-64": _dense(64, weight_bits=10),
    "mnist-cnn": Entry(
        "the report's convolutional autoencoder, 8 numbers",
        autoencoders.cnn,
        "mnist",
        CNN_RECIPE,
        weight_bits=10,
    ),
    "mnist-wide": Entry(
        "a wide dense autoencoder: how much 8 numbers can carry",
        autoencoders.wide,
        "mnist",
        Recipe(epochs=30, learning_rate=1e-3, weight_decay=1e-2),
    ),
    "mnist-unet": _unet("mnist", "U-Net, no dropout", 15, dropout=0.0),
    "mnist-unet-dropout": _unet("mnist", "U-Net as in the report, dropout 0.1", 15),
    "mnist-unet-skips": _unet("mnist", "U-Net with skip connections", 5, dropout=0.0, skips=True),
    "cifar10-unet": _unet("cifar10", "U-Net, no dropout", 40, dropout=0.0, weight_bits=10),
    "cifar10-unet-dropout": _unet("cifar10", "U-Net as in the report, dropout 0.1", 40),
    "cifar10-unet-skips": _unet(
        "cifar10", "U-Net with skip connections", 10, dropout=0.0, skips=True, weight_bits=10
    ),
}
ENTRIES |= {
    f"{name}-{surrogate}": _quantized(ENTRIES[name], surrogate, epochs)
    for name, epochs in (("mnist-dense", 30), ("mnist-cnn", 12), ("cifar10-unet", 20))
    for surrogate in quantizers.SURROGATES
}
ENTRIES |= {
    f"{name}-factorized-{lmbda}": _factorized(ENTRIES[name], lmbda, epochs)
    for name, epochs in (("mnist-dense", 30), ("mnist-cnn", 12), ("cifar10-unet", 20))
    for lmbda in FACTORIZED_LMBDAS[name]
}
ENTRIES |= {
    "mnist-bottleneck": _bottleneck(
        "mnist",
        bottlenecks.digits,
        "entropy bottleneck for digits, every rate",
        Recipe(
            epochs=64,
            batch_size=256,
            learning_rate=3e-3,
            weight_decay=0.1,
            augmented=0.75,
            rounded_epochs=4,
            rounded_bits=5,
        ),
        weight_bits=5,
        precision="mixed_bfloat16",
    ),
    "cifar10-bottleneck": _bottleneck(
        "cifar10",
        bottlenecks.thumbnails,
        "entropy bottleneck for photographs, every rate",
        Recipe(epochs=22, batch_size=64, learning_rate=1.5e-3, weight_decay=1e-4),
    ),
    "photo-bottleneck": Entry(
        "entropy bottleneck for photographs of any size, every rate",
        bottlenecks.photographs,
        "photographs",
        Recipe(
            epochs=37,
            batch_size=8,
            learning_rate=1e-3,
            weight_decay=1e-2,
            flipped=True,
            crop=128,
            rounded_epochs=3,
            rounded_bits=7,
        ),
        kind="pictures",
        weight_bits=7,
        precision="mixed_bfloat16",
        note="trained on photographs of the Cloudinary Image Dataset '22, CC BY-SA 4.0; all "
        "convolutions but those of the prior began anew after 30 epochs, for a ReLU between two "
        "scales was 0 everywhere; the last 7 epochs had a cosine of their own and one was rounded",
    ),
    "mnist-dense-bottleneck": _with_bottleneck("mnist-dense", epochs=12),
    "mnist-cnn-bottleneck": _with_bottleneck("mnist-cnn", epochs=6),
    "cifar10-unet-bottleneck": _with_bottleneck("cifar10-unet", epochs=3, batch_size=64),
}
ENTRIES |= {
    "mnist-recurrent": _recurrent(
        "mnist", recurrent.digits, "recurrent codec for digits, additive, GRU", 4, batch_size=32
    ),
    "cifar10-recurrent": _recurrent(
        "cifar10",
        recurrent.photographs,
        "recurrent codec for photographs of any size, additive, GRU",
        epochs=6,
        note="in its first three epochs the learning rate followed the cosine of eight epochs",
    ),
    "cifar10-patches-dense": _recurrent(
        "cifar10", recurrent.patches, "2016: dense layers on blocks, additive", epochs=1
    ),
    "cifar10-patches-lstm": _recurrent(
        "cifar10",
        functools.partial(recurrent.patches, "lstm"),
        "2016: LSTM on blocks, one-shot",
        epochs=1,
    ),
}
ENTRIES |= {
    f"cifar10-{cell}-{reconstruction}": _recurrent(
        "cifar10",
        functools.partial(recurrent.small, cell, reconstruction),
        f"small recurrent codec, {reconstruction}, {cell.upper()}",
        epochs=1,
    )
    for cell in ("gru", "lstm")
    for reconstruction in ("additive", "one-shot")
}
ENTRIES |= {
    "mnist-lossless": Entry(
        "lossless codec for digits, pixel by pixel",
        lossless.digits,
        "mnist",
        Recipe(epochs=12, batch_size=64, learning_rate=2e-3, weight_decay=1e-2),
        kind="lossless",
        precision="mixed_bfloat16",
    ),
}


def entry(name: str) -> Entry:
    """Returns how the network `name` comes to be.

    Raises:
        ValueError: there is no such network.
    """
    if name not in ENTRIES:
        raise ValueError(f"no network is called {name!r}; there are {', '.join(ENTRIES)}")
    return ENTRIES[name]
