"""What experiments share: a training that can be continued, and points that can be stored."""

import dataclasses
from collections.abc import Callable, Sequence

import keras

from kerascomp import codecs, files
from kerascomp.datasets import Dataset
from kerascomp.networks import training


def fit(
    name: str, build: Callable[[], keras.Model], dataset: Dataset, recipe: training.Recipe
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Returns what `training.fit` returns; `name` is that of the checkpoint in the cache."""
    checkpoint = files.cache_folder() / "training" / f"{name}.npz"
    return training.fit(build, dataset, recipe, checkpoint=checkpoint)


def points(family: Sequence[codecs.Codec], images) -> list[dict]:
    """Returns the rate points of codecs on uint8 images (N, H, W, C), as JSON stores them."""
    return [dataclasses.asdict(point) for point in codecs.sweep(family, images)]
