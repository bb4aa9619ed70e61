"""Any autoencoder as a codec: its latent, rounded, in an entropy coder's stream.

    x -> encoder -> y -> divide by the steps, round -> integers -> coder -> file
    file -> coder -> integers -> times the steps -> y_hat -> decoder -> x_hat

What the coder knows of the integers (their histograms on the training set) belongs to the model,
as its weights do; a file has nothing but the symbols.
"""

from typing import Self

import numpy as np

from kerascomp.codecs.base import CodecError, check_batch
from kerascomp.codecs.batches import in_batches
from kerascomp.codecs.rows import RowCodec
from kerascomp.coders import Arithmetic
from kerascomp.datasets import to_float, to_uint8
from kerascomp.networks.base import Autoencoder
from kerascomp.networks.quantizers import StraightThrough
from kerascomp.networks.stack import as_graph

SMALLEST_DEVIATION = 1e-6  # of a latent that is always the same, so that its step is not zero


class LatentCodec(RowCodec):
    """An autoencoder, a quantizer and a coder as a `Codec`.

    Args:
        autoencoder: with several latents, all of them are sent.
        quantizer: one of `quantizers`, for its steps: one, or one for each of the K numbers that
            cross from encoder to decoder.
        coder: `coders.Arithmetic` or, for a file an image, `coders.HuffmanRows`, for rows of K
            integers.
        name: as written on plots; the autoencoder's when not given.
        setting: as for every `Codec`.

    Example:
        codec = LatentCodec.fit(zoo.network("mnist-dense"), digits, step=0.5)
    """

    def __init__(self, autoencoder: Autoencoder, quantizer, coder, *, name=None, setting=""):
        self.autoencoder = autoencoder
        height, width, channels = autoencoder.image_shape
        self.image_shape = height, width, channels
        self.steps = _steps(autoencoder, quantizer)
        self.name, self.setting = name or autoencoder.name, setting
        self.coder = coder
        if coder.num_columns != autoencoder.num_latents:
            raise ValueError(
                f"{self.name} sends {autoencoder.num_latents} numbers for an image, this coder "
                f"codes {coder.num_columns}"
            )

    @classmethod
    def fit(
        cls, autoencoder, images: np.ndarray, step: float, *, coder=Arithmetic, **options
    ) -> Self:
        """Returns the codec whose coder is learned on `images`.

        Args:
            autoencoder: `autoencoders.Autoencoder`.
            images: uint8, shape (N, H, W, C); the training set.
            step: in standard deviations of each latent on these images (a normalized network's
                are one), above 0.
            coder: class of the coder.
            options: the codec's name.
        """
        check_batch(images)
        y = latents(autoencoder, images)  # (N, K)
        if autoencoder.quantizer is None:
            deviations = np.maximum(y.std(axis=0), SMALLEST_DEVIATION)
        else:
            deviations = np.ones(y.shape[1])
        quantizer = StraightThrough((step * deviations).tolist())
        quantizer.build((None, y.shape[1]))
        symbols = rounded(y, _steps(autoencoder, quantizer))
        return cls(autoencoder, quantizer, coder.fit(symbols), setting=f"step {step:g}", **options)

    @classmethod
    def from_tables(cls, autoencoder, tables: dict, *, name: str | None = None) -> Self:
        """Returns the codec of a network with a quantizer and the arrays of `tables`."""
        counts = [np.trim_zeros(column, "b") for column in tables["counts"]]
        coder, quantizer = Arithmetic(tables["lowest"], counts), autoencoder.quantizer
        setting = f"step {quantizer.initial_step:g}"
        return cls(autoencoder, quantizer, coder, name=name, setting=setting)

    def tables(self) -> dict[str, np.ndarray]:
        """Returns {name: integer array}, what the coder knows, to be stored with the weights."""
        counts = self.coder.counts
        longest = max(map(len, counts))
        padded = [np.pad(column, (0, longest - len(column))) for column in counts]
        return {"lowest": np.array(self.coder.lowest), "counts": np.array(padded)}

    def to_symbols(self, images: np.ndarray) -> np.ndarray:
        return rounded(latents(self.autoencoder, images), self.steps)

    def to_images(self, symbols: np.ndarray) -> np.ndarray:
        y_hat = (symbols * self.steps).astype(np.float32)
        shapes = self.autoencoder.latent_shapes
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        parts = np.split(y_hat, ends, axis=1)
        parts = [part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True)]
        return to_uint8(in_batches(as_graph(self.autoencoder.decoder), parts)[0])


def latents(autoencoder: Autoencoder, images: np.ndarray) -> np.ndarray:
    """Returns all numbers (N, K) that cross from encoder to decoder for uint8 images."""
    parts = in_batches(as_graph(autoencoder.encoder), [to_float(images)])
    return np.concatenate([part.reshape(len(images), -1) for part in parts], axis=1)


def _steps(autoencoder, quantizer):
    """Returns a quantizer's steps for each of the K numbers of an autoencoder, float32 (K,)."""
    steps = np.asarray(quantizer.step)
    if len(steps) == autoencoder.num_latents:
        return steps
    channels = [np.broadcast_to(steps, shape).ravel() for shape in autoencoder.latent_shapes]
    return np.concatenate(channels)


def rounded(y: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Returns the integers (N, K), int64, that are nearest to latents in units of their steps.

    Raises:
        CodecError: a latent is not finite.
    """
    scaled = y / steps
    if not np.isfinite(scaled).all():
        raise CodecError(
            f"{(~np.isfinite(scaled)).sum()} of {scaled.size} latents are not finite; the network "
            "is damaged or was not trained"
        )
    return np.rint(scaled).astype(np.int64)
