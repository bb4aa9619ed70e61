"""A study: which pairs of reconstructions are compared, in which order, with their pixels.

One JSON file holds everything that a rater sees. Raters see pictures only; answers name the codecs.
"""

import base64
import functools
import hashlib
import io
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from kerascomp.files import write_atomically
from kerascomp.rating.form import StudyError, check

TOLERANCE = 0.05  # how far the two files of a pair may differ, of the larger
ORIGINAL, DAMAGED = "original", "damaged"  # "codecs" of a catch trial with a gross difference
FORMAT = "kerascomp rating study 2"
MOST_PIXELS = 4_000_000  # of a picture; a small file can hold thousands of times as many


class Item(NamedTuple):
    """What raters compare: a codec at a size in bytes; `ORIGINAL` and `DAMAGED` have no size."""

    codec: str
    target_bytes: int | None = None

    def __str__(self) -> str:
        return f"{self.codec} at {self.target_bytes} bytes" if self.target_bytes else self.codec


class Version(NamedTuple):
    """One of the two sides of a trial."""

    codec: str
    target_bytes: int | None
    image: str  # key of its pixels in the study
    num_bytes: int | None  # length of the file that it was decoded from, if there is one

    @property
    def item(self) -> Item:
        """What is compared, without the pixels."""
        return Item(self.codec, self.target_bytes)


class Trial(NamedTuple):
    """What a rater sees at once."""

    name: str  # the study's name and the trial's number, "3f9a1c-007"
    original: str  # key of the original's pixels
    left: Version
    right: Version

    @property
    def is_catch(self) -> bool:
        """Whether the right answer is known."""
        return is_catch(self.left.item, self.right.item)

    @property
    def keys(self) -> tuple[str, str, str]:
        """Keys of the pixels: left, original, right."""
        return self.left.image, self.original, self.right.image

    def as_dict(self) -> dict:
        """Returns the trial as JSON holds it."""
        return self._asdict() | {"left": self.left._asdict(), "right": self.right._asdict()}


def is_catch(left: Item, right: Item) -> bool:
    """Returns whether two sides make a catch trial: an identical pair or a gross difference."""
    return left == right or {left.codec, right.codec} == {ORIGINAL, DAMAGED}


