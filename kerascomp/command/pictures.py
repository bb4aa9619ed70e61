"""The files of the command `kerascomp`: which ones, images read and written, .kc files read."""

import numpy as np
from PIL import Image, UnidentifiedImageError

from kerascomp.command import container

MODES = {1: "L", 3: "RGB"}  # Pillow's names for gray and color


def pairs(paths, suffix, force):
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


def read_image(path):
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


def write_image(path, image):
    """Writes a uint8 image (H, W, C) as a PNG, whole or not at all."""
    from kerascomp.codecs.classical import PNG
    from kerascomp.files import write_atomically

    write_atomically(path, PNG().encode(image[None])[0])


def contents(path):
    """Returns (model name, `container.Contents`) of a .kc file.

    Raises:
        DamagedFile: it is damaged, or was cut and is not of a codec that allows it.
    """
    from kerascomp import zoo

    found = container.read(path, [zoo.version(name) for name in zoo.names()])
    name = found.model_among(zoo.codec_names())
    if not found.is_whole and zoo.entry(zoo.split_name(name)[0]).kind != "recurrent":
        raise container.DamagedFile(f"{path} was cut or damaged; {container.ADVICE}")
    return name, found


def is_progressive(codec):
    """Whether a codec's files decode when they are cut."""
    return hasattr(codec, "decode_found")


def decoded(codec, found, path):
    """Returns (image, text): the image of a .kc file, and how much of the file was there.

    Args:
        codec: for images of this shape.
        found: `container.Contents`.
        path: of the file.

    Raises:
        ValueError: nothing of the image is there.
    """
    if not is_progressive(codec):
        return codec.decode(found.files)[0], ""
    try:
        images, num_found, num_written = codec.decode_found(found.files)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if found.is_whole:
        return images[0], ""
    num_bytes = len(found.files[0])
    return images[0], (
        f", {num_found[0]} of {num_written[0]} iterations: the file was cut, {num_bytes} of "
        f"{num_bytes + found.missing_bytes} bytes are there, not verified"
    )
