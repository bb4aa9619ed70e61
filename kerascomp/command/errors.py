"""What the command does with errors that a user can mend, and with Ctrl-C."""

import sys
from typing import Any

from typer.core import TyperGroup

from kerascomp.command.terminal import say

# Among them: no such file, damaged files, a lesson that failed, a training that diverged.
MENDABLE = (ValueError, OSError, ArithmeticError, MemoryError)


def sentence(error: Exception) -> str:
    """Returns what an error says to the user."""
    return str(error) or "there is not enough memory"


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
            sys.exit(f"kerascomp: {sentence(error)}")
        except KeyboardInterrupt:
            say(f"\n{self.stopped}", error=True)
            sys.exit(130)


class ResumableGroup(Group):
    """Commands that go on where they were stopped."""

    stopped = "stopped; what was finished stays, the same command continues from there"
