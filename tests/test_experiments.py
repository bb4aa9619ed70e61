"""Experiments are stored whole, and can be done again."""

import json

import numpy as np
import pytest
import tensorflow as tf
from helpers import run_command, small_dataset
from scipy import stats

from kerascomp import datasets, files, metrics, zoo
from kerascomp.course import experiments, results
from kerascomp.course.experiments import equal_starts, one_for_all, prior_rate, tutorial
from kerascomp.networks import autoencoders, training
from kerascomp.statistics import Interval, mean_interval

KINDS = equal_starts.RECONSTRUCTIONS


def test_stored_trials_are_whole():
    record = experiments.load("one_for_all")
    assert len(record["trials"]) == 5
    for trial in record["trials"]:
        apart, together = experiments.curves(trial).values()
        assert (len(apart), len(together)) == (4, 5)
        assert all(point.num_images == 10_000 for point in apart + together)
        assert np.isfinite(metrics.bd_rate(apart, together))


def test_stored_networks_had_equal_starts_and_passes():
    record = experiments.load("equal_starts")
    for trial in record["trials"]:
        for kind, points in experiments.curves(trial["points"]).items():
            assert [point.setting[0] for point in points] == list("1234")
            assert all(point.num_images == 10_000 for point in points)
            assert len(trial["validation_psnr_db"][kind]) == record["epochs"]
            # One measured test images, the other validation images before they were rounded.
            validation = trial["validation_psnr_db"][kind][-1]
            assert points[-1].psnr_db == pytest.approx(validation, abs=0.3)


def test_the_tutorial_is_compared_at_equal_epochs_and_minutes():
    record = experiments.load("tutorial")
    *short, last = record["trainings"]
    assert [{name: done["epochs"] for name, done in both.items()} for both in short] == [
        {"tutorial": 3, "ours": 3},
        {"tutorial": 15, "ours": 15},
    ]
    seconds = last["tutorial"]["epochs"] * short[-1]["tutorial"]["seconds"]
    assert seconds == pytest.approx(zoo.card("mnist-bottleneck")["wall_seconds"], rel=0.05)
    stored = results.load("mnist")["bottleneck"]
    for networks in record["trainings"]:
        for points in experiments.curves({n: d["points"] for n, d in networks.items()}).values():
            assert [point.setting for point in points] == [point.setting for point in stored]
            assert all(point.num_images == 10_000 for point in points)
            assert [point.bpp for point in points] == sorted(point.bpp for point in points)


def test_unknown_experiments_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="no experiment is called 'two'; there are one_for_all"):
        experiments.load("two")
    assert "no experiment is called 'two'" in run_command("course", "experiment", "two")


@pytest.mark.slow
def test_both_recurrent_codecs_are_trained_and_measured(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path))
    monkeypatch.setattr(datasets, "cifar10", lambda limit=None: small_dataset(64, 32, 3))
    done = equal_starts.run(seeds=[3], num_images=64, epochs=2)
    assert json.loads(json.dumps(done)) == done
    (trial,) = done["trials"]
    for kind, points in experiments.curves(trial["points"]).items():
        assert [point.num_images for point in points] == [64] * 4
        assert (np.diff([point.bpp for point in points]) > 0).all()
        assert len(trial["validation_psnr_db"][kind]) == 2
    weights = [
        files.load_arrays(tmp_path / "training" / f"equal_starts-3-{kind}.npz") for kind in KINDS
    ]
    shapes = [{name: array.shape for name, array in arrays.items()} for arrays in weights]
    assert shapes[0] == shapes[1]


@pytest.mark.slow
def test_an_experiment_stores_what_load_returns(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path))
    monkeypatch.setattr(experiments, "FOLDER", tmp_path)
    monkeypatch.setattr(datasets, "mnist", lambda limit=None: small_dataset(64))
    options = {"seeds": [3], "num_images": 64, "epochs": 1}
    done = one_for_all.run(**options)
    monkeypatch.setattr(one_for_all, "run", lambda: done)
    experiments.run("one_for_all")
    assert experiments.load("one_for_all") == done
    (trial,) = done["trials"]
    apart, together = experiments.curves(trial).values()
    assert [point.num_images for point in apart + together] == [64] * 9
    assert len(list(tmp_path.glob("training/*.npz"))) == 5
    assert files.load_arrays(next(tmp_path.glob("training/*.npz")))


def test_the_rate_of_a_prior_is_stored_for_every_seed():
    record = experiments.load("prior_rate")
    assert record["epochs"] == zoo.card(record["name"])["recipe"]["epochs"]
    assert {len(losses) for losses in record["losses"].values()} == {3}
    published = zoo.card(record["name"])["history"]["val_loss"][-1]
    assert record["losses"]["1"][0] == pytest.approx(published, rel=0.02)


@pytest.mark.slow
def test_only_the_prior_has_a_rate_of_its_own():
    images = tf.constant(datasets.to_float(small_dataset(8).train.images))
    moved = {}
    for factor in (1, 10):
        training.seed_everything(0)
        model = prior_rate.OwnRate(autoencoders.rounded(autoencoders.dense()), 40, factor)
        model.compile("adam", "mse")
        before = [variable.numpy() for variable in model.trainable_variables]
        model.train_step((images, images))
        after = [variable.numpy() for variable in model.trainable_variables]
        moved[factor] = [new - old for new, old in zip(after, before, strict=True)]
        prior = {id(variable) for variable in model.prior.trainable_variables}
        of_prior = [id(variable) in prior for variable in model.trainable_variables]
    for own, one, ten in zip(of_prior, moved[1], moved[10], strict=True):
        np.testing.assert_allclose(ten, one * (10 if own else 1), rtol=1e-3, atol=1e-6)


@pytest.mark.slow
def test_the_tutorials_network_is_trained_as_long_as_ours(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path))
    monkeypatch.setattr(datasets, "mnist", lambda: small_dataset(64))
    monkeypatch.setattr(tutorial, "LEVELS", (0, 64))
    monkeypatch.setattr(tutorial.zoo, "card", lambda name: {"wall_seconds": 0.5})
    record = tutorial.run(lengths=[1])
    (one, last), names = record["trainings"], {"tutorial", "ours"}
    assert set(one) == names and set(last) == {"tutorial"}
    equal = max(1, round(0.5 / one["tutorial"]["seconds"]))
    assert last["tutorial"]["epochs"] == equal
    settings = [point["setting"] for point in last["tutorial"]["points"]]
    assert settings == ["quality 0.000", "quality 1.000"]


def test_the_interval_of_a_mean_is_students():
    values = [3.0, 4.5, 2.5, 5.0]
    expected = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    mean, *ends = mean_interval(values)
    assert mean == 3.75 and ends == pytest.approx(expected)
    with pytest.raises(ValueError, match="at least two values, received 1"):
        mean_interval([1.0])


def test_a_difference_is_written_with_minus_signs():
    assert Interval(0.126, -0.03, 0.2).signed(2) == "+0.13 (−0.03 to +0.20)"
