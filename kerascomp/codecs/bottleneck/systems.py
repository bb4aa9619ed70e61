"""The rate–distortion models of the course."""

from kerascomp.codecs.bottleneck import transforms
from kerascomp.codecs.bottleneck.model import RateDistortion
from kerascomp.codecs.bottleneck.prior import Prior
from kerascomp.codecs.context.plan import Plan
from kerascomp.networks.base import Autoencoder


def digits(lmbdas: tuple[float, float] = (2.5, 1500.0)) -> RateDistortion:
    """Returns the network of `mnist-bottleneck`: 160 latents, decoded in nine groups."""
    prior = Prior(Plan([8, 8, 8, 8, 16, 16, 32, 32, 32]), hidden=96, num_components=3)
    return RateDistortion(transforms.digits(), prior, lmbdas=lmbdas, name="mnist-bottleneck")


def photographs(lmbdas: tuple[float, float] = (40.0, 1000.0)) -> RateDistortion:
    """Returns the network of `cifar10-bottleneck`: 4×4×96 latents, decoded in nine groups."""
    prior = Prior(Plan([4, 4, 8, 16, 32, 32], checkerboard=3, window=3))
    return RateDistortion(transforms.photographs(), prior, lmbdas=lmbdas, name="cifar10-bottleneck")


def of_autoencoder(autoencoder: Autoencoder, lmbdas=(3.0, 1000.0)) -> RateDistortion:
    """Returns an autoencoder with a factorized prior at its code, tables for each latent."""
    prior = Prior(Plan([autoencoder.num_latents]), num_components=3)
    name = f"{autoencoder.name}-bottleneck"
    return RateDistortion(transforms.of_autoencoder(autoencoder), prior, lmbdas=lmbdas, name=name)
