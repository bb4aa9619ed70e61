"""Experiments that take too long for a lesson: done once, stored, shown where they belong.

kerascomp course experiment one_rate
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from kerascomp import files
from kerascomp.codecs import RatePoint
from kerascomp.course.results import FOLDER

# Modules of this package, each with a function `run`.
NAMES = ("one_rate", "tutorial", "prior_rate", "equal_starts")


def load(name: str) -> dict[str, Any]:
    """Returns what an experiment has stored.

    Raises:
        ValueError: there is no such experiment.
    """
    return json.loads(_path(name).read_text("utf-8"))


def run(name: str) -> None:
    """Does an experiment (again), and stores what `load` returns.

    Raises:
        ValueError: there is no such experiment.
        OSError: the package was installed without a checkout.
    """
    path = _path(name)
    files.require_checkout()
    experiment = importlib.import_module(f"{__name__}.{name}")  # it needs TensorFlow
    text = json.dumps(experiment.run(), indent=1) + "\n"
    files.write_atomically(path, text.encode())


def curves(stored: Mapping[str, Sequence[dict]]) -> dict[str, list[RatePoint]]:
    """Returns rate points as they were before an experiment stored them, {label: points}."""
    return {label: [RatePoint(**point) for point in points] for label, points in stored.items()}


def _path(name):
    if name not in NAMES:
        raise ValueError(f"no experiment is called {name!r}; there are {', '.join(NAMES)}")
    return FOLDER / f"{name}.json"
