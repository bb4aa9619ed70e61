"""What a run is: its profile, its seed, and the folders it may write to.

Two profiles exist. `full` (the default) uses all the data and writes the published figures;
`fast` uses a few hundred images and one epoch, writes to a temporary folder, and is what the
tests execute. Environment variables: KERASCOMP_PROFILE, KERASCOMP_OUTPUT, KERASCOMP_CACHE.
"""

import importlib.metadata
import os
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PROFILES = ("full", "fast")
REPOSITORY = Path(__file__).resolve().parent.parent
PUBLISHED_FIGURES = REPOSITORY / "figures"
PACKAGES = (
    "kerascomp", "tensorflow", "numpy", "scipy", "scikit-learn", "matplotlib", "pillow",
    "imagecodecs", "pywavelets", "opentsne",
)  # fmt: skip
PRINTED = ("kerascomp", "tensorflow", "numpy")  # at the start of a lesson
FAST_LIMIT = 384  # images of each split in the fast profile


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
    def limit(self):
        """Images to keep of each split: None (all) in the full profile, a few in the fast one."""
        return self.choose(full=None, fast=FAST_LIMIT)

    def choose(self, *, full, fast):
        """Returns `full` or `fast`, whichever the profile is."""
        return full if self.profile == "full" else fast

    def checkpoint(self, name):
        """Returns the path of the checkpoint called `name`, in this run's cache."""
        return self.cache / "training" / f"{name}.npz"


def profile():
    """Returns the profile that $KERASCOMP_PROFILE asks for, "full" when it is not set.

    Raises:
        ValueError: the variable holds something else.
    """
    name = os.environ.get("KERASCOMP_PROFILE", "full")
    if name not in PROFILES:
        raise ValueError(
            f"KERASCOMP_PROFILE is {name!r}; expected one of {', '.join(PROFILES)}. "
            "Unset it for the full course."
        )
    return name


def cache_folder():
    """Returns the folder for things that only save time: $KERASCOMP_CACHE, else .cache/ here."""
    return Path(os.environ.get("KERASCOMP_CACHE", REPOSITORY / ".cache"))


def start(lesson, seed=0):
    """Starts a lesson: seeds Python and NumPy, prints versions, returns the `Run`.

    Args:
        lesson: the lesson's name, written into every figure's JSON.
        seed: int; training seeds TensorFlow from its recipe, not from here.

    Raises:
        ValueError: unknown profile, or a fast run told to write into figures/.
    """
    name = profile()
    if name == "full":
        output = Path(os.environ.get("KERASCOMP_OUTPUT", PUBLISHED_FIGURES))
        cache = cache_folder()
    else:
        folder = os.environ.get("KERASCOMP_OUTPUT") or tempfile.mkdtemp(prefix="kerascomp-")
        output, cache = Path(folder), Path(folder) / "cache"
        if output.resolve() == PUBLISHED_FIGURES:
            raise ValueError(
                f"the fast profile was told to write into {output}, which holds the published "
                "figures; set KERASCOMP_OUTPUT to another folder"
            )
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (for libraries that draw from it)
    run, found = Run(lesson, name, seed, output, cache), versions()
    print(
        f"{lesson} · {name} profile · seed {seed} · "
        + " · ".join(f"{package} {found[package]}" for package in PRINTED)
    )
    return run


def versions():
    """Returns {package: version} of everything a result may depend on, without importing it."""
    return {package: importlib.metadata.version(package) for package in PACKAGES}


def write_atomically(path, content):
    """Writes bytes to a temporary name beside `path`, then renames: all or nothing.

    Args:
        path: where the file shall be; folders are made as needed.
        content: bytes.

    Raises:
        OSError: the folder cannot be written to; says which, and what to do.

    Example:
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_atomically(folder / "new" / "a.bin", b"abc")
        >>> (folder / "new" / "a.bin").read_bytes()
        b'abc'
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise type(error)(
            f"cannot write {path} ({error.strerror}); make {path.parent} writable, or set "
            "KERASCOMP_OUTPUT (figures) or KERASCOMP_CACHE (checkpoints) to a folder that is"
        ) from error
    finally:
        if path.parent.is_dir():
            temporary.unlink(missing_ok=True)
