"""How a network is trained, and how fast it learns on the way."""

from dataclasses import dataclass

import keras

from kerascomp.networks.optimizer import Restarted

WARM_UP_STEPS = 300
CROPS = 32  # of each large image in an epoch


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: Adam with a short warm-up, then a cosine down to zero.

    Attributes:
        epochs: passes over the training set, those with rounded weights included.
        batch_size: images in one step.
        learning_rate: the highest one.
        weight_decay: of AdamW; 0 is plain Adam.
        loss: a Keras loss; "mse" is the report's.
        augmented: share of the images of a batch that are deformed a little.
        flipped: whether every other image, drawn at random, is flipped left to right.
        crop: side of the squares cut out of large images, `CROPS` of each in an epoch; 0 for whole
            images.
        rounded_epochs: the last ones, in which a `RateDistortionModel` gets used to weights of few
            bits; the rate begins again at a fifteenth.
        rounded_bits: of these weights.
        seed: of the weights, of the order of the images and of dropout.
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.0
    loss: str = "mse"
    seed: int = 0
    augmented: float = 0.0
    flipped: bool = False
    crop: int = 0
    rounded_epochs: int = 0
    rounded_bits: int = 8

    @property
    def num_repeats(self) -> int:
        """How many times an epoch takes each image."""
        return CROPS if self.crop else 1


def num_steps(recipe: Recipe, num_images: int) -> int:
    """Returns the training steps of one epoch; the last one may have fewer images."""
    return -(-recipe.num_repeats * num_images // recipe.batch_size)


def learning_rate(
    recipe: Recipe, num_images: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Returns the schedule: up to the recipe's rate, then down a cosine to zero."""
    num_rounded = recipe.rounded_epochs * num_steps(recipe, num_images)
    total_steps = recipe.epochs * num_steps(recipe, num_images) - num_rounded
    warm_up_steps = min(WARM_UP_STEPS, total_steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        total_steps - warm_up_steps,
        warmup_target=recipe.learning_rate,
        warmup_steps=warm_up_steps,
    )
    if not num_rounded:
        return rate
    again = keras.optimizers.schedules.CosineDecay(recipe.learning_rate / 15, num_rounded)
    return Restarted(rate, again, total_steps)
