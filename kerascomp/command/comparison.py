"""A page that compares a picture's .kc file with files of usual formats that are not larger.

comparison.html beside this file is its form. The pictures are in it, so that it opens without a
network: the original and the .kc file's as PNG, the others as the files that were measured.
"""

import base64
import html
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerascomp import files, metrics
from kerascomp.codecs import Codec, classical
from kerascomp.command import container, models
from kerascomp.command.terminal import say, status

RIVALS = (classical.JPEG, classical.WebP, classical.AVIF)
WIDEST, HIGHEST = 640, 480  # pixels on the screen up to which a small picture is enlarged


class Version(NamedTuple):
    """What a format made of the picture.

    Attributes:
        name, setting: of the format, and its quality.
        num_bytes: of the file.
        decoded: uint8 (H, W, C).
        shown: (media type, content) of the file that the page shows.
    """

    name: str
    setting: str
    num_bytes: int
    decoded: np.ndarray
    shown: tuple[str, bytes]


def versions(codec: Codec, image: np.ndarray) -> list[Version]:
    """Returns what a codec makes of an image, and what the usual formats do at equal bytes.

    A format that does not take the image is left out, and said.

    Args:
        codec: a published one, for images of this shape.
        image: uint8 (H, W, C).
    """
    parts, header = models.parts(codec, image)
    content = container.to_bytes(parts, **header)
    contents = container.from_bytes(content, models.version_of)
    decoded, _ = models.decoded(codec, contents, Path(codec.name))
    ours = Version(codec.name, codec.setting, len(content), decoded, _png(decoded))
    rows = [ours]
    for kind in RIVALS:
        try:
            with status(f"looking for a {kind.name} file of {len(content):,} bytes"):
                rows.append(_rival(kind, image, len(content)))
        except (ValueError, OSError, RuntimeError, KeyError) as error:  # as Pillow raises them
            say(f"{kind.name} was left out ({error})", error=True)
    return rows


def page(source: Path, image: np.ndarray, rows: list[Version]) -> bytes:
    """Returns the page, in UTF-8.

    Args:
        source: the file of the picture; the page says its name and its size.
        image: uint8 (H, W, C), the original.
        rows: from `versions`, ours first.
    """
    height, width, _ = image.shape
    scale = max(1, min(WIDEST // width, HIGHEST // height))
    table = (_row(number, row, image, rows[0].num_bytes) for number, row in enumerate(rows))
    values = {
        "name": html.escape(os.fsencode(source.name).decode("utf-8", "replace")),
        "size": f"{width} pixels wide, {height} high, {source.stat().st_size:,} bytes",
        "width": str(width),
        "height": str(height),
        "shown_width": str(width * scale),
        "rendering": "pixelated" if scale > 1 else "auto",
        "original": _address(*_png(image)),
        "pictures": "\n".join(
            f'<img class="version" alt="{html.escape(row.name)}" src="{_address(*row.shown)}"'
            f"{' hidden' if number else ''}>"
            for number, row in enumerate(rows)
        ),
        "rows": "\n".join(table),
    }
    text = (files.PACKAGE / "command" / "comparison.html").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text.encode()


def _rival(kind, image, num_bytes):
    """Returns the `Version` of a classical format in at most so many bytes, if it can."""
    codec, file = classical.largest_quality(kind, image, num_bytes)
    (decoded,) = codec.decode([file])
    content = file[codec.extra_bytes :]
    shown = f"image/{codec.format.lower()}", content
    return Version(codec.name, codec.setting, len(content), decoded, shown)


def _row(number, row, image, num_bytes):
    """Returns the line of the table for a version; `num_bytes` is the size of ours."""
    setting = row.setting
    if row.num_bytes > num_bytes:
        setting += ", its smallest file"
    bpp = 8 * row.num_bytes / image[..., 0].size
    try:
        similarity = f"{metrics.ms_ssim(image[None], row.decoded[None])[0]:.4f}"
    except metrics.WindowError:
        similarity = "–"
    psnr = metrics.psnr_db(image[None], row.decoded[None])[0]
    cells = f"{row.num_bytes:,}", f"{bpp:.3f}", f"{psnr:.2f}".replace("inf", "∞"), similarity
    checked = "" if number else " checked"
    return (
        f'<tr><th scope="row"><label><input type="radio" name="version" value="{number}"{checked}>'
        f" {html.escape(row.name)}</label><small>{html.escape(setting)}</small></th>"
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )


def _png(image):
    return "image/png", classical.PNG().encode(image[None])[0]


def _address(media_type, content):
    """Returns the address that holds a file itself."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
