"""What the command says: a message that cannot be shown never fails the job."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator


def prepare() -> None:
    """Lets a terminal of fewer characters show a question mark for those it lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def say(text: str, *, error: bool = False) -> None:
    """Prints a line, above the progress bar if there is one.

    Args:
        text: the line.
        error: whether it goes to stderr.
    """
    from tqdm import tqdm

    with _unfailing(error):
        stream = sys.stderr if error else sys.stdout
        if stream is not None:  # closed before the start
            tqdm.write(text, file=stream)
            stream.flush()


@contextlib.contextmanager
def status(text: str) -> Iterator[None]:
    """Shows a line on the terminal while something takes its time, and nothing elsewhere."""
    is_shown = sys.stderr is not None and sys.stderr.isatty()
    if is_shown:
        print(text, end="\r", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        if is_shown:
            print(" " * len(text), end="\r", file=sys.stderr, flush=True)


def finish() -> None:
    """Writes what is still to be written, so that Python does not fail when it ends."""
    for error in (False, True):
        with _unfailing(error):
            stream = sys.stderr if error else sys.stdout
            if stream is not None:
                stream.flush()


@contextlib.contextmanager
def _unfailing(error):
    """After a failure, such as a closed pipe, all that is written later is thrown away."""
    try:
        yield
    except OSError as failure:
        with contextlib.suppress(OSError, ValueError):
            stream = sys.stderr if error else sys.stdout
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not (error or isinstance(failure, BrokenPipeError)):
            say(f"kerascomp: cannot show the results ({failure.strerror})", error=True)
