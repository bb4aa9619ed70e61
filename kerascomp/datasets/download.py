"""Downloads: verified, kept whole or not at all, in the folder where Keras keeps its own."""

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path

from tqdm.auto import tqdm

from kerascomp import files
from kerascomp.files import ArrayFileError


def keras_folder() -> Path:
    """Returns where Keras keeps the data sets that it downloads."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"


def download(url: str, path: Path, *, sha256: str, name: str) -> Path | None:
    """Downloads a file with a progress bar; returns `path`, or None without a network.

    Args:
        url: where it is.
        path: where it is kept.
        sha256: hex digest it must have.
        name: of the data set, for messages.

    Raises:
        ArrayFileError: something else was sent.
        OSError: it cannot be kept.
    """
    if os.environ.get("KERASCOMP_OFFLINE"):
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise type(error)(
            f"cannot keep {name} in {path.parent} ({error.strerror}); set KERAS_HOME to a folder "
            f"that can be written to, or KERASCOMP_DATA to one with {name}"
        ) from error
    content = bytearray()
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            size = int(response.headers.get("Content-Length", 0))
            with tqdm(total=size, unit="B", unit_scale=True, desc=name) as bar:
                while block := response.read(1 << 20):
                    content += block
                    bar.update(len(block))
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError):
        return None
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ArrayFileError(
            f"{url} sent {len(content):,} of {size:,} bytes with sha256 {digest[:12]}…, expected "
            f"{sha256[:12]}…; nothing was kept, try again"
        )
    files.write_atomically(path, bytes(content))
    return path
