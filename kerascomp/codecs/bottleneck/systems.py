"""The rate–distortion models of the course."""

import math

import keras

from kerascomp.codecs.bottleneck import transforms
from kerascomp.codecs.bottleneck.layered import Layered
from kerascomp.codecs.bottleneck.model import RateDistortion
from kerascomp.codecs.bottleneck.prior import LayeredPrior, Prior
from kerascomp.codecs.context.plan import Plan, interleaved
from kerascomp.networks.base import Autoencoder

BASE = [2] * 6 + [4] * 3 + [8] * 3 + [16] * 3
LAST_BASE_LEVEL = 38
LMBDAS = (0.5, 80.0), (20.0, 5000.0)  # of base and details
DETAILS = [1, 1, 2, 4, 4, 4]  # of the pixels of a block
SIDE = 4  # of a block


def digits(*, only_level: int | None = None) -> Layered:
    """Returns the network of `mnist-bottleneck`: a base of 96 latents, then 784 details.

    Details come from coarse to fine: of every block of 4×4 pixels the first one, then that in the
    middle of four of these, and so on, until the last ones have four known neighbors.

    Args:
        only_level: to be trained for this level alone, see `Layered.restrict`.
    """
    shape, num_base, black = (28, 28, 1), sum(BASE), keras.initializers.Constant(-2.0)
    num_pixels = math.prod(shape)
    encoder = transforms.residual_dense(num_pixels, num_base, name="encoder")
    to_gray = {"activation": "sigmoid", "bias_initializer": black}
    decoder = transforms.residual_dense(num_base, num_pixels, name="decoder", **to_gray)
    sizes = {"hidden": 512, "last_base_level": LAST_BASE_LEVEL, "fewest": 8}
    plan, places = Plan(DETAILS, window=3), (shape[0] // SIDE, shape[1] // SIDE)
    prior = LayeredPrior(BASE, plan, places, **sizes)
    networks, order, name = (encoder, decoder), interleaved(shape, SIDE), "mnist-bottleneck"
    model = Layered(networks, prior, order, lmbdas=LMBDAS, image_shape=shape, name=name)
    if only_level is not None:
        model.restrict(only_level)
    return model


def thumbnails() -> RateDistortion:
    """Returns the network of `cifar10-bottleneck`: 4×4×96 latents, decoded in nine groups."""
    prior, name = Prior(Plan([4, 4, 8, 16, 32, 32], checkerboard=3, window=3)), "cifar10-bottleneck"
    networks = transforms.photographs(96, (64, 128), (3, 3), (32, 32, 3), activation="relu")
    return RateDistortion(networks, prior, lmbdas=(40.0, 1000.0), name=name)


def photographs(shape=(None, None, 3)) -> RateDistortion:
    """Returns the network of `photo-bottleneck`: 320 latents for each block of 16×16 pixels.

    Args:
        shape: (H, W, C), sides that are multiples of 16; None for any.
    """
    plan = Plan([4, 4, 8, 16, 32, 64, 96, 96], checkerboard=4, window=3)
    networks = transforms.photographs(320, (64, 128, 192), (2, 2, 3), shape)
    prior, name = Prior(plan, hidden=128), "photo-bottleneck"
    return RateDistortion(networks, prior, lmbdas=(60.0, 6000.0), name=name)


def of_autoencoder(autoencoder: Autoencoder, lmbdas=(3.0, 1000.0)) -> RateDistortion:
    """Returns an autoencoder with a factorized prior at its code, tables for each latent."""
    prior = Prior(Plan([autoencoder.num_latents]), num_components=3)
    name = f"{autoencoder.name}-bottleneck"
    return RateDistortion(transforms.of_autoencoder(autoencoder), prior, lmbdas=lmbdas, name=name)
