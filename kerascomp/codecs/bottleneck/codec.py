"""A rate–distortion model as a codec; one quality after another from the same network.

x -> analysis -> y -> divide by the steps, round -> integers -> prior's coder -> file
file -> prior's coder -> integers -> times the steps -> y_hat -> synthesis -> x_hat
"""

from typing import Self

import numpy as np
import tensorflow as tf

from kerascomp.codecs.base import Codec, check_batch
from kerascomp.codecs.batches import in_batches
from kerascomp.codecs.bottleneck.conditioning import NUM_LEVELS
from kerascomp.codecs.bottleneck.model import EveryRate
from kerascomp.codecs.bottleneck.prior import fixed_steps
from kerascomp.codecs.context.coder import ContextCoder
from kerascomp.codecs.context.integers import IntegerContext
from kerascomp.codecs.context.tables import HIGHEST, LOWEST
from kerascomp.codecs.latent import rounded
from kerascomp.codecs.rows import RowCodec
from kerascomp.datasets import to_float, to_uint8


class BottleneckCodec(RowCodec):
    """One quality of a rate–distortion model as a `Codec`.

    Args:
        model: with all qualities.
        context: the model's prior in integers.
        level: from 0, the smallest files, to 64, the best images.
        name: as written on plots.

    Example:
        codec = zoo.codec("mnist-bottleneck").at(quality=0.3)
        files = codec.encode(digits)
    """

    rate_options = ("quality",)
    coder_class = ContextCoder

    level: int

    def __init__(
        self, model: EveryRate, context: IntegerContext, level: int, *, name=None, image_shape=None
    ):
        if level not in range(NUM_LEVELS):
            raise ValueError(f"expected a level from 0 to {NUM_LEVELS - 1}, received {level!r}")
        self.model, self.context, self.level = model, context, int(level)
        self.name = name or model.name
        self.setting = f"quality {self.quality:.3f}"
        self.image_shape = image_shape or model.image_shape
        self.steps = (context.steps[level] / (1 << context.step_bits)).astype(np.float32)  # exact
        self.num_channels = model.latent_shape[-1]
        coded = model.num_coded(self.level)
        self.coder = self.coder_class(context.first(coded), self.level, (*self.places, coded))

    @property
    def places(self) -> tuple[int, int]:
        """(h, w) of the latents of an image."""
        return self.model.latent_shape[:2]

    @classmethod
    def of(cls, model: EveryRate) -> Self:
        """Returns the codec of a trained model at its middle quality."""
        steps = model.steps(tf.linspace(0.0, 1.0, NUM_LEVELS))
        return cls.from_tables(model, {"steps": fixed_steps(steps)})

    @classmethod
    def from_tables(cls, model, tables: dict[str, np.ndarray], *, name: str | None = None) -> Self:
        """Returns the codec of a model and the arrays of `tables`, at its middle quality."""
        return cls(model, model.prior.to_integers(tables["steps"]), NUM_LEVELS // 2, name=name)

    def tables(self) -> dict[str, np.ndarray]:
        """Returns {name: integer array}, what to store with the weights.

        The prior in integers follows from its weights; the steps come from an exponential, and the
        next computer's may differ.
        """
        return {"steps": self.context.steps.astype(np.int32)}

    @property
    def quality(self) -> float:
        """From 0, the smallest files, to 1, the best images."""
        return self.level / (NUM_LEVELS - 1)

    def at(self, quality: float) -> Self:  # type: ignore[override]
        """Returns the codec of the same network at another quality.

        Args:
            quality: from 0 to 1, rounded to the nearest of 65 levels.

        Raises:
            ValueError: no such quality.
        """
        if not 0 <= quality <= 1:
            raise ValueError(f"expected a quality from 0 to 1, received {quality!r}")
        return self.at_level(round(quality * (NUM_LEVELS - 1)))

    def at_level(self, level: int) -> Self:
        """Returns the codec of the same network at a level from 0 to 64."""
        shape = self.image_shape
        return type(self)(self.model, self.context, level, name=self.name, image_shape=shape)

    def family(self) -> list[Codec]:
        return [self.at_level(level) for level in range(NUM_LEVELS)]

    def to_symbols(self, images: np.ndarray) -> np.ndarray:
        check_batch(images)
        inputs = [to_float(images), *self._quality(len(images))]
        (y,) = in_batches(self.model.analyze, inputs)
        symbols = rounded(y, self.steps)[..., : self.coder.latent_shape[-1]]
        return np.clip(symbols.reshape(len(images), -1), LOWEST, HIGHEST)

    def to_images(self, symbols: np.ndarray) -> np.ndarray:
        coded = symbols.reshape(-1, *self.coder.latent_shape)
        missing = self.num_channels - coded.shape[-1]  # latents that are not coded are zero
        y_hat = np.pad(coded, [(0, 0)] * 3 + [(0, missing)]) * self.steps
        quality, _ = self._quality(len(symbols))
        return to_uint8(in_batches(self.model.synthesize, [y_hat.astype(np.float32), quality])[0])

    def _quality(self, number):
        """Returns the quality and the steps of each of so many images, as networks take them."""
        quality = np.full(number, self.quality, np.float32)
        return quality, np.broadcast_to(self.steps, (number, 1, 1, self.num_channels))
