"""What an entry of the zoo is; `recipes` has them all."""

import dataclasses
from collections.abc import Callable

import keras

from kerascomp.networks.training import Recipe


@dataclasses.dataclass(frozen=True)
class Entry:
    """How one network of the zoo comes to be.

    Attributes:
        summary: one line.
        build: returns the network.
        dataset: name of a loader in `datasets`.
        recipe: how it is trained.
        start: name of the published autoencoder whose weights the training begins with.
        kind: "autoencoder"; "quantized", one with a quantizer; "factorized", one trained with an
            entropy bottleneck; "bottleneck", a rate–distortion model; "pictures", one for any size;
            "recurrent"; or "lossless".
        lmbda: of a factorized one.
        weight_bits: of a published weight, see `packing`: 8, or 10 where 8 would add more than 2 %
            to the error, and where others start from these weights; 5 if it was trained for that.
        precision: what it computes in while it is trained; it is used in float32.
        note: what the card has to add.
    """

    summary: str
    build: Callable[[], keras.Model]
    dataset: str
    recipe: Recipe
    start: str | None = None
    kind: str = "autoencoder"
    lmbda: int = 0
    weight_bits: int = 8
    precision: str = "float32"
    note: str = ""

    @property
    def has_rates(self) -> bool:
        """Whether the network was trained for every rate, so that its codec has `at`."""
        return self.kind in ("bottleneck", "pictures", "recurrent")

    @property
    def has_efforts(self) -> bool:
        """Whether the network's codec may search for better files, so that it has `with_effort`."""
        return self.kind in ("bottleneck", "pictures")
