"""What a file of a study must hold: every field of another kind is named, nothing else happens."""

import base64
import copy
import functools
import io
import json

import numpy as np
import pytest
from helpers import random_images
from PIL import Image

from kerascomp import rating
from kerascomp.rating import Study, StudyError
from kerascomp.rating.page import page
from kerascomp.rating.study import FORMAT, Trial, Version, from_text, named, to_text

PNG = to_text(random_images(8, 8, 3))


def as_text(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **({"format": "PNG"} | options))
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def study():
    images = {key: to_text(random_images(8, 8, 3, seed=i)) for i, key in enumerate("oab")}
    trials = [
        Trial("", "o", Version("KLT", 90, "a", 90), Version("WebP", 90, "b", size))
        for size in (89, 91)
    ]
    return Study(named(trials), images, 0, ("one and other at 60 bytes",))


@pytest.fixture
def load(study, tmp_path):
    """Returns a function that loads the study's file, with its record or its text changed."""

    def load(change=None, text=None):
        record = json.loads(study.to_json())
        if change:
            change(record)
        path = tmp_path / "study.json"
        path.write_text(json.dumps(record) if text is None else text, encoding="utf-8")
        return Study.load(path)

    return load


def at(*way, value):
    """Returns a change: the value of one field of a record."""

    def change(record):
        for step in way[:-1]:
            record = record[step]
        record[way[-1]] = value

    return change


def without(field):
    return lambda record: record.pop(field)


NAN, DEEP = float("nan"), [[[[[[[["deep"]]]]]]]]


@pytest.mark.parametrize(("change", "message"), [
    (at("seed", value=NAN), "seed is nan; expected a whole number"),
    (at("seed", value=True), "seed is True; expected a whole number"),
    (at("seed", value=-1), "seed is -1; expected a whole number"),
    (at("seed", value=10**400), "seed is 1000.*000; expected a whole number"),
    (at("images", value=None), "images is None; expected fields with names"),
    (at("images", "o", value=5), "images.o is 5; expected a PNG in base64"),
    (at("images", "o", value="é"), "images.o is 'é'; expected a PNG in base64"),
    (at("trials", value={}), "trials is {}; expected a list"),
    (at("trials", 1, value="x"), r"trials\[1\] is 'x'; expected fields with names"),
    (at("trials", 1, "original", value=["a"]), r"trials\[1\].original is \['a'\]; expected a line"),
    (at("trials", 1, "name", value="a\nb"), r"trials\[1\].name is 'a.nb'; expected a line"),
    (at("trials", 0, "left", value=DEEP), r"left is \[\[\[.*\.\.\..*; expected fields with names"),
    (at("trials", 0, "left", "num_bytes", value="90"), r"left.num_bytes is '90'; expected null or"),
    (at("trials", 0, "left", "num_bytes", value=90.0), "num_bytes is 90.0; expected null or"),
    (at("trials", 0, "left", "target_bytes", value=float("inf")), "target_bytes is inf; expected"),
    (at("trials", 0, "left", "codec", value=""), r"left.codec is ''; expected a line of 1 to 200"),
    (at("trials", 0, "left", "codec", value="\ud800"), r"codec is '.ud800'; expected a line"),
    (at("trials", 0, "left", "codec", value="x" * 201), "codec is 'xxx.*; expected a line of 1 to"),
    (at("trials", 0, "left", "label", value="x"), "left.label is unknown; expected codec, target_"),
    (at("left_out", value="x"), "left_out is 'x'; expected a list"),
    (at("left_out", value=[DEEP]), r"left_out\[0\] is \[\[.*; expected a line"),
    (without("left_out"), "left_out is missing"),
    (without("format"), "format is missing"),
    (at("name", value="other"), "name is 'other'; its trials are of '"),
    (lambda record: record["trials"].append(record["trials"][0]), "two trials have the same name"),
])  # fmt: skip
def test_a_field_of_another_kind_is_named(load, change, message):
    with pytest.raises(StudyError, match=f"study.json: .*{message}"):
        load(change)


@pytest.mark.parametrize(("text", "message"), [
    ("", "this is no study, or a damaged one"),
    ("[" * 100_000, "this is no study, or a damaged one"),
    ('{"a":' * 100_000, "this is no study, or a damaged one"),
    ("1" * 5000, "this is no study, or a damaged one"),
    ("null", "the file is None; expected fields with names"),
    (json.dumps({"format": FORMAT, "name": "x"}), "trials is missing"),
])  # fmt: skip
def test_what_is_no_record_at_all(load, text, message):
    with pytest.raises(StudyError, match=f"study.json: {message}"):
        load(text=text)


GRAY = Image.new("L", (8, 8))


@pytest.mark.parametrize(("picture", "message"), [
    ("AAAA", "cannot identify"),
    ("AAA", "padding"),
    (PNG[: len(PNG) // 2 // 4 * 4], ""),
    (as_text(GRAY.convert("RGB"), format="JPEG"), "cannot identify"),
    (as_text(GRAY.convert("RGBA")), "RGBA, 8×8"),
    (as_text(GRAY.convert("P")), "P, 8×8"),
    (as_text(Image.fromarray(np.zeros((8, 8), np.uint16))), "I;16, 8×8"),
    (as_text(Image.new("L", (14_000, 14_000))), "pixels"),
    (as_text(Image.new("L", (2001, 2000))), "L, 2001×2000 pixels"),
])  # fmt: skip
def test_pictures_are_decoded_on_loading_and_on_writing_the_page(load, study, picture, message):
    with pytest.raises(StudyError, match=f"images.b: expected a PNG in base64.*{message}"):
        load(at("images", "b", value=picture))
    damaged = Study(study.trials, study.images | {"b": picture}, 0)
    with pytest.raises(StudyError, match="images.b: expected a PNG in base64"):
        page(damaged)


def test_pictures_are_of_one_shape(load):
    with pytest.raises(StudyError, match=r"images.b is of shape \(8, 8, 1\); expected \(8, 8, 3\)"):
        load(at("images", "b", value=as_text(GRAY)))


def test_a_study_made_with_a_wrong_value_is_not_written(study, tmp_path):
    for wrong in (NAN, 0.5, "0"):
        odd = Study(study.trials, study.images, wrong)
        for write in (odd.save, functools.partial(rating.write_page, odd)):
            with pytest.raises(StudyError, match="seed is"):
                write(tmp_path / "a")
    assert not list(tmp_path.iterdir())


def test_a_good_study_is_loaded_as_it_was(load, study):
    assert load() == study
    assert [from_text(load().images[key]).shape for key in "oab"] == [(8, 8, 3)] * 3
    assert copy.deepcopy(study) == rating.Study(*vars(study).values())
