"""What only training needs, and not every computer can install."""

from types import ModuleType

import tensorflow as tf


def tensorflow_compression() -> ModuleType:
    """Returns the module, which takes seconds to import; only estimates need it, no file does.

    Raises:
        ImportError: it is not installed; says where it can be.
    """
    try:
        with tf.init_scope():  # outside of a graph that is being traced
            import tensorflow_compression
    except ImportError as error:  # it has no wheels for every system
        raise ImportError(
            "training an entropy bottleneck needs tensorflow-compression, which has wheels for "
            "Linux (x86-64), Python 3.9 to 3.11; there: pip install -r requirements.txt"
        ) from error
    return tensorflow_compression
