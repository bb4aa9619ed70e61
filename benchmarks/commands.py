"""How long the commands of the Makefile take on this machine; `make` shows the times.

    make bench

Each command starts from what a newcomer has: no environment for `make install`, no cache for the
others. The times are written to benchmarks/times.tsv.
"""

import subprocess
import tempfile
import time
from pathlib import Path

from kerascomp.course import execution

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("install", "figures", "book", "test", "test-modern", "test-slow", "lint")
TIMES = Path(__file__).with_name("times.tsv")


def main():
    """Times the commands in a fresh clone, and writes the table."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "kerascomp"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        for command in COMMANDS:
            started = time.perf_counter()
            subprocess.run(["make", command], cwd=clone, check=True)
            seconds = time.perf_counter() - started
            lines.append(f"{command}\t{seconds / 60:.1f} min")
            print(lines[-1], flush=True)
    TIMES.write_text(
        "\n".join([f"# {execution.num_cores()} cores", *lines]) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
