"""What is drawn, in values that JSON can hold."""

import dataclasses
import hashlib
import math
from typing import Any

import numpy as np

MOST_NUMBERS = 12_000  # of an array that is written out; a map has up to 6,000 points


def plain(value: Any) -> Any:
    """Returns what JSON can hold of a value.

    Numbers keep six digits, those of arrays of more than 1,000 keep four; NaN in an array, where
    nothing is drawn, becomes None. Images (uint8 of three dimensions or more) become their shape
    and SHA-256, and so do arrays of more than 12,000 numbers, with their range and mean.
    Dataclasses and named tuples become dicts, models and functions their names. What is none of
    these is returned as it is.
    """
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(vars(value))
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(item) for item in value]
    if isinstance(value, np.floating | float):
        return float(f"{value:.6g}")
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    if callable(value):
        return getattr(value, "name", None) or value.__name__
    return value


def _plain_array(array: np.ndarray) -> Any:
    is_picture = array.dtype == np.uint8 and array.ndim >= 3
    if not is_picture and array.size <= MOST_NUMBERS:
        return _rounded(array.tolist(), 6 if array.size <= 1000 else 4)
    sha256 = hashlib.sha256(array.tobytes()).hexdigest()
    summary = {"shape": array.shape, "dtype": str(array.dtype), "sha256": sha256}
    if not is_picture:
        summary |= {"min": array.min(), "mean": array.mean(), "max": array.max()}
    return plain(summary)


def _rounded(numbers: Any, digits: int) -> Any:
    """Returns numbers in nested lists with so many digits, None in place of NaN."""
    if isinstance(numbers, list):
        return [_rounded(item, digits) for item in numbers]
    if isinstance(numbers, float):
        return None if math.isnan(numbers) else float(f"{numbers:.{digits}g}")
    return numbers
