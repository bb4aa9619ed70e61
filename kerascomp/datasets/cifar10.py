"""CIFAR-10: 50,000 + 10,000 color images, 32×32, ten classes.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.

Files of different origin hold the images in different orders, so they are sorted here by the
SHA-256 of their pixels. "The first 1,000 test images" are then the same everywhere, and one digest
verifies them whatever the source.
"""

import hashlib
import os
import pickletools
import tarfile
import zlib
from pathlib import Path

import numpy as np

from kerascomp import files
from kerascomp.datasets.base import Dataset, Split, split_off_validation
from kerascomp.datasets.download import download, keras_folder
from kerascomp.datasets.natural import natural_patches
from kerascomp.files import ArrayFileError

ADVICE = "put the real cifar10.npz there, or unset KERASCOMP_DATA to download the images"
URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
ARCHIVE_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
LARGEST_BATCH = 1 << 26  # bytes; a real one has half of them
SHAPES = {
    "x_train": (50000, 32, 32, 3),
    "y_train": (50000,),
    "x_test": (10000, 32, 32, 3),
    "y_test": (10000,),
}
SHA256 = {
    "train": "6a3b2c04d0a79ce272dcdacaf0bc440275db5a8cbe3717521a28fada2ea0d2ed",
    "test": "65a6ffe079453e514083f99356b35e02cbfd581b4951e3937fae188974b79f39",
}
CLASS_NAMES = (
    "airplane", "automobile", "bird", "cat", "deer",
    "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
TRAIN_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))


def cifar10(limit: int | None = None) -> Dataset:
    """Returns CIFAR-10: 45,000 training, 5,000 validation, 10,000 test images.

    It is read from $KERASCOMP_DATA/cifar10.npz or from Keras's cache, or downloaded into that cache
    (not if $KERASCOMP_OFFLINE is set). With none of these, patches of photographs replace it, and a
    message says so.

    Args:
        limit: keep only the first `limit` images of each split; None keeps all.

    Raises:
        ArrayFileError: a file is there, but it is damaged or holds other pixels.
    """
    source = cifar10_source() or download(
        URL, keras_archive(), sha256=ARCHIVE_SHA256, name="CIFAR-10"
    )
    if source is None:
        print(
            "CIFAR-10 could not be downloaded (no network?): patches of photographs stand in, and "
            "every result says so. For the real set, put cifar10.npz into a folder and set "
            "KERASCOMP_DATA to that folder."
        )
        return natural_patches(limit)
    if source.suffix == ".npz":
        arrays = files.load_arrays(source, shapes=SHAPES, advice=ADVICE)
    else:
        arrays = read_keras_archive(source)
    images, labels = {}, {}
    for split in ("train", "test"):
        images[split], labels[split], digest = canonical_order(
            arrays[f"x_{split}"], arrays[f"y_{split}"]
        )
        if digest != SHA256[split]:
            raise ArrayFileError(
                f"{source} does not hold CIFAR-10: the {split} images' order-free sha256 is "
                f"{digest[:12]}…, expected {SHA256[split][:12]}…; delete the file and try again"
            )
    train, validation = split_off_validation(images["train"], labels["train"])
    test = Split(images["test"], labels["test"])
    return Dataset("CIFAR-10", train, validation, test, CLASS_NAMES).head(limit)


def canonical_order(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Sorts images by the SHA-256 of their pixels and label.

    Args:
        images: uint8, shape (N, H, W, C).
        labels: uint8, shape (N,).

    Returns:
        (images, labels, digest): sorted, and a hex digest that does not depend on their order.

    Example:
        >>> images, labels = np.arange(12, dtype=np.uint8).reshape(3, 2, 2, 1), np.arange(3)
        >>> canonical_order(images, labels)[2] == canonical_order(images[::-1], labels[::-1])[2]
        True
    """
    keys = [
        hashlib.sha256(image.tobytes() + bytes([label])).digest()
        for image, label in zip(images, labels, strict=True)
    ]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    digest = hashlib.sha256(b"".join(keys[index] for index in order)).hexdigest()
    return images[order], labels[order], digest


def cifar10_source() -> Path | None:
    """Returns the path CIFAR-10 will be read from without a download, or None."""
    folder = os.environ.get("KERASCOMP_DATA")
    if folder:
        return Path(folder) / "cifar10.npz"
    return keras_archive() if keras_archive().exists() else None


def keras_archive() -> Path:
    """Returns where Keras keeps its download of CIFAR-10."""
    return keras_folder() / "cifar-10-batches-py.tar.gz"


def read_keras_archive(path: Path) -> dict[str, np.ndarray]:
    """Returns the four arrays of Keras's CIFAR-10 archive, as a dict.

    The archive holds Python pickles. They are parsed opcode by opcode: nothing in them is ever
    executed.

    Raises:
        ArrayFileError: the archive is truncated or not CIFAR-10.
    """
    try:
        with tarfile.open(path) as archive:
            batches = [
                _read_batch(archive, f"cifar-10-batches-py/{name}")
                for name in (*TRAIN_BATCHES, "test_batch")
            ]
    except (tarfile.TarError, zlib.error, EOFError, LookupError, ValueError, OSError) as error:
        raise ArrayFileError(
            f"{path} is damaged or not CIFAR-10 ({error}); delete it and try again"
        ) from error
    images, labels = zip(*batches, strict=True)
    return {
        "x_train": np.concatenate(images[:-1]),
        "y_train": np.concatenate(labels[:-1]),
        "x_test": images[-1],
        "y_test": labels[-1],
    }


def _read_batch(archive, name):
    """Returns (images, labels) of one pickled batch: its one large string, its list of bytes."""
    member = archive.getmember(name)
    if not member.isreg() or member.size > LARGEST_BATCH:
        raise ValueError(f"a batch is not a file, or has {member.size:,} bytes")
    file = archive.extractfile(member)
    pixels, labels, in_labels = b"", [], False
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name == "BINSTRING" and len(argument) > 1_000_000:
            pixels = argument.encode("latin-1")
        elif opcode.name == "SHORT_BINSTRING":
            in_labels = argument == "labels"
        elif in_labels and opcode.name == "BININT1":
            labels.append(argument)
    images = np.frombuffer(pixels, np.uint8).reshape(-1, 3, 32, 32)
    if len(images) == 0 or len(images) != len(labels):
        raise ValueError(f"a batch has {len(images)} images and {len(labels)} labels")
    return images.transpose(0, 2, 3, 1), np.array(labels, np.uint8)
