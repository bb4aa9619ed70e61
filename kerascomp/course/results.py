"""Stored rate points: every codec of the course on the whole test sets, measured once.

    results.load("mnist")                    {label: [RatePoint, …]}
    kerascomp course measure mnist JPEG      measure one family again
    kerascomp course measure                 measure what is not stored yet

A plot of many codecs then takes a second. A test of this project measures a part again, and
compares.
"""

import dataclasses
import hashlib
import json

import numpy as np

from kerascomp import codecs, files
from kerascomp.codecs import RatePoint, classical
from kerascomp.codecs.rows import RowCodec
from kerascomp.course import families

FOLDER = files.PACKAGE / "course" / "points"
NUM_CHECKED = 100  # the first test images, measured again by a test of this project


def load(name: str) -> dict[str, list[RatePoint]]:
    """Returns the stored points of a data set, {label: [RatePoint, …]} from low to high rate.

    A label is a codec's name, with ", header-free", ", mosaic" or ", one stream" where not every
    byte of a file of one image counts; see `RatePoint.rate_kind`.

    Args:
        name: "mnist", "cifar10" or "photographs".

    Raises:
        ValueError: there is no such data set.
    """
    stored = _read(name)["families"]
    return {
        label: [RatePoint(**point) for point in family["points"]]
        for label, family in stored.items()
    }


def measure(name: str, label: str) -> list[RatePoint]:
    """Measures one family on the whole test set, and stores its points.

    Returns:
        The points, those without headers behind them if it is a format's.

    Raises:
        ValueError: no such data set or family, or the data set is a stand-in.
        OSError: the package was installed without a checkout.
    """
    files.require_checkout()
    known = families.families(name)
    if label not in known:
        raise ValueError(f"no family is called {label!r}; there are {', '.join(known)}")
    dataset = families.dataset(name)
    if dataset.is_stand_in:
        raise ValueError(f"results of {name} need {name}, which could not be found")
    members = known[label].codecs()
    images = dataset.test.images
    points = codecs.sweep(members, images)
    checked = len(members) // 2
    record = _read(name)
    provenance = {"versions": files.versions(), "test_images_sha256": digest(images)}
    record["families"][label] = {
        **provenance,
        "points": [_plain(point) for point in points],
        "check": {
            "index": checked,
            "point": _plain(measure_again(members[checked], images)),
        },
    }
    if known[label].has_headers:
        blank = [classical.blank_bytes(codec, dataset.image_shape) for codec in members]
        free = [codecs.header_free(*pair) for pair in zip(points, blank, strict=True)]
        plain = [_plain(point) for point in free]
        record["families"][f"{label}, header-free"] = {**provenance, "points": plain}
        points += free
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    files.write_atomically(FOLDER / f"{name}.json", text.encode())
    return points


def measure_again(codec: codecs.Codec, images: np.ndarray | list[np.ndarray]) -> RatePoint:
    """Returns the `RatePoint` of the first test images, which is stored and tested.

    Of photographs it is the first one.

    Rows of integers are joined in one stream: the last digit of a learned histogram, which another
    processor's floats may change, moves the ends of many files by a byte, up or down, but the end
    of one stream by one byte at most.
    """
    if isinstance(images, list):
        return codecs.measure(codec, images[:1])
    if isinstance(codec, RowCodec):
        codec = codec.joined(NUM_CHECKED)
    return codecs.measure(codec, images[:NUM_CHECKED])


def stored_check(name: str, label: str) -> tuple[int, RatePoint, dict]:
    """Returns what a test measures again, as it was stored.

    Returns:
        (codec's place in its family, `RatePoint` of the first test images, {"versions": {package:
        version}, "test_images_sha256": of all test images}).
    """
    family = _read(name)["families"][label]
    check = family["check"]
    provenance = {key: family[key] for key in ("versions", "test_images_sha256")}
    return check["index"], RatePoint(**check["point"]), provenance


def digest(images: np.ndarray | list[np.ndarray]) -> str:
    """Returns the SHA-256 of images as a hex string."""
    result = hashlib.sha256()
    for image in images:
        result.update(np.ascontiguousarray(image).data)
    return result.hexdigest()


def _read(name):
    path = FOLDER / f"{families.known(name)}.json"
    if not path.exists():
        return {"families": {}}
    return json.loads(path.read_text(encoding="utf-8"))


def _plain(point):
    """Returns a point as a dict of numbers with six digits."""
    return {
        key: float(f"{value:.6g}") if isinstance(value, float) else value
        for key, value in dataclasses.asdict(point).items()
    }
