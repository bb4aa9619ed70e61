"""Hides what TensorFlow prints when it is imported: remarks on processors and graphics cards.

Newer releases write them to the process's stderr before they read any of their own settings.
"""

import os
import sys

REMARKS = b"I0000 ", b"W0000 ", b"E0000 ", b"WARNING: All log messages before absl"


class Finder:
    """Finds TensorFlow as Python does, once, and makes its import quiet."""

    def find_spec(self, name, path=None, target=None):
        """Returns a spec as every entry of `sys.meta_path` does, None for all other modules."""
        if name != "tensorflow":
            return None
        import functools  # only now: the package itself is imported in milliseconds
        import importlib.util

        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            spec.loader.exec_module = functools.partial(_quietly, spec.loader.exec_module)
        return spec


def _quietly(exec_module, module):
    """Imports a module; what it writes to stderr besides remarks is written afterwards."""
    import tempfile

    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            exec_module(module)
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            file.seek(0)
            others = [line for line in file if not line.startswith(REMARKS)]
            os.write(2, b"".join(others))


def install() -> None:
    """Makes the next import of TensorFlow quiet."""
    if "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, Finder())


def hide_retracing() -> None:
    """Hides TensorFlow's warnings of retracing in this process, a lesson's or the command's."""
    import logging

    logging.getLogger("tensorflow").addFilter(_is_not_about_retracing)


def _is_not_about_retracing(record):
    """TensorFlow warns when one function has five graphs, as it has for five networks."""
    return "triggered tf.function retracing" not in record.getMessage()
