"""`python -m kerascomp` is the command `kerascomp`."""

from kerascomp.command.app import main

if __name__ == "__main__":
    main()
