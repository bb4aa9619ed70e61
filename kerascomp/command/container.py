"""The .kc file: what a decoder needs besides the model, and a checksum.

    magic 1 byte · format version and two flags 1 · model 2 · height 1–3 · width 1–3
    payload · CRC-32 4 bytes

Sizes are written in groups of 7 bits, so that a digit's file spends 10 bytes on all this and a
photograph's 12. The payload is one image's file. With the flag for several it is their number, the
length of each, and then all of them: of a thousand, each pays hardly more than its length's byte.

The checksum notices every flipped bit but one, and every change within four bytes in a row: only
2 bytes guard the flag of progressive files. It begins with that of the model's version, which costs
nothing: no file decodes with other weights by mistake. So the model's number is read first; a file
whose number no model has may be damaged: only the version of the model could tell.

A progressive file may be cut: any beginning of its payload decodes to an image. In front it says
how long its payload was, and protects what stands in front by 2 bytes of a checksum of their own,
so that a cut file is told from a damaged one. Nothing protects the payload of a file that was cut.
"""

import dataclasses
import itertools
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerascomp.files import write_atomically
from kerascomp.zoo import UnknownModel

MAGIC = 0xCC
FORMAT = 1
COLOR, SEVERAL = 0x80, 0x40  # flags beside the format: three channels, more than one image
PROGRESSIVE = 0x20  # one image, whose payload may be cut
STARTS = {bytes([MAGIC, FORMAT | flags]) for flags in range(0, 256, 32)}  # of all files
HEAD_BYTES = 4  # magic, format and flags, the model's number
HEAD_CHECK = struct.Struct("<H")
CRC = struct.Struct("<I")  # the order in which a CRC-32 sees whole changes of four bytes
ADVICE = "get the file again from where it was written"


class DamagedFile(ValueError):
    """A .kc file is truncated, changed, or none."""


@dataclasses.dataclass(frozen=True)
class Contents:
    """What is in a .kc file.

    Attributes:
        number: 16 bits that stand for the model, and its level if it has several.
        image_shape: (H, W, C).
        files: a codec's bytes, one entry for each image.
        missing_bytes: how much of a progressive file's payload was cut off.
        is_whole: whether the file ends with its checksum, and it was right.
    """

    number: int
    image_shape: tuple[int, int, int]
    files: list[bytes]
    missing_bytes: int = 0
    is_whole: bool = True


def write(path: str | Path, files: list[bytes], **header: Any) -> int:
    """Writes `to_bytes(files, **header)`, whole or not at all; returns its number of bytes."""
    content = to_bytes(files, **header)
    write_atomically(path, content)
    return len(content)


def read(path: str | Path, version_of: Callable[[int], str]) -> Contents:
    """Returns the `Contents` of a .kc file.

    Args:
        path: the file.
        version_of: function of a model's number that returns the version of its weights, or
            raises `UnknownModel`.

    Raises:
        DamagedFile: it is truncated, changed, of another version of its model, or no .kc file.
        UnknownModel: it needs another model or is of a newer format, or is damaged there.
        OSError: it cannot be read.
    """
    with Path(path).open("rb") as file:
        content = file.read(HEAD_BYTES)
        if content[:1] == bytes([MAGIC]):  # however long a foreign file is, its beginning says so
            content += file.read()
    try:
        return from_bytes(content, version_of)
    except (DamagedFile, UnknownModel) as error:
        raise type(error)(f"{path}: {error}") from None


def to_bytes(
    files: list[bytes],
    *,
    number: int,
    image_shape: tuple[int, ...],
    version: str,
    progressive: bool = False,
) -> bytes:
    """Returns the content of a .kc file.

    Args:
        files: what a codec's `encode` returned; at least one.
        number: what stands for the model, from 0 to 65535.
        image_shape: (H, W, C).
        version: of the model's weights.
        progressive: whether the file, of one image, decodes when it was cut.

    Example:
        >>> content = to_bytes([b"code"], number=7, image_shape=(28, 28, 1), version="a")
        >>> len(content) - len(b"code"), from_bytes(content, {7: "a"}.get).files
        (10, [b'code'])
    """
    height, width, channels = image_shape
    if not files or channels not in (1, 3) or min(height, width) < 1:
        raise ValueError(
            f"expected at least one file of an image (H, W, 1 or 3), received {len(files)} of "
            f"{tuple(image_shape)}"
        )
    if (several := len(files) > 1) and progressive:
        raise ValueError(f"a progressive file has one image, received {len(files)}")
    flags = FORMAT | COLOR * (channels == 3) | SEVERAL * several | PROGRESSIVE * progressive
    sizes = [height, width]
    if several:
        sizes += [len(files), *map(len, files)]
    if progressive:
        sizes.append(len(files[0]))
    content = bytes([MAGIC, flags]) + number.to_bytes(2, "big") + b"".join(map(_groups, sizes))
    if progressive:
        content += HEAD_CHECK.pack(_crc(content, version) & 0xFFFF)
    content += b"".join(files)
    return content + CRC.pack(_crc(content, version))


