"""A course in learned image compression: every system is a codec, every bit is counted."""

import os

from kerascomp import quiet

# TensorFlow reports missing GPU libraries at start-up; on a CPU course that is noise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
quiet.install()

__version__ = "0.1.0"
