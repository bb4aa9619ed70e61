"""Stamps: what a lesson was executed from and what it wrote, so that nothing is executed twice.

A lesson is up to date while its source, the package, the weights and the stored ratings are those
of its last execution, and its figures and its executed notebook are unchanged. The package holds
the SHA-256 of the images of both data sets, and loads no others: it does not matter from where
CIFAR-10 is read, or when it is downloaded.
"""

import hashlib
import json

from kerascomp import files
from kerascomp.course import runs, sources

EXECUTED = files.WORKPLACE / "executed"


def inputs(name: str) -> str:
    """Returns one hash of everything that a lesson depends on."""
    package = files.PACKAGE
    paths = [
        sources.source_path(name),
        files.WORKPLACE / "requirements.txt",
        files.WORKPLACE / "requirements-modern.txt",
        *sorted(package.rglob("*.py")),
        *sorted(package.glob("zoo/weights/*")),
        *sorted(package.glob("course/points/*")),
        *sorted(package.glob("data/rating_*")),
        *sorted(package.glob("rating/page.*")),
        *sorted(package.glob("course/interactive/figures.*")),
        *sorted((files.WORKPLACE / "answers").glob("*.csv")),
    ]
    return hashlib.sha256(b"".join(_hash(path) for path in paths)).hexdigest()


def is_current(name: str) -> bool:
    """Returns whether a lesson is up to date."""
    path = _path(name)
    if not path.exists() or not (EXECUTED / f"{name}.ipynb").exists():
        return False
    return json.loads(path.read_text("utf-8")) == _stamp(name, inputs(name))


def write(name: str, inputs_before: str) -> None:
    """Records that a lesson was executed, unless a stand-in data set was used.

    Args:
        name: of the lesson.
        inputs_before: what `inputs` returned before the execution, which may change files.
    """
    if not list((runs.PUBLISHED_FIGURES / "stand-in").glob(f"{name[:2]}_*")):
        content = json.dumps(_stamp(name, inputs_before), indent=1)
        files.write_atomically(_path(name), content.encode())


def forget_stand_ins(name: str) -> None:
    """Removes the figures that a lesson made from a stand-in data set."""
    for path in (runs.PUBLISHED_FIGURES / "stand-in").glob(f"{name[:2]}_*"):
        path.unlink()


def _stamp(name, inputs_hash):
    figures = sorted(runs.PUBLISHED_FIGURES.glob(f"{name[:2]}_*"))
    return {"inputs": inputs_hash, "figures": {path.name: _hash(path).hex() for path in figures}}


def _hash(path):
    return hashlib.sha256(path.read_bytes()).digest()


def _path(name):
    return files.cache_folder() / "lessons" / f"{name}.json"
