"""Images without any loss: a context model codes the pixels themselves.

    pixels, coarse to fine -> expected, given those before -> arithmetic coder -> file

Nothing is transformed and nothing is rounded: of a bottleneck, the prior is left. Its latents are
the pixels.
"""

from typing import Self

import numpy as np
import tensorflow as tf

from kerascomp.codecs.bottleneck.prior import Prior
from kerascomp.codecs.context.coder import ContextCoder
from kerascomp.codecs.context.plan import Plan, interleaved
from kerascomp.codecs.rows import RowCodec
from kerascomp.networks.rate_distortion import Losses, RateDistortionModel

SIDE = 4  # of the blocks whose pixels come one after another
MIDDLE = 128  # the gray level that networks read as 0
STEP_BITS = 4  # binary places of a gray level, as networks read it: from -8 to 8


class PixelPrior(Prior):
    """Mixtures of logistic distributions for each pixel, at no quality."""

    conditions, start = None, (8.0, 0.0)


class PixelModel(RateDistortionModel):
    """A Keras model to be compiled and fit like any other; its loss is bits for each number.

    Args:
        image_shape: (H, W, C), multiples of 4 high and wide.
        hidden: units of each of two hidden layers of a number's network.
        num_components: logistic distributions in a mixture.
        name: of the model.

    Example:
        model.compile("adam", loss="mse")  # whatever loss: there is no error
        model.fit(x_train, x_train, validation_data=(x_test, x_test))
    """

    def __init__(
        self, image_shape: tuple[int, int, int], *, hidden: int, num_components: int, name: str
    ):
        super().__init__(name=name)
        height, width, channels = self.image_shape = image_shape
        self.latent_shape = height // SIDE, width // SIDE, SIDE**2 * channels
        plan = Plan([1] * self.latent_shape[-1], window=3)
        self.prior = PixelPrior(plan, hidden=hidden, num_components=num_components)
        for (kernel, _), *_ in self.prior.networks:
            if kernel is not None:
                kernel.assign(kernel / 8)  # as it would begin for numbers from -1 to 1
        self.order = interleaved(self.image_shape, SIDE)
        self.built = True

    def bits(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the estimated bits (N,) of images, float32 (N, H, W, C) in [0, 1]."""
        levels = tf.cast(tf.image.convert_image_dtype(x, tf.uint8, saturate=True), tf.float32)
        levels = tf.reshape(levels, [-1, len(self.order)]) - MIDDLE
        symbols = tf.reshape(tf.gather(levels, self.order, axis=1), [-1, *self.latent_shape])
        step = tf.fill([1, 1, 1, 1], 2.0**-STEP_BITS)
        return tf.reduce_sum(self.prior.bits(symbols, symbols * step, step, None), (1, 2, 3))

    def losses_of(self, x: tf.Tensor, training: bool) -> Losses:
        """Returns (bits for each number, bits for each pixel (N,), zeros (N,)) of images."""
        bits = self.bits(x)
        return tf.reduce_mean(bits) / len(self.order), bits / self.num_pixels, tf.zeros_like(bits)


class LosslessCodec(RowCodec):
    """A pixel model as a `Codec` that loses nothing.

    Args:
        model: a trained one.
        name: as written on plots.

    Example:
        codec = zoo.codec("mnist-lossless")
        np.testing.assert_array_equal(codec.decode(codec.encode(digits)), digits)
    """

    def __init__(self, model: PixelModel, *, name: str | None = None):
        self.model, self.name, self.image_shape = model, name or model.name, model.image_shape
        self.places, prior = np.argsort(model.order), model.prior
        steps = np.full((1, prior.plan.num_channels), 1 << prior.step_bits - STEP_BITS)
        self.coder = ContextCoder(prior.to_integers(steps), 0, model.latent_shape)

    @classmethod
    def of(cls, model: PixelModel) -> Self:
        """Returns the codec of a trained model."""
        return cls(model)

    @classmethod
    def from_tables(cls, model, tables: dict[str, np.ndarray], *, name: str | None = None) -> Self:
        """Returns the codec of a model; it has no tables beside the weights."""
        del tables
        return cls(model, name=name)

    def to_symbols(self, images: np.ndarray) -> np.ndarray:
        return images.reshape(len(images), -1)[:, self.model.order].astype(np.int64) - MIDDLE

    def to_images(self, symbols: np.ndarray) -> np.ndarray:
        levels = np.clip(symbols[:, self.places] + MIDDLE, 0, 2 * MIDDLE - 1).astype(np.uint8)
        return levels.reshape(-1, *self.image_shape)


def digits() -> PixelModel:
    """Returns the network of `mnist-lossless`."""
    return PixelModel((28, 28, 1), hidden=96, num_components=6, name="mnist-lossless")
