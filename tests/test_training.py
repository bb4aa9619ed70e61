import dataclasses

import keras
import numpy as np
import pytest
from helpers import small_dataset

from kerascomp import files
from kerascomp.networks import autoencoders, training
from kerascomp.networks.optimizer import FusedAdamW
from kerascomp.networks.training import Recipe

RECIPE = Recipe(epochs=3, batch_size=64)


def build():
    return autoencoders.dense(4)


@pytest.fixture(scope="module")
def dataset():
    return small_dataset()


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    """A model trained without interruption, its history, and its checkpoint."""
    path = tmp_path_factory.mktemp("trained") / "model.npz"
    return *training.fit(build, dataset, RECIPE, checkpoint=path), path


def same_weights(first, second):
    pairs = zip(first.get_weights(), second.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_training_lowers_the_loss(trained):
    _, history, _ = trained
    assert set(history) == {"loss", "val_loss", "seconds"}
    assert len(history["loss"]) == 3 and history["loss"][-1] < history["loss"][0]


def test_the_same_seed_trains_the_same_weights(trained, dataset, tmp_path):
    again, _ = training.fit(build, dataset, RECIPE, checkpoint=tmp_path / "again.npz")
    assert same_weights(trained[0], again)


def test_a_finished_training_is_not_repeated(trained, dataset, monkeypatch):
    model, history, path = trained
    monkeypatch.setattr(keras.Model, "fit", lambda *args, **kwargs: pytest.fail("trained again"))
    again, old_history = training.fit(build, dataset, RECIPE, checkpoint=path)
    assert old_history == history and same_weights(model, again)


@pytest.mark.parametrize("where", ["in an epoch", "while the checkpoint is written"])
def test_ctrl_c_loses_nothing_and_resuming_gives_the_same_weights(
    trained, dataset, tmp_path, monkeypatch, where
):
    path = tmp_path / "interrupted.npz"
    count = 0

    def interrupted(*args, **kwargs):
        nonlocal count
        count += 1
        if count == 3:
            raise KeyboardInterrupt
        return original(*args, **kwargs)

    if where == "in an epoch":
        original = training.Checkpoint.on_epoch_begin
        monkeypatch.setattr(training.Checkpoint, "on_epoch_begin", interrupted)
    else:
        original = files.write_atomically
        monkeypatch.setattr(files, "write_atomically", interrupted)
    with pytest.raises(KeyboardInterrupt):
        training.fit(build, dataset, RECIPE, checkpoint=path)
    monkeypatch.undo()

    assert len(files.load_arrays(path)) > 0 and not list(tmp_path.glob("*.part"))
    resumed, history = training.fit(build, dataset, RECIPE, checkpoint=path)
    assert same_weights(trained[0], resumed)
    assert history["loss"] == trained[1]["loss"]


def test_another_recipe_network_or_data_trains_anew(trained, dataset):
    _, _, path = trained
    signature = str(files.load_arrays(path)["signature"])
    model = build()
    assert training.signature(model, dataset, RECIPE) == signature
    others = [
        training.signature(model, dataset, Recipe(epochs=3, batch_size=64, seed=1)),
        training.signature(autoencoders.dense(5), dataset, RECIPE),
        training.signature(model, small_dataset(200), RECIPE),
    ]
    assert signature not in others and len(set(others)) == 3


def test_a_checkpoint_of_something_else_is_replaced(trained, dataset, tmp_path):
    path = tmp_path / "other.npz"
    files.save_arrays(path, {"some": np.arange(3)})
    model, _ = training.fit(build, dataset, RECIPE, checkpoint=path)
    assert same_weights(trained[0], model)


def test_a_damaged_checkpoint_says_what_to_do(dataset, tmp_path):
    path = tmp_path / "broken.npz"
    path.write_bytes(b"half a checkp")
    with pytest.raises(files.ArrayFileError, match="delete it: the training starts over"):
        training.fit(build, dataset, RECIPE, checkpoint=path)


def test_a_training_that_diverges_says_so_and_keeps_the_epochs_before(dataset, tmp_path):
    recipe = Recipe(epochs=3, batch_size=64, learning_rate=1e30)
    with pytest.raises(training.Diverged, match="the loss of wide became .* in epoch 1; 0 epochs"):
        training.fit(autoencoders.wide, dataset, recipe, checkpoint=tmp_path / "wide.npz")


def test_every_image_once_an_epoch_and_another_order_every_time(dataset):
    images = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
    recipe = Recipe(epochs=3, batch_size=4)
    seen = [x.numpy().ravel() for x, _ in training.batches(images, recipe)]
    epochs = [np.rint(np.concatenate(seen[i : i + 3]) * 255) for i in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    later = [x.numpy().ravel() for x, _ in training.batches(images, recipe, first_epoch=2)]
    np.testing.assert_array_equal(np.concatenate(later), np.concatenate(seen[6:]))


def test_learning_rate_rises_then_falls_to_zero():
    recipe = Recipe(epochs=10, batch_size=10, learning_rate=0.5)
    steps = recipe.epochs * training.num_steps(recipe, 1000)
    schedule = training.learning_rate(recipe, 1000)
    assert isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule)
    rates = [float(schedule(step)) for step in range(0, steps + 1, 10)]
    assert rates[0] == 0 and max(rates) == pytest.approx(0.5) and rates[-1] == pytest.approx(0)


def test_rounded_epochs_begin_at_a_fifteenth_of_the_rate():
    recipe = Recipe(epochs=4, batch_size=10, learning_rate=0.5)
    rounding = dataclasses.replace(recipe, epochs=6, rounded_epochs=2)
    before, schedule = training.learning_rate(recipe, 1000), training.learning_rate(rounding, 1000)
    for step in (0, 30, 250, 399):
        assert float(schedule(step)) == pytest.approx(float(before(step)), abs=1e-9)
    rates = [float(schedule(step)) for step in (400, 500, 600)]
    assert rates == pytest.approx([0.5 / 15, 0.5 / 30, 0], abs=1e-6)


def test_the_fused_optimizer_takes_the_steps_of_keras():
    weights, x = [], np.random.default_rng(0).normal(size=(64, 5)).astype(np.float32)
    for kind in (keras.optimizers.AdamW, FusedAdamW):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Input((5,)), keras.layers.Dense(7, "relu")])
        model.add(keras.layers.Dense(5))
        rate = keras.optimizers.schedules.CosineDecay(0.01, 30)
        model.compile(kind(rate, weight_decay=0.1), "mse")
        model.fit(x, x**2, batch_size=16, epochs=5, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_weights_of_another_network_are_refused():
    with pytest.raises(ValueError, match="these weights are not of dense"):
        training.assign(autoencoders.dense(4), training.model_arrays(autoencoders.dense(5)))
