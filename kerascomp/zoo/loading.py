"""Networks and codecs from the files of the zoo, verified."""

import numpy as np

from kerascomp import files
from kerascomp.codecs import (
    BottleneckCodec,
    Codec,
    FactorizedCodec,
    LatentCodec,
    LosslessCodec,
    PictureCodec,
    RecurrentCodec,
)
from kerascomp.networks import training
from kerascomp.zoo import cards, packing
from kerascomp.zoo.recipes import entry

CODECS = {
    "quantized": LatentCodec,
    "factorized": FactorizedCodec,
    "bottleneck": BottleneckCodec,
    "pictures": PictureCodec,
    "recurrent": RecurrentCodec,
    "lossless": LosslessCodec,
}
TABLES = "tables/"  # what the names of a coder's arrays begin with


def network(name: str):
    """Returns the published network `name`; see `zoo.network`."""
    return _loaded(name)[0]


def codec(name: str) -> Codec:
    """Returns the published network `name` with its coder; see `zoo.codec`."""
    kind = entry(name).kind
    if kind not in CODECS:
        raise ValueError(
            f"{name} was trained without a quantizer and has no coder; codecs.LatentCodec.fit("
            f'zoo.network("{name}"), training_images, step) learns one'
        )
    model, tables = _loaded(name)
    return CODECS[kind].from_tables(model, tables, name=name)


def assign(model, stored: dict[str, np.ndarray]) -> None:
    """Sets a network's weights from the arrays of its file."""
    weights = {name: array for name, array in stored.items() if not name.startswith(TABLES)}
    training.assign(model, packing.unpack(weights))


def _loaded(name):
    """Returns (network, its coder's tables)."""
    build = entry(name).build
    if name not in cards.names():
        raise ValueError(f"{name} was not trained yet; train it: make train MODEL={name}")
    model, sha256 = build(), cards.card(name)["sha256"]
    advice = f"get the file again, or train it: make train MODEL={name}"
    stored = files.load_arrays(cards.path(name, "npz"), sha256=sha256, advice=advice)
    assign(model, stored)
    tables = {key for key in stored if key.startswith(TABLES)}
    return model, {key.removeprefix(TABLES): stored[key] for key in tables}
