"""The .kc file: what a decoder needs besides the model, and a checksum.

    magic 1 byte · format version and two flags 1 · model 2 · height 1–3 · width 1–3
    payload · CRC-32 4 bytes

Sizes are written in groups of 7 bits, so that a digit's file spends 10 bytes on all this and a
photograph's 12. The payload is one image's file. With the flag for several it is their number, the
length of each, and then all of them: of a thousand, each pays hardly more than its length's byte.

The checksum notices every flipped bit, and every change within four bytes in a row. It begins with
that of the model's version, which costs nothing: no file decodes with other weights by mistake.
"""

import dataclasses
import struct
import zlib
from pathlib import Path

from kerascomp.runs import write_atomically

MAGIC = 0xCC
VERSION = 1
COLOR, SEVERAL = 0x80, 0x40  # flags beside the version: three channels, more than one image
CRC = struct.Struct("<I")  # the order in which a CRC-32 sees whole changes of four bytes
ADVICE = "get the file again from where it was written"


class DamagedFile(ValueError):
    """A .kc file is truncated, changed, or none."""


class UnknownModel(ValueError):
    """A .kc file needs a model, or a version of this program, that is not here."""


@dataclasses.dataclass(frozen=True)
class Contents:
    """What is in a .kc file.

    Attributes:
        model_id: 16 bits of the model's name, see `model_id`.
        image_shape: (H, W, C).
        files: a codec's bytes, one entry for each image.
    """

    model_id: int
    image_shape: tuple
    files: list

    def model_among(self, names):
        """Returns the one of `names` that the file was written with.

        Raises:
            UnknownModel: it is none of them.
        """
        for name in names:
            if model_id(name) == self.model_id:
                return name
        raise UnknownModel(
            f"this file was written with a model (number {self.model_id}) that is not among the "
            f"{len(list(names))} known here; update kerascomp, or get the model from the sender"
        )


def model_id(name):
    """Returns 16 bits that stand for a model's name in a file."""
    return zlib.crc32(name.encode()) & 0xFFFF


def write(path, files, *, model, image_shape, version=""):
    """Writes a .kc file, whole or not at all.

    Args:
        path: where.
        files: list of bytes, what a codec's `encode` returned; at least one.
        model: the model's name.
        image_shape: (H, W, C).
        version: of the model's weights, a string.

    Returns:
        The number of bytes written.

    Raises:
        OSError: the folder cannot be written to.
    """
    content = to_bytes(files, model=model, image_shape=image_shape, version=version)
    write_atomically(path, content)
    return len(content)


def read(path, versions=("",)):
    """Returns the `Contents` of a .kc file.

    Args:
        path: the file.
        versions: of the models that are known here.

    Raises:
        DamagedFile: it is truncated, changed, of an unknown version, or no .kc file.
        UnknownModel: it is of a newer format.
        OSError: it cannot be read.
    """
    try:
        return from_bytes(Path(path).read_bytes(), versions)
    except (DamagedFile, UnknownModel) as error:
        raise type(error)(f"{path}: {error}") from None


def to_bytes(files, *, model, image_shape, version=""):
    """Returns the content of a .kc file; see `write`.

    Example:
        >>> content = to_bytes([b"code"], model="mnist-dense", image_shape=(28, 28, 1))
        >>> len(content) - len(b"code"), from_bytes(content).files
        (10, [b'code'])
    """
    height, width, channels = image_shape
    if not files or channels not in (1, 3) or min(height, width) < 1:
        raise ValueError(
            f"expected at least one file of an image (H, W, 1 or 3), received {len(files)} of "
            f"{tuple(image_shape)}"
        )
    several = len(files) > 1
    flags = VERSION | COLOR * (channels == 3) | SEVERAL * several
    head = bytes([MAGIC, flags]) + model_id(model).to_bytes(2, "big")
    sizes = [height, width]
    if several:
        sizes += [len(files), *map(len, files)]
    content = head + b"".join(map(_groups, sizes)) + b"".join(files)
    return content + _checksum(content, version)


def overhead(image_shape):
    """Returns how many bytes a .kc file of one image spends on all that is not its code."""
    return len(to_bytes([b""], model="", image_shape=image_shape))


def from_bytes(content, versions=("",)):
    """Returns the `Contents` of a .kc file's bytes; see `read`."""
    if len(content) < 1 or content[0] != MAGIC:
        raise DamagedFile(
            f"this is no .kc file: it begins with {content[:4].hex() or 'nothing'}, expected "
            f"{MAGIC:x}"
        )
    body, checksum = content[: -CRC.size], content[-CRC.size :]
    known = (_checksum(body, version) == checksum for version in versions)
    if len(content) < 2 + CRC.size or not any(known):
        raise DamagedFile(
            f"these {len(content)} bytes are truncated or were changed, or the model that wrote "
            f"them was trained again since: the checksum is wrong; {ADVICE}"
        )
    found = body[1] & ~(COLOR | SEVERAL)
    if found != VERSION:
        raise UnknownModel(
            f"the file has format {found}, this program reads {VERSION}; update kerascomp"
        )
    try:
        return _parsed(body)
    except (IndexError, ValueError) as error:
        raise DamagedFile(f"the file contradicts itself ({error}); {ADVICE}") from None


def _checksum(body, version):
    return CRC.pack(zlib.crc32(body, zlib.crc32(version.encode())))


def _parsed(body):
    position = 4
    height, position = _read_groups(body, position)
    width, position = _read_groups(body, position)
    if body[1] & SEVERAL:
        number, position = _read_groups(body, position)
        lengths = []
        for _ in range(number):
            length, position = _read_groups(body, position)
            lengths.append(length)
    else:
        lengths = [len(body) - position]
    if not (height and width and lengths) or sum(lengths) != len(body) - position:
        raise ValueError(f"{len(lengths)} images of {height}×{width} do not fit its length")
    channels = 3 if body[1] & COLOR else 1
    files = []
    for length in lengths:
        files.append(body[position : position + length])
        position += length
    return Contents(int.from_bytes(body[2:4], "big"), (height, width, channels), files)


def _groups(number):
    """Returns a number as bytes of 7 bits, lowest first; the highest bit says that more follow."""
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])


def _read_groups(body, position):
    """Returns (number, position behind it)."""
    number, shift = 0, 0
    while True:
        if shift > 28:
            raise ValueError("a size of more than five groups")
        byte = body[position]
        number |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return number, position
