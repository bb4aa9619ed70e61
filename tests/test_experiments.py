"""Experiments are stored whole, and can be done again."""

import json

import numpy as np
import pytest
from helpers import run_command, small_dataset
from scipy import stats

from kerascomp import datasets, files, metrics
from kerascomp.course import experiments
from kerascomp.statistics import Interval, mean_interval

KINDS = experiments.RECONSTRUCTIONS


def test_stored_trials_are_whole():
    record = experiments.load("one_for_all")
    assert len(record["trials"]) == 5
    for trial in record["trials"]:
        apart, together = experiments.curves(trial)
        assert (len(apart), len(together)) == (4, 5)
        assert all(point.num_images == 10_000 for point in apart + together)
        assert np.isfinite(metrics.bd_rate(apart, together))


def test_stored_networks_had_equal_starts_and_passes():
    record = experiments.load("equal_starts")
    for trial in record["trials"]:
        for kind, points in zip(KINDS, experiments.curves(trial, KINDS), strict=True):
            assert [point.setting[0] for point in points] == list("1234")
            assert all(point.num_images == 10_000 for point in points)
            assert len(trial["validation_psnr_db"][kind]) == record["epochs"]
            # One measured test images, the other validation images before they were rounded.
            validation = trial["validation_psnr_db"][kind][-1]
            assert points[-1].psnr_db == pytest.approx(validation, abs=0.3)


def test_unknown_experiments_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="no experiment is called 'two'; there are one_for_all"):
        experiments.load("two")
    assert "no experiment is called 'two'" in run_command("course", "experiment", "two")


@pytest.mark.slow
def test_both_recurrent_codecs_are_trained_and_measured(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASCOMP_CACHE", str(tmp_path))
    monkeypatch.setattr(datasets, "cifar10", lambda limit=None: small_dataset(64, 32, 3))
    done = experiments.equal_starts(seeds=[3], num_images=64, epochs=2)
    assert json.loads(json.dumps(done)) == done
    (trial,) = done["trials"]
    for kind, points in zip(KINDS, experiments.curves(trial, KINDS), strict=True):
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
    done = experiments.one_for_all(**options)
    monkeypatch.setitem(experiments.EXPERIMENTS, "one_for_all", lambda: done)
    experiments.run("one_for_all")
    assert experiments.load("one_for_all") == done
    (trial,) = done["trials"]
    apart, together = experiments.curves(trial)
    assert [point.num_images for point in apart + together] == [64] * 9
    assert len(list(tmp_path.glob("training/*.npz"))) == 5
    assert files.load_arrays(next(tmp_path.glob("training/*.npz")))


def test_the_interval_of_a_mean_is_students():
    values = [3.0, 4.5, 2.5, 5.0]
    expected = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    mean, *ends = mean_interval(values)
    assert mean == 3.75 and ends == pytest.approx(expected)
    with pytest.raises(ValueError, match="at least two values, received 1"):
        mean_interval([1.0])


def test_a_difference_is_written_with_minus_signs():
    assert Interval(0.126, -0.03, 0.2).signed(2) == "+0.13 (−0.03 to +0.20)"
