"""Executing lessons: two at once, with progress, only those that are not up to date."""

import asyncio
import os
import time
from contextlib import asynccontextmanager
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from tqdm.auto import tqdm
from traitlets.config import Config

from kerascomp import files
from kerascomp.course import sources, stamps

# Messages between the kernel and its client are encrypted, as in JupyterLab.
KERNEL = Config({"KernelManager": {"transport_encryption": "auto"}})
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")  # of a lesson's process
MEMORY_OF_TWO = 5e9  # bytes; two lessons need 4 GB at most, and the system needs some


class LessonError(ValueError):
    """A lesson stopped with an error."""


def run(names: list[str], *, force: bool = False) -> list[str]:
    """Executes those of the named lessons that are not up to date.

    Two lessons run at once, each with half the cores, where there are two cores and the memory.
    A lesson that stops with an error does not stop the others.

    Args:
        names: of the lessons.
        force: execute all of them.

    Returns:
        The names of those that were executed.

    Raises:
        LessonError: lessons stopped; the results of all others are kept.
        KeyboardInterrupt: passed on, after the lessons' processes were stopped.
    """
    due = [name for name in names if force or not stamps.is_current(name)]
    for name in names:
        if name not in due:
            print(f"{name}: up to date")
    cores, memory = num_cores(), psutil.virtual_memory().total
    at_once = 2 if cores > 1 and memory >= MEMORY_OF_TWO else 1
    if at_once == 1 and len(due) > 1:
        plural = "s" * (cores > 1)
        print(
            f"one lesson after the other: {cores} core{plural} and {memory / 1e9:.0f} GB of memory"
        )
    # The longest ones first, so that no process waits for the other at the end.
    due.sort(key=lambda name: int(sources.time_and_aim(name)[0].split()[0]), reverse=True)
    asyncio.run(_run_all(due, at_once, cores // at_once))
    return due


def num_cores() -> int:
    """Returns how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
    return asyncio.run(_execute(name, folder))


async def _run_all(names, at_once, threads):
    """Executes lessons, `at_once` of them at the same time; each has its line on the screen."""
    lines = asyncio.Queue()
    for line in range(at_once):
        lines.put_nowait(line)

    async def run_one(name):
        line = await lines.get()
        try:
            started, inputs = time.perf_counter(), stamps.inputs(name)
            stamps.forget_stand_ins(name)
            await _execute(name, stamps.EXECUTED, line, threads)
            stamps.write(name, inputs)
            tqdm.write(f"{name}: {time.perf_counter() - started:.0f} s")
        except LessonError as error:
            tqdm.write(f"{name}: stopped")
            return str(error)
        finally:
            lines.put_nowait(line)

    outcomes = await asyncio.gather(*map(run_one, names))
    if errors := [error for error in outcomes if error]:
        raise LessonError("\n".join(errors))


async def _execute(name, folder, line=0, threads=None):
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
    limits = dict.fromkeys(THREADS, str(threads)) if threads else {}
    cells = tqdm(notebook.cells, desc=name, unit="cell", position=line, leave=False)
    try:
        with log_path.open("w", encoding="utf-8") as log:
            async with _process(client, stderr=log, env=limits | os.environ):
                for index, cell in enumerate(cells):
                    await client.async_execute_cell(cell, index)
                client.set_widgets_metadata()
    except CellExecutionError as error:
        raise LessonError(f"{name} stopped with an error:\n{error}") from None
    except DeadKernelError:
        raise LessonError(
            f"{name} stopped: its process died, perhaps for lack of memory; see {log_path}"
        ) from None
    finally:
        cells.close()
        content = nbformat.writes(notebook, indent=1) + "\n"
        files.write_atomically(folder / f"{name}.ipynb", content.encode())
    return notebook


@asynccontextmanager
async def _process(client, **options):
    """Starts a lesson's process, and stops it at the end; leaves Ctrl-C to asyncio."""
    client.km = client.create_kernel_manager()
    client.km.kernel_spec_manager.kernel_dirs = []  # this Python, whatever kernels are installed
    await client.async_start_new_kernel(**options)
    try:
        await client.async_start_new_kernel_client()
        yield
    finally:
        await client.km.shutdown_kernel(now=True)
        if client.kc:
            client.kc.stop_channels()
