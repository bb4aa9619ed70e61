"""A rate–distortion model as a codec of pictures of any size, gray or color.

Sides that are no multiples of a block are continued with their last pixels, which costs the bits of
what is added. Large pictures are computed in tiles, and decode to the same pixels.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np

from kerascomp.codecs import tiles
from kerascomp.codecs.base import check_batch
from kerascomp.codecs.bottleneck.codec import BottleneckCodec
from kerascomp.codecs.context.places import PictureCoder
from kerascomp.codecs.context.tables import HIGHEST, LOWEST
from kerascomp.codecs.latent import rounded
from kerascomp.datasets import to_float, to_uint8

HALO = 7  # blocks: a pixel depends on latents up to 104 pixels away, a latent on less
USUAL_SHAPE = 512, 768, 3


class PictureCodec(BottleneckCodec):
    """One quality of a rate–distortion model of any size as a `Codec`; see `BottleneckCodec`.

    Example:
        codec = zoo.codec("photo-bottleneck").for_shape(photograph.shape).at(quality=0.5)
        (file,) = codec.encode(photograph[None])
    """

    coder_class = PictureCoder

    def __init__(self, model, context, level, *, name=None, image_shape=USUAL_SHAPE):
        self.side = model.analysis.get_layer("analysis_dct_blocks").side  # of a block in pixels
        super().__init__(model, context, level, name=name, image_shape=image_shape)

    @property
    def places(self) -> tuple[int, int]:
        height, width, _ = self.image_shape
        return -(-height // self.side), -(-width // self.side)

    def for_shape(self, image_shape: Sequence[int]) -> Self:
        """Returns the codec for images of another size; a network for color takes gray ones too.

        Raises:
            ValueError: more channels than the network has.
        """
        height, width, channels = image_shape
        if min(height, width) < 1 or channels not in {1, self.model.image_shape[-1]}:
            raise ValueError(
                f"{self.name} takes images with 1 or {self.model.image_shape[-1]} channels, "
                f"received {tuple(image_shape)}"
            )
        shape = height, width, channels
        codec = type(self)(self.model, self.context, self.level, name=self.name, image_shape=shape)
        return codec.with_effort(self.effort)

    def to_symbols(self, images: np.ndarray) -> np.ndarray:
        """Returns the integers (N, K) of uint8 images (N, H, W, C), refined with an effort."""
        check_batch(images)
        return np.stack([self._symbols_of(image) for image in images])

    def to_images(self, symbols: np.ndarray) -> np.ndarray:
        rows = symbols.reshape(-1, 1, *self.coder.latent_shape)
        return np.stack([self._image_of(latents) for latents in rows])

    def _symbols_of(self, image):
        """Returns the row (K,) of an image (H, W, C)."""
        num_repeats = self.model.image_shape[-1] // image.shape[-1]  # of gray, for color
        missing = [(0, -size % self.side) for size in image.shape[:2]]
        padded = np.pad(image, [*missing, (0, 0)], "edge").repeat(num_repeats, axis=2)

        def symbols_of(pixels):
            y = self.model.analyze([to_float(pixels), *self._quality(1)], training=False)
            symbols = rounded(y.numpy(), self.steps)[..., : self.coder.latent_shape[-1]]
            return np.clip(symbols, LOWEST, HIGHEST)

        symbols = tiles.in_tiles(symbols_of, padded[None], (self.side, 1), HALO)
        if self.effort:
            refine = self._refinement(self.num_channels).of_picture
            symbols = refine(padded[None], symbols, HALO)
        return symbols.reshape(-1)

    def _image_of(self, symbols):
        """Returns the image (H, W, C) of latents (1, h, w, K)."""
        height, width, num_channels = self.image_shape
        quality, _ = self._quality(1)

        def pixels_of(part):
            y_hat = (part * self.steps).astype(np.float32)
            x_hat = self.model.synthesize([y_hat, quality], training=False).numpy()
            gray = num_channels < x_hat.shape[3]
            return to_uint8(x_hat.mean(axis=3, keepdims=True) if gray else x_hat)

        x_hat = tiles.in_tiles(pixels_of, symbols, (1, self.side), HALO)
        return x_hat[0, :height, :width]