@dataclass(frozen=True)
class Study:
    """Trials in the order in which they are shown, and their pixels.

    Raises:
        StudyError: a pair whose files are not of the same size within `TOLERANCE`, a trial without
            its pixels, two trials of one name, or no trial at all.
    """

    trials: tuple[Trial, ...]
    images: dict[str, str]  # PNG in base64 under each key
    seed: int  # what the trials were drawn with
    left_out: tuple[str, ...] = ()  # what could not be compared at equal bytes

    def __post_init__(self) -> None:
        if not self.trials:
            raise StudyError("a study needs at least one trial, received none")
        if len({trial.name for trial in self.trials}) < len(self.trials):
            raise StudyError("two trials have the same name; expected a name of its own for each")
        for trial in self.trials:
            if missing := set(trial.keys) - set(self.images):
                raise StudyError(f"trial {trial.name} has no pixels for {sorted(missing)}")
        for name, _, left, right in self.comparisons:
            one, other = left.num_bytes, right.num_bytes
            if one is None or other is None or abs(one - other) > TOLERANCE * max(one, other):
                raise StudyError(
                    f"trial {name} compares {left.codec} of {one} bytes with {right.codec} "
                    f"of {other}; expected files that differ by {TOLERANCE:.0%} at most; make "
                    "the study again with more settings of each codec"
                )

    @property
    def name(self) -> str:
        """Six hex digits, the same for the same trials."""
        return self.trials[0].name.rpartition("-")[0]

    @property
    def comparisons(self) -> list[Trial]:
        """The trials that are no catch trials."""
        return [trial for trial in self.trials if not trial.is_catch]

    def views(self, trials: Iterable[Trial]) -> np.ndarray:
        """Returns what trials show: uint8 (3, T, H, W, C), left, original and right."""
        columns = zip(*(trial.keys for trial in trials), strict=True)
        return np.array([[from_text(self.images[key]) for key in keys] for keys in columns])

    def check_pictures(self) -> None:
        """Decodes every picture.

        Raises:
            StudyError: one does not decode, or has another size or other channels than the first.
        """
        shapes = {}
        for key, text in self.images.items():
            try:
                shapes[key] = from_text(text).shape
            except StudyError as error:
                raise StudyError(f"images.{key}: {error}") from None
            if shapes[key] != (expected := next(iter(shapes.values()))):
                raise StudyError(
                    f"images.{key} is of shape {shapes[key]}; expected {expected}, as of the first"
                )

    def to_json(self) -> str:
        """Returns the study as text.

        Raises:
            StudyError: a field is not as `kerascomp.rating.form` has it.
        """
        trials = [trial.as_dict() for trial in self.trials]
        record = {"format": FORMAT, "name": self.name} | vars(self) | {"trials": trials}
        check(record)
        return json.dumps(record, indent=0, ensure_ascii=False) + "\n"

    def save(self, path: str | Path) -> None:
        """Writes the study to a file, whole or not at all."""
        write_atomically(path, self.to_json().encode())

    @classmethod
    def load(cls, path: str | Path) -> "Study":
        """Returns the study of a file.

        Raises:
            StudyError: it is no study; says which file, which field, and what is wrong with it.
            OSError: it cannot be read.
        """
        try:
            record = json.loads(Path(path).read_bytes())
            found = record.get("format") if isinstance(record, dict) else None
            if isinstance(found, str) and found != FORMAT:
                raise StudyError(f"expected {FORMAT!r}, received {found!r}; make the study again")
            check(record)
            trials = (
                Trial(**trial | {side: Version(**trial[side]) for side in ("left", "right")})
                for trial in record["trials"]
            )
            study = cls(tuple(trials), record["images"], record["seed"], tuple(record["left_out"]))
            if study.name != record["name"]:
                raise StudyError(f"name is {record['name']!r}; its trials are of {study.name!r}")
            study.check_pictures()
            return study
        except StudyError as error:
            raise StudyError(f"{path}: {error}") from None
        except (ValueError, RecursionError) as error:  # no JSON, or lists in lists without end
            raise StudyError(f"{path}: this is no study, or a damaged one ({error})") from None


def named(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Returns trials with names: six digits of a hash of them all, and a number each."""
    trials = tuple(trials)
    content = json.dumps([trial.as_dict() for trial in trials])
    digest = hashlib.sha256(content.encode()).hexdigest()[:6]
    return tuple(trial._replace(name=f"{digest}-{i:03d}") for i, trial in enumerate(trials, 1))


def to_text(image: np.ndarray) -> str:
    """Returns the PNG of a uint8 image (H, W, C), C being 1 or 3, as base64 text."""
    buffer = io.BytesIO()
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


@functools.lru_cache(maxsize=4096)
def from_text(text: str) -> np.ndarray:
    """Returns the uint8 image (H, W, C) that `to_text` wrote.

    Raises:
        StudyError: the text is no PNG in gray or color, or one of more than `MOST_PIXELS`.
    """
    try:
        content = io.BytesIO(base64.b64decode(text, validate=True))
        with Image.open(content, formats=["PNG"]) as picture:
            if picture.mode not in ("L", "RGB") or math.prod(picture.size) > MOST_PIXELS:
                raise ValueError(f"{picture.mode}, {picture.width}×{picture.height} pixels")
            pixels = np.array(picture)
    except Exception as error:  # damaged bytes make Pillow raise half a dozen kinds
        raise StudyError(
            "expected a PNG in base64, gray or RGB with 8 bits, of at most "
            f"{MOST_PIXELS:,} pixels; received {text[:20]!r}… ({error})"
        ) from None
    return pixels[..., None] if pixels.ndim == 2 else pixels
