"""Pages built from the figures' numbers: the gallery, and the README's tables."""

import html
import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerascomp import files, limits
from kerascomp.course import results, runs, sources
from kerascomp.course.figures import record

THUMBNAIL = 360  # pixels, the width of a picture in the gallery
README = files.WORKPLACE / "README.md"
QUALITIES_DB = {"mnist": 20, "cifar10": 25}  # of the README's table of rates
KODAK_DB = 33  # of the README's table of photographs
NUM_PIXELS = {"mnist": 28**2, "cifar10": 32**2}
RATE_ROWS = {  # its rows, and what their points are called
    "JPEG, a file each": "JPEG",
    "WebP, a file each": "WebP",
    "JPEG XL, a file each": "JPEG XL",
    "JPEG 2000, mosaic": "JPEG 2000, mosaic",
    "AVIF, mosaic": "AVIF, mosaic",
    "JPEG XL, mosaic": "JPEG XL, mosaic",
    "KLT, a file each": "KLT",
    "dense autoencoder, a file each": "dense",
    "U-Net, a file each": "U-Net",
    "dense autoencoder with a rate term, a file each": "dense, factorized",
    "U-Net with a rate term, a file each": "U-Net, factorized",
    "recurrent codec, a file each": "recurrent",
    "entropy bottleneck, a file each": "bottleneck",
    "entropy bottleneck, refined (lesson 08), a file each": "bottleneck, refined",
    "entropy bottleneck, all in one stream": "bottleneck, one stream",
}


