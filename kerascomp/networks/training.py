"""Training: one recipe, a progress bar, a checkpoint after every epoch, the same result twice.

    model, history = fit(build, dataset, Recipe(epochs=40), checkpoint="dense.npz")

Interrupted, it continues where it was when called again; finished, it returns at once. A training
that was resumed ends with the weights of one that was not, bit by bit, unless the network has
dropout, whose masks are drawn anew.
"""

import contextlib
import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tqdm.keras import TqdmCallback

from kerascomp import files

# Five networks have five graphs; TensorFlow would warn of it.
tf.get_logger().addFilter(lambda record: "triggered tf.function retracing" not in record.msg)

WARM_UP_STEPS = 300
STEPS_PER_CALL = 16  # training steps between two visits of Python; it only saves time


class Diverged(ArithmeticError):
    """The loss of a training became infinite, or no number."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: Adam with a short warm-up, then a cosine down to zero.

    Attributes:
        epochs: passes over the training set.
        batch_size: images a step.
        learning_rate: the highest one.
        weight_decay: of AdamW; 0 is plain Adam.
        loss: a Keras loss; "mse" is the report's.
        seed: of the weights, of the order of the images and of dropout.
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    loss: str = "mse"
    seed: int = 0


def seed_everything(seed):
    """Makes the weights of the next model, and its training, repeat bit by bit on one machine."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def precision(policy):
    """Models built inside compute in `policy`: "float32", or "mixed_bfloat16" (half the bits).

    The weights stay float32. CPUs with AMX or AVX512-BF16 train convolutions twice as fast.
    """
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy(policy)
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(before)


def fit(build, dataset, recipe, *, checkpoint):
    """Builds a network and trains it to return its input.

    Args:
        build: function without arguments that returns a Keras model, images to images, both
            float32 in [0, 1]. Every call starts from the same weights, those of the seed.
        dataset: `datasets.Dataset`; trains on its training split, watches its validation split.
        recipe: `Recipe`.
        checkpoint: path of an .npz file. If it holds this network, trained like this on these
            images, training continues there or is already over; otherwise it is replaced.

    Returns:
        (model, history), the history {"loss": [...], "val_loss": [...], "seconds": [...]} with one
        value an epoch, and the same of a model's own metrics.

    Raises:
        KeyboardInterrupt: passed on; every finished epoch is in the checkpoint.
        Diverged: the loss became infinite, or no number; the epochs before are in the checkpoint.
    """
    seed_everything(recipe.seed)
    model = build()
    rate = learning_rate(recipe, len(dataset.train))
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    model.compile(optimizer, recipe.loss, steps_per_execution=STEPS_PER_CALL)
    keeper = Checkpoint(checkpoint, signature(model, dataset, recipe))
    keeper.restore(model)
    if keeper.num_epochs < recipe.epochs:
        model.fit(
            batches(dataset.train.images, recipe, first_epoch=keeper.num_epochs),
            validation_data=in_order(dataset.validation.images),
            initial_epoch=keeper.num_epochs,
            epochs=recipe.epochs,
            steps_per_epoch=num_steps(recipe, len(dataset.train)),
            callbacks=[keeper, TqdmCallback(verbose=0, desc=f"training {model.name}")],
            verbose=0,
        )
    model.compile(optimizer, recipe.loss)  # single steps again, as predict_on_batch needs
    return model, keeper.history


def num_steps(recipe, num_images):
    """Returns the training steps of one epoch; the last one may have fewer images."""
    return -(-num_images // recipe.batch_size)


def learning_rate(recipe, num_images):
    """Returns a Keras schedule: up to the recipe's rate, then down a cosine to zero."""
    total_steps = recipe.epochs * num_steps(recipe, num_images)
    warm_up_steps = min(WARM_UP_STEPS, total_steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, total_steps - warm_up_steps,
        warmup_target=recipe.learning_rate, warmup_steps=warm_up_steps,
    )  # fmt: skip


def batches(images, recipe, *, first_epoch=0):
    """Returns (x, x) batches of all epochs from `first_epoch` on, as a `tf.data.Dataset`.

    The order of an epoch depends on nothing but the seed and the epoch's number, so a resumed
    training sees the same batches as one that was never interrupted.

    Args:
        images: uint8, shape (N, H, W, C).
        recipe: `Recipe`.
        first_epoch: int.
    """
    with tf.device("CPU"):
        stored = tf.constant(images)  # uint8: a quarter of the memory of float32

    def one_epoch(epoch):
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(images)), seed=tf.stack([tf.constant(recipe.seed, tf.int64), epoch])
        )
        return tf.data.Dataset.from_tensor_slices(order).batch(recipe.batch_size)

    return (
        tf.data.Dataset.range(first_epoch, recipe.epochs)
        .flat_map(one_epoch)
        .map(lambda indices: _input_and_target(tf.gather(stored, indices)))
        .prefetch(2)
    )


