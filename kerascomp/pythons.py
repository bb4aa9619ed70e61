"""Which Pythons the course runs on, with which software stack, and how to find one.

    classic   Python 3.11 on x86-64, Linux or an Intel Mac: where tensorflow-compression is
    modern    Python 3.11 to 3.13 elsewhere, and 3.12 and 3.13 on Linux: Keras 3

Python 3.6 understands this file, so that an old Python can say that it is too old.
"""

import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

NEWEST = ("3.13", "3.12", "3.11")
PLATFORMS = {  # (system, processor): versions that TensorFlow has wheels for, the best one first
    ("Linux", "x86_64"): ("3.11", "3.13", "3.12"),
    ("Darwin", "x86_64"): ("3.11",),
    ("Linux", "aarch64"): NEWEST,
    ("Darwin", "arm64"): NEWEST,
    ("Windows", "amd64"): NEWEST,
}
PROBE = """
import platform, struct, sys, sysconfig
place = sysconfig.get_platform()
print(platform.system())
print(place[4:] if place.startswith("win-") else platform.machine().lower())
print("%d.%d" % sys.version_info[:2])
print(8 * struct.calcsize("P"))
print("musl" in str(sysconfig.get_config_vars("SOABI", "HOST_GNU_TYPE")))
"""
# That of the system, if this one belongs to an environment.
THIS = getattr(sys, "_base_executable", None) or sys.executable
WHERE = "from python.org, with apt, brew or pyenv; or install uv, which brings one"


class Python(NamedTuple):
    """What decides whether the course runs on a Python, and with which stack."""

    system: str  # Linux, Darwin or Windows
    processor: str
    version: str  # such as 3.13
    bits: int = 64  # of an address
    has_musl: bool = False  # the C library of Alpine Linux


def stack(python: Python) -> str:
    """Returns which software stack belongs to a Python: "classic" or "modern"."""
    return "classic" if (python.processor, python.version) == ("x86_64", "3.11") else "modern"


def versions(python: "Python | None") -> tuple:
    """Returns which versions run where a Python was built for, the best one first."""
    return PLATFORMS.get((python.system, python.processor), NEWEST) if python else NEWEST


def refusal(python: Python) -> "str | None":
    """Returns why the course does not run on a Python, and what to do; None if it does."""
    version, place = python.version, (python.system, python.processor)
    if python.bits != 64:
        return f"TensorFlow needs 64 bits, this Python has {python.bits}: install a 64-bit Python"
    if python.has_musl:
        return "TensorFlow has no wheels for musl: use a Linux with glibc (Debian, not Alpine)"
    if place not in PLATFORMS:
        where = "{} on {}".format(*place)
        return f"TensorFlow has no wheels for {where}: use a Linux x86-64 virtual machine"
    if version in PLATFORMS[place]:
        return None
    if place == ("Darwin", "x86_64"):
        return f"an Intel Mac needs Python 3.11, this is {version}: install 3.11 {WHERE}"
    advice = f"install {PLATFORMS[place][0]} {WHERE}"
    if tuple(map(int, version.split("."))) < (3, 11):
        return f"Python {version} is too old: {advice}"
    return f"there is no TensorFlow for Python {version} yet: {advice}"


@lru_cache(maxsize=64)
def probe(*command: str) -> "Python | None":
    """Returns what a command that starts Python starts; None if it starts none."""
    try:
        output = subprocess.check_output([*command, "-c", PROBE], stderr=subprocess.DEVNULL)
        system, processor, version, bits, has_musl = output.decode().split()[-5:]
        return Python(system, processor, version, int(bits), has_musl == "True")
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def find(name: str) -> "tuple | None":
    """Returns the command that starts a Python on which the course runs; None if there is none.

    Args:
        name: a version (3.13), a name (python3.13) or a path.
    """
    version = name.replace("python", "")
    commands: list = [(name,)]
    is_version = version.startswith("3.")
    if is_version:
        commands = [("python" + version,), ("python3",), ("python",), (THIS,)]
        if os.name == "nt":
            commands.insert(0, ("py", "-" + version))
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")  # not all are in PATH
        commands += [(str(path),) for path in pyenv.glob(f"versions/{version}.*/bin/python")]
    for command in commands:
        python = probe(*command)
        if python and not refusal(python) and (python.version == version or not is_version):
            return command
    return None
