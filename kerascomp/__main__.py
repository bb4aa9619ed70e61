"""`python -m kerascomp` is the command `kerascomp`; Ctrl-C ends it in its first moment too."""

import sys


def main() -> None:
    """Runs the command."""
    try:
        from kerascomp.command import app  # takes a tenth of a second

        app.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
