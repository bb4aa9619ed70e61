"""Published codecs by the names and options of the command, and by the numbers in files."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerascomp import quiet, zoo
from kerascomp.codecs import Codec
from kerascomp.command import container, pictures, terminal
from kerascomp.zoo import cards

BY_SHAPE: dict[tuple[int, ...], str] = {
    (28, 28, 1): "mnist-bottleneck",
    (32, 32, 3): "cifar10-bottleneck",
}
ANY_SHAPE = "photo-bottleneck"  # for pictures of all other sizes, gray or color
TOLERANCE = 0.05  # how far a file may be from --target-bytes, or one byte
OPTIONS = {  # what chooses the rate: arguments of a codec's `at`, and for all that have several
    "quality": "--quality",
    "num_iterations": "--iterations",
    "target_psnr": "--target-psnr",
    "target_bytes": "--target-bytes",
}


def default_name(image_shape: Sequence[int]) -> str:
    """Returns the name of the model for images (H, W, C) where none is given."""
    return BY_SHAPE.get(tuple(image_shape), ANY_SHAPE)


def codec(name: str) -> Codec:
    """Returns the published codec of a plain name.

    Raises:
        ValueError: there is none, or a rate is written behind its name.
    """
    network, colon, _ = name.partition(":")
    if colon and network in zoo.names():
        raise ValueError(
            f"no network is called {name!r}: a rate is no part of the name; write --model "
            f"{network}, which has {_options(codec(network))}"
        )
    quiet.hide_retracing()
    return _codec(name)


def chosen(*values: float | None) -> dict[str, float]:
    """Returns {key: value} of those values of `OPTIONS`, in their order, that are not None."""
    options = zip(OPTIONS, values, strict=True)
    return {option: value for option, value in options if value is not None}


def at(codec: Codec, rate: dict[str, float], effort: int = 0) -> Codec:
    """Returns a codec at the rate that one option chooses; a size is chosen image by image.

    Args:
        codec: a published one.
        rate: {key of `OPTIONS`: value}, at most one.
        effort: steps of the encoder's search for each image, see `Codec.with_effort`.

    Raises:
        ValueError: it has one rate only, or its rate is not chosen like that, or it has no efforts.
    """
    if effort and not codec.has_efforts:
        names = _names_where("has_efforts")
        raise ValueError(f"{codec.name} has no --effort; those with one: {names}")
    codec = codec.with_effort(effort)
    if len(rate) > 1:
        options = " and ".join(OPTIONS[option] for option in rate)
        raise ValueError(f"{options} all choose the quality; give one of them")
    if not rate:
        return codec
    (option,) = rate
    if not codec.rate_options:
        raise ValueError(
            f"{codec.name} has one quality only; those with several: {_names_where('has_rates')}"
        )
    if option == "target_bytes":
        return codec
    if option not in codec.rate_options:
        raise ValueError(f"{codec.name} has no {OPTIONS[option]}; it has {_options(codec)}")
    return codec.at(**rate)


def for_image(
    name: str | None, image: np.ndarray, rate: dict[str, float], effort: int = 0
) -> Codec:
    """Returns the codec for an image (H, W, C), at the rate that one option chooses.

    Args:
        name: of the published codec; None for one that fits the image.
        image: uint8 pixels.
        rate: {key of `OPTIONS`: value}, at most one. Of a size, the rate whose .kc file is nearest.
        effort: steps of the encoder's search for each image, see `Codec.with_effort`.

    Raises:
        ValueError: there is no such codec, rate or effort, it does not take such images, or no rate
            comes near the size.
    """
    published = codec(name or default_name(image.shape))
    sized = at(published, rate, effort).for_shape(image.shape)
    if (target_bytes := rate.get("target_bytes")) is None:
        return sized
    around = container.overhead(image.shape, progressive=sized.is_progressive)
    nearest, coded_bytes = sized.at_bytes(image[None], target_bytes - around)
    size = coded_bytes + around
    if abs(size - target_bytes) > max(1, TOLERANCE * target_bytes):
        raise ValueError(
            f"no quality gives a file of {target_bytes} bytes; the nearest has {size:.0f}"
        )
    return nearest


def write(path: Path, codec: Codec, image: np.ndarray) -> int:
    """Writes the .kc file of an image (H, W, C); returns its number of bytes."""
    coded, header = parts(codec, image)
    return container.write(path, coded, **header)


def parts(codec: Codec, image: np.ndarray) -> tuple[list[bytes], dict[str, Any]]:
    """Returns (files, header) of an image (H, W, C): arguments of `container.to_bytes`."""
    header = {
        "number": cards.number(codec.name, codec.level),
        "image_shape": image.shape,
        "version": cards.version(codec.name),
        "progressive": codec.is_progressive,
    }
    return codec.encode(image[None]), header


def read(path: Path, max_pixels: int) -> container.Contents:
    """Returns what is in a .kc file, checked against the version of its one model.

    Raises:
        DamagedFile, UnknownModel, OSError: see `container.read`.
        ValueError: it claims more pixels than are allowed.
    """
    contents = container.read(path, version_of)
    height, width, _ = contents.image_shape
    pictures.check_size(path, len(contents.files) * height * width, max_pixels)
    return contents


def version_of(number: int) -> str:
    """Returns the version of the weights of the model that a .kc file names."""
    return cards.version(cards.by_number(number)[0])


def of_file(path: Path, contents: container.Contents) -> Codec:
    """Returns the codec that decodes the contents of a .kc file.

    Raises:
        DamagedFile: the file was cut, and is not of a codec that allows it.
        ValueError: the codec does not take images of the file's shape.
    """
    name, level = cards.by_number(contents.number)
    published = codec(name) if level is None else codec(name).at_level(level)
    if not contents.is_whole and not published.is_progressive:
        raise container.DamagedFile(f"{path} was cut or damaged; {container.ADVICE}")
    return _named(path, published.for_shape, contents.image_shape)


def decoded(codec: Codec, contents: container.Contents, path: Path) -> tuple[np.ndarray, str]:
    """Returns (image, text): the image of a .kc file, and how much of a cut file was there.

    Args:
        codec: for images of this shape.
        contents: of the file, one image.
        path: of the file.

    Raises:
        ValueError: there are several images, or nothing of the one.
    """
    if len(contents.files) != 1:
        raise ValueError(
            f"{path} holds {len(contents.files)} images of {contents.image_shape}, expected one"
        )
    images, num_present, num_written = _named(path, codec.decode_beginnings, contents.files)
    if contents.is_whole:
        return images[0], ""
    num_bytes = len(contents.files[0])
    return images[0], (
        f", {num_present[0]} of {num_written[0]} iterations: the file was cut, {num_bytes} of "
        f"{num_bytes + contents.missing_bytes} bytes are there, not verified"
    )


def described(path: Path, contents: container.Contents, *, estimate: bool) -> list[str]:
    """Returns what is in a .kc file, in lines; what the model expected takes decoding it."""
    name, level = cards.by_number(contents.number)
    height, width, channels = contents.image_shape
    size, coded = path.stat().st_size, sum(map(len, contents.files))
    bpp = 8 * size / (len(contents.files) * height * width)
    mode = pictures.MODES[channels]
    quality = "" if level is None else f", quality {level / (len(cards.numbers(name)) - 1):.3f}"
    estimated = ""
    if estimate:
        num_bytes = _named(path, of_file(path, contents).estimated_bytes, contents.files)
        estimated = f", estimated by the model {num_bytes:.1f}"
    lines = [
        f"{path}",
        f"  model             {name}{quality}",
        f"  images            {len(contents.files)} of {height}×{width}, {mode}",
        f"  file              {size} bytes, {bpp:.3f} bits per pixel",
        f"  coded             {coded} bytes{estimated}",
    ]
    if not contents.is_whole:
        lines += [f"  cut               {contents.missing_bytes} bytes are missing, not verified"]
    return lines


def _named(path, function, argument):
    """Returns what a function returns; its errors name the file."""
    try:
        return function(argument)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


@functools.lru_cache(maxsize=4)
def _codec(name):
    with terminal.status("loading the model"):  # and TensorFlow, some seconds
        return zoo.codec(name)


def _options(codec):
    """Returns the options that choose a codec's rate, as text."""
    if not codec.rate_options:
        return "one quality only"
    return ", ".join([*(OPTIONS[known] for known in codec.rate_options), "--target-bytes"])


def _names_where(has):
    """Returns the names of the models whose entries have this property, as text."""
    from kerascomp.zoo import recipes

    return ", ".join(name for name in zoo.names() if getattr(recipes.entry(name), has))
