"""The codecs of the course in families; nothing is learned before a codec is built."""

import dataclasses
import functools
from collections.abc import Callable, Sequence

from tqdm.auto import tqdm

from kerascomp import codecs, datasets, pca, zoo
from kerascomp.codecs import Codec, classical, transform

DATASETS = tuple(datasets.BY_NAME)
NUM_TEST_IMAGES = 10_000
TRANSFORM_STEPS = (3.0, 1.8, 1.2, 0.8, 0.55, 0.38, 0.25, 0.15, 0.1)
LATENT_STEPS = (3.0, 2.0, 1.4, 1.0, 0.7, 0.5, 0.35, 0.25, 0.12)
BOTTLENECKS = {  # labels, names in the zoo, and levels of the quality
    "mnist": {
        "bottleneck": ("mnist-bottleneck", range(0, 65, 4)),
        "dense, bottleneck": ("mnist-dense-bottleneck", range(0, 65, 8)),
        "CNN, bottleneck": ("mnist-cnn-bottleneck", range(0, 49, 8)),
    },
    "cifar10": {
        "bottleneck": ("cifar10-bottleneck", range(0, 65, 16)),
        "U-Net, bottleneck": ("cifar10-unet-bottleneck", range(0, 65, 16)),
    },
}
REFINED_LEVELS = range(8, 39, 6)  # a base is refined, and level 38 is its last
RECURRENT = {"mnist": "mnist-recurrent", "cifar10": "cifar10-recurrent"}
ITERATIONS = (1, 2, 3, 4, 6, 8, 12, 16)
TARGETS_DB = {"mnist": range(18, 31, 4), "cifar10": range(20, 25, 2)}
FACTORIZED = {  # labels, and names in the zoo without their lambda
    "mnist": {
        "dense, factorized": "mnist-dense",
        "CNN, factorized": "mnist-cnn",
    },
    "cifar10": {
        "U-Net, factorized": "cifar10-unet",
    },
}
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


@dataclasses.dataclass(frozen=True)
class Family:
    """Codecs that differ in one setting.

    Attributes:
        build: function of a setting that returns the codec.
        settings: from low to high rate.
        has_headers: whether files spend bytes that say nothing about an image.
    """

    build: Callable[..., Codec]
    settings: Sequence
    has_headers: bool = False

    def codecs(self) -> list[Codec]:
        """Returns all codecs of the family."""
        return [
            self.build(setting) for setting in tqdm(self.settings, desc="building", leave=False)
        ]


def families(name: str) -> dict[str, Family]:
    """Returns {label: `Family`} of a data set; nothing is learned before a codec is built."""
    if known(name) == "photographs":
        return _of_photographs()
    networks = NETWORKS[name]
    formats = classical.lossy_families() | {codec.name: [codec] for codec in classical.lossless()}
    by_label = {}
    for label, members in formats.items():
        by_label[label] = Family(lambda codec: codec, members, has_headers=True)
        by_label[f"{label}, mosaic"] = Family(classical.Mosaic, members)
    for label in ("KLT", "DCT", "wavelet"):
        build = functools.partial(_transform_code, name, label)
        by_label[label] = Family(build, TRANSFORM_STEPS)
    for label, network in networks.items():
        build = functools.partial(_latent_codec, name, label, network)
        by_label[label] = Family(build, LATENT_STEPS)
    for label, (network, levels) in BOTTLENECKS[name].items():
        build = functools.partial(_bottleneck_codec, network, label, joint=False)
        by_label[label] = Family(build, levels)
    for label, network in FACTORIZED[name].items():
        build = functools.partial(_factorized_codec, network, label)
        by_label[label] = Family(build, _lmbdas(network))
    build = functools.partial(_recurrent_codec, name, "recurrent", "num_iterations")
    by_label["recurrent"] = Family(build, ITERATIONS)
    label = "recurrent, dynamic"  # as many iterations as an image needs
    build = functools.partial(_recurrent_codec, name, label, "target_psnr")
    by_label[label] = Family(build, TARGETS_DB[name])
    if name == "mnist":  # where the last byte of a file counts
        label, (network, levels) = "bottleneck, one stream", BOTTLENECKS[name]["bottleneck"]
        build = functools.partial(_bottleneck_codec, network, label, joint=True)
        by_label[label] = Family(build, levels)
        build = functools.partial(_refined_codec, network)
        by_label["bottleneck, refined"] = Family(build, REFINED_LEVELS)
        for label, joint in (("context model", False), ("context model, one stream", True)):
            build = functools.partial(_lossless_codec, "mnist-lossless", label)
            by_label[label] = Family(build, [joint])
    return by_label


def _of_photographs():
    """Returns the families of photographs; headers do not matter there, nor do mosaics."""
    by_label = {
        label: Family(lambda codec: codec, members)
        for label, members in classical.lossy_families().items()
    }
    build = functools.partial(_bottleneck_codec, "photo-bottleneck", "bottleneck", joint=False)
    return by_label | {"bottleneck": Family(build, range(0, 65, 8))}


def _transform_code(name, label, step):
    images = dataset(name).train.images
    if label == "KLT":
        return transform.KLT(_principal(name), images, step, rounding=0.4)
    return {"DCT": transform.DCT, "wavelet": transform.Wavelet}[label](images, step, rounding=0.4)


@functools.cache
def _principal(name):
    images = dataset(name).train.images
    return pca.fit(images, images[0].size)


def _latent_codec(name, label, network, step):
    return codecs.LatentCodec.fit(
        zoo.network(network), dataset(name).train.images, step, name=label
    )


def _bottleneck_codec(network, label, level, *, joint):
    return _named(_loaded(network).at_level(level), label, joint)


def _lossless_codec(network, label, joint):
    return _named(zoo.codec(network), label, joint)


def _named(codec, label, joint):
    codec.name = label
    return codec.joined(NUM_TEST_IMAGES) if joint else codec


def _refined_codec(network, level):
    codec = _loaded(network)
    return codecs.RefinedCodec(codec.model, codec.context, level, name="bottleneck, refined")


def _lmbdas(network):
    """Returns the lambdas that a network was published with, ascending."""
    start = f"{network}-factorized-"
    return sorted(int(name.removeprefix(start)) for name in zoo.names() if name.startswith(start))


def _factorized_codec(network, label, lmbda):
    codec = zoo.codec(f"{network}-factorized-{lmbda}")
    codec.name = label
    return codec


def _recurrent_codec(name, label, option, setting):
    codec = _loaded(RECURRENT[name]).at(**{option: setting})
    codec.name = label
    return codec


@functools.cache
def _loaded(network):
    return zoo.codec(network)


@functools.cache
def dataset(name: str) -> datasets.Dataset:
    """Returns the data set "mnist", "cifar10" or "photographs", read once."""
    return datasets.BY_NAME[known(name)]()


def known(name: str) -> str:
    """Returns the name of a data set if there are results of it.

    Raises:
        ValueError: it is not.
    """
    if name not in DATASETS:
        raise ValueError(f"no results for {name!r}; there are {', '.join(DATASETS)}")
    return name
