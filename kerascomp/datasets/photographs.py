"""Whole photographs: Kodak's 24 to test with, and those that networks are trained on.

Kodak Lossless True Color Image Suite: 768×512 or 512×768, released for unrestricted use; the
photographs of most papers on image compression. It is a test set: look at it once, at the end.

The photographs for training and validation, 512×512, are those of the Cloudinary Image Dataset '22
(CID22), from Pexels, CC BY-SA 4.0. Any folder of pictures will do in their place.
"""

import hashlib
import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from kerascomp import files
from kerascomp.datasets import natural
from kerascomp.datasets.base import Dataset, Split
from kerascomp.datasets.download import download, keras_folder
from kerascomp.files import ArrayFileError

KODAK_URL = "http://r0k.us/graphics/kodak/kodak/"
SHA256 = files.DATA / "kodak.sha256"  # in the lines of sha256sum
SPLITS = ("train", "validation")


class Photographs(list[np.ndarray]):
    """A list of uint8 images (H, W, 3), each of a size of its own.

    Args:
        images: the photographs.
        name: as written on figures.
        is_stand_in: whether other photographs replace those that the loader is named for.
    """

    def __init__(self, images: Iterable[np.ndarray], name: str, *, is_stand_in: bool = False):
        super().__init__(images)
        self.name, self.is_stand_in = name, is_stand_in

    @cached_property
    def digest(self) -> str:
        """Hex string that identifies the pixels, their shapes and their order."""
        digest = hashlib.sha256()
        for image in self:
            digest.update(repr(image.shape).encode() + image.tobytes())
        return digest.hexdigest()


def kodak(limit: int | None = None) -> Photographs:
    """Returns Kodak's 24 photographs.

    They are read from $KERASCOMP_DATA/kodak or from Keras's cache, or downloaded into that cache
    (not if $KERASCOMP_OFFLINE is set). With none of these, a photograph that scikit-image ships
    replaces them, and a message says so.

    Args:
        limit: keep only the first `limit` photographs; None keeps all.

    Raises:
        ArrayFileError: a file is missing, damaged or another one.
    """
    lines = SHA256.read_text(encoding="utf-8").splitlines()
    digests = {name: sha256 for sha256, name in map(str.split, lines[:limit])}
    folder = _named_folder("kodak")
    if folder is None:
        folder = keras_folder() / "kodak"
        for name, sha256 in digests.items():
            path = folder / name
            if not (path.exists() or download(KODAK_URL + name, path, sha256=sha256, name="kodak")):
                print(
                    "Kodak's photographs could not be downloaded (no network?): one that "
                    "scikit-image ships stands in, and every result says so. For the real ones, "
                    "put kodim01.png to kodim24.png into a folder kodak and set KERASCOMP_DATA to "
                    "the folder around it."
                )
                return _stand_in("test", limit)
    return Photographs((_verified(folder / name, digests[name]) for name in digests), "Kodak")


def photographs(split: str, limit: int | None = None) -> Photographs:
    """Returns the photographs to train with ("train") or to choose and to stop on ("validation").

    They are the pictures in $KERASCOMP_DATA/photographs/train and /validation, by their names.
    Without these folders, photographs that scikit-image ships replace them, and a message says so.

    Args:
        split: "train" or "validation".
        limit: keep only the first `limit` photographs; None keeps all.

    Raises:
        ValueError: there is no such split.
        ArrayFileError: a folder has no pictures, or one that is damaged.
    """
    if split not in SPLITS:
        raise ValueError(f"expected a split of {' or '.join(SPLITS)}, received {split!r}")
    folder = _named_folder(f"photographs/{split}")
    if folder is None:
        print(
            "There is no folder of photographs: those that scikit-image ships stand in, and every "
            "result says so. For others, put pictures into photographs/train and "
            "photographs/validation, and set KERASCOMP_DATA to the folder around photographs."
        )
        return _stand_in(split, limit)
    known = Image.registered_extensions()
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in known)
    if not paths:
        raise ArrayFileError(f"{folder} has no pictures; expected photographs, such as PNG files")
    return Photographs(map(_read, paths[:limit]), "photographs")


def full_size(limit: int | None = None) -> Dataset:
    """Returns the data set of whole photographs: to train and validate on, and Kodak to test with.

    The images of its test split are a list, each of a size of its own; there are no classes.

    Args:
        limit: keep only the first `limit` photographs of each split; None keeps all.

    Raises:
        ArrayFileError: the photographs to train with are not all of one size, or see above.
    """
    parts = {split: photographs(split, limit) for split in SPLITS}
    shapes = sorted({image.shape for images in parts.values() for image in images})
    is_stand_in = any(images.is_stand_in for images in parts.values())
    if is_stand_in:  # of many sizes
        height, width = np.min(shapes, axis=0)[:2]
        parts = {split: [x[:height, :width] for x in images] for split, images in parts.items()}
    elif len(shapes) > 1:
        raise ArrayFileError(
            f"photographs to train with are of one size, received {shapes[0]} and {shapes[-1]}; "
            "crop or sort them"
        )
    train, validation = (_unlabeled(np.stack(images)) for images in parts.values())
    test = kodak(limit)
    is_stand_in |= test.is_stand_in
    return Dataset("photographs", train, validation, _unlabeled(test), (), is_stand_in)


def _unlabeled(images):
    return Split(images, np.zeros(len(images), np.uint8))


def _named_folder(name):
    """Returns a folder inside $KERASCOMP_DATA, or None if there is none."""
    folder = Path(os.environ.get("KERASCOMP_DATA", "")) / name
    return folder if "KERASCOMP_DATA" in os.environ and folder.is_dir() else None


def _stand_in(split, limit):
    """Returns the photographs of scikit-image that natural patches of a split are cut from."""
    images = map(natural.photograph, natural.PHOTOGRAPHS[split][:limit])
    return Photographs(images, "photographs of scikit-image", is_stand_in=True)


def _verified(path, sha256):
    """Returns the image of a file that must have a SHA-256."""
    advice = "delete the file and get it again from where it came from"
    if not path.exists():
        raise ArrayFileError(f"{path} is missing; get it from {KODAK_URL}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != sha256:
        raise ArrayFileError(
            f"{path} is not Kodak's photograph: its sha256 is {digest[:12]}…, expected "
            f"{sha256[:12]}…; {advice}"
        )
    return _read(path)


def _read(path):
    """Returns the image (H, W, 3) of a picture file."""
    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB"))
    except Exception as error:  # damaged bytes make Pillow raise a dozen kinds
        raise ArrayFileError(
            f"{path} is damaged or no picture ({error}); get it again or delete it"
        ) from error
