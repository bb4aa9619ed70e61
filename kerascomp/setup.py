"""Makes the environment of the course: `python -m kerascomp.setup`; `--dev` and `--book` add to it.

It finds a Python that the course runs on, makes `.venv` with it, and installs the versions that
belong to it, from requirements.txt (classic) or requirements-modern.txt. Python 3.6 understands
this file; it needs the standard library only.

    KERASCOMP_PYTHON=python3.13    chooses a Python: a version, a name or a path
    KERASCOMP_VENV=.venv-modern    makes this folder instead of .venv
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from kerascomp import pythons

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = {"classic": "requirements.txt", "modern": "requirements-modern.txt"}
# In the environment; the Makefile compares their times.
READY, READY_DEV, READY_BOOK = ".ready", ".ready-dev", ".ready-book"
UNFINISHED = ".unfinished"  # there while packages are unpacked
PLACE = ".place"  # where the environment was made; a copy elsewhere would run the original
NO_NETWORK = ("connection broken", "timed out", "Could not fetch URL")  # as pip says it


class SetupError(Exception):
    """What hinders the set-up, and what to do."""


def say(text: str, *, end: str = "\n") -> None:
    """Writes to stderr at once."""
    print(text, end=end, file=sys.stderr, flush=True)


def executable(folder: Path, name: str = "python") -> Path:
    """Returns the path of a program of an environment."""
    return folder / ("Scripts" if os.name == "nt" else "bin") / name


def is_whole(folder: Path, chosen: str) -> bool:
    """Returns whether an environment can be kept: complete, made here, and of the right Python."""
    path, place = str(executable(folder)), folder / PLACE
    if not place.exists() or place.read_text(encoding="utf-8") != str(folder.resolve()):
        return False
    python = pythons.probe(path)
    if not python or pythons.refusal(python) or (folder / UNFINISHED).exists():
        return False
    if chosen and not chosen.endswith(python.version):
        command = pythons.find(chosen)
        if not command or pythons.probe(*command) != python:
            return False
    return subprocess.call([path, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0


def create(folder: Path, chosen: str) -> None:
    """Makes an empty environment in place of the one in a folder.

    Raises:
        SetupError: something else is in the folder, or no Python was found that fits.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
        raise SetupError(f"{folder} is no environment: move it, or name another: KERASCOMP_VENV")
    this = pythons.probe(pythons.THIS)
    best, *others = [chosen] if chosen else pythons.versions(this)
    command = pythons.find(best)
    try:
        if not command and shutil.which("uv"):
            shutil.rmtree(str(folder), ignore_errors=True)
            options = ["--quiet", "--seed", "--python", best]
            if subprocess.call(["uv", "venv", *options, str(folder)]) == 0:
                return
        command = command or next(filter(None, map(pythons.find, others)), None)
        if not command:
            python = pythons.probe(chosen) if chosen else this
            advice = "KERASCOMP_PYTHON names 3.11, 3.12, 3.13 or the path of one"
            reason = f"{chosen or 'Python'} was not found: {advice}"
            raise SetupError((python and pythons.refusal(python)) or reason)
        shutil.rmtree(str(folder), ignore_errors=True)
        venv = [*command, "-m", "venv", str(folder)]
        done = subprocess.run(venv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode:
            *_, reason = ["no ensurepip", *done.stderr.decode(errors="replace").splitlines()]
            advice = "on Debian and Ubuntu: apt install python3-venv"
            raise SetupError(f"{' '.join(command)} cannot make environments ({reason}); {advice}")
    except BaseException:  # Ctrl-C among them
        if not is_whole(folder, ""):
            shutil.rmtree(str(folder), ignore_errors=True)
        raise


def remarks(environ: dict, folder: Path, python: pythons.Python) -> list:
    """Returns what a user should know before packages are installed, a sentence each."""
    sentences = []
    active = environ.get("VIRTUAL_ENV") or environ.get("CONDA_PREFIX")
    if active and Path(active) != folder:
        name = environ.get("VIRTUAL_ENV") or f"conda's {environ.get('CONDA_DEFAULT_ENV')}"
        sentences.append(f"the active environment ({name}) stays as it is")
    if python.processor == "aarch64":
        sentences.append("openTSNE is compiled here: it needs a compiler (apt install g++)")
    return sentences


def install(folder: Path, *options: str) -> None:
    """Lets pip install; shows its errors, and one line that counts the packages.

    Raises:
        SetupError: pip stopped.
    """
    command = [str(executable(folder)), "-m", "pip", "install", "--only-binary", ":all:", *options]
    # Most modules are never imported; the others are compiled when they are.
    command += ["--no-compile", "--progress-bar=off", "--no-color", "--disable-pip-version-check"]
    lines, fetched = [], 0
    with subprocess.Popen(
        command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as pip:
        try:
            for line in pip.stdout or ():
                lines.append(line.decode(errors="replace").strip())
                if line.startswith((b"Collecting ", b"Processing ")):
                    fetched += 1
                    say(f"\rkerascomp: {fetched} packages fetched ", end="")
                elif line.startswith(b"Installing collected "):
                    say(f"\rkerascomp: {fetched} packages fetched, now they are unpacked ", end="")
                    mark(folder, UNFINISHED)
        finally:
            pip.wait()
            say("")
    errors = [line for line in lines if line.lower().startswith("error")]
    if pip.returncode and any(words in line for words in NO_NETWORK for line in lines):
        raise SetupError(
            "pip cannot fetch packages: connect to the network, or configure a mirror (pip config "
            "set global.index-url ADDRESS), and run this again; nothing is lost"
        )
    if pip.returncode:
        raise SetupError("\n".join(["pip stopped; mend this, then run it again:", *errors]))


def mark(folder: Path, *names: str) -> None:
    """Leaves exactly these marks in an environment."""
    for name in (READY, READY_DEV, READY_BOOK, UNFINISHED):
        if name in names:
            (folder / name).touch()
        elif (folder / name).exists():
            (folder / name).unlink()


def set_up(folder: Path, chosen: str, *, dev: bool = False, book: bool = False) -> None:
    """Makes an environment, or keeps the one that is there, and installs the packages.

    Args:
        folder: of the environment.
        chosen: version, name or path of a Python; "" for the best one there is.
        dev: install what tests need, too.
        book: install what tests and the book need, too.

    Raises:
        SetupError: says what to do.
    """
    if not is_whole(folder, chosen):
        create(folder, chosen)
        (folder / PLACE).write_text(str(folder.resolve()), encoding="utf-8")
        pythons.probe.cache_clear()
    python = pythons.probe(str(executable(folder)))
    reason = pythons.refusal(python) if python else f"{folder} has no Python: remove it"
    if not python or reason:
        raise SetupError(reason)
    files = [REQUIREMENTS[pythons.stack(python)]] + ["requirements-dev.txt"] * (dev or book)
    files += ["requirements-book.txt"] * book
    for sentence in remarks(dict(os.environ), folder, python):
        say(f"kerascomp: {sentence}")
    say(
        f"kerascomp: Python {python.version}, {', '.join(files)} into {folder.name} (1 to 3 "
        "minutes the first time)"
    )
    # openTSNE has no wheel for Linux on arm64.
    options = ["--no-binary", "opentsne"] if python.processor == "aarch64" else []
    install(folder, *options, *(word for file in files for word in ("-r", file)))
    mark(folder, READY, *[READY_DEV] * (dev or book), *[READY_BOOK] * book)


def main() -> None:
    """Runs the set-up; errors are one line, Ctrl-C leaves what is fetched."""
    parser = argparse.ArgumentParser(prog="python -m kerascomp.setup", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--dev", action="store_true", help="also what tests, lint and types need")
    parser.add_argument("--book", action="store_true", help="all that, and what the book needs")
    chosen = parser.parse_args()
    folder = ROOT / (os.environ.get("KERASCOMP_VENV") or ".venv")
    # An active environment that is made anew cannot make itself.
    paths = os.environ.get("PATH", "").split(os.pathsep)
    programs = str(executable(folder).parent)
    os.environ["PATH"] = os.pathsep.join(path for path in paths if path != programs)
    try:
        set_up(folder, os.environ.get("KERASCOMP_PYTHON", ""), **vars(chosen))
    except SetupError as error:
        sys.exit(f"kerascomp: {error}")
    except KeyboardInterrupt:
        say("kerascomp: stopped; run it again to go on")
        sys.exit(130)
    say(f"kerascomp: ready; open the lessons: {executable(folder, 'jupyter')} lab notebooks")


if __name__ == "__main__":
    main()
