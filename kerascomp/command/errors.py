"""What the command does with errors that a user can mend, and with Ctrl-C."""

import sys
from typing import Any

import typer
from typer.core import TyperGroup

# Among them: no such file, damaged files, a lesson that failed, a training that diverged.
MENDABLE = (ValueError, OSError, ArithmeticError)


class Group(TyperGroup):
    """Commands whose errors are one line on stderr, with exit code 1; Ctrl-C gives 130."""

    stopped = "stopped; what was finished stays"

    def invoke(self, ctx: Any) -> Any:
        """Runs the chosen command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader, such as `head`, has seen enough; Typer knows
            raise
        except MENDABLE as error:
            sys.exit(f"kerascomp: {error}")
        except KeyboardInterrupt:
            typer.echo(f"\n{self.stopped}", err=True)
            sys.exit(130)


class ResumableGroup(Group):
    """Commands that go on where they were stopped."""

    stopped = "stopped; what was finished stays, the same command continues from there"
