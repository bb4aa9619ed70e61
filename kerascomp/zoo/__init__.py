"""Published networks by name, loaded in a second.

    zoo.load("cifar10-unet")                      the network, verified
    zoo.load("mnist-bottleneck")                  an entropy bottleneck: a codec with `at(quality=)`
    zoo.load("mnist-recurrent")                   a recurrent codec, with `at(num_iterations=)`
    zoo.codec("cifar10-unet-noise")               a rounded one with its coder, a `Codec`
    zoo.card("cifar10-unet")                      what it is and how well it does

Weights are stored as integers of 8 or 10 bits (`packing`), which changes no reconstruction visibly;
the cards' numbers are measured after that rounding. `publishing` makes both.
"""

import json

from kerascomp import files
from kerascomp.codecs.bottleneck.codec import BottleneckCodec
from kerascomp.codecs.bottleneck.integers import NUM_LEVELS
from kerascomp.codecs.latent import LatentCodec
from kerascomp.codecs.recurrent.codec import RecurrentCodec
from kerascomp.networks import training
from kerascomp.zoo import packing
from kerascomp.zoo.recipes import ENTRIES, QUANTIZED_STEP

FOLDER = files.PACKAGE / "zoo" / "weights"
WITH_RATES = {"bottleneck": BottleneckCodec, "recurrent": RecurrentCodec}  # by kind of network
TABLES = "tables/"  # what the names of a coder's arrays begin with


def names():
    """Returns the names of all published networks."""
    return tuple(ENTRIES)


def load(name):
    """Returns the published network `name`, ready to use.

    A network with an entropy bottleneck is a codec for every rate, a
    `codecs.bottleneck.codec.BottleneckCodec` at its middle quality, and so is a recurrent one, a
    `codecs.recurrent.codec.RecurrentCodec`; the others are `autoencoders.Autoencoder`.

    Raises:
        ValueError: there is no such network.
        ArrayFileError: its weights are missing or were changed.
    """
    if entry(name).has_rates:
        return codec(name)
    model = entry(name).build()
    assign(model, _stored(name))
    return model


def codec(name):
    """Returns the published network `name` with its coder, a `Codec`.

    Args:
        name: of a network; behind an entropy bottleneck's, ":" and a level from 0 to 64 choose
            the quality, as in "mnist-bottleneck:20".

    Raises:
        ValueError: there is no such network, or it has no quantizer (`LatentCodec.fit` gives it
            one).
        ArrayFileError: its weights are missing or were changed.
    """
    network, level = split_name(name)
    kind = entry(network).kind
    if name not in codec_names():
        if kind == "autoencoder":
            raise ValueError(
                f"{name} was trained without a quantizer and has no coder; LatentCodec.fit("
                f'zoo.load("{name}"), training_images, step) learns one'
            )
        raise ValueError(f"{network} has no quality {level}")
    model, stored = ENTRIES[network].build(), _stored(network)
    assign(model, stored)
    tables = {
        key.removeprefix(TABLES): array for key, array in stored.items() if key.startswith(TABLES)
    }
    if kind == "quantized":
        return LatentCodec.from_tables(model, tables, QUANTIZED_STEP, name=name)
    if kind == "recurrent":
        return RecurrentCodec.of(model)
    found = BottleneckCodec.from_tables(model, tables)
    return found if level is None else found.at_level(level)


def split_name(name):
    """Returns (network, level) of a codec's name, level None if it says none.

    Raises:
        ValueError: what stands behind ":" is no number.
    """
    network, colon, level = name.partition(":")
    if colon and not level.isdecimal():
        raise ValueError(f"expected a level behind {network}:, received {level!r}")
    return network, int(level) if colon else None


def codec_names():
    """Returns the names that `codec` knows, a tuple."""
    found = []
    for name in names():
        if ENTRIES[name].kind != "autoencoder":
            found.append(name)
        if ENTRIES[name].kind == "bottleneck":
            found += [f"{name}:{level}" for level in range(NUM_LEVELS)]
    return tuple(found)


def version(name):
    """Returns the version of the weights behind a codec's name: it changes with every training."""
    network, _ = split_name(name)
    return card(network)["sha256"]


def card(name):
    """Returns the card of the network `name`: what it is, how it was trained, how well it does.

    Raises:
        ValueError: there is no such network, or it was not trained yet.
    """
    entry(name)
    file = path(name, "json")
    if not file.exists():
        raise ValueError(f"{name} was not trained yet; train it: make train MODEL={name}")
    return json.loads(file.read_text(encoding="utf-8"))


def entry(name):
    """Returns how the network `name` comes to be, a `networks.Entry`.

    Raises:
        ValueError: there is no such network.
    """
    if name not in ENTRIES:
        raise ValueError(f"no network is called {name!r}; there are {', '.join(ENTRIES)}")
    return ENTRIES[name]


def assign(model, stored):
    """Sets a network's weights from the arrays of its file."""
    weights = {name: array for name, array in stored.items() if not name.startswith(TABLES)}
    training.assign(model, packing.unpack(weights))


def path(name, suffix):
    """Returns where the network `name` has its weights ("npz") or its card ("json")."""
    return FOLDER / f"{name}.{suffix}"


def _stored(name):
    """Returns the arrays of a network's file, verified."""
    advice = f"get the file again, or train it: make train MODEL={name}"
    return files.load_arrays(path(name, "npz"), sha256=card(name)["sha256"], advice=advice)
