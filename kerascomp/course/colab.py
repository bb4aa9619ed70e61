"""The first code cell of every notebook: it makes the course available where it is not installed.

In Google Colab a notebook is opened alone. The cell installs the course from its repository or,
where that has no address yet, from an archive of it that was uploaded beside the notebook.
"""

REPOSITORY = "https://github.com/OWNER/kerascomp"  # the only place where it is written
# The cell is folded, in JupyterLab and in Colab.
HIDDEN = {"jupyter": {"source_hidden": True}, "cellView": "form"}
TEMPLATE = """\
# Installs the course where a notebook is opened alone, as in Colab; elsewhere it does nothing.
import importlib.util
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

if not importlib.util.find_spec("kerascomp"):
    archives = [str(path) for path in sorted(Path().glob("kerascomp*.zip"))] or [{repository!r}]
    if not archives[-1]:
        raise FileNotFoundError(f"upload the course as kerascomp.zip into {{Path.cwd()}}")
    print("installing the course, about a minute")
    # What is there stays as it is, so that no restart is needed.
    there = filter(importlib.util.find_spec, ["tensorflow", "keras", "numpy", "IPython"])
    kept = [f"{{name}}=={{version(name)}}" for name in there]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", archives[-1], *kept]
    if subprocess.run(pip).returncode:
        raise SystemExit("pip could not install the course beside " + ", ".join(kept))
import kerascomp"""


def setup_cell() -> str:
    """Returns the source of the cell."""
    archive = "" if "OWNER" in REPOSITORY else f"{REPOSITORY}/archive/refs/heads/main.zip"
    return TEMPLATE.format(repository=archive)
