"""`python -m kerascomp` is the command `kerascomp`; Ctrl-C ends it while it starts, too."""

import signal


def main() -> None:
    """Runs the command."""
    heard = signal.getsignal(signal.SIGINT)
    if heard is signal.default_int_handler:  # an exception in the middle of an import says nothing
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from kerascomp.command import app  # takes a tenth of a second

    signal.signal(signal.SIGINT, heard)
    app.main()


if __name__ == "__main__":
    main()
