"""Published networks by name, loaded in a second and verified.

    zoo.network("cifar10-unet")        a Keras model
    zoo.codec("mnist-bottleneck")      a `Codec`: the network with its coder, at its middle quality
    zoo.card("cifar10-unet")           what it is and how well it does

Weights are stored as integers of 5, 8 or 10 bits (`packing`), which changes no reconstruction
visibly; the cards' numbers are measured after that rounding. `recipes` says how each network comes
to be, `publishing` trains and measures it. TensorFlow is imported by the first network that is
loaded.
"""

from typing import TYPE_CHECKING

from kerascomp.zoo.cards import UnknownModel, card, has_codec, names, path, version

if TYPE_CHECKING:
    from kerascomp.codecs import Codec

__all__ = ["UnknownModel", "card", "codec", "has_codec", "names", "network", "path", "version"]


def network(name: str):
    """Returns the published network `name`, a Keras model with its trained weights.

    Raises:
        ValueError: there is no such network.
        ArrayFileError: its weights are missing or were changed.
    """
    from kerascomp.zoo import loading

    return loading.network(name)


def codec(name: str) -> "Codec":
    """Returns the published network `name` with its coder, a `Codec`.

    One with several rates is at its middle quality, or has all iterations: `codec.at(quality=0.3)`,
    `codec.at(num_iterations=4)` choose another rate.

    Raises:
        ValueError: there is no such network, or it has no coder (`codecs.LatentCodec.fit` learns
            one for a network without a quantizer).
        ArrayFileError: its weights are missing or were changed.
    """
    from kerascomp.zoo import loading

    return loading.codec(name)
