"""Sources and targets of the command: which file becomes which, and what is never replaced."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from kerascomp import files
from kerascomp.command import container
from kerascomp.command.terminal import say

PNG_START = b"\x89PNG\r\n\x1a\n"
LONGEST_START = 16  # bytes that say what kind of file it is

Jobs = list[tuple[Path, Path]]  # (source, target)


class Kind(NamedTuple):
    """A kind of file that the command writes."""

    name: str
    suffix: str
    is_start: Callable[[bytes], bool]  # whether a file of this kind may begin so


KC = Kind("a .kc file", ".kc", lambda start: not start or start[:2] in container.STARTS)
PNG = Kind("a PNG", ".png", lambda start: PNG_START.startswith(start[:8]))
PAGE = Kind("a page", ".html", lambda start: b"<!doctype html>".startswith(start.lower()[:15]))


class Existing(NamedTuple):
    """What happens to targets that exist: they are refused, unless one of these is chosen."""

    force: bool = False
    skip: bool = False


def jobs(paths: list[str], kind: Kind, existing: Existing) -> Jobs:
    """Returns [(source, target)], the last path being a file or a folder.

    For several sources it is a folder, and with a slash at its end.

    Args:
        paths: as the user wrote them.
        kind: of the targets.
        existing: what happens to targets that exist.

    Raises:
        ValueError: no input or output, or a target that must not be written.
    """
    if "-" in paths:
        raise ValueError("- is no file; name one, or /dev/stdout for a pipe behind this command")
    *sources, output = map(Path, paths)
    if not sources:
        raise ValueError(f"expected at least one input and an output, received only {output}")
    for source in sources:
        if source.exists() and not source.is_file():
            raise ValueError(f"{source} is no file; expected files as inputs")
    into_folder = len(sources) > 1 or paths[-1].endswith("/") or output.is_dir()
    if into_folder and output.exists() and not output.is_dir():
        raise ValueError(f"{output} is no folder; several inputs need one, as the last argument")
    if into_folder and len(sources) > 1 and not output.is_dir() and not paths[-1].endswith("/"):
        _check_suffix(output, None)
    targets = [output / (path.stem + kind.suffix) if into_folder else output for path in sources]
    if len(set(targets)) < len(targets):
        raise ValueError("two inputs have the same name; write them into different folders")
    pairs = zip(sources, targets, strict=True)
    written = [pair for pair in pairs if is_to_write(pair[1], kind, existing, sources)]
    if num_skipped := len(sources) - len(written):
        say(f"{num_skipped} of {len(sources)} files were written before", error=True)
    return written


def is_to_write(target: Path, kind: Kind, existing: Existing, sources: list[Path]) -> bool:
    """Returns whether a target is to be written, False if it exists and is skipped.

    A source is never replaced, nor a file of another kind, not even with --force.

    Raises:
        ValueError: it must not be written.
    """
    if files.is_stream(target):
        return True
    _check_suffix(target, kind)
    if not target.exists():
        return True
    if target.is_dir():
        raise ValueError(f"{target} is a folder; expected a file to write")
    if any(source.exists() and source.samefile(target) for source in sources):
        raise ValueError(f"{target} is an input; an output is never one. Name it last")
    with target.open("rb") as file:
        start = file.read(LONGEST_START)
    if not kind.is_start(start):
        raise ValueError(f"{target} exists and is not {kind.name}; choose another name")
    if not existing.force and not existing.skip:
        raise ValueError(f"{target} exists; --force replaces it")
    return existing.force


def report(target: Path, text: str) -> None:
    """Says what was written; on stderr if stdout may be where it was written to."""
    say(f"{target}: {text}", error=files.is_stream(target))


def _check_suffix(path, kind):
    """Raises a ValueError if a path ends like files of another kind; None stands for folders."""
    suffix, ours = path.suffix.lower(), kind.suffix if kind else ""
    known = {KC.suffix, PNG.suffix, PAGE.suffix, ".json", ".jxl", *Image.registered_extensions()}
    if suffix in known - {ours}:
        wanted = f"{kind.name} ({ours})" if kind else "a folder for several inputs"
        raise ValueError(f"{path} ends in {path.suffix}; expected the name of {wanted}, given last")
