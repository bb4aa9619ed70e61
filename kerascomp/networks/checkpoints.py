"""Checkpoints: the state of a training in one file, written after every epoch."""

import json
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from kerascomp import files


class Diverged(ArithmeticError):
    """The loss of a training became infinite or NaN."""


class Checkpoint(keras.callbacks.Callback):
    """Writes weights, optimizer and history to one file after every epoch.

    Args:
        path: the .npz file.
        signature: a checkpoint with another signature belongs to another training and is ignored.
    """

    def __init__(self, path: str | Path, signature: str):
        super().__init__()
        self.path = Path(path)
        self.signature = signature
        self.history = {"loss": [], "val_loss": [], "seconds": []}  # and a model's own metrics

    @property
    def num_epochs(self) -> int:
        """How many epochs are done."""
        return len(self.history["loss"])

    def restore(self, model: keras.Model) -> None:
        """Sets model, optimizer and history from the file, if it belongs to this training.

        Raises:
            ArrayFileError: the file is damaged.
        """
        if not self.path.exists():
            return
        state = files.load_arrays(self.path, advice="delete it: the training starts over")
        if str(state.get("signature")) != self.signature:
            return
        self.history = json.loads(str(state["history"]))
        model.optimizer.build(model.trainable_variables)
        for index, variable in enumerate(_variables(model)):
            variable.assign(state[f"{index:03d}"])

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        """Raises `Diverged` where the loss is infinite or NaN."""
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
        variables = {f"{index:03d}": v.numpy() for index, v in enumerate(_variables(self.model))}
        description = {"signature": self.signature, "history": json.dumps(self.history)}
        files.save_arrays(self.path, description | variables)


def _variables(model: keras.Model) -> list[tf.Variable]:
    """Returns all variables that training changes, in a fixed order."""
    return [*model.weights, *model.optimizer.variables]
