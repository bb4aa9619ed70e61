"""The images of the course, and the only conversions between bytes and numbers."""

from kerascomp.datasets.base import Dataset, Split, tile, to_float, to_uint8
from kerascomp.datasets.cifar10 import cifar10, cifar10_source
from kerascomp.datasets.mnist import mnist
from kerascomp.datasets.natural import natural_patches, photograph
from kerascomp.datasets.photographs import Photographs, full_size, kodak, photographs

__all__ = [
    "BY_NAME",
    "Dataset",
    "Photographs",
    "Split",
    "cifar10",
    "cifar10_source",
    "full_size",
    "kodak",
    "mnist",
    "natural_patches",
    "photograph",
    "photographs",
    "tile",
    "to_float",
    "to_uint8",
]

# As recipes and results name them.
BY_NAME = {"mnist": mnist, "cifar10": cifar10, "photographs": full_size}
