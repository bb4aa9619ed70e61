"""The command line of the lessons."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from kerascomp.course import execution, pages, sources


def main():
    """Runs one command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m kerascomp.course.lessons",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build the notebooks from their sources")
    commands.add_parser("check", help="check the shape of all lessons")
    runner = commands.add_parser("run", help="execute lessons and rebuild the gallery")
    runner.add_argument("names", nargs="*", metavar="NAME", help="which; all when not given")
    runner.add_argument("--force", action="store_true", help="even if nothing has changed")
    runner.add_argument("--fast", action="store_true", help="fast profile, publishes nothing")
    options = parser.parse_args()
    use_absolute_paths()
    try:
        return COMMANDS[options.command](options)
    except (ValueError, OSError, execution.LessonError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; what was finished stays, the same command goes on", file=sys.stderr)
        return 130


def use_absolute_paths():
    """Makes the folders in the environment mean the same here and in the lessons' processes."""
    for name in ("KERASCOMP_DATA", "KERASCOMP_CACHE", "KERASCOMP_OUTPUT"):
        folder = os.environ.pop(name, "")
        if folder:
            os.environ[name] = str(Path(folder).resolve())


def build(options):
    """Builds all notebooks."""
    for path in sources.build_all():
        print(f"built {path.name}")
    return 0


def check(options):
    """Prints every problem; fails if there is one."""
    problems = sources.check_all()
    print("\n".join(problems) or f"{len(sources.names())} lessons, all in shape")
    return 1 if problems else 0


def run(options):
    """Executes lessons."""
    names = options.names or sources.names()
    for name in names:
        sources.source_path(name)
    sources.build_all()
    if options.fast:
        with tempfile.TemporaryDirectory(prefix="kerascomp-") as folder:
            os.environ.update(KERASCOMP_PROFILE="fast", KERASCOMP_OUTPUT=folder)
            for name in names:
                execution.execute(name, folder=Path(folder))
        return 0
    if os.environ.pop("KERASCOMP_OUTPUT", None):
        print("KERASCOMP_OUTPUT is ignored: make figures publishes into figures/")
    os.environ["KERASCOMP_PROFILE"] = "full"
    execution.run(names, force=options.force)
    pages.build_pages()
    print("figures and gallery are in figures/, executed lessons in executed/")
    return 0


COMMANDS = {"build": build, "check": check, "run": run}

if __name__ == "__main__":
    sys.exit(main())
