"""Executing lessons: one after another, with progress, and only those that have changed."""

import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from tqdm.auto import tqdm
from traitlets.config import Config

from kerascomp import files
from kerascomp.course import sources, stamps

# What a kernel and its client tell each other is encrypted, as JupyterLab does it.
KERNEL = Config({"KernelManager": {"transport_encryption": "auto"}})


class LessonError(ValueError):
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
    log_path = folder / f"{name}.log"  # what the lesson's process says outside its cells
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


def run(names, *, force=False):
    """Executes those of the named lessons that are not up to date.

    Args:
        names: list of lesson names.
        force: execute them in any case.

    Raises:
        LessonError: a lesson stopped; the ones before it are done and stay done.
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
