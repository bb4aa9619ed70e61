"""Damaged files of studies, answers and images are read, or refused with a sentence.

Each test goes on for $KERASCOMP_FUZZ_SECONDS, 20 when it is not set, and prints how many inputs it
has tried.
"""

import base64
import copy
import io
import json
import os
import time
import warnings

import numpy as np
import pytest
from helpers import random_images
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from kerascomp import files, rating
from kerascomp.files import ArrayFileError
from kerascomp.rating import Study
from kerascomp.rating.answers import ANSWERS, HEADER, HEADER_1, Choices
from kerascomp.rating.page import page
from kerascomp.rating.study import DAMAGED, ORIGINAL, Trial, Version, named, to_text

SECONDS = float(os.environ.get("KERASCOMP_FUZZ_SECONDS", 20))
SLOWEST = 10_000  # milliseconds for one input
LONGEST = 1500  # characters of an error message

pytestmark = pytest.mark.slow


def fuzz(check, inputs):
    """Checks inputs until the time is over; the same seeds in every run."""
    end, count, number = time.monotonic() + SECONDS, 0, 0

    def counted(content):
        nonlocal count
        count += 1
        check(content)

    options = settings(
        max_examples=100,
        deadline=SLOWEST,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    while time.monotonic() < end:
        seed(number)(options(given(inputs)(counted)))()
        number += 1
    print(f"{count:,} inputs")


# Damage

numbers = st.integers() | st.integers(0, 300) | st.sampled_from([2**53, 2**53 + 1, 10**400])
leaves = st.none() | st.booleans() | numbers | st.floats() | st.text(max_size=9)
leaves |= st.sampled_from(["\ud800", "a\u2028b", "\x00", "x" * 300, "__proto__", "</script>", ""])
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
deep = st.integers(1, 5000).map(lambda depth: "[" * depth + "]" * depth)


def places(value, way=()):
    """Returns the way to every value in a record."""
    inside = {}
    if isinstance(value, dict | list):
        inside = value if isinstance(value, dict) else dict(enumerate(value))
    ways = [other for key, inner in inside.items() for other in places(inner, (*way, key))]
    return [way, *ways] if way else ways


@st.composite
def changed(draw, record):
    """Returns the JSON of a record in which a few values are others, missing or repeated."""
    record = copy.deepcopy(record)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(record) or [("seed",)]))
        inner = record
        for step in way:
            inner = inner[step]
        kind = draw(st.sampled_from(["other", "other", "similar", "missing", "twice"]))
        if kind == "missing":
            inner.pop(last, None) if isinstance(inner, dict) else inner.pop(last)
        elif kind == "twice" and isinstance(inner, list):
            inner.append(copy.deepcopy(inner[last]))
        elif kind == "similar":
            inner[last] = [inner.get(last)] if isinstance(inner, dict) else str(inner[last])
        else:
            inner[last] = draw(values)
    text = json.dumps(record)
    if draw(st.booleans()):
        text = text.replace("90", draw(deep), 1)
    return text.encode()


