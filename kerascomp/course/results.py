"""Stored rate points: every codec of the course on the whole test sets, measured once.

    results.load("mnist")                                  {label: [RatePoint, …]}
    python -m kerascomp.results measure mnist JPEG         measure one family again
    python -m kerascomp.results measure                    measure what is not stored yet

A plot of many codecs then takes a second. A test of this project measures a part again, and
compares.
"""

import argparse
import dataclasses
import functools
import hashlib
import json
import sys
from collections.abc import Callable, Sequence

import numpy as np
from tqdm.auto import tqdm

from kerascomp import codecs, datasets, files, pca
from kerascomp.codecs import RatePoint, classical, transform
from kerascomp.codecs.rows import RowCodec

FOLDER = files.PACKAGE / "course" / "points"
DATASETS = ("mnist", "cifar10")
NUM_TEST_IMAGES = 10_000
NUM_CHECKED = 100  # the first test images, measured again by a test of this project
TRANSFORM_STEPS = (3.0, 1.8, 1.2, 0.8, 0.55, 0.38, 0.25, 0.15, 0.1)
LATENT_STEPS = (3.0, 2.0, 1.4, 1.0, 0.7, 0.5, 0.35, 0.25, 0.12)
BOTTLENECKS = {  # labels, names in the zoo, and levels of the quality
    "mnist": {
        "bottleneck": ("mnist-bottleneck", range(0, 65, 8)),
        "dense, bottleneck": ("mnist-dense-bottleneck", range(0, 65, 8)),
        "CNN, bottleneck": ("mnist-cnn-bottleneck", range(0, 49, 8)),
    },
    "cifar10": {
        "bottleneck": ("cifar10-bottleneck", range(0, 65, 16)),
        "U-Net, bottleneck": ("cifar10-unet-bottleneck", range(0, 65, 16)),
    },
}
RECURRENT = {"mnist": "mnist-recurrent", "cifar10": "cifar10-recurrent"}
ITERATIONS = (1, 2, 3, 4, 6, 8, 12, 16)
TARGETS_DB = {"mnist": range(18, 31, 4), "cifar10": range(20, 25, 2)}
NETWORKS = {  # labels and names in the zoo
    "mnist": {
        "dense": "mnist-dense-noise",
        "dense, rounded afterwards": "mnist-dense",
        "CNN": "mnist-cnn-noise",
        "CNN, rounded afterwards": "mnist-cnn",
    },
    "cifar10": {
        "U-Net": "cifar10-unet-noise",
        "U-Net, rounded afterwards": "cifar10-unet",
    },
}


def load(name):
    """Returns the stored points of a data set, {label: [RatePoint, …]} from low to high rate.

    A label is a codec's name, with ", header-free", ", mosaic" or ", one stream" where not every
    byte of a file of one image counts; see `RatePoint.rate_kind`.

    Args:
        name: "mnist" or "cifar10".

    Raises:
        ValueError: there is no such data set.
    """
    stored = _read(name)["families"]
    return {
        label: [RatePoint(**point) for point in family["points"]]
        for label, family in stored.items()
    }


@dataclasses.dataclass(frozen=True)
class Family:
    """Codecs that differ in one setting.

    Attributes:
        build: function of a setting that returns the codec.
        settings: from low to high rate.
        has_headers: whether files spend bytes that say nothing about an image.
    """

    build: Callable
    settings: Sequence
    has_headers: bool = False

    def codecs(self):
        """Returns all codecs of the family."""
        return [
            self.build(setting) for setting in tqdm(self.settings, desc="building", leave=False)
        ]


def families(name):
    """Returns {label: `Family`} of a data set; nothing is learned before a codec is built."""
    networks = NETWORKS[_known(name)]
    formats = classical.lossy_families() | {codec.name: [codec] for codec in classical.lossless()}
    found = {}
    for label, members in formats.items():
        found[label] = Family(lambda codec: codec, members, has_headers=True)
        found[f"{label}, mosaic"] = Family(classical.Mosaic, members)
    for label in ("KLT", "DCT", "wavelet"):
        build = functools.partial(_transform_code, name, label)
        found[label] = Family(build, TRANSFORM_STEPS)
    for label, network in networks.items():
        build = functools.partial(_latent_codec, name, label, network)
        found[label] = Family(build, LATENT_STEPS)
    for label, (network, levels) in BOTTLENECKS[name].items():
        build = functools.partial(_bottleneck_codec, network, label, joint=False)
        found[label] = Family(build, levels)
    build = functools.partial(_recurrent_codec, name, "recurrent", "num_iterations")
    found["recurrent"] = Family(build, ITERATIONS)
    label = "recurrent, dynamic"  # as many iterations as an image needs
    build = functools.partial(_recurrent_codec, name, label, "target_psnr")
    found[label] = Family(build, TARGETS_DB[name])
    if name == "mnist":  # where the last byte of a file counts
        label, (network, levels) = "bottleneck, one stream", BOTTLENECKS[name]["bottleneck"]
        build = functools.partial(_bottleneck_codec, network, label, joint=True)
        found[label] = Family(build, levels)
    return found


