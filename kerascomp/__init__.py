"""A course in learned image compression: every system is a codec, every bit is counted."""

import os

# TensorFlow reports missing GPU libraries at start-up; on a CPU course that is noise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

__version__ = "0.1.0"
