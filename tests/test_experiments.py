"""Experiments are stored whole, and can be done again."""

import json

import numpy as np
import pytest
import tensorflow as tf
from helpers import run_command, small_dataset
from scipy import stats

from kerascomp import datasets, files, zoo
from kerascomp.course import experiments, results
from kerascomp.course.experiments import equal_starts, one_rate, prior_rate, tutorial
from kerascomp.networks import autoencoders, training
from kerascomp.statistics import Interval, mean_interval

KINDS = equal_starts.RECONSTRUCTIONS


def test_one_rate_is_compared_with_every_rate():
    record = experiments.load("one_rate")
    one, every = experiments.curves({name: record[name] for name in ("one", "every")}).values()
    assert all(point.num_images == 10_000 for point in one + every)
    settings = [f"quality {level / 64:.3f}" for level in one_rate.LEVELS]
    assert [point.setting for point in one] == settings
    assert every[0].psnr_db < one[0].psnr_db < one[-1].psnr_db < every[-1].psnr_db
    *prices, (mean, low, high) = record["prices"].values()
    assert low < mean < high and mean == pytest.approx(np.mean([price for price, *_ in prices]))
    for point, (price, low, high) in zip(one, prices, strict=True):
        # Computed once more: a straight line between the two levels around this PSNR.
        above = next(index for index, p in enumerate(every) if p.psnr_db > point.psnr_db)
        two = every[above - 1 : above + 1]
        line = np.polyfit([p.psnr_db for p in two], np.log([p.bpp for p in two]), 1)
        needed = np.exp(np.polyval(line, point.psnr_db))
        assert 100 * (needed / point.bpp - 1) == pytest.approx(price, abs=1e-3)
        assert low < price < high


def test_a_price_is_a_share_of_bits_at_equal_errors():
    random = np.random.default_rng(0)
    every = np.array([[8, 0.04], [16, 0.02], [32, 0.01]])[..., None] * random.uniform(0.9, 1.1, 50)
    half = every[1:2] * np.array([0.5, 1])[:, None]
    between = np.sqrt(every[0] * every[1]).mean(axis=1, keepdims=True)[None]
    np.testing.assert_allclose(one_rate.prices(every, every), 0, atol=1e-9)
    np.testing.assert_allclose(one_rate.prices(half, every), 100)
    np.testing.assert_allclose(one_rate.prices(between, every), 0, atol=0.5)
    better = every[-1:] * np.array([1, 0.9])[:, None]
    assert np.isnan(one_rate.prices(better, every)).all(), "no level has so small an error"


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
    with pytest.raises(ValueError, match="no experiment is called 'two'; there are one_rate"):
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
    monkeypatch.setattr(one_rate, "LEVELS", (20,))
    monkeypatch.setattr(one_rate, "EVERY", (0, 64))
    # Networks that are hardly trained may have no error in common.
    monkeypatch.setattr(one_rate, "prices", lambda one, every: one[:, 0].mean(axis=1))
    done = one_rate.run(epochs=1)
    monkeypatch.setattr(one_rate, "run", lambda: done)
    experiments.run("one_rate")
    assert experiments.load("one_rate") == done
    stems = {path.stem for path in tmp_path.glob("training/*.npz")}
    assert stems == {"level-20-1", "ours-1"}
    one, every = experiments.curves({name: done[name] for name in ("one", "every")}).values()
    assert [point.num_images for point in one + every] == [64] * 3
    (mean_bytes, low, high) = done["prices"]["20"]
    assert low <= mean_bytes <= high and mean_bytes == one[0].bytes_per_image
    assert done["prices"]["mean"] == done["prices"]["20"]


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
