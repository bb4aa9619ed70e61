"""The rate–distortion models of the course."""

from kerascomp.codecs.bottleneck import transforms
from kerascomp.codecs.bottleneck.model import RateDistortion
from kerascomp.codecs.bottleneck.plan import Plan
from kerascomp.codecs.bottleneck.prior import Prior


def digits(lmbdas=(2.5, 1500.0)):
    """Returns the network of `mnist-bottleneck`: 160 latents, decoded in nine groups."""
    analysis, synthesis = transforms.digits()
    plan = Plan(analysis.output_shape[1:], [8, 8, 8, 8, 16, 16, 32, 32, 32])
    prior = Prior(plan, hidden=96, num_components=3)
    return RateDistortion(analysis, synthesis, prior, lmbdas=lmbdas, name="mnist-bottleneck")


def photographs(lmbdas=(40.0, 1000.0)):
    """Returns the network of `cifar10-bottleneck`: 4×4×96 latents, decoded in nine groups."""
    analysis, synthesis = transforms.photographs()
    plan = Plan(analysis.output_shape[1:], [4, 4, 8, 16, 32, 32], checkerboard=3, window=3)
    prior = Prior(plan, hidden=64)
    return RateDistortion(analysis, synthesis, prior, lmbdas=lmbdas, name="cifar10-bottleneck")


def of_autoencoder(autoencoder, lmbdas=(3.0, 1000.0)):
    """Returns an autoencoder with a factorized prior at its code, tables for each latent."""
    analysis, synthesis = transforms.of_autoencoder(autoencoder)
    prior = Prior(Plan(analysis.output_shape[1:]), num_components=3)
    name = f"{autoencoder.name}-bottleneck"
    return RateDistortion(analysis, synthesis, prior, lmbdas=lmbdas, name=name)
