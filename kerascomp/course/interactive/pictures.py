"""Stored pictures: a few test images as every codec of a plane decodes them.

    kerascomp course pictures        decode them again

They are one PNG for each data set, beside the stored rate points: a row for each setting of each
codec, the originals first. The PNG's text says what its rows are.
"""

import io
import json
from typing import NamedTuple

import numpy as np
from PIL import Image, PngImagePlugin
from tqdm.auto import tqdm

from kerascomp import files
from kerascomp.course import families, results
from kerascomp.course.figures import record
from kerascomp.datasets import tile

NUM_SHOWN = {"mnist": 4, "cifar10": 2}  # the first test images
MOSAIC = 1024  # images of a mosaic, of which the first are shown


class Pictures(NamedTuple):
    """The pictures of one data set.

    Attributes:
        sheet: uint8 (N, H, W, C), row by row, the originals first.
        rows: a list [label, setting] for each row below the originals.
        columns: how many pictures a row has.
    """

    sheet: np.ndarray
    rows: list[list[str]]
    columns: int


def load(name: str) -> Pictures | None:
    """Returns the stored pictures of a data set, or None if there are none."""
    path = _path(name)
    if not path.exists():
        return None
    columns = NUM_SHOWN[name]
    with Image.open(path) as image:
        rows = json.loads(image.info["rows"])
        pixels = np.asarray(image)
    size = pixels.shape[1] // columns
    grid = pixels.reshape(len(rows) + 1, size, columns, size, -1).swapaxes(1, 2)
    return Pictures(grid.reshape(-1, size, size, grid.shape[-1]), rows, columns)


def make(name: str) -> int:
    """Decodes the pictures of all codecs on lesson 12's plane again, and stores them.

    Args:
        name: "mnist" or "cifar10".

    Returns:
        The length of the PNG in bytes.

    Raises:
        ValueError: no such data set, or it is a stand-in.
        OSError: the package was installed without a checkout.
    """
    files.require_checkout()
    dataset, known = families.dataset(name), families.families(name)
    if dataset.is_stand_in:
        raise ValueError(f"pictures of {name} need {name}, which could not be found")
    number, stored = NUM_SHOWN[name], results.load(name)
    images, rows = [dataset.test.images[:number]], []
    for label in tqdm(record(f"12_plane_{name}")["arguments"]["curves"], desc=name):
        settings = [point.setting for point in stored[label]]
        for codec, setting in zip(known[label].codecs(), settings, strict=True):
            originals = dataset.test.images[: number if codec.images_per_file == 1 else MOSAIC]
            images.append(codec.decode(codec.encode(originals))[:number])
            rows.append([label, setting])
    text = PngImagePlugin.PngInfo()
    text.add_text("rows", json.dumps(rows))
    sheet = tile(np.concatenate(images), number, gap=0, background=0)
    buffer = io.BytesIO()
    Image.fromarray(sheet.squeeze()).save(buffer, "PNG", optimize=True, pnginfo=text)
    files.write_atomically(_path(name), buffer.getvalue())
    return len(buffer.getvalue())


def _path(name):
    return results.FOLDER / f"{families.known(name)}.png"