def overhead(image_shape: tuple[int, ...], *, progressive: bool = False) -> int:
    """Returns how many bytes a .kc file of one image spends on all that is not its code.

    A progressive file of more than 127 bytes spends another one on its length.
    """
    empty = to_bytes([b""], number=0, image_shape=image_shape, version="", progressive=progressive)
    return len(empty)


def from_bytes(content: bytes, version_of: Callable[[int], str]) -> Contents:
    """Returns the `Contents` of a .kc file's bytes; see `read`."""
    if len(content) < 1 or content[0] != MAGIC:
        start = content[:4].hex() or "nothing"
        raise DamagedFile(f"this is no .kc file: it begins with {start}, expected {MAGIC:x}")
    if len(content) < HEAD_BYTES:
        raise DamagedFile(f"these {len(content)} bytes are truncated, not even a head; {ADVICE}")
    file_format = content[1] & ~(COLOR | SEVERAL | PROGRESSIVE)
    if file_format != FORMAT:
        raise UnknownModel(
            f"the file has format {file_format}, this program reads {FORMAT}, or it is damaged; "
            "update kerascomp, or get the file again"
        )
    number = int.from_bytes(content[2:HEAD_BYTES], "big")
    parse = _progressive if content[1] & PROGRESSIVE else _parsed
    return parse(content, number, version_of(number))


def _crc(body, version):
    return zlib.crc32(body, zlib.crc32(version.encode()))


def _progressive(content, number, version):
    """Returns the `Contents` of a progressive file's bytes, of which the end may be missing."""
    try:
        image_shape, position = _read_shape(content)
        length, position = _read_groups(content, position)
        (check,) = HEAD_CHECK.unpack_from(content, position)
    except (IndexError, ValueError, struct.error):
        raise DamagedFile(
            f"these {len(content)} bytes are not even the head of a file; {ADVICE}"
        ) from None
    start = position + HEAD_CHECK.size
    end = start + length
    payload, checksum = content[start:end], content[end:]
    is_whole = len(checksum) >= CRC.size
    is_right = _crc(content[:position], version) & 0xFFFF == check
    if not is_right or (is_whole and CRC.pack(_crc(content[:end], version)) != checksum):
        raise DamagedFile(
            f"these {len(content)} bytes were changed, or the model that wrote them was trained "
            f"again since: a checksum is wrong; {ADVICE}"
        )
    return Contents(number, image_shape, [payload], length - len(payload), is_whole)


def _parsed(content, number, version):
    """Returns the `Contents` of the bytes of a file that must be whole."""
    body, checksum = content[: -CRC.size], content[-CRC.size :]
    if CRC.pack(_crc(body, version)) != checksum:
        raise DamagedFile(
            f"these {len(content)} bytes are truncated or were changed, or the model that wrote "
            f"them was trained again since: the checksum is wrong; {ADVICE}"
        )
    try:
        image_shape, position = _read_shape(body)
        return Contents(number, image_shape, _split(body, position))
    except (IndexError, ValueError) as error:
        raise DamagedFile(f"the file contradicts itself ({error}); {ADVICE}") from None


def _read_shape(body):
    """Returns ((H, W, C), position behind it)."""
    height, position = _read_groups(body, HEAD_BYTES)
    width, position = _read_groups(body, position)
    if not (height and width):
        raise ValueError(f"an image of {height}×{width}")
    return (height, width, 3 if body[1] & COLOR else 1), position


def _split(body, position):
    """Returns the files of all images, which begin at a position with their lengths, if several."""
    lengths = [len(body) - position]
    if body[1] & SEVERAL:
        num_files, position = _read_groups(body, position)
        lengths = []
        for _ in range(num_files):
            length, position = _read_groups(body, position)
            lengths.append(length)
    if not lengths or sum(lengths) != len(body) - position:
        raise ValueError(f"{len(lengths)} images do not fit its length")
    ends = itertools.accumulate(lengths, initial=position)
    return [body[start:end] for start, end in itertools.pairwise(ends)]


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
