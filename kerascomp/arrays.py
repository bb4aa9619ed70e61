"""Arrays on disk: .npz files, written whole or not at all, checked when read, never unpickled."""

import hashlib
import io
from pathlib import Path

import numpy as np

from kerascomp.runs import write_atomically


class ArrayFileError(OSError):
    """A file of arrays is missing, damaged, or not what it should be."""


def save(path, arrays):
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


def load(path, *, sha256=None, advice="get the file again"):
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
