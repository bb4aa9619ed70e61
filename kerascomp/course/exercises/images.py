"""Exercises of lessons 00 and 01: bits per pixel, errors, headers and mosaics."""

import re

import numpy as np

from kerascomp import limits, metrics
from kerascomp.course import figures, results
from kerascomp.course.exercises.kinds import Choice, Exercise, Function, Numbers

FORMATS = ("JPEG", "JPEG 2000", "WebP", "AVIF", "JPEG XL")
DAMAGES = ("noise", "brighter", "blurred", "shifted")


def two_rates_bpp() -> list[float]:
    """Returns the rates of a digit in 98 bytes and of a photograph in 256 bytes."""
    sizes = ((98, (1, 28, 28, 1)), (256, (1, 32, 32, 3)))
    return [metrics.bits_per_pixel([bytes(n)], np.zeros(shape))[0] for n, shape in sizes]


def psnr_db(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Returns the PSNR of two uint8 images."""
    return metrics.psnr_db(x[None], x_hat[None])[0]


def largest_mae() -> str:
    """Returns the damage with the largest MAE on both pictures of figure 00_distortions."""
    arguments = figures.record("00_distortions")["arguments"]
    maes = [[float(re.findall(r"MAE (\S+)", note)[0]) for note in row[1:]]
            for row in arguments["notes"]]  # fmt: skip
    return arguments["titles"][1 + int(np.argmax(np.mean(maes, axis=0)))]


def header_free_bpp(files: list[bytes], blank: bytes, num_pixels: int) -> float:
    """Returns the mean rate of files without the bytes of a blank image's file."""
    return 8 * (len(b"".join(files)) / len(files) - len(blank)) / num_pixels


def most_by_mosaic() -> str:
    """Returns the format whose bytes a mosaic divides by most, digits at 33 dB."""
    stored = results.load("mnist")

    def num_bytes(label):
        points = stored[label]
        return np.interp(33, [p.psnr_db for p in points], [p.bytes_per_image for p in points])

    return max(FORMATS, key=lambda label: num_bytes(label) / num_bytes(f"{label}, mosaic"))


_random = np.random.default_rng(0)
_pairs = [tuple(_random.integers(0, 256, (2, 28, 28, 1), np.uint8)) for _ in range(2)]

EXERCISES: dict[str, Exercise] = {
    "00a": Numbers(
        two_rates_bpp,
        0.001,
        "a byte has 8 bits; count the pixels of an image, not the numbers of all its colors",
    ),
    "00b": Function(
        psnr_db,
        _pairs,
        "convert to floats from 0 to 1 before you subtract: the difference of two uint8 numbers "
        "cannot be negative",
    ),
    "00c": Choice(
        DAMAGES,
        largest_mae,
        "the mean of squares is fixed; for which errors is the mean of absolute values largest: "
        "for equal ones, or for a few large ones?",
    ),
    "01a": Numbers(
        lambda: limits.reverse_water_filling_bits(np.array([16.0, 1.0]), 5 / 2),
        0.01,
        "equal distortions would give the second component more than its variance; what does it "
        "cost not to send it, and how much of the 5 is left for the first one?",
    ),
    "01b": Function(
        header_free_bpp,
        [([b"abcde", b"abc", b"abcd"], b"ab", 784), ([b"a" * 300], b"a" * 164, 1024)],
        "take the mean length of the files in bytes, subtract the blank file once, and convert to "
        "bits per pixel",
    ),
    "01c": Choice(
        FORMATS,
        most_by_mosaic,
        "the larger the header, the more is shared; which black image has the largest file?",
    ),
}
