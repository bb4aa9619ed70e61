"""What experiments share: a training that can be continued, and points that can be stored."""

import dataclasses
from collections.abc import Callable, Sequence

import keras
import numpy as np

from kerascomp import codecs, datasets, files
from kerascomp.datasets import Dataset
from kerascomp.networks import training
from kerascomp.zoo import recipes


def fit(
    name: str, build: Callable[[], keras.Model], dataset: Dataset, recipe: training.Recipe
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Returns what `training.fit` returns; `name` is that of the checkpoint in the cache."""
    checkpoint = files.cache_folder() / "training" / f"{name}.npz"
    return training.fit(build, dataset, recipe, checkpoint=checkpoint)


def fit_digits(
    name: str, build: Callable[[], keras.Model], epochs: int
) -> tuple[codecs.BottleneckCodec, float]:
    """Trains a network as `mnist-bottleneck` was, for other epochs, and with weights of all bits.

    Args:
        name: the checkpoint's name begins with it.
        build: returns a rate–distortion model of digits.
        epochs: of the training.

    Returns:
        (codec, median seconds of an epoch).
    """
    entry = recipes.entry("mnist-bottleneck")
    recipe = dataclasses.replace(entry.recipe, epochs=epochs, rounded_epochs=0)
    with training.precision(entry.precision):
        trained, history = fit(f"{name}-{epochs}", build, datasets.mnist(), recipe)
    model = build()  # computes in float32
    training.assign(model, training.model_arrays(trained))
    return codecs.BottleneckCodec.of(model), float(np.median(history["seconds"]))


def points(family: Sequence[codecs.Codec], images) -> list[dict]:
    """Returns the rate points of codecs on uint8 images (N, H, W, C), as JSON stores them."""
    return [dataclasses.asdict(point) for point in codecs.sweep(family, images)]
