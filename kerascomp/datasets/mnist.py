"""MNIST: 60,000 + 10,000 handwritten digits, 28×28 gray, shipped with this package.

Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits"; CC BY-SA 3.0.
"""

import hashlib
from pathlib import Path

from kerascomp import files
from kerascomp.datasets.base import Dataset, Split, split_off_validation
from kerascomp.files import ArrayFileError

FILE = files.DATA / "mnist.npz"
SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
SHAPES = {
    "x_train": (60000, 28, 28),
    "y_train": (60000,),
    "x_test": (10000, 28, 28),
    "y_test": (10000,),
}
ADVICE = "get the file again from the project's repository"


def mnist(limit: int | None = None, *, path: str | Path = FILE) -> Dataset:
    """Returns MNIST: 55,000 training, 5,000 validation, 10,000 test digits.

    Args:
        limit: keep only the first `limit` images of each split; None keeps all.
        path: the .npz file.

    Raises:
        ArrayFileError: the file is missing, damaged, or holds other pixels.
    """
    arrays = files.load_arrays(path, shapes=SHAPES, advice=ADVICE)
    digest = hashlib.sha256(b"".join(arrays[key].tobytes() for key in SHAPES)).hexdigest()
    if digest != SHA256:
        raise ArrayFileError(
            f"{path} does not hold MNIST: sha256 of its arrays is {digest[:12]}…, "
            f"expected {SHA256[:12]}…; {ADVICE}"
        )
    train, validation = split_off_validation(arrays["x_train"][..., None], arrays["y_train"])
    test = Split(arrays["x_test"][..., None], arrays["y_test"])
    return Dataset("MNIST", train, validation, test, tuple("0123456789")).head(limit)
