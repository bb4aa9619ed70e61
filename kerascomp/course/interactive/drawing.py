"""The interactive figures: each function returns one, as the last line of a cell.

A figure is HTML with its numbers and pictures, and the script that draws it (figures.js).
"""

import base64
import html
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import HTML
from PIL import Image

from kerascomp import files
from kerascomp.course import results
from kerascomp.course.interactive import pictures
from kerascomp.datasets import tile
from kerascomp.plots.colors import CLASS_COLORS, GRAY, color_of, line_of
from kerascomp.plots.rates import Limits
from kerascomp.plots.style import Curve

FOLDER = files.PACKAGE / "course" / "interactive"
THUMBNAIL_COLUMNS = 50
DASHES = {"-": "", "--": "6 4", "-.": "7 3 2 3", ":": "2 3"}  # of matplotlib, in SVG


def plane(name: str, labels: Sequence[str], *, limits: Limits, bound: Curve) -> HTML:
    """Returns the plane of stored rate points: pointed at, a point says what it is.

    A click on a point shows a few test images as that codec decodes them, beside the originals.

    Args:
        name: of the data set, "mnist" or "cifar10".
        labels: of the codecs, as in `results.load`; mosaics are drawn thin and gray.
        limits: (lowest bpp, highest bpp, lowest dB, highest dB) of the axes.
        bound: (bpp, psnr_db) of a line to compare with, dotted.

    Raises:
        ValueError: no such data set.
    """
    stored, decoded = results.load(name), pictures.load(name)
    rows = {tuple(row): 1 + index for index, row in enumerate(decoded.rows)} if decoded else {}
    curves = []
    for label in labels:
        quiet = label.endswith(", mosaic")
        points = [
            {
                "setting": point.setting,
                "bytes": _rounded(point.bytes_per_image, 3),
                "bpp": _rounded(point.bpp, 3),
                "psnr": round(point.psnr_db, 2),
                "row": rows.get((label, point.setting)),
            }
            for point in stored[label]
            if point.psnr_db is not None
        ]
        curves.append(
            {
                "label": label,
                "color": GRAY if quiet else color_of(label),
                "dashes": "" if quiet else DASHES[line_of(label)["linestyle"]],
                "quiet": quiet,
                "points": points,
            }
        )
    hint = "Point at a codec" + (", and click to see what it decodes." if decoded else ".")
    return _figure(
        "plane",
        f"PSNR against bits per pixel of {len(curves)} codecs",
        curves=curves,
        bound=[[_rounded(bpp, 4), psnr] for bpp, psnr in zip(*bound, strict=True) if bpp > 0],
        limits=limits,
        hint=hint,
        pictures=decoded and _sheet(decoded.sheet, decoded.columns),
    )


def slider(
    frames: Sequence[np.ndarray], notes: Sequence[str], *, name: str, columns: int = 1
) -> HTML:
    """Returns a picture with a slider that goes through its versions.

    Args:
        frames: uint8 images (N, H, W, C) each, shown side by side.
        notes: what each of them is.
        name: of what the slider changes.
        columns: how many images are in a row.
    """
    sources = [_source(tile(frame, columns, gap=0, background=0)) for frame in frames]
    data = {"frames": sources, "notes": notes, "name": name, "first": len(frames) // 4}
    return _figure("slider", f"a slider: {name}", **data)


def maps(panels: Mapping[str, np.ndarray], labels: np.ndarray, images: np.ndarray) -> HTML:
    """Returns maps of the same digits side by side: the digit under the pointer is shown.

    Args:
        panels: {title: points (N, 2)}.
        labels: (N,), from 0 to 9.
        images: uint8 (N, H, W, 1), the digits.
    """
    scaled = []
    for title, points in panels.items():
        low, high = points.min(axis=0), points.max(axis=0)
        side = (high - low).max()
        points = np.round(500 + 1000 * (points - (low + high) / 2) / side).astype(int)
        scaled.append({"title": title, "points": points.tolist()})
    thumbnails = images // 16 * 17  # 16 grays
    return _figure(
        "maps",
        f"maps of {len(images)} digits",
        panels=scaled,
        classes=np.asarray(labels).tolist(),
        colors=(*CLASS_COLORS[:-1], GRAY),  # visible in the dark, too
        hint="Point at a digit: it is marked on every map.",
        pictures=_sheet(thumbnails, THUMBNAIL_COLUMNS),
    )


def _figure(kind: str, label: str, **data: Any) -> HTML:
    """Returns a figure that the function `kind` of figures.js draws from data."""
    text = json.dumps({"kind": kind} | data, ensure_ascii=False, separators=(",", ":"))
    style, script = (
        (FOLDER / f"figures.{suffix}").read_text(encoding="utf-8") for suffix in ("css", "js")
    )
    data_text = text.replace("<", "\\u003c")
    return HTML(
        f'<div class="kc-figure" role="group" aria-label="{html.escape(label)}">'
        f'<script type="application/json">{data_text}</script></div>\n'
        f"<style>\n{style}</style>\n<script>\n{script}</script>"
    )


def _sheet(images: np.ndarray, columns: int) -> dict[str, Any]:
    """Returns images (N, H, W, C) in one picture, for the script."""
    height, width = images.shape[1:3]
    source = _source(tile(images, columns, gap=0, background=0))
    return {"source": source, "width": width, "height": height, "columns": columns}


def _source(image: np.ndarray) -> str:
    """Returns the address of an image that is in the address itself: WebP without loss."""
    buffer = io.BytesIO()
    Image.fromarray(image.squeeze()).save(buffer, "WEBP", lossless=True, quality=100, method=6)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
