"""`python -m kerascomp` is the command `kerascomp`; Ctrl-C ends it while it starts, too."""

import signal
import sys


def main() -> None:
    """Runs the command."""
    heard = signal.getsignal(signal.SIGINT)
    if heard is signal.default_int_handler:  # an exception in the middle of an import says nothing
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from kerascomp.command import app  # takes a tenth of a second

    try:
        signal.signal(signal.SIGINT, heard)
        app.main()
    except KeyboardInterrupt:  # while Typer still makes its commands
        sys.exit(130)


if __name__ == "__main__":
    main()