def in_order(images, batch_size=500):
    """Returns (x, x) batches of uint8 images in their own order, as a `tf.data.Dataset`."""
    return tf.data.Dataset.from_tensor_slices(images).batch(batch_size).map(_input_and_target)


def _input_and_target(images):
    x = tf.image.convert_image_dtype(images, tf.float32)  # [0, 1]
    return x, x


def signature(model, dataset, recipe):
    """Returns a hex string that changes with the network, the training images or the recipe."""
    layers = [(layer.__class__.__name__, layer.get_config()) for layer in leaves(model)]
    description = json.dumps([layers, asdict(recipe), dataset.digest], default=str, sort_keys=True)
    return hashlib.sha256(description.encode()).hexdigest()


def leaves(model):
    """Yields the layers of a model and of the models within it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        else:
            yield layer


class Checkpoint(keras.callbacks.Callback):
    """Writes weights, optimizer and history to one file after every epoch.

    Args:
        path: the .npz file.
        signature: a checkpoint with another signature is of another training: it is ignored.
    """

    def __init__(self, path, signature):
        super().__init__()
        self.path = Path(path)
        self.signature = signature
        self.history = {"loss": [], "val_loss": [], "seconds": []}  # and a model's own metrics

    @property
    def num_epochs(self):
        """How many epochs are done."""
        return len(self.history["loss"])

    def restore(self, model):
        """Sets model, optimizer and history from the file, if it is of this training."""
        if not self.path.exists():
            return
        found = files.load_arrays(self.path, advice="delete it: the training starts over")
        if str(found.get("signature")) != self.signature:
            return
        self.history = json.loads(str(found["history"]))
        model.optimizer.build(model.trainable_variables)
        for index, variable in enumerate(_state(model)):
            variable.assign(found[f"{index:03d}"])

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        if not np.isfinite(logs["loss"]):
            raise Diverged(
                f"the loss of {self.model.name} became {logs['loss']} in epoch "
                f"{self.num_epochs + 1}; {self.num_epochs} epochs are kept in {self.path}. Delete "
                "it and train with a lower learning rate"
            )

    def on_epoch_end(self, epoch, logs=None):
        for key, value in logs.items():
            self.history.setdefault(key, []).append(float(value))
        self.history["seconds"].append(time.perf_counter() - self.started)
        state = {f"{index:03d}": v.numpy() for index, v in enumerate(_state(self.model))}
        files.save_arrays(
            self.path,
            {"signature": self.signature, "history": json.dumps(self.history), **state},
        )


def _state(model):
    """Returns all variables that training changes, in a fixed order."""
    return [*model.weights, *model.optimizer.variables]


def model_arrays(model, dtype=np.float32):
    """Returns {variable name: array} of a Keras model."""
    return {_name(weight): weight.numpy().astype(dtype) for weight in model.weights}


def assign(model, values):
    """Sets a Keras model's weights from {variable name: array}.

    Raises:
        ValueError: names or shapes are not the model's.
    """
    expected = {_name(weight): tuple(weight.shape) for weight in model.weights}
    received = {name: array.shape for name, array in values.items()}
    if expected != received:
        first = sorted(set(expected.items()) ^ set(received.items()))[0]
        raise ValueError(
            f"these weights are not of {model.name}: expected {len(expected)} variables, "
            f"received {len(received)}; first difference {first}"
        )
    for weight in model.weights:
        weight.assign(values[_name(weight)].astype(np.float32))


def _name(weight):
    return weight.name.removesuffix(":0")
