"""Files: written whole or not at all, checked when read, never unpickled; and where they belong."""

import contextlib
import errno
import hashlib
import importlib.metadata
import io
import itertools
import os
import stat
import zipfile
from importlib import resources
from pathlib import Path
from typing import Any

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
LARGEST_ARRAYS = 1 << 30  # bytes of all arrays of a file
ADVICE = {  # what to do about a file that could not be written; else its folder is to blame
    errno.ENOSPC: "free some space, or choose another disk",
    errno.EDQUOT: "free some space, or choose another disk",
    errno.EFBIG: "choose another disk",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EISDIR: "choose another name",
    errno.EPIPE: "its reader has gone",
}
_NUMBERS = itertools.count()


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

    A link stays, and what it points to is replaced. A pipe or a device is written to as it is.

    Args:
        path: where the file shall be; folders are made as needed.
        content: bytes.

    Raises:
        OSError: it cannot be written; says why, and what to do. The old content stays.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_atomically(folder / "new" / "a.bin", b"abc")
        >>> (folder / "new" / "a.bin").read_bytes()
        b'abc'
    """
    path = Path(path)
    try:
        if is_stream(path):
            with path.open("wb") as file:
                file.write(content)
        else:
            _replace(Path(os.path.realpath(path)), content)
    except OSError as error:
        reason = error.strerror or str(error)
        advice = ADVICE.get(error.errno or 0) or (
            f"make {path.parent} writable, or choose another folder"
        )
        raise type(error)(f"cannot write {path} ({reason}); {advice}") from error


def is_stream(path: Path) -> bool:
    """Whether what is written to a path goes through it: a pipe or a device."""
    # /dev/stdout may be a file: the one that a shell has opened for us.
    if str(path).startswith(("/dev/std", "/dev/fd/", "/proc/")):
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _replace(path, content):
    """Gives the file of a path that is no link another content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A short name: that of the file may be as long as names can be.
    temporary = path.with_name(f".{os.getpid()}-{next(_NUMBERS)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):  # the error that led here says more
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
    path: str | Path,
    *,
    sha256: str | None = None,
    shapes: dict[str, tuple[int, ...]] | None = None,
    advice: str = "get the file again",
) -> dict[str, np.ndarray]:
    """Returns the arrays of an .npz file as {name: array}.

    Nothing larger than expected is unpacked: what is in front of an array says how large it is.

    Args:
        path: the file.
        sha256: hex digest the file must have; None accepts any.
        shapes: {name: shape} of the uint8 arrays to read; None reads all there are. As Keras
            has them will do: whole numbers that fit a byte, more or fewer axes of length one.
        advice: what to do about a bad file, for the error message.

    Raises:
        ArrayFileError: it is missing, truncated, no .npz file, or has another digest or other
            arrays.
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
        received = _headers(content)
    except Exception as why:  # damaged bytes make zipfile and NumPy raise a dozen kinds
        raise ArrayFileError(f"{path} is damaged or no .npz file ({why!s:.200}); {advice}") from why
    for name, shape in (shapes or {}).items():
        dtype, of_shape = received.get(name, (None, ()))
        if dtype is None or dtype.kind not in "iu" or _long(of_shape) != _long(shape):
            found = f"{dtype} {of_shape}" if dtype else "missing"
            raise ArrayFileError(f"{path}: {name} is {found}; expected uint8 {shape}; {advice}")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in shapes or archive.files}
    except Exception as why:
        raise ArrayFileError(f"{path} is damaged or no .npz file ({why!s:.200}); {advice}") from why
    for name, shape in (shapes or {}).items():
        array = arrays[name]
        if array.size and not 0 <= array.min() <= array.max() < 1 << 8:
            found = f"{array.dtype} {array.shape} with numbers from {array.min()} to {array.max()}"
            raise ArrayFileError(f"{path}: {name} is {found}; expected uint8 {shape}; {advice}")
        arrays[name] = array.astype(np.uint8, copy=False).reshape(shape)
    return arrays


def _long(shape):
    """Returns the lengths of axes that are not of length one."""
    return [length for length in shape if length != 1]


def _headers(content: bytes) -> dict[str, tuple[np.dtype, tuple[int, ...]]]:
    """Returns {name: (dtype, shape)} of an .npz file's arrays, without reading them.

    Raises:
        Exception: the file is damaged, or claims more than is there.
    """
    received, size = {}, 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                shape, dtype = _read_header(file)
                num_bytes = int(np.prod(shape, dtype=object)) * dtype.itemsize
                if file.tell() + num_bytes != member.file_size and not dtype.hasobject:
                    raise ValueError(f"{member.filename} has another length than its header says")
            received[member.filename.removesuffix(".npy")] = dtype, shape
            size += member.file_size
    if size > LARGEST_ARRAYS:
        raise ValueError(f"arrays of {size:,} bytes, expected at most {LARGEST_ARRAYS:,}")
    return received


def _read_header(file: Any) -> tuple[tuple[int, ...], np.dtype]:
    """Returns (shape, dtype) of an .npy file, read up to where its array begins."""
    readers = {(1, 0): np.lib.format.read_array_header_1_0}
    readers[2, 0] = np.lib.format.read_array_header_2_0
    version = np.lib.format.read_magic(file)
    if version not in readers:
        raise ValueError(f"an array of version {version}, expected 1.0 or 2.0")
    shape, _, dtype = readers[version](file)
    return shape, dtype


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
