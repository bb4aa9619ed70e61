"""Figures on disk: a PNG, and beside it a JSON with every number drawn and where it came from."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from IPython.display import Image
from matplotlib.figure import Figure

from kerascomp import files
from kerascomp.course import runs
from kerascomp.datasets import Dataset, Photographs
from kerascomp.plots import style
from kerascomp.plots.colors import VERMILION
from kerascomp.plots.recording import plain
from kerascomp.plots.style import Drawing

SOURCES = files.WORKPLACE / "notebooks" / "src"


def save(
    run: runs.Run,
    fig: Drawing,
    name: str,
    *,
    caption: str,
    values: Mapping[str, Any] | None = None,
    dataset: Dataset | Photographs | Sequence[Dataset | Photographs] = (),
) -> Image:
    """Writes a figure and its numbers into the run's output folder, and shows it.

    The JSON holds what the figure was drawn from: the drawing function and its arguments, which
    the functions of `kerascomp.plots` record. A figure made from a stand-in data set says so in
    the picture and goes to the subfolder `stand-in`, so that it never replaces a published one.

    Args:
        run: the lesson's run.
        fig: a figure drawn by a function of `kerascomp.plots`.
        name: file name without suffix, "NN_what"; "speeds/NN_what" if the numbers belong to this
            machine only, for git ignores that folder.
        caption: one sentence, for the gallery and for readers who cannot see the picture.
        values: numbers that belong to the figure and are not drawn.
        dataset: the data set or data sets that the numbers come from.

    Returns:
        An IPython `Image` of the file.

    Raises:
        TypeError: the figure does not know what it was drawn from, or JSON cannot hold it.
        ValueError: a number is infinite or NaN.
        OSError: the folder cannot be written to; nothing is half-written.
    """
    if not isinstance(fig, Drawing) or not fig.function:
        raise TypeError(
            f"expected a figure drawn by a function of kerascomp.plots, got {fig}; only these "
            "record the numbers that they draw"
        )
    datasets = [dataset] if isinstance(dataset, Dataset | Photographs) else dataset
    folder = run.output
    stand_ins = [dataset.name for dataset in datasets if dataset.is_stand_in]
    if stand_ins:
        folder = folder / "stand-in"
        text = f"stand-in data: {', '.join(stand_ins)}"
        place = {"ha": "right", "va": "bottom"}
        with style.applied():
            fig.text(0.995, 0.005, text, color=VERMILION, size=11, weight="bold", **place)
    content = {
        "figure": name,
        "caption": caption,
        "lesson": run.lesson,
        "lesson_sha256": _source_hash(run.lesson),
        "profile": run.profile,
        "seed": run.seed,
        "datasets": [
            {"name": dataset.name, "is_stand_in": dataset.is_stand_in, "digest": dataset.digest}
            for dataset in datasets
        ],
        "versions": files.versions(),
        "function": fig.function,
        "arguments": fig.arguments,
        "values": plain(values or {}),
    }
    text = _json(content) + "\n"
    picture = render(fig)
    files.write_atomically(folder / f"{name}.json", text.encode())
    files.write_atomically(folder / f"{name}.png", picture)
    # IPython 7, which Google Colab has, knows no argument "alt".
    return Image(picture, width=int(fig.get_figwidth() * 100), metadata={"alt": caption})


def record(figure: str) -> dict[str, Any]:
    """Returns the JSON of one published figure: its "arguments" are drawn, its "values" not."""
    path = runs.PUBLISHED_FIGURES / f"{figure}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def render(fig: Figure) -> bytes:
    """Returns the PNG of a figure; the same figure always gives the same bytes."""
    buffer = io.BytesIO()
    with style.applied():
        fig.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _source_hash(lesson: str) -> str | None:
    """Returns the SHA-256 of the lesson's source, or None outside the repository."""
    path = SOURCES / f"{lesson}.py"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _json(value: Any, margin: str = "\n") -> str:
    """Returns JSON, an item a line; a list of numbers, however nested, is one line."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if not value or not isinstance(value, dict | list) or not ("{" in text or '"' in text):
        return text
    inner = margin + " "
    if isinstance(value, list):
        return "[" + inner + f",{inner}".join(_json(item, inner) for item in value) + margin + "]"
    items = (f"{_json(key)}: {_json(item, inner)}" for key, item in value.items())
    return "{" + inner + f",{inner}".join(items) + margin + "}"
