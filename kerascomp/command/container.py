"""The .kc file: what a decoder needs besides the model, and a checksum.

    magic 1 byte · format version and two flags 1 · model 2 · height 1–3 · width 1–3
    payload · CRC-32 4 bytes

Sizes are written in groups of 7 bits, so that a digit's file spends 10 bytes on all this and a
photograph's 12. The payload is one image's file. With the flag for several it is their number, the
length of each, and then all of them: of a thousand, each pays hardly more than its length's byte.

The checksum notices every flipped bit but one, and every change within four bytes in a row: only
2 bytes guard the flag of progressive files. It begins with that of the model's version, which costs
nothing: no file decodes with other weights by mistake.

A progressive file may be cut: any beginning of its payload decodes to an image. In front it says
how long its payload was, and protects what stands in front by 2 bytes of a checksum of their own,
so that a cut file is told from a damaged one. Nothing protects the payload of a file that was cut.
"""

import dataclasses
import struct
import zlib
from pathlib import Path

from kerascomp.files import write_atomically

MAGIC = 0xCC
VERSION = 1
COLOR, SEVERAL = 0x80, 0x40  # flags beside the version: three channels, more than one image
PROGRESSIVE = 0x20  # one image, whose payload may be cut
HEAD_CHECK = struct.Struct("<H")
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
        missing_bytes: how much of a progressive file's payload was cut off.
        is_whole: whether the file ends with its checksum, and it was right.
    """

    model_id: int
    image_shape: tuple
    files: list
    missing_bytes: int = 0
    is_whole: bool = True

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


def write(path, files, *, model, image_shape, version="", progressive=False):
    """Writes a .kc file, whole or not at all.

    Args:
        path: where.
        files: list of bytes, what a codec's `encode` returned; at least one.
        model: the model's name.
        image_shape: (H, W, C).
        version: of the model's weights, a string.
        progressive: whether the file, of one image, decodes when it was cut.

    Returns:
        The number of bytes written.

    Raises:
        OSError: the folder cannot be written to.
    """
    content = to_bytes(
        files, model=model, image_shape=image_shape, version=version, progressive=progressive
    )
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


def to_bytes(files, *, model, image_shape, version="", progressive=False):
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
    if several and progressive:
        raise ValueError(f"a progressive file has one image, received {len(files)}")
    flags = VERSION | COLOR * (channels == 3) | SEVERAL * several | PROGRESSIVE * progressive
    head = bytes([MAGIC, flags]) + model_id(model).to_bytes(2, "big")
    sizes = [height, width]
    if several:
        sizes += [len(files), *map(len, files)]
    if progressive:
        sizes.append(len(files[0]))
    content = head + b"".join(map(_groups, sizes))
    if progressive:
        content += HEAD_CHECK.pack(_crc(content, version) & 0xFFFF)
    content += b"".join(files)
    return content + CRC.pack(_crc(content, version))


def overhead(image_shape, *, progressive=False):
    """Returns how many bytes a .kc file of one image spends on all that is not its code.

    A progressive file of more than 127 bytes spends another one on its length.
    """
    return len(to_bytes([b""], model="", image_shape=image_shape, progressive=progressive))


def from_bytes(content, versions=("",)):
    """Returns the `Contents` of a .kc file's bytes; see `read`."""
    if len(content) < 1 or content[0] != MAGIC:
        raise DamagedFile(
            f"this is no .kc file: it begins with {content[:4].hex() or 'nothing'}, expected "
            f"{MAGIC:x}"
        )
    if len(content) > 1 and content[1] & PROGRESSIVE:
        return _progressive(content, versions)
    body, checksum = content[: -CRC.size], content[-CRC.size :]
    known = (CRC.pack(_crc(body, version)) == checksum for version in versions)
    if len(content) < 2 + CRC.size or not any(known):
        raise DamagedFile(
            f"these {len(content)} bytes are truncated or were changed, or the model that wrote "
            f"them was trained again since: the checksum is wrong; {ADVICE}"
        )
    _check_version(body)
    try:
        return _parsed(body)
    except (IndexError, ValueError) as error:
        raise DamagedFile(f"the file contradicts itself ({error}); {ADVICE}") from None


def _crc(body, version):
    return zlib.crc32(body, zlib.crc32(version.encode()))


def _check_version(content):
    found = content[1] & ~(COLOR | SEVERAL | PROGRESSIVE)
    if found != VERSION:
        raise UnknownModel(
            f"the file has format {found}, this program reads {VERSION}; update kerascomp"
        )


def _progressive(content, versions):
    """Returns the `Contents` of a progressive file's bytes, of which the end may be missing."""
    try:
        image_shape, position = _read_shape(content)
        length, position = _read_groups(content, position)
        (check,) = HEAD_CHECK.unpack_from(content, position)
    except (IndexError, ValueError, struct.error):
        raise DamagedFile(
            f"these {len(content)} bytes are not even the head of a file; {ADVICE}"
        ) from None
    version = next((v for v in versions if _crc(content[:position], v) & 0xFFFF == check), None)
    start = position + HEAD_CHECK.size
    end = start + length
    payload, checksum = content[start:end], content[end:]
    is_whole = len(checksum) >= CRC.size
    if version is None or (is_whole and CRC.pack(_crc(content[:end], version)) != checksum):
        raise DamagedFile(
            f"these {len(content)} bytes were changed, or the model that wrote them was trained "
            f"again since: a checksum is wrong; {ADVICE}"
        )
    _check_version(content)
    model = int.from_bytes(content[2:4], "big")
    return Contents(model, image_shape, [payload], length - len(payload), is_whole)


def _read_shape(body):
    """Returns ((H, W, C), position behind it)."""
    height, position = _read_groups(body, 4)
    width, position = _read_groups(body, position)
    if not (height and width):
        raise ValueError(f"an image of {height}×{width}")
    return (height, width, 3 if body[1] & COLOR else 1), position


def _parsed(body):
    image_shape, position = _read_shape(body)
    if body[1] & SEVERAL:
        number, position = _read_groups(body, position)
        lengths = []
        for _ in range(number):
            length, position = _read_groups(body, position)
            lengths.append(length)
    else:
        lengths = [len(body) - position]
    if not lengths or sum(lengths) != len(body) - position:
        raise ValueError(f"{len(lengths)} images do not fit its length")
    files = []
    for length in lengths:
        files.append(body[position : position + length])
        position += length
    return Contents(int.from_bytes(body[2:4], "big"), image_shape, files)


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
