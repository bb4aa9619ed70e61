"""A study: which pairs of reconstructions are compared, in which order, with their pixels.

One JSON file holds everything that a rater sees. Every trial shows an original and two versions of
it, left and right; a version has a label, such as "KLT @ 90 bytes", which raters never see and
answers are filed under.
"""

import functools
import hashlib
import json
import typing
from dataclasses import dataclass
from pathlib import Path

from kerascomp.files import write_atomically
from kerascomp.rating.pictures import from_text

TOLERANCE = 0.05  # how far the two files of a pair may differ, of the larger
ORIGINAL, DAMAGED = "original", "damaged"  # the labels of a catch trial with a gross difference
FORMAT = "kerascomp rating study 1"


class StudyError(ValueError):
    """This is no study, or one that would not be fair."""


class Version(typing.NamedTuple):
    """One of the two sides of a trial.

    Attributes:
        label: codec and size, or `ORIGINAL` or `DAMAGED`.
        image: key of its pixels in the study.
        num_bytes: length of the file that it was decoded from; None if there is no file.
    """

    label: str
    image: str
    num_bytes: int | None


class Trial(typing.NamedTuple):
    """What a rater sees at once.

    Attributes:
        name: the study's name and the trial's number, "3f9a1c-007".
        original: key of the original's pixels.
        left, right: `Version`s.
    """

    name: str
    original: str
    left: Version
    right: Version


def label(codec, target_bytes):
    """Returns how a codec at a size is called in answers.

    Example:
        >>> label("KLT", 90)
        'KLT @ 90 bytes'
    """
    return f"{codec} @ {target_bytes} bytes"


def split_label(text):
    """Returns (codec, target_bytes) of a label.

    Example:
        >>> split_label("KLT @ 90 bytes")
        ('KLT', 90)

    Raises:
        ValueError: the text is no label of a codec.
    """
    codec, separator, size = text.rpartition(" @ ")
    number = size.removesuffix(" bytes")
    if not separator or not number.isdecimal():
        raise ValueError(f"expected a label such as 'KLT @ 90 bytes', received {text!r}")
    return codec, int(number)


def is_catch(left, right):
    """Returns whether labels are those of a catch trial: an identical pair or a gross difference.

    Args:
        left, right: labels of the two sides.
    """
    return left == right or {left, right} == {ORIGINAL, DAMAGED}


@dataclass(frozen=True)
class Study:
    """Trials in the order in which they are shown, and their pixels.

    Attributes:
        trials: tuple of `Trial`.
        images: {key: PNG in base64}.
        seed: what the trials were drawn with.
        left_out: texts; what could not be compared at equal bytes.

    Raises:
        StudyError: a pair whose files are not of the same size within `TOLERANCE`, a trial without
            its pixels, or no trial at all.
    """

    trials: tuple
    images: dict
    seed: int
    left_out: tuple = ()

    def __post_init__(self):
        if not self.trials:
            raise StudyError("a study needs at least one trial, received none")
        for trial in self.trials:
            missing = {trial.original, trial.left.image, trial.right.image} - set(self.images)
            if missing:
                raise StudyError(f"trial {trial.name} has no pixels for {sorted(missing)}")
            if not is_catch(trial.left.label, trial.right.label):
                check_equal_bytes(trial)

    @property
    def name(self):
        """Six hex digits, the same for the same trials."""
        return self.trials[0].name.rpartition("-")[0]

    @property
    def comparisons(self):
        """The trials that are no catch trials, a list."""
        return [each for each in self.trials if not is_catch(each.left.label, each.right.label)]

    def pixels(self, key):
        """Returns the uint8 image (H, W, C) under a key."""
        return _decoded(self.images[key])

    def to_json(self):
        """Returns the study as text."""
        record = {
            "format": FORMAT,
            "name": self.name,
            "seed": self.seed,
            "left_out": self.left_out,
            "trials": [_as_dict(trial) for trial in self.trials],
            "images": self.images,
        }
        return json.dumps(record, indent=0, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text):
        """Returns the study that `to_json` wrote.

        Raises:
            StudyError: the text is no study; says what is missing.
        """
        try:
            record = json.loads(text)
            found = record["format"]
            trials = tuple(_from_dict(each) for each in record["trials"])
            images, seed, left_out = record["images"], record["seed"], tuple(record["left_out"])
        except (ValueError, KeyError, TypeError) as error:
            raise StudyError(f"this is no study, or a damaged one ({error!r})") from None
        if found != FORMAT:
            raise StudyError(f"expected the format {FORMAT!r}, received {found!r}")
        return cls(trials, images, seed, left_out)

    def save(self, path):
        """Writes the study to a file, whole or not at all."""
        write_atomically(path, self.to_json().encode())

    @classmethod
    def load(cls, path):
        """Returns the study of a file.

        Raises:
            StudyError: it is no study; says which file.
            OSError: it cannot be read.
        """
        try:
            return cls.from_json(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise StudyError(f"{path}: {error}") from None


def check_equal_bytes(trial):
    """Raises a StudyError unless the files of a trial have the same size, within `TOLERANCE`."""
    sizes = trial.left.num_bytes, trial.right.num_bytes
    if None in sizes or abs(sizes[0] - sizes[1]) > TOLERANCE * max(sizes):
        raise StudyError(
            f"trial {trial.name} compares {trial.left.label} of {sizes[0]} bytes with "
            f"{trial.right.label} of {sizes[1]}; expected files that differ by {TOLERANCE:.0%} at "
            "most; make the study again with more settings of each codec"
        )


def named(trials):
    """Returns trials with names: six digits of a hash of them all, and a number each."""
    content = json.dumps([_as_dict(trial) for trial in trials])
    digest = hashlib.sha256(content.encode()).hexdigest()[:6]
    return tuple(trial._replace(name=f"{digest}-{i:03d}") for i, trial in enumerate(trials, 1))


def _as_dict(trial):
    sides = {"left": trial.left._asdict(), "right": trial.right._asdict()}
    return trial._asdict() | sides


def _from_dict(record):
    sides = {side: Version(**record[side]) for side in ("left", "right")}
    return Trial(**(record | sides))


@functools.lru_cache(maxsize=4096)
def _decoded(text):
    pixels = from_text(text)
    pixels.setflags(write=False)
    return pixels
