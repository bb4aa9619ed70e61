"""What several tests need."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kerascomp import datasets
from kerascomp.command import app
from kerascomp.datasets import Dataset, Split

NEEDS_CIFAR10 = pytest.mark.skipif(
    datasets.cifar10_source() is None, reason="CIFAR-10 is not on this machine"
)
FOLDER = Path(os.environ.get("KERASCOMP_DATA", "none"))
NEEDS_PHOTOGRAPHS = pytest.mark.skipif(
    not all((FOLDER / name).is_dir() for name in ("kodak", "photographs")),
    reason="Kodak's photographs, and those to train with, are not on this machine",
)
# The browser of tests of pages
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
MISSING = "needs Chromium: on Debian and Ubuntu, apt-get install chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

NEEDS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason=MISSING
)

# Names of raters, which Python and the page's JavaScript accept or refuse alike
GOOD_NAMES = (
    "anna", "Jürgen 2", "அனிதா", "अनिता", "தமிழ்", "Jose\u0301", "O'Neil", "D’Angelo", "Nguyễn Thị",
    "Mary-Jane", "ශ්\u200dරී", "李雷", "o_o.1", "а" * 40, "e\u0301" * 40,
)  # fmt: skip
WRONG_NAMES = ("a,b", 'a"b', "a/b", "a\u202eb", "a" * 41, "🙂", "<b>")


def shaken(layer, scale=0.2, seed=0):
    """Gives a layer's weights other values than those it starts with."""
    generator = np.random.default_rng(seed)
    for weight in layer.weights:
        weight.assign_add(generator.normal(0, scale, weight.shape).astype(np.float32))
    return layer


def random_images(*shape, seed=0):
    """Returns uint8 noise of the given shape."""
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def blobs(num_images=256, size=28, channels=1, seed=0):
    """Returns uint8 images (N, size, size, channels) of one soft bright spot each."""
    generator = np.random.default_rng(seed)
    centers = generator.uniform(0.3, 0.7, (num_images, 2, 1, 1)) * size
    radii = generator.uniform(2, 6, (num_images, 1, 1))
    rows, columns = np.mgrid[:size, :size]
    distances = (rows - centers[:, 0]) ** 2 + (columns - centers[:, 1]) ** 2
    spots = 255 * np.exp(-distances / (2 * radii**2))
    return np.repeat(spots.astype(np.uint8)[..., None], channels, axis=-1)


def small_dataset(num_images=256, size=28, channels=1):
    """Returns a `Dataset` of blobs."""
    splits = [
        Split(blobs(num_images, size, channels, seed), np.zeros(num_images, np.uint8))
        for seed in range(3)
    ]
    return Dataset("blobs", *splits, ("blob",))


def picture_codec(shape=(None, None, 3)):
    """Returns the codec of a tiny untrained network of pictures, with 24 latents in a block."""
    import keras

    from kerascomp.codecs import BottleneckCodec, PictureCodec
    from kerascomp.codecs.bottleneck import transforms
    from kerascomp.codecs.bottleneck.model import RateDistortion
    from kerascomp.codecs.bottleneck.prior import Prior
    from kerascomp.codecs.context.plan import Plan

    keras.utils.set_random_seed(0)
    prior = Prior(Plan([4, 4, 16], checkerboard=2, window=3), hidden=8)
    networks = transforms.photographs(24, (8, 8, 8), (1, 1, 1), shape)
    model = shaken(RateDistortion(networks, prior, lmbdas=(20.0, 2000.0), name="small"), 0.02)
    return (BottleneckCodec if shape[0] else PictureCodec).of(model)


def decoded_elsewhere(name, files, folder, *, threads):
    """Returns the images that another process, of so many threads, decodes from files.

    Args:
        name: of the published codec.
        files: list of bytes.
        folder: where the process writes the pixels.
        threads: int.
    """
    path = folder / "pixels.npy"
    code = (
        "import sys, numpy as np, tensorflow as tf\n"
        f"tf.config.threading.set_intra_op_parallelism_threads({threads})\n"
        "from kerascomp import zoo\n"
        "files = [bytes.fromhex(file) for file in sys.argv[3:]]\n"
        "np.save(sys.argv[1], zoo.codec(sys.argv[2]).decode(files))\n"
    )
    arguments = [str(path), name, *(file.hex() for file in files)]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)
    return np.load(path)


def run_command(*arguments):
    """Runs the command `kerascomp` in this process; returns its exit code, or its error message."""
    with pytest.raises(SystemExit) as stop:
        app.app(arguments)
    return stop.value.code


# Symbols for entropy coders

JUNK = b"\x00\xff\x5a\x00" * 20  # what may stand behind a stream


def entropy_bits(symbols):
    """Returns the empirical entropy of a message in bits, all symbols together."""
    _, counts = np.unique(symbols, return_counts=True)
    return float(-(counts * np.log2(counts / counts.sum())).sum())


def drawn(probabilities, number, seed=0):
    weights = np.asarray(probabilities, float)
    return np.random.default_rng(seed).choice(len(weights), number, p=weights / weights.sum())
