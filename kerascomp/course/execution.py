"""Executing lessons: one after another, with progress, only those that are not up to date."""

import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from tqdm.auto import tqdm
from traitlets.config import Config

from kerascomp import files
from kerascomp.course import sources, stamps

# Messages between the kernel and its client are encrypted, as in JupyterLab.
KERNEL = Config({"KernelManager": {"transport_encryption": "auto"}})


class LessonError(ValueError):
    """A lesson stopped with an error."""


def execute(name: str, *, folder: Path) -> nbformat.NotebookNode:
    """Executes a lesson's built notebook from top to bottom.

    Args:
        name: of the lesson.
        folder: where the executed notebook is written.

    Returns:
        The executed notebook.

    Raises:
        LessonError: a cell raised an error. The notebook up to that cell is kept in `folder`.
        KeyboardInterrupt: passed on, after the lesson's process was stopped.
    """
    notebook = nbformat.read(sources.notebook_path(name), as_version=4)
    client = NotebookClient(
        notebook,
        timeout=None,
        coalesce_streams=True,
        resources={"metadata": {"path": str(sources.FOLDER)}},
        config=KERNEL,
    )
    folder.mkdir(parents=True, exist_ok=True)
    log_path = folder / f"{name}.log"  # output of the lesson's process outside its cells
    try:
        with log_path.open("w") as log, client.setup_kernel(stderr=log):
            for index, cell in enumerate(tqdm(notebook.cells, desc=name, unit="cell")):
                client.execute_cell(cell, index)
            client.set_widgets_metadata()
    except CellExecutionError as error:
        raise LessonError(f"{name} stopped with an error:\n{error}") from None
    except DeadKernelError:
        raise LessonError(
            f"{name} stopped: its process died, perhaps for lack of memory; see {log_path}"
        ) from None
    finally:
        content = nbformat.writes(notebook, indent=1) + "\n"
        files.write_atomically(folder / f"{name}.ipynb", content.encode())
    return notebook


def run(names: list[str], *, force: bool = False) -> None:
    """Executes those of the named lessons that are not up to date.

    Args:
        names: of the lessons.
        force: execute all of them.

    Raises:
        LessonError: a lesson stopped; the results of the ones before it are kept.
    """
    for name in names:
        if not force and stamps.is_current(name):
            print(f"{name}: up to date", flush=True)
            continue
        started, inputs = time.perf_counter(), stamps.inputs(name)
        stamps.forget_stand_ins(name)
        execute(name, folder=stamps.EXECUTED)
        stamps.write(name, inputs)
        print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
