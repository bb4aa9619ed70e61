"""Executing lessons: one after another, with progress, and only those that have changed."""

import hashlib
import json
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from tqdm.auto import tqdm
from traitlets.config import Config

from kerascomp import runs
from kerascomp.datasets import cifar10_source
from kerascomp.lessons import sources

# What a kernel and its client tell each other is encrypted, as JupyterLab does it.
KERNEL = Config({"KernelManager": {"transport_encryption": "auto"}})
EXECUTED = runs.REPOSITORY / "executed"


class LessonError(RuntimeError):
    """A lesson stopped with an error."""


def execute(name, *, folder):
    """Executes a lesson's built notebook from top to bottom.

    Args:
        name: of the lesson.
        folder: where the executed notebook goes.

    Returns:
        The executed notebook, an nbformat node.

    Raises:
        LessonError: a cell raised; says which. The notebook up to that cell is kept in `folder`.
    """
    notebook = nbformat.read(sources.notebook_path(name), as_version=4)
    with tqdm(total=len(notebook.cells), desc=name, unit="cell", leave=True) as bar:

        def show_heading(cell, cell_index):
            heading = next((line for line in cell.source.splitlines() if line[:2] == "##"), None)
            if cell.cell_type == "markdown" and heading:
                bar.set_postfix_str(heading.strip("# ")[:32])

        def show_progress(cell, cell_index):
            bar.update(cell_index + 1 - bar.n)

        client = NotebookClient(
            notebook,
            timeout=None,
            coalesce_streams=True,
            resources={"metadata": {"path": str(sources.FOLDER)}},
            on_cell_start=show_heading,
            on_cell_complete=show_progress,
            config=KERNEL,
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise LessonError(f"{name} stopped with an error:\n{error}") from None
        finally:
            content = nbformat.writes(notebook, indent=1) + "\n"
            runs.write_atomically(folder / f"{name}.ipynb", content.encode())
    return notebook


def run(names, *, force=False):
    """Executes those of the named lessons whose figures are not up to date.

    Args:
        names: list of lesson names.
        force: execute them in any case.

    Raises:
        LessonError: a lesson stopped; the ones before it are done and stay done.
    """
    for name in names:
        if not force and is_up_to_date(name):
            print(f"{name}: up to date", flush=True)
            continue
        started = time.perf_counter()
        execute(name, folder=EXECUTED)
        _write_stamp(name)
        print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)


def is_up_to_date(name):
    """Returns whether a lesson's figures come from its present source, code, weights and data."""
    path = _stamp_path(name)
    return path.exists() and json.loads(path.read_text("utf-8")) == _stamp(name)


def _stamp(name):
    """Returns what a lesson depends on and what it made, as hashes."""
    package = runs.REPOSITORY / "kerascomp"
    inputs = [
        sources.source_path(name),
        runs.REPOSITORY / "requirements.txt",
        *sorted(package.rglob("*.py")),
        *sorted(package.glob("weights/*.npz")),
    ]
    digest = hashlib.sha256(b"".join(map(_hash, inputs)))
    outputs = sorted(runs.PUBLISHED_FIGURES.glob(f"{name[:2]}_*"))
    return {
        "inputs": digest.hexdigest(),
        "cifar10": str(cifar10_source()),
        "outputs": {path.name: _hash(path).hex() for path in outputs},
    }


def _hash(path):
    return hashlib.sha256(path.read_bytes()).digest()


def _stamp_path(name):
    return runs.cache_folder() / "lessons" / f"{name}.json"


def _write_stamp(name):
    runs.write_atomically(_stamp_path(name), json.dumps(_stamp(name), indent=1).encode())
