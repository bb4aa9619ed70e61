"""Training: one recipe, a progress bar, a checkpoint after every epoch, the same result twice.

    model, history = fit(build, dataset, Recipe(epochs=40), checkpoint="dense.npz")

Interrupted, it continues where it stopped when called again; finished, it returns at once. A
training that was resumed ends with the same weights, bit by bit, as one that was not, unless the
network has dropout, whose masks are drawn anew.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tqdm.keras import TqdmCallback

from kerascomp.datasets import Dataset
from kerascomp.networks import augmentation, stack
from kerascomp.networks.checkpoints import Checkpoint, Diverged  # noqa: F401
from kerascomp.networks.optimizer import FusedAdamW
from kerascomp.networks.recipe import Recipe, learning_rate, num_steps

# Training steps that TensorFlow takes in one call from Python. Saves time where there are many
# steps; tracing the network takes twice as long.
STEPS_PER_CALL = 16


def seed_everything(seed: int) -> None:
    """Makes the weights of the next model, and its training, repeat bit by bit on one machine.

    TensorFlow trains on a GPU if it finds one. There its deterministic operations are slower than
    the others, and an operation that has no deterministic form raises an error that names it.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def precision(policy: str) -> Iterator[None]:
    """Models built inside compute in `policy`: "float32", or "mixed_bfloat16" (half the bits).

    The weights stay float32. CPUs with AMX or AVX512-BF16 train convolutions twice as fast.
    """
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy(policy)
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(before)


def fit(
    build: Callable[[], keras.Model], dataset: Dataset, recipe: Recipe, *, checkpoint: str | Path
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Builds a network and trains it to return its input.

    Args:
        build: function without arguments that returns a Keras model, images to images, both
            float32 in [0, 1]. Every call starts from the same weights, those of the seed.
        dataset: trains on its training split, evaluates on its validation split.
        recipe: `Recipe`.
        checkpoint: path of an .npz file. If it holds this network, trained with this recipe on
            these images, training continues there or is already over; otherwise it is replaced.

    Returns:
        (model, history), the history {"loss": [...], "val_loss": [...], "seconds": [...]} with one
        value an epoch, and the same of a model's own metrics.

    Raises:
        KeyboardInterrupt: passed on; every finished epoch is in the checkpoint.
        Diverged: the loss became infinite or NaN; the epochs before are in the checkpoint.
    """
    seed_everything(recipe.seed)
    model = build()
    rate = learning_rate(recipe, len(dataset.train))
    optimizer = FusedAdamW(rate, weight_decay=recipe.weight_decay)
    steps = num_steps(recipe, len(dataset.train))
    steps_per_call = STEPS_PER_CALL if steps >= STEPS_PER_CALL else 1
    model.compile(optimizer, recipe.loss, steps_per_execution=steps_per_call)
    state = Checkpoint(checkpoint, signature(model, dataset, recipe))
    state.restore(model)
    exact_epochs = recipe.epochs - recipe.rounded_epochs
    for epochs, bits in ((exact_epochs, None), (recipe.epochs, recipe.rounded_bits)):
        if state.num_epochs >= epochs:
            continue
        model.rounded_bits = bits
        model.compile(optimizer, recipe.loss, steps_per_execution=steps_per_call)
        model.fit(
            batches(dataset.train.images, recipe, first_epoch=state.num_epochs),
            validation_data=in_order(_corners(dataset.validation.images, recipe)),
            initial_epoch=state.num_epochs,
            epochs=epochs,
            steps_per_epoch=steps,
            shuffle=False,  # `batches` does
            callbacks=[state, TqdmCallback(verbose=0, desc=f"training {model.name}")],
            verbose=0,
        )
    model.compile(optimizer, recipe.loss)  # single steps again, as predict_on_batch needs
    return model, state.history


def batches(images: np.ndarray, recipe: Recipe, *, first_epoch: int = 0) -> tf.data.Dataset:
    """Returns (x, x) batches of all epochs from `first_epoch` on.

    The order of an epoch depends on nothing but the seed and the epoch's number, so a resumed
    training sees the same batches as one that was never interrupted.

    Args:
        images: uint8, shape (N, H, W, C).
        recipe: `Recipe`.
        first_epoch: number of the first epoch, from 0.
    """
    with tf.device("CPU"):
        stored = tf.constant(images)  # uint8: a quarter of the memory of float32

    def one_epoch(epoch):
        seed = tf.stack([tf.constant(recipe.seed, tf.int64), epoch])
        indices = tf.range(recipe.num_repeats * len(images))
        order = tf.random.experimental.stateless_shuffle(indices, seed)
        return tf.data.Dataset.from_tensor_slices(order).batch(recipe.batch_size)

    def one_batch(number, indices):
        x, _ = _input_and_target(tf.gather(stored, indices % len(images)))
        if recipe.crop:
            x = augmentation.cropped(x, recipe.crop, seed=[recipe.seed, number])
        if recipe.augmented:
            x = augmentation.deformed(x, recipe.augmented, seed=[recipe.seed, number])
        if recipe.flipped:
            x = augmentation.flipped(x, seed=[recipe.seed, number])
        return x, x

    return (
        tf.data.Dataset.range(first_epoch, recipe.epochs)
        .flat_map(one_epoch)
        .enumerate(first_epoch * num_steps(recipe, len(images)))
        .map(one_batch)
        .prefetch(2)
    )


def in_order(images: np.ndarray, batch_size: int = 500) -> tf.data.Dataset:
    """Returns (x, x) batches of uint8 images (N, H, W, C) in their own order."""
    return tf.data.Dataset.from_tensor_slices(images).batch(batch_size).map(_input_and_target)


def signature(model: keras.Model, dataset: Dataset, recipe: Recipe) -> str:
    """Returns a hex string that changes with the network, the training images or the recipe."""
    layers = [(layer.__class__.__name__, layer.get_config()) for layer in leaves(model)]
    description = json.dumps([layers, asdict(recipe), dataset.digest], default=str, sort_keys=True)
    return hashlib.sha256(description.encode()).hexdigest()


def leaves(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yields the layers of a model and of the models within it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        else:
            yield layer


def model_arrays(model: keras.Model) -> dict[str, np.ndarray]:
    """Returns {variable name: float32 array} of a Keras model."""
    return {name: weight.numpy().astype(np.float32) for name, weight in _named(model).items()}


def assign(model: keras.Model, values: dict[str, np.ndarray]) -> None:
    """Sets a Keras model's weights from {variable name: array}.

    Raises:
        ValueError: names or shapes are not the model's.
    """
    weights = _named(model)
    expected = {name: tuple(weight.shape) for name, weight in weights.items()}
    received = {name: array.shape for name, array in values.items()}
    if expected != received:
        first = sorted(set(expected.items()) ^ set(received.items()))[0]
        raise ValueError(
            f"these weights are not of {model.name}: expected {len(expected)} variables, "
            f"received {len(received)}; first difference {first}"
        )
    for name, weight in weights.items():
        weight.assign(values[name].astype(np.float32))


def _corners(images, recipe):
    """Returns images as large as those that are trained on."""
    side = recipe.crop or None
    return images[:, :side, :side]


def _input_and_target(images):
    x = tf.image.convert_image_dtype(images, tf.float32)  # [0, 1]
    return x, x


def _named(model):
    return {stack.weight_name(weight, model): weight for weight in model.weights}
