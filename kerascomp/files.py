"""Files: written whole or not at all, checked when read, never unpickled; and where they belong."""

import hashlib
import importlib.metadata
import io
import os
from importlib import resources
from pathlib import Path

import numpy as np

PACKAGE = Path(str(resources.files("kerascomp")))
DATA = PACKAGE / "data"
# Results belong into the checkout or, where the package was installed without one, into the folder
# that Python was started in: never beside the installed package.
WORKPLACE = PACKAGE.parent if (PACKAGE.parent / "notebooks" / "src").is_dir() else Path.cwd()
PACKAGES = (
    "kerascomp",
    "tensorflow",
    "numpy",
    "scipy",
    "scikit-learn",
    "matplotlib",
    "pillow",
    "imagecodecs",
    "pywavelets",
    "opentsne",
)


class ArrayFileError(OSError):
    """A file of arrays is missing, damaged, or not what it should be."""


def cache_folder() -> Path:
    """Returns the folder for what only saves time: $KERASCOMP_CACHE, else .cache/ here."""
    return Path(os.environ.get("KERASCOMP_CACHE") or WORKPLACE / ".cache")


def require_checkout() -> None:
    """Checks that what is made for the package, such as networks, can be stored in a checkout.

    Raises:
        OSError: the package was installed without one; nothing is written beside it.
    """
    if PACKAGE.parent != WORKPLACE:
        raise OSError(
            f"this would change the installed package in {PACKAGE}; run it in a checkout of the "
            "course, installed with pip install -e ."
        )


def versions() -> dict[str, str | None]:
    """Returns {package: version} of all that a result may depend on; None if not installed."""
    return {package: _version(package) for package in PACKAGES}


def write_atomically(path: str | Path, content: bytes) -> None:
    """Writes bytes to a temporary name beside `path`, then renames: all or nothing.

    Args:
        path: where the file shall be; folders are made as needed.
        content: bytes.

    Raises:
        OSError: the folder cannot be written to; says which.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_atomically(folder / "new" / "a.bin", b"abc")
        >>> (folder / "new" / "a.bin").read_bytes()
        b'abc'
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise type(error)(
            f"cannot write {path} ({error.strerror}); make {path.parent} writable, or choose "
            "another folder"
        ) from error
    finally:
        if path.parent.is_dir():
            temporary.unlink(missing_ok=True)


def save_arrays(path: str | Path, arrays: dict[str, np.ndarray]) -> str:
    """Writes {name: array} to an .npz file; the same arrays always give the same bytes.

    Returns:
        The file's SHA-256 as a hex string.

    Raises:
        OSError: the folder cannot be written to.
    """
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    content = buffer.getvalue()
    write_atomically(path, content)
    return hashlib.sha256(content).hexdigest()


def load_arrays(
    path: str | Path, *, sha256: str | None = None, advice: str = "get the file again"
) -> dict[str, np.ndarray]:
    """Returns the arrays of an .npz file as {name: array}.

    Args:
        path: the file.
        sha256: hex digest the file must have; None accepts any.
        advice: what to do about a bad file, for the error message.

    Raises:
        ArrayFileError: it is missing, truncated, no .npz file, or has another digest.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ArrayFileError(f"{path} is missing; {advice}") from None
    except OSError as error:
        raise ArrayFileError(f"{path} cannot be read ({error.strerror}); {advice}") from error
    if sha256 is not None:
        digest = hashlib.sha256(content).hexdigest()
        if digest != sha256:
            raise ArrayFileError(
                f"{path} was changed or damaged: its sha256 is {digest[:12]}…, expected "
                f"{sha256[:12]}…; {advice}"
            )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Exception as error:  # damaged bytes make zipfile and NumPy raise a dozen kinds
        raise ArrayFileError(f"{path} is damaged or no .npz file ({error}); {advice}") from error


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
