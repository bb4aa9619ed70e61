"""Studies: which pairs they show, and what makes none."""

import json

import numpy as np
import pytest
from helpers import blobs

from kerascomp import rating
from kerascomp.rating import Study, StudyError
from kerascomp.rating.study import DAMAGED, ORIGINAL, Trial, Version, from_text


class FirstPixels:
    """A codec that keeps the first bytes of an image."""

    def __init__(self, name, num_bytes):
        self.name, self.num_bytes, self.setting = name, num_bytes, f"{num_bytes} bytes"

    def encode(self, images):
        return [image.tobytes()[: self.num_bytes] for image in images]

    def decode(self, files):
        padded = [file.ljust(28 * 28, bytes([self.num_bytes % 7])) for file in files]
        return np.stack([np.frombuffer(file, np.uint8).reshape(28, 28, 1) for file in padded])


def family(name, sizes):
    return [FirstPixels(name, size) for size in sizes]


IMAGES = blobs(12)
CODECS = {
    "one": family("one", range(300, 600, 7)),
    "other, too": family("other, too", range(290, 610, 5)),
    "small": family("small", range(280, 420, 3)),
}


@pytest.fixture(scope="module")
def study():
    return rating.make_study(CODECS, IMAGES, target_bytes=[400, 500], num_trials=40, seed=3)


def pixels(study, key):
    return from_text(study.images[key])


# Studies


def test_a_study_compares_files_of_the_same_size(study):
    assert len(study.trials) == 40 and len(study.comparisons) == 36
    for trial in study.comparisons:
        sides = trial.left, trial.right
        assert trial.left.codec != trial.right.codec
        assert trial.left.target_bytes == trial.right.target_bytes in (400, 500)
        sizes = [side.num_bytes for side in sides]
        assert abs(sizes[0] - sizes[1]) <= 0.05 * max(sizes)
        original = pixels(study, trial.original).tobytes()
        index = [image.tobytes() == original for image in IMAGES]
        for side in sides:
            codec = FirstPixels(side.codec, side.num_bytes)
            decoded = codec.decode(codec.encode(IMAGES[index]))[0]
            np.testing.assert_array_equal(pixels(study, side.image), decoded)
    assert sum(trial.left.codec == "one" for trial in study.comparisons) > 5, "sides are random"
    assert sum(trial.right.codec == "one" for trial in study.comparisons) > 5
    assert study.left_out == ("one and small at 500 bytes", "other, too and small at 500 bytes")


def test_one_trial_in_ten_is_a_catch_trial(study):
    for start in range(0, 40, 10):
        block = study.trials[start : start + 10]
        assert sum(trial.is_catch for trial in block) == 1
    catches = [trial for trial in study.trials if trial not in study.comparisons]
    identical = [trial for trial in catches if trial.left == trial.right]
    gross = [t for t in catches if {t.left.codec, t.right.codec} == {ORIGINAL, DAMAGED}]
    assert len(identical) == len(gross) == 2
    assert all(trial.left.image != trial.original for trial in identical)
    for trial in gross:
        good, bad = sorted(trial[2:], key=lambda side: side.codec == DAMAGED)
        assert good.image == trial.original and bad.image != trial.original
        assert np.ptp(pixels(study, bad.image)[8:16, 8:16]) == 0


def test_the_seed_decides(study):
    sizes = np.array([400, 500])
    again = rating.make_study(CODECS, IMAGES, target_bytes=sizes, num_trials=40, seed=3)
    assert again == study and again.to_json() == study.to_json()
    other = rating.make_study(CODECS, IMAGES, target_bytes=[400, 500], num_trials=40, seed=4)
    assert other.name != study.name


def test_a_study_on_disk(study, tmp_path):
    path = tmp_path / "study.json"
    study.save(path)
    assert Study.load(path) == study
    text = path.read_text(encoding="utf-8")
    record = json.loads(text)
    first = next(iter(record["images"]))
    for damaged, message in (
        (text[:-20], "study.json: this is no study, or a damaged one"),
        ("[]", r"the file is \[\]; expected fields with names"),
        (record | {"trials": [{}]}, r"trials\[0\].name is missing"),
        (record | {"format": "something else"}, "received .something else.; make the study again"),
        (record | {"images": record["images"] | {first: "?"}}, "expected a PNG in base64"),
        (record | {"images": {}}, "has no pixels for"),
        (record | {"trials": []}, "at least one trial"),
    ):
        path.write_text(
            damaged if isinstance(damaged, str) else json.dumps(damaged), encoding="utf-8"
        )
        with pytest.raises(StudyError, match=message):
            Study.load(path).views(study.trials)


def test_unequal_bytes_are_refused(study):
    images = dict.fromkeys("oij", "")
    fair = Trial("x-001", "o", Version("a", 100, "i", 100), Version("b", 100, "j", 105))
    Study((fair,), images, 0)
    for num_bytes in (106, None):
        unfair = fair._replace(right=fair.right._replace(num_bytes=num_bytes))
        with pytest.raises(StudyError, match=f"x-001 compares a of 100 .* b of {num_bytes}; expec"):
            Study((unfair,), images, 0)


@pytest.mark.parametrize(("codecs", "options", "message"), [
    ({"one": CODECS["one"]}, {}, "at least two codecs"),
    ({"one": CODECS["one"], "none": []}, {}, "at least two codecs"),
    (CODECS | {"original": CODECS["one"]}, {}, "cannot be called 'original'"),
    (CODECS | {"a\nb": CODECS["one"]}, {}, "cannot be called"),
    (CODECS | {"a" * 201: CODECS["one"]}, {}, "cannot be called"),
    (CODECS, {"target_bytes": [50]}, r"within 5% of \[50\] bytes"),
    (CODECS, {"num_trials": 60}, "54 comparisons are wanted, but only 36 pairs"),
    (CODECS, {"num_trials": 0}, "at least one trial"),
])  # fmt: skip
def test_what_makes_no_study(codecs, options, message):
    with pytest.raises(StudyError, match=message):
        rating.make_study(codecs, IMAGES, **({"target_bytes": [400]} | options))


def test_a_codec_that_changes_the_shape_is_named():
    class Cropping(FirstPixels):
        def decode(self, files):
            return super().decode(files)[:, 1:]

    codecs = {"one": family("one", [400]), "cut": [Cropping("cut", 400)]}
    with pytest.raises(StudyError, match=r"cut decoded \(27, 28, 1\), expected \(28, 28, 1\)"):
        rating.make_study(codecs, IMAGES, target_bytes=[400], num_trials=3)


# Answers
