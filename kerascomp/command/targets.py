"""Sources and targets of the command: which file becomes which, and what is never replaced."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from kerascomp import files
from kerascomp.command import container
from kerascomp.command.terminal import say

PNG_START = b"\x89PNG\r\n\x1a\n"
LONGEST_START = 16  # bytes that say what kind of file it is

Jobs = list[tuple[Path, Path]]  # (source, target)
Identity = tuple[int, int]  # of a file, whatever its names


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


def jobs(
    paths: list[str], kind: Kind, existing: Existing, *, suffixes: Collection[str] = ()
) -> Jobs:
    """Returns [(source, target)], the last path being a file or a folder.

    For several sources it is a folder, and for those in a folder, and with a slash at its end.

    Args:
        paths: as the user wrote them.
        kind: of the targets.
        existing: what happens to targets that exist.
        suffixes: how the names of sources in a folder end; without, a source is no folder.

    Raises:
        ValueError: no input or output, nothing in a folder, or a target that must not be written.
    """
    if "-" in paths:
        raise ValueError("- is no file; name one, or /dev/stdout for a pipe behind this command")
    *given, output = map(Path, paths)
    if not given:
        raise ValueError(f"expected at least one input and an output, received only {output}")
    # Each once: a file may also match a pattern, or be in a folder.
    sources = list(dict.fromkeys(file for path in given for file in _sources(path, suffixes)))
    is_named_folder = paths[-1].endswith("/") or output.is_dir()
    are_several = len(sources) > 1 or any(path.is_dir() for path in given)
    into_folder = are_several or is_named_folder
    if into_folder and output.exists() and not output.is_dir():
        raise ValueError(f"{output} is no folder; several inputs need one, as the last argument")
    if are_several and not is_named_folder:
        _check_suffix(output, None)
    targets = [output / (path.stem + kind.suffix) if into_folder else output for path in sources]
    by_target = dict(zip(targets, sources, strict=True))
    for source, target in zip(sources, targets, strict=True):
        if by_target[target] != source:
            raise ValueError(
                f"two inputs have the same name, {source} and {by_target[target]}; write them into "
                "different folders"
            )
    pairs = zip(sources, targets, strict=True)
    inputs = {_identity(source) for source in sources if source.exists()}
    written = [pair for pair in pairs if is_to_write(pair[1], kind, existing, inputs)]
    if num_skipped := len(sources) - len(written):
        say(f"{num_skipped} of {len(sources)} files were written before", error=True)
    return written


def is_to_write(target: Path, kind: Kind, existing: Existing, inputs: set[Identity]) -> bool:
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
    if _identity(target) in inputs:
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


def _identity(path):
    """Returns what two names of the same file have in common."""
    status = path.stat()
    return status.st_dev, status.st_ino


def _sources(path, suffixes):
    """Returns the files that a path given by the user stands for.

    Those in a folder, or those that match a pattern: not every shell looks for them itself.
    """
    if path.is_dir() and suffixes:
        names = sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes)
        if names := [file for file in names if file.is_file() and not file.name.startswith(".")]:
            return names
        raise ValueError(f"{path} has no files that end in {', '.join(sorted(suffixes))}")
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} is no file; expected files as inputs")
    if not path.exists() and set("*?[") & set(str(path)):
        if names := sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))):
            return names
        raise ValueError(f"no file matches {path}")
    return [path]


def _check_suffix(path, kind):
    """Raises a ValueError if a path ends like files of another kind; None stands for folders."""
    suffix, ours = path.suffix.lower(), kind.suffix if kind else ""
    known = {KC.suffix, PNG.suffix, PAGE.suffix, ".json", ".jxl", *Image.registered_extensions()}
    if suffix in known - {ours}:
        wanted = f"{kind.name} ({ours})" if kind else "a folder for several inputs"
        raise ValueError(f"{path} ends in {path.suffix}; expected the name of {wanted}, given last")
