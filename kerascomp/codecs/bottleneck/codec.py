"""A rate–distortion model as a codec; one quality after another from the same network.

x -> analysis -> y -> divide by the steps, round -> integers -> prior's coder -> file
file -> prior's coder -> integers -> times the steps -> y_hat -> synthesis -> x_hat

With an effort, the encoder refines the integers for each image, see `refinement`.
"""

import copy
from typing import Self

import numpy as np
import tensorflow as tf

from kerascomp.codecs.base import Codec, check_batch, nearest_in_bytes
from kerascomp.codecs.batches import in_batches
from kerascomp.codecs.bottleneck.conditioning import NUM_LEVELS
from kerascomp.codecs.bottleneck.layered import Layered
from kerascomp.codecs.bottleneck.model import EveryRate
from kerascomp.codecs.bottleneck.prior import fixed_steps
from kerascomp.codecs.bottleneck.refinement import Refinement
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

    Attributes:
        effort: steps of the search for better latents of each image, see `with_effort`.

    Example:
        codec = zoo.codec("mnist-bottleneck").at(quality=0.3)
        files = codec.encode(digits)
    """

    rate_options = ("quality",)
    has_efforts = True
    coder_class = ContextCoder

    level: int
    effort: int = 0

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
        codec = type(self)(self.model, self.context, level, name=self.name, image_shape=shape)
        return codec.with_effort(self.effort)

    def family(self) -> list[Codec]:
        num_levels = self.model.last_refined + 1 if self.effort else NUM_LEVELS
        return [self.at_level(level) for level in range(num_levels)]

    def with_effort(self, effort: int) -> Self:
        """Returns the same codec, which refines the latents of each image in so many steps.

        Raises:
            ValueError: the number is negative, or this level has details.
        """
        if effort < 0:
            raise ValueError(f"expected an effort of no or several steps, received {effort!r}")
        if effort:
            self._check_refined()
        if effort == self.effort:
            return self
        codec = copy.copy(self)
        codec.effort = int(effort)
        codec.setting = f"quality {self.quality:.3f}" + (f", effort {effort}" if effort else "")
        return codec

    def at_bytes(self, images: np.ndarray, target_bytes: float) -> tuple[Codec, float]:
        """Returns (codec, its mean bytes an image), as for every `Codec`.

        With an effort, two levels are tried: that whose files had this size without it, and that
        which follows if the effort changes the size by the same factor.
        """
        if not self.effort:
            return super().at_bytes(images, target_bytes)
        family = [codec.with_effort(0) for codec in self.family()]
        wanted, tried = target_bytes, {}
        for _ in range(2):
            plain, plain_bytes = nearest_in_bytes(family, images, wanted)
            if plain.level not in tried:
                refined = plain.with_effort(self.effort)
                mean_bytes = sum(map(len, refined.encode(images))) / len(images)
                tried[plain.level] = refined, mean_bytes
            wanted = target_bytes * plain_bytes / max(1, tried[plain.level][1])
        return min(tried.values(), key=lambda one: abs(one[1] - target_bytes))

    def to_symbols(self, images: np.ndarray) -> np.ndarray:
        """Returns the integers (N, K) of uint8 images (N, H, W, C), refined with an effort.

        Raises:
            ValueError: these are no images; or an effort, and this level has details.
        """
        check_batch(images)
        if self.effort:
            self._check_refined()
            if isinstance(self.model, Layered):
                symbols = self._refinement(self.model.num_base).of_rows(images)
                return symbols[:, : self.coder.num_columns]
        inputs = [to_float(images), *self._quality(len(images))]
        (y,) = in_batches(self.model.analyze, inputs)
        symbols = rounded(y, self.steps)[..., : self.coder.latent_shape[-1]]
        symbols = np.clip(symbols, LOWEST, HIGHEST)
        if self.effort:
            refine = self._refinement(self.num_channels).of_picture
            pairs, halo = zip(images, symbols, strict=True), max(self.places)
            symbols = np.stack([refine(image[None], rows[None], halo) for image, rows in pairs])
        return symbols.reshape(len(images), -1)

    def to_images(self, symbols: np.ndarray) -> np.ndarray:
        coded = symbols.reshape(-1, *self.coder.latent_shape)
        missing = self.num_channels - coded.shape[-1]  # latents that are not coded are zero
        y_hat = np.pad(coded, [(0, 0)] * 3 + [(0, missing)]) * self.steps
        quality, _ = self._quality(len(symbols))
        return to_uint8(in_batches(self.model.synthesize, [y_hat.astype(np.float32), quality])[0])

    def _refinement(self, num_columns):
        """Returns the search for latents, of which the first so many are refined."""
        return Refinement(self.model, self.quality, self.steps[:num_columns], effort=self.effort)

    def _check_refined(self):
        if self.level > self.model.last_refined:
            raise ValueError(
                f"only a base is refined, and level {self.level} has details; choose a quality up "
                f"to {self.model.last_refined / (NUM_LEVELS - 1):.3f}, or no effort"
            )

    def _quality(self, number):
        """Returns the quality and the steps of each of so many images, as networks take them."""
        quality = np.full(number, self.quality, np.float32)
        return quality, np.broadcast_to(self.steps, (number, 1, 1, self.num_channels))


class RefinedCodec(BottleneckCodec):
    """A `BottleneckCodec` with the effort of the course's figures; the other decodes its files.

    Example:
        codec = zoo.codec("mnist-bottleneck").at(quality=0.3)
        refined = RefinedCodec(codec.model, codec.context, codec.level)
        files = refined.encode(digits)  # smaller than codec's, or better
    """

    effort = 100
