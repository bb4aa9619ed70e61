"""What is known of a published network without loading it: its card, and its numbers in files.

`models.json` lists all published networks. A .kc file names its model by a number of 16 bits; a
network of several qualities has one for each level, so that a file spends nothing on the quality.
"""

import functools
import json
import zlib
from pathlib import Path

from kerascomp import files

FOLDER = files.PACKAGE / "zoo" / "weights"
INDEX = files.PACKAGE / "zoo" / "models.json"
IMAGE_SHAPES = {"mnist": (28, 28, 1), "cifar10": (32, 32, 3), "photographs": (None, None, 3)}


class UnknownModel(ValueError):
    """A file needs a model, or a version of this program, that is not here."""


def names() -> tuple[str, ...]:
    """Returns the names of all published networks."""
    return tuple(_numbers())


def has_codec(name: str) -> bool:
    """Whether the network `name` was published with a coder."""
    return bool(_numbers().get(name))


def card(name: str) -> dict:
    """Returns the card of the network `name`: what it is, how it was trained, how well it does.

    Raises:
        ValueError: there is no such network.
    """
    if name not in _numbers():
        raise ValueError(f"no network is called {name!r}; there are {', '.join(names())}")
    return json.loads(path(name, "json").read_text(encoding="utf-8"))


def quality(errors: dict) -> str:
    """Returns what a card's "test" or "rate" says of an image's quality, in words."""
    return "lossless" if errors["psnr_db"] is None else f"{errors['psnr_db']:.1f} dB"


def image_shape(name: str) -> tuple[int | None, int | None, int]:
    """Returns the shape (H, W, C) of the images that a network is for; None for any size."""
    return IMAGE_SHAPES[card(name)["dataset"].lower().replace("-", "")]


def version(name: str) -> str:
    """Returns the version of a network's weights: it changes with every training."""
    return card(name)["version"]


def path(name: str, suffix: str) -> Path:
    """Returns where the network `name` has its weights ("npz") or its card ("json")."""
    return FOLDER / f"{name}.{suffix}"


def numbers(name: str) -> list[int]:
    """Returns what stands for the network `name` in a .kc file, one for each level: 16 bits."""
    return _numbers()[name]


def number(name: str, level: int | None = None) -> int:
    """Returns what stands for a model, at a level if it has several, in a .kc file."""
    return numbers(name)[level or 0]


def by_number(number: int) -> tuple[str, int | None]:
    """Returns (name, level) of the model that a .kc file names; level None if it has only one.

    Raises:
        UnknownModel: there is none here.
    """
    models = _read(INDEX)[1]
    if number not in models:
        raise UnknownModel(
            f"this file is damaged, or its model (number {number}) is not among the {len(names())} "
            "known here; update kerascomp, or get the file or the model again from the sender"
        )
    return models[number]


def register(name: str, num_levels: int | None) -> None:
    """Lists a network in `models.json`; one that is listed keeps its numbers.

    A number follows from the name, or is the next one that is free.

    Args:
        name: of the network.
        num_levels: 0 for one without a coder, None for a codec without levels.
    """
    _read.cache_clear()  # another process may have listed one in the meantime
    index = dict(_numbers())
    if name in index:
        return
    keys = [name] if num_levels is None else [f"{name}:{level}" for level in range(num_levels)]
    taken, index[name] = {number for numbers in index.values() for number in numbers}, []
    for key in keys:
        number = zlib.crc32(key.encode()) & 0xFFFF
        while number in taken:
            number = (number + 1) & 0xFFFF
        taken.add(number)
        index[name].append(number)
    lines = ",\n".join(f' "{key}": {json.dumps(numbers)}' for key, numbers in index.items())
    files.write_atomically(INDEX, f"{{\n{lines}\n}}\n".encode())
    _read.cache_clear()


def _numbers():
    """Returns {name: numbers}: none without a coder, one, or one for each level."""
    return _read(INDEX)[0]


@functools.cache
def _read(index):
    """Returns ({name: numbers}, {number: (name, level)}) of a list of models."""
    numbers = json.loads(index.read_text(encoding="utf-8"))
    models = {
        number: (name, level if len(levels) > 1 else None)
        for name, levels in numbers.items()
        for level, number in enumerate(levels)
    }
    return numbers, models
