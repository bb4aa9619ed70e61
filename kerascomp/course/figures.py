"""Figures on disk: a PNG, and beside it a JSON with every number drawn and where it came from."""

import hashlib
import io
import json

import matplotlib as mpl
import numpy as np
from IPython.display import Image

from kerascomp import files
from kerascomp.plots.style import SETTINGS, VERMILION

SOURCES = files.WORKPLACE / "notebooks" / "src"


def save(run, fig, name, *, caption, values=None, dataset=None):
    """Writes a figure and its numbers into the run's output folder, and shows it.

    A figure made from a stand-in data set says so in the picture and goes to the subfolder
    `stand-in`, so that it never replaces a published one.

    Args:
        run: the `runs.Run`.
        fig: matplotlib `Figure`.
        name: file name without suffix, "NN_what".
        caption: one sentence, for the gallery and for readers who cannot see the picture.
        values: dict of the numbers drawn; NumPy arrays and numbers are fine.
        dataset: the `datasets.Dataset` (or a list of them) the numbers come from.

    Returns:
        An IPython `Image` of the file.

    Raises:
        OSError: the folder cannot be written to; nothing is half-written.
    """
    used = dataset if isinstance(dataset, list) else [dataset] if dataset else []
    folder = run.output
    stand_ins = [each.name for each in used if each.is_stand_in]
    if stand_ins:
        folder = folder / "stand-in"
        fig.text(
            0.995, 0.005, f"stand-in data: {', '.join(stand_ins)}",
            ha="right", va="bottom", color=VERMILION, fontsize=11, fontweight="bold",
        )  # fmt: skip
    record = {
        "figure": name,
        "caption": caption,
        "lesson": run.lesson,
        "lesson_sha256": _source_hash(run.lesson),
        "profile": run.profile,
        "seed": run.seed,
        "datasets": [
            {"name": each.name, "is_stand_in": each.is_stand_in, "digest": each.digest}
            for each in used
        ],
        "versions": files.versions(),
        "values": values or {},
    }
    text = json.dumps(_plain(record), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    picture = render(fig)
    files.write_atomically(folder / f"{name}.json", text.encode())
    files.write_atomically(folder / f"{name}.png", picture)
    return Image(picture, width=int(fig.get_figwidth() * 100), alt=caption)


def render(fig):
    """Returns the PNG of a figure as bytes; the same figure always gives the same bytes."""
    buffer = io.BytesIO()
    with mpl.rc_context(SETTINGS):
        fig.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _source_hash(lesson):
    """Returns the SHA-256 of the lesson's source, or None outside the repository."""
    path = SOURCES / f"{lesson}.py"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _plain(value):
    """Returns what JSON can hold: NumPy's numbers as Python's, floats with six digits."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(each) for each in value]
    if isinstance(value, np.floating | float):
        return float(f"{value:.6g}")
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    return value
