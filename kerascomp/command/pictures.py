"""The files of the command `kerascomp`: which ones, images read, decoded and written."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from kerascomp.codecs import Codec
from kerascomp.codecs.classical import PNG
from kerascomp.command.container import Contents
from kerascomp.files import write_atomically

MODES = {1: "L", 3: "RGB"}  # Pillow's names for gray and color


def pairs(paths: list[Path], suffix: str, force: bool) -> list[tuple[Path, Path]]:
    """Returns [(source, target)], the last path being a file or, for several, a folder.

    Raises:
        ValueError: no input or output, or a target that exists.
    """
    *sources, output = paths
    if not sources:
        raise ValueError(f"expected at least one input and an output, received only {output}")
    into_folder = len(sources) > 1 or output.is_dir()
    if into_folder and output.exists() and not output.is_dir():
        raise ValueError(f"{output} is no folder; several inputs need one, as the last argument")
    targets = [output / (path.stem + suffix) if into_folder else output for path in sources]
    if len(set(targets)) < len(targets):
        raise ValueError("two inputs have the same name; compress them into different folders")
    for target in targets:
        if target.exists() and not force:
            raise ValueError(f"{target} exists; --force replaces it")
    return list(zip(sources, targets, strict=True))


def read_image(path: Path) -> np.ndarray:
    """Returns the uint8 image (H, W, C) of a file."""
    try:
        with Image.open(path) as picture:
            if picture.mode not in MODES.values():
                raise ValueError(
                    f"{path} has mode {picture.mode}; expected 8-bit gray (L) or color (RGB), "
                    "convert it first"
                )
            pixels = np.asarray(picture)
    except UnidentifiedImageError:
        raise ValueError(f"{path} is no image that Pillow can read") from None
    return pixels[..., None] if pixels.ndim == 2 else pixels


def write_image(path: Path, image: np.ndarray) -> None:
    """Writes a uint8 image (H, W, C) as a PNG, whole or not at all."""
    write_atomically(path, PNG().encode(image[None])[0])


def decoded(codec: Codec, contents: Contents, path: Path) -> tuple[np.ndarray, str]:
    """Returns (image, text): the image of a .kc file, and how much of a cut file was there.

    Args:
        codec: for images of this shape.
        contents: of the file.
        path: of the file.

    Raises:
        ValueError: nothing of the image is there.
    """
    try:
        images, num_present, num_written = codec.decode_beginnings(contents.files)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if contents.is_whole:
        return images[0], ""
    num_bytes = len(contents.files[0])
    return images[0], (
        f", {num_present[0]} of {num_written[0]} iterations: the file was cut, {num_bytes} of "
        f"{num_bytes + contents.missing_bytes} bytes are there, not verified"
    )
