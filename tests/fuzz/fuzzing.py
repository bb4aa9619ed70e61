"""Changed bytes, and a check of what a reader does with them in bounded time and memory."""

import os
import resource
import signal
import time
import zlib

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

SECONDS = float(os.environ.get("KERASCOMP_FUZZ_SECONDS", "5"))
SEED = int(os.environ.get("KERASCOMP_FUZZ_SEED", "0"))
LONGEST = 20  # seconds of the processor for one input, or for some at once
MOST_MEMORY = 1 << 30  # bytes above those at the start of a test
OPTIONS = {
    "max_examples": 20,
    "phases": [Phase.generate, Phase.shrink],
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "deadline": None,
}


class Hangs(BaseException):  # no `except Exception` hides it
    """An input took too long."""


def stop(*_):
    raise Hangs(f"an input took {LONGEST} seconds")


def examine(strategy, check):
    """Checks values of a strategy until the time is over."""
    start, tried, used = time.monotonic(), 0, memory()
    previous = signal.signal(signal.SIGPROF, stop)

    def call(value):
        nonlocal tried
        tried += len(value) if isinstance(value, list) else 1
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        try:
            check(value)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        assert memory() - used < MOST_MEMORY

    try:
        while time.monotonic() < start + SECONDS:
            seed(SEED + tried)(settings(**OPTIONS)(given(strategy)(call)))()
    finally:
        signal.signal(signal.SIGPROF, previous)
    print(f"{tried} inputs")


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def edits():
    """Changes of bytes: (where, how many bytes go, what comes instead); where is a fraction."""
    few = st.binary(max_size=4) | st.sampled_from([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"])
    number = st.integers(0, 4) | st.sampled_from([64, 1 << 20])
    return st.lists(st.tuples(st.floats(0, 1), number, few), min_size=1, max_size=4)


def edited(content, changes):
    for where, number, new in changes:
        position = int(where * len(content))
        content = content[:position] + new + content[position + number :]
    return content


def changed(contents):
    """Returns a strategy of (original, changed bytes)."""
    pairs = st.tuples(st.sampled_from(contents), edits())
    return pairs.map(lambda pair: (pair[0], edited(*pair)))


def resealed(content, version):
    """Returns a file with right checksums."""
    body = content[:-4]
    return body + zlib.crc32(body, zlib.crc32(version.encode())).to_bytes(4, "little")
