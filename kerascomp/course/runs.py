"""One run of a lesson: its profile, its seed, and the folders it writes to.

Two profiles exist. `full` (the default) uses all the data and writes the published figures;
`fast` uses a few hundred images and one epoch, writes to a temporary folder, and is what the
tests execute. Environment variables: KERASCOMP_PROFILE, KERASCOMP_OUTPUT, KERASCOMP_CACHE.
"""

import os
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerascomp import files, quiet

PROFILES = ("full", "fast")
PUBLISHED_FIGURES = files.WORKPLACE / "figures"
PRINTED = ("kerascomp", "tensorflow", "numpy")  # at the start of a lesson
FAST_LIMIT = 200  # images of each split in the fast profile


@dataclass(frozen=True)
class Run:
    """One execution of a lesson.

    Attributes:
        lesson: name of the lesson, such as "02_dense_autoencoder".
        profile: "full" or "fast".
        seed: seeds every random generator of the run.
        output: folder for figures and their numbers.
        cache: folder for checkpoints; deleting it loses only time.
    """

    lesson: str
    profile: str
    seed: int
    output: Path
    cache: Path

    @property
    def limit(self) -> int | None:
        """Images to use of every split: None (all) in the full profile, a few in the fast one."""
        return self.choose(full=None, fast=FAST_LIMIT)

    def choose(self, *, full: Any, fast: Any) -> Any:
        """Returns `full` or `fast`, as the profile is."""
        return full if self.profile == "full" else fast

    def checkpoint(self, name: str) -> Path:
        """Returns the path of the checkpoint called `name`, in this run's cache."""
        return self.cache / "training" / f"{name}.npz"


def profile() -> str:
    """Returns $KERASCOMP_PROFILE, or "full" when it is not set.

    Raises:
        ValueError: it is no profile.
    """
    name = os.environ.get("KERASCOMP_PROFILE", "full")
    if name not in PROFILES:
        raise ValueError(
            f"KERASCOMP_PROFILE is {name!r}; expected one of {', '.join(PROFILES)}. "
            "Unset it for the full course."
        )
    return name


def start(lesson: str, seed: int = 0) -> Run:
    """Starts a lesson: seeds Python and NumPy, prints versions, returns the `Run`.

    Args:
        lesson: the lesson's name, written into every figure's JSON.
        seed: of Python and NumPy; a training seeds TensorFlow from its recipe.

    Raises:
        ValueError: unknown profile, or $KERASCOMP_OUTPUT of a fast run is figures/.
    """
    name = profile()
    if name == "full":
        output = Path(os.environ.get("KERASCOMP_OUTPUT", PUBLISHED_FIGURES))
        cache = files.cache_folder()
    else:
        folder = os.environ.get("KERASCOMP_OUTPUT") or tempfile.mkdtemp(prefix="kerascomp-")
        output, cache = Path(folder), Path(folder) / "cache"
        if output.resolve() == PUBLISHED_FIGURES:
            raise ValueError(
                f"KERASCOMP_OUTPUT is {output}, which holds the published figures; expected "
                "another folder for the fast profile"
            )
    quiet.hide_retracing()
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (for libraries that draw from it)
    run, versions = Run(lesson, name, seed, output, cache), files.versions()
    print(
        f"{lesson} · {name} profile · seed {seed} · "
        + " · ".join(f"{package} {versions[package]}" for package in PRINTED)
    )
    return run