@st.composite
def cut_and_pasted(draw, content):
    """Returns bytes in which some pieces are others, missing or moved."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 30)))
        piece = draw(st.binary(max_size=5) | st.just(content[end : end + 20]))
        content = content[:start] + piece + content[end:]
    return content


def refused(error, path):
    """Checks the error message: it names the file and is a sentence."""
    text = str(error)
    assert str(path) in text and len(text.split()) >= 4, text
    assert len(text) <= LONGEST, len(text)


# Studies


def small_study():
    images = {key: to_text(random_images(12, 12, 3, seed=i)) for i, key in enumerate("oab")}
    left, right = Version("KLT", 90, "a", 90), Version("WebP", 90, "b", 91)
    pairs = [(left, right), (left, left), (Version(ORIGINAL, None, "o", None),) * 2]
    pairs.append((Version(ORIGINAL, None, "o", None), Version(DAMAGED, None, "b", None)))
    return Study(named(Trial("", "o", *pair) for pair in pairs), images, 0, ("one and other",))


def no_constants(name):
    raise AssertionError(f"{name} is no JSON")


STUDY = small_study().to_json().encode()
RECORD = json.loads(STUDY)
damaged_pictures = st.builds(
    lambda pictures: json.dumps(RECORD | {"images": pictures}).encode(),
    st.fixed_dictionaries(
        {
            key: cut_and_pasted(text.encode()).map(lambda content: content.decode("latin-1"))
            | cut_and_pasted(base64.b64decode(text)).map(
                lambda content: base64.b64encode(content).decode()
            )
            | st.just(text)
            for key, text in RECORD["images"].items()
        }
    ),
)


@pytest.mark.parametrize("inputs", [
    changed(RECORD), cut_and_pasted(STUDY), damaged_pictures,
    values.map(lambda value: json.dumps(value).encode()), deep.map(str.encode), st.binary(),
], ids=["fields", "text", "pictures", "other JSON", "depth", "bytes"])  # fmt: skip
def test_studies(tmp_path, inputs):
    path = tmp_path / "study.json"

    def check(content):
        path.write_bytes(content)
        try:
            study = Study.load(path)
        except rating.StudyError as error:
            return refused(error, path)
        assert json.loads(study.to_json(), parse_constant=no_constants)["name"] == study.name
        study.save(path)
        assert Study.load(path) == study and page(study)
        answers = rating.simulate(study, 2)
        assert len(answers) == 2 * len(study.trials)
        rating.write_answers(path, answers)  # nothing of them is lost on the way
        assert sorted(map(str, rating.read_answers(path))) == sorted(map(str, answers))

    fuzz(check, inputs)


# Answers


ANSWER_LINES = [
    f"anna,3f9a1c-001,KLT,90,WebP,90,{answer},1830,2026-03-02T10:15:0{number}Z"
    for number, answer in enumerate(ANSWERS)
]
FILES = ["\n".join([HEADER, *ANSWER_LINES, ""]), f'{HEADER_1}\nanna,x-1,"a @ 9 bytes",b,left,5,Z']
texts = st.text(max_size=9) | st.sampled_from(["José", "a,b", '"'])
texts |= st.sampled_from([(200_000, "x"), (5000, "9")]).map(lambda pair: pair[0] * pair[1])
odd_lines = st.lists(st.lists(texts, max_size=9).map(",".join), max_size=5).map("\n".join)


@pytest.mark.parametrize("inputs", [
    *(cut_and_pasted(file.encode()) for file in FILES), st.binary(),
    odd_lines.map(lambda lines: f"{HEADER}\n{lines}".encode("utf-8", "surrogatepass")),
], ids=["text", "old text", "bytes", "lines"])  # fmt: skip
def test_answers(tmp_path, inputs):
    path = tmp_path / "answers.csv"

    def check(content):
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rating.AnswersWarning)
            try:
                answers = rating.read_answers(path)
            except ValueError as error:
                return refused(error, path)
        Choices.of(rating.screen(answers).answers)
        rating.write_answers(path, answers)
        assert sorted(map(str, rating.read_answers(path))) == sorted(map(str, answers))

    fuzz(check, inputs)


# Arrays

SHAPES = {"x": (5, 4, 4), "y": (5,)}


def as_npz(arrays):
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of NumPy, on names of fields
        np.savez(buffer, **arrays)
    return buffer.getvalue()


any_arrays = st_numpy.arrays(
    st_numpy.scalar_dtypes() | st_numpy.array_dtypes() | st_numpy.integer_dtypes(),
    st_numpy.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
    | st.sampled_from([(5,), (5, 1), (1, 5), (5, 4, 4, 1)]),
)
archives = st.dictionaries(st.sampled_from("xyz"), any_arrays, max_size=3).map(as_npz)
damaged = cut_and_pasted(as_npz({key: np.zeros(SHAPES[key], np.uint8) for key in SHAPES}))


@pytest.mark.parametrize("inputs", [archives, damaged, st.binary()])
def test_archives(tmp_path, inputs):
    path = tmp_path / "arrays.npz"

    def check(content):
        path.write_bytes(content)
        try:
            arrays = files.load_arrays(path, shapes=SHAPES, advice="get it again")
        except ArrayFileError as error:
            return refused(error, path)
        assert {key: array.shape for key, array in arrays.items()} == SHAPES
        assert all(array.dtype == np.uint8 for array in arrays.values())

    fuzz(check, inputs)
