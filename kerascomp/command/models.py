"""Published codecs by the names and options of the command, and by the numbers in files."""

import functools
from pathlib import Path

import numpy as np

from kerascomp import zoo
from kerascomp.codecs import Codec
from kerascomp.command import container
from kerascomp.zoo import cards

TOLERANCE = 0.05  # how far a file may be from --target-bytes, or one byte
OPTIONS = {  # what chooses the rate: arguments of a codec's `at`, and for all that have several
    "quality": "--quality",
    "num_iterations": "--iterations",
    "target_psnr": "--target-psnr",
    "target_bytes": "--target-bytes",
}


def codec(name: str) -> Codec:
    """Returns the published codec of a plain name.

    Raises:
        ValueError: there is none, or a quality is written behind its name.
    """
    network, colon, _ = name.partition(":")
    if colon and network in zoo.names():
        raise ValueError(
            f"no network is called {name!r}: a quality is no part of the name; write "
            f"--model {network} --quality 0.5, from 0 to 1"
        )
    return _codec(name)


def at(codec: Codec, rate: dict[str, float]) -> Codec:
    """Returns a codec at the rate that one option chooses; a size is chosen image by image.

    Args:
        codec: a published one.
        rate: {key of `OPTIONS`: value}, at most one.

    Raises:
        ValueError: it has one rate only, or its rate is not chosen like that.
    """
    if len(rate) > 1:
        options = " and ".join(OPTIONS[option] for option in rate)
        raise ValueError(f"{options} all choose the quality; give one of them")
    if not rate:
        return codec
    (option,) = rate
    if not codec.rate_options:
        raise ValueError(f"{codec.name} has one quality only; those with several: {_several()}")
    if option == "target_bytes":
        return codec
    if option not in codec.rate_options:
        options = ", ".join(OPTIONS[known] for known in codec.rate_options)
        raise ValueError(
            f"{codec.name} has no {OPTIONS[option]}; its quality is chosen by {options}"
        )
    return codec.at(**rate)


def for_image(codec: Codec, image: np.ndarray, target_bytes: int | None = None) -> Codec:
    """Returns the codec for an image (H, W, C), at the rate whose .kc file is nearest to a size.

    Raises:
        ValueError: it does not take such images, or no rate comes near the size.
    """
    codec = codec.for_shape(image.shape)
    if target_bytes is None:
        return codec
    around = container.overhead(image.shape, progressive=codec.is_progressive)
    nearest, coded_bytes = codec.at_bytes(image[None], target_bytes - around)
    size = coded_bytes + around
    if abs(size - target_bytes) > max(1, TOLERANCE * target_bytes):
        raise ValueError(
            f"no quality gives a file of {target_bytes} bytes; the nearest has {size:.0f}"
        )
    return nearest


def write(path: Path, codec: Codec, image: np.ndarray) -> int:
    """Writes the .kc file of an image (H, W, C); returns its number of bytes."""
    return container.write(
        path,
        codec.encode(image[None]),
        number=cards.number(codec.name, codec.level),
        image_shape=image.shape,
        version=cards.version(codec.name),
        progressive=codec.is_progressive,
    )


def read(path: Path) -> container.Contents:
    """Returns what is in a .kc file, checked against the version of its one model."""
    return container.read(path, lambda number: cards.version(cards.by_number(number)[0]))


def of_file(path: Path, contents: container.Contents) -> Codec:
    """Returns the codec that decodes the contents of a .kc file.

    Raises:
        DamagedFile: the file was cut, and is not of a codec that allows it.
        ValueError: the codec does not take images of the file's shape.
    """
    name, level = cards.by_number(contents.number)
    codec = _codec(name) if level is None else _codec(name).at_level(level)
    if not contents.is_whole and not codec.is_progressive:
        raise container.DamagedFile(f"{path} was cut or damaged; {container.ADVICE}")
    try:
        return codec.for_shape(contents.image_shape)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


@functools.lru_cache(maxsize=4)
def _codec(name):
    return zoo.codec(name)


def _several():
    """Returns the names of the models that have several qualities, as text."""
    from kerascomp.zoo import recipes

    return ", ".join(name for name in zoo.names() if recipes.entry(name).has_rates)
