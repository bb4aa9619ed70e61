"""Whether a factorized network gains from a learning rate of its own for the prior."""

import dataclasses
from collections.abc import Sequence

import tensorflow as tf
from tqdm.auto import tqdm

from kerascomp import datasets
from kerascomp.codecs.factorized import Factorized
from kerascomp.course.experiments import trials
from kerascomp.networks.base import Autoencoder
from kerascomp.zoo import recipes

NAME = "mnist-dense-factorized-40"


class OwnRate(Factorized):
    """A factorized network whose prior has the learning rate times a factor.

    Args:
        autoencoder, lmbda: as for `Factorized`.
        factor: of the prior's learning rate.
    """

    def __init__(self, autoencoder: Autoencoder, lmbda: int, factor: float):
        super().__init__(autoencoder, lmbda)
        self.factor = factor

    def train_step(self, data) -> dict[str, tf.Tensor]:
        """Multiplies the update of the prior, which in Adam is proportional to its rate."""
        before = [tf.identity(variable) for variable in self.prior.trainable_variables]
        logs = super().train_step(data)
        for variable, old in zip(self.prior.trainable_variables, before, strict=True):
            variable.assign(old + self.factor * (variable - old))
        return logs


def run(
    *,
    factors: Sequence[float] = (1, 3, 10),
    seeds: Sequence[int] = range(3),
    epochs: int | None = None,
) -> dict:
    """Returns {"losses": {factor: validation losses, one a seed}, …}.

    Args:
        factors: of the prior's learning rate.
        seeds: of the trainings.
        epochs: those of the published network when not given.
    """
    mnist, entry = datasets.mnist(), recipes.entry(NAME)
    recipe = dataclasses.replace(entry.recipe, epochs=epochs or entry.recipe.epochs)
    losses = {str(factor): [] for factor in factors}
    for seed in tqdm(seeds, desc="seeds"):
        for factor in factors:

            def build(factor=factor):
                return OwnRate(entry.build(), entry.lmbda, factor)

            seeded = dataclasses.replace(recipe, seed=seed)
            _, history = trials.fit(f"prior_rate-{factor}-{seed}", build, mnist, seeded)
            losses[str(factor)].append(history["val_loss"][-1])
    return {"name": NAME, "epochs": recipe.epochs, "losses": losses}