def measure(name, label):
    """Measures one family on the whole test set, and stores its points.

    Returns:
        The points, those without headers behind them if it is a format's.

    Raises:
        ValueError: no such data set or family, or the data set is a stand-in.
    """
    known = families(name)
    if label not in known:
        raise ValueError(f"no family is called {label!r}; there are {', '.join(known)}")
    dataset = _dataset(name)
    if dataset.is_stand_in:
        raise ValueError(f"results of {name} need {name}, which could not be found")
    family = known[label].codecs()
    images = dataset.test.images
    points = codecs.sweep(family, images)
    checked = len(family) // 2
    record = _read(name)
    provenance = {"versions": files.versions(), "test_images_sha256": digest(images)}
    record["families"][label] = {
        **provenance,
        "points": [_plain(point) for point in points],
        "check": {
            "index": checked,
            "point": _plain(measure_again(family[checked], images)),
        },
    }
    if known[label].has_headers:
        blank = [classical.blank_bytes(codec, dataset.image_shape) for codec in family]
        free = [codecs.header_free(*pair) for pair in zip(points, blank, strict=True)]
        plain = [_plain(point) for point in free]
        record["families"][f"{label}, header-free"] = {**provenance, "points": plain}
        points += free
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    files.write_atomically(FOLDER / f"{name}.json", text.encode())
    return points


def measure_again(codec, images):
    """Returns the `RatePoint` of the first test images, which is stored and tested.

    Rows of integers are joined in one stream: the last digit of a learned histogram, which another
    processor's floats may change, moves the ends of many files by a byte, up or down, but the end
    of one stream by one byte at most.
    """
    if isinstance(codec, RowCodec):
        codec = codec.joined(NUM_CHECKED)
    return codecs.measure(codec, images[:NUM_CHECKED])


def stored_check(name, label):
    """Returns what a test measures again, as it was stored.

    Returns:
        (codec's place in its family, `RatePoint` of the first test images, SHA-256 of all).
    """
    family = _read(name)["families"][label]
    check = family["check"]
    return check["index"], RatePoint(**check["point"]), family["test_images_sha256"]


def digest(images):
    """Returns the SHA-256 of images as a hex string."""
    return hashlib.sha256(np.ascontiguousarray(images)).hexdigest()


def _transform_code(name, label, step):
    images = _dataset(name).train.images
    if label == "KLT":
        return transform.KLT(_principal(name), images, step, rounding=0.4)
    return {"DCT": transform.DCT, "wavelet": transform.Wavelet}[label](images, step, rounding=0.4)


@functools.cache
def _principal(name):
    images = _dataset(name).train.images
    return pca.fit(images, images[0].size)


def _latent_codec(name, label, network, step):
    from kerascomp import zoo

    return codecs.LatentCodec.fit(
        zoo.network(network), _dataset(name).train.images, step, name=label
    )


def _bottleneck_codec(network, label, level, *, joint):
    codec = _loaded(network).at_level(level)
    codec.name = label
    return codec.joined(NUM_TEST_IMAGES) if joint else codec


def _recurrent_codec(name, label, option, setting):
    codec = _loaded(RECURRENT[name]).at(**{option: setting})
    codec.name = label
    return codec


@functools.cache
def _loaded(network):
    from kerascomp import zoo

    return zoo.codec(network)


@functools.cache
def _dataset(name):
    return datasets.BY_NAME[_known(name)]()


def _known(name):
    if name not in DATASETS:
        raise ValueError(f"no results for {name!r}; there are {', '.join(DATASETS)}")
    return name


def _read(name):
    path = FOLDER / f"{_known(name)}.json"
    if not path.exists():
        return {"families": {}}
    return json.loads(path.read_text(encoding="utf-8"))


def _plain(point):
    """Returns a point as a dict of numbers with six digits."""
    return {
        key: float(f"{value:.6g}") if isinstance(value, float) else value
        for key, value in dataclasses.asdict(point).items()
    }


def main():
    """Runs `python -m kerascomp.results measure [DATASET [LABEL ...]]`."""
    parser = argparse.ArgumentParser(prog="python -m kerascomp.results")
    parser.add_argument("command", choices=["measure"])
    parser.add_argument("dataset", nargs="?", choices=DATASETS, help="both when not given")
    parser.add_argument("labels", nargs="*", help="families; what is not stored when not given")
    options = parser.parse_args()
    try:
        for name in [options.dataset] if options.dataset else DATASETS:
            stored = load(name)
            for label in options.labels or [each for each in families(name) if each not in stored]:
                print(f"{name}: {label}", flush=True)
                measure(name, label)
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nstopped; every finished family is stored, the same command continues")


if __name__ == "__main__":
    main()