def records() -> list[dict[str, Any]]:
    """Returns the JSON of every published figure, in order of name."""
    paths = sorted(runs.PUBLISHED_FIGURES.glob("[0-9][0-9]_*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def pca_errors(figure: str) -> dict[int, float]:
    """Returns {numbers in the code: PCA's test MSE} from a figure of `plots.error_by_size`."""
    sizes, errors, _ = record(figure)["arguments"]["lines"]["PCA"]
    return dict(zip(sizes, errors, strict=True))


def gallery() -> str:
    """Returns figures/README.md: a table for each lesson, a line for each of its figures."""
    lines = [
        "# All figures",
        "",
        "Built by `make figures`. A picture leads to its full size; beside it are its caption and "
        "the numbers that it was drawn from.",
    ]
    for lesson in sources.names():
        _, aim = sources.time_and_aim(lesson)
        heading = f"## [{title(lesson)}](../notebooks/{lesson}.ipynb)"
        lines += [
            "",
            heading,
            "",
            f"You learn {aim}.",
            "",
            "| figure | what it shows |",
            "|---|---|",
        ]
        for figure in records():
            if figure["lesson"] == lesson:
                name, caption = figure["figure"], figure["caption"]
                picture = f'<img src="{name}.png" width="{THUMBNAIL}" alt="{html.escape(caption)}">'
                lines.append(f"| [{picture}]({name}.png) | {caption} [numbers]({name}.json) |")
    return "\n".join(lines) + "\n"


def title(lesson: str) -> str:
    """Returns a lesson's title, such as "02 Dense autoencoder"."""
    first = sources.source_path(lesson).read_text(encoding="utf-8")
    return re.findall(r"^# # (.+)$", first, re.M)[0]


def lesson_table() -> str:
    """Returns the README's table of lessons: time, figures, what you learn."""
    lines = ["| lesson | time | figures | what you learn |", "| --- | --- | --- | --- |"]
    for name in sources.names():
        time, aim = sources.time_and_aim(name)
        number = sum(figure["lesson"] == name for figure in records())
        link = f"[{title(name)}](notebooks/{name}.ipynb)"
        lines.append(f"| {link} | {time} | {number} | {aim} |")
    return "\n".join(lines)


def result_table():
    """Returns the README's table of results against the report's claims and against PCA."""
    names = ("02_reconstructions", "03_reconstructions", "03_eight_numbers", "04_sizes_cifar10")
    dense, cnn, wide, unet = (record(name)["values"] for name in names)
    digits, photographs = pca_errors("02_error_by_size"), pca_errors("04_sizes_cifar10")
    rows = [
        ("dense, MNIST", dense, "0.01", digits[32]),
        ("CNN, MNIST", cnn, "0.01", digits[8]),
        ("wide dense, MNIST", wide, "–", digits[8]),
        ("U-Net, no dropout, CIFAR-10", unet["unet"], "–", photographs[512]),
        ("U-Net, dropout 0.1, CIFAR-10", unet["unet-dropout"], "0.008", photographs[512]),
    ]
    lines = [
        "| network | parameters | code | report's training MSE | test MSE | PCA's test MSE |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for label, network, claim, pca in rows:
        lines.append(
            f"| {label} | {network['num_parameters']:,} | {network['num_latents']} | {claim} "
            f"| **{network['test_mse']:.4f}** | {pca:.4f} |"
        )
    return "\n".join(lines)


def rate_table():
    """Returns the README's table of rates: bytes that codecs need for an image at one quality."""
    stored = {name: results.load(name) for name in QUALITIES_DB}
    bounds = {name: record(f"12_plane_{name}")["arguments"]["bound"] for name in QUALITIES_DB}
    lines = [
        "| codec | a digit at 20 dB | a CIFAR-10 image at 25 dB |",
        "| --- | ---: | ---: |",
    ]
    for text, label in RATE_ROWS.items():
        points = {name: stored[name].get(label, []) for name in QUALITIES_DB}
        curves = {
            name: ([point.bytes_per_image for point in of], [point.psnr_db for point in of])
            for name, of in points.items()
        }
        lines.append(_rate_row(text, curves))
    curves = {
        name: (np.multiply(bpp, NUM_PIXELS[name] / 8), psnr_db)
        for name, (_, bpp, psnr_db) in bounds.items()
    }
    return "\n".join([*lines, _rate_row("Gaussian bound", curves)])


def photograph_table() -> str:
    """Returns the README's table of photographs: bits a pixel for one quality, fewest first."""
    curves: dict[str, tuple[Sequence[float], Sequence[Any]]] = {
        f"**{label}**": ([point.bpp for point in points], [point.psnr_db for point in points])
        for label, points in results.load("photographs").items()
    }
    for name in ("Toderici et al. 2017", "hyperprior", "BPG", "VVC"):
        psnr_db, *_ = limits.KODAK_PUBLISHED[name]
        curves[f"{name} (published)"] = limits.KODAK_BPP, psnr_db
    needed = {
        name: float(np.exp(np.interp(KODAK_DB, psnr_db, np.log(bpp))))
        for name, (bpp, psnr_db) in curves.items()
        if min(psnr_db) < KODAK_DB < max(psnr_db)
    }
    rows = sorted(needed.items(), key=lambda row: row[1])
    lines = [f"| codec | bits per pixel at {KODAK_DB} dB |", "| --- | ---: |"]
    return "\n".join([*lines, *(f"| {name} | {bpp:.3f} |" for name, bpp in rows)])


def _rate_row(text, curves):
    cells = [bytes_at(*curves[name], psnr_db) for name, psnr_db in QUALITIES_DB.items()]
    return f"| {text} | {' | '.join(cells)} |"


def bytes_at(num_bytes: Sequence[float], psnr_db: Sequence[float], target_db: float) -> str:
    """Returns the bytes that a codec needs for a PSNR, as text for a table.

    They are interpolated over the logarithm of the bytes. A codec whose smallest file is already
    better has that one named; one that does not reach the PSNR, or has no points, has "–".

    Args:
        num_bytes: mean bytes of an image, rising.
        psnr_db: what they give, rising.
        target_db: the PSNR.

    Example:
        >>> bytes_at([10, 40], [20, 22], 21), bytes_at([10, 40], [20, 22], 19)
        ('**20.0 bytes**', '10 bytes (20.0 dB)')
    """
    if not len(psnr_db) or max(psnr_db) < target_db:
        return "–"
    if target_db < psnr_db[0]:
        return f"{num_bytes[0]:.0f} bytes ({psnr_db[0]:.1f} dB)"
    logarithm = np.interp(target_db, psnr_db, np.log(np.maximum(num_bytes, 1e-9)))
    return f"**{np.exp(logarithm):.1f} bytes**"


def filled(text: str) -> str:
    """Returns the README's text with its built parts brought up to date."""
    tables = {
        "lessons": lesson_table,
        "results": result_table,
        "rates": rate_table,
        "photographs": photograph_table,
    }
    for name, build in tables.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, closing, after = rest.partition(end)
        if not closing or start in after:
            raise ValueError(f"README.md needs one '<!-- {name} --> … <!-- /{name} -->'")
        text = f"{before}{start}{build()}\n{end}{after}"
    return text


def build_pages() -> None:
    """Writes the gallery and brings the README's tables up to date."""
    files.write_atomically(runs.PUBLISHED_FIGURES / "README.md", gallery().encode())
    files.write_atomically(README, filled(README.read_text(encoding="utf-8")).encode())
