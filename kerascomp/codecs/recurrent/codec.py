"""A recurrent model as a codec: the same network for every rate, and for images of any size.

x -> bit-plane, what is missing -> bit-plane, what is missing -> ... -> coder -> file
file -> coder -> bit-planes, as many as there are -> x_hat
"""

import copy
from collections.abc import Sequence
from typing import Self

import numpy as np
import tensorflow as tf

from kerascomp import metrics
from kerascomp.codecs import progress
from kerascomp.codecs.base import Codec, CodecError, check_batch, check_shape
from kerascomp.codecs.batches import BATCH_SIZE, batches
from kerascomp.codecs.recurrent.coder import PlaneCoder
from kerascomp.codecs.recurrent.context import MAX_ITERATIONS
from kerascomp.codecs.recurrent.model import SIDE, Recurrent, padded, plane_shape
from kerascomp.coders import StreamError
from kerascomp.datasets import to_float, to_uint8

PLACES_AT_ONCE = 100 * 4 * 4  # networks always compute so many blocks: see `batches`


class RecurrentCodec(Codec):
    """A trained recurrent model as a `Codec`.

    Args:
        model: there are as many iterations as it was trained with.
        name: as written on plots; the model's when not given.

    Attributes:
        num_iterations: bit-planes of an image, 1 to 16.
        target_psnr: dB at which an image needs no more of them; None for all.

    Example:
        codec = zoo.codec("cifar10-recurrent").at(num_iterations=4)
        files = codec.encode(images)
    """

    is_progressive = True
    image_shape: tuple[int, int, int]
    rate_options = ("num_iterations", "target_psnr")
    target_psnr: float | None = None

    def __init__(self, model: Recurrent, *, name: str | None = None):
        self.model, self.name = model, name or model.name
        self.coder = PlaneCoder(model.context.to_integers())
        height, width, channels = model.image_shape
        self.image_shape = height, width, channels
        self.num_iterations = model.num_iterations
        # As graphs: several times as fast as layer by layer.
        self._encode_step = tf.function(model.encode_step, reduce_retracing=True)
        self._decode_step = tf.function(model.decode_step, reduce_retracing=True)

    @classmethod
    def of(cls, model: Recurrent) -> Self:
        """Returns the codec of a trained model."""
        return cls(model)

    @classmethod
    def from_tables(cls, model, tables: dict[str, np.ndarray], *, name: str | None = None) -> Self:
        """Returns the codec of a trained model, which needs no tables beside its weights."""
        return cls(model, name=name)

    @property
    def setting(self):
        """What ends a file: a number of iterations, or a quality."""
        if self.target_psnr is not None:
            return f"{self.target_psnr:g} dB"
        return f"{self.num_iterations} iteration{'s' * (self.num_iterations > 1)}"

    def at(  # type: ignore[override]
        self, num_iterations: int | None = None, *, target_psnr: float | None = None
    ) -> Self:
        """Returns the codec of the same network at another rate.

        Args:
            num_iterations: bit-planes of every image, from 1 to 16.
            target_psnr: or so many as each image needs to reach this PSNR in dB, 16 at most (the
                dynamic bit assignment of the paper of 2016, section 4).

        Raises:
            ValueError: neither or both are given, or no such number.
        """
        if (num_iterations is None) == (target_psnr is None):
            raise ValueError("expected either num_iterations or target_psnr")
        if target_psnr is not None and not 0 < target_psnr < np.inf:
            raise ValueError(f"expected a PSNR above 0 dB, received {target_psnr!r}")
        if target_psnr is None and num_iterations not in range(1, MAX_ITERATIONS + 1):
            raise ValueError(
                f"expected 1 to {MAX_ITERATIONS} iterations, received {num_iterations!r}"
            )
        codec = copy.copy(self)
        codec.num_iterations = MAX_ITERATIONS if num_iterations is None else int(num_iterations)
        codec.target_psnr = target_psnr
        return codec

    def for_shape(self, image_shape: Sequence[int]) -> Self:
        """Returns the codec for images of another size, from one pixel on.

        A network for color takes gray images too.

        Raises:
            ValueError: no pixels, or more channels than the network has.
        """
        height, width, channels = image_shape
        if min(height, width) < 1 or channels not in {1, self.model.image_shape[-1]}:
            raise ValueError(
                f"{self.name} takes images of any size with 1 or {self.model.image_shape[-1]} "
                f"channels, received {tuple(image_shape)}"
            )
        codec = copy.copy(self)
        codec.image_shape = height, width, channels
        return codec

    def family(self) -> list[Codec]:
        return [self.at(number) for number in range(1, MAX_ITERATIONS + 1)]

    def estimated_bytes(self, files: list[bytes]) -> float:
        planes, present, _ = self.coder.decode(files, self.plane_shape)
        bits = self.coder.estimated_bits(planes).sum(axis=(2, 3, 4))  # (N, T)
        return bits[np.arange(bits.shape[1]) < present[:, None]].sum() / 8

    def encode(self, images: np.ndarray) -> list[bytes]:
        return self.coder.encode(*self.to_planes(images))

    def decode(self, files: list[bytes]) -> np.ndarray:
        return self.decode_beginnings(files)[0]

    def decode_beginnings(self, files: list[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns (images, present, written): how many bit-planes each file has, and once had.

        Raises:
            CodecError: a file has not even one whole bit-plane.
        """
        if not files:
            raise CodecError(f"{self.name} cannot decode: expected at least one file")
        try:
            planes, present, written = self.coder.decode(files, self.plane_shape)
        except StreamError as error:
            raise CodecError(
                f"{self.name} cannot decode this file ({error}); it was cut too early, or was not "
                "written by this codec"
            ) from None
        return self.to_images(planes, present), present, written

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Returns what the files of uint8 images (N, H, W, C) decode to, without the coder."""
        return self.to_images(*self.to_planes(images))

    @property
    def plane_shape(self) -> tuple[int, int, int]:
        """(h, w, K) of a bit-plane."""
        return plane_shape(self.image_shape, self.model.num_bits)

    def to_planes(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (planes, counts): int8 (N, T, h, w, K) of -1 and +1, and how many count, (N,).

        Raises:
            ValueError: the images are not uint8, or not of this codec's shape.
            CodecError: the network gave something that is no number.
        """
        check_batch(images)
        check_shape(f"this {self.name} codec", images, self.image_shape)
        parts = []
        for (batch,), number in batches([images], self._batch_size):
            parts.append([array[:number] for array in self._planes_of(batch)])
        planes, counts = map(np.concatenate, zip(*parts, strict=True))
        return planes[:, : counts.max()], counts

    def to_images(self, planes: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Returns the uint8 images (N, H, W, C) after so many bit-planes each."""
        parts = []
        for (some, last), number in batches([planes, counts], self._batch_size):
            images = np.empty((len(some), *self.image_shape), np.uint8)
            for iteration, stage in enumerate(self._stages(some), start=1):
                images[last == iteration] = stage[last == iteration]
            parts.append(images[:number])
        return np.concatenate(parts)

    def all_images(self, planes: np.ndarray) -> np.ndarray:
        """Returns the uint8 images (T, N, H, W, C) after each of the bit-planes (N, T, h, w, K)."""
        parts = batches([planes], self._batch_size)
        stages = [np.stack(list(self._stages(some)))[:, :number] for (some,), number in parts]
        return np.concatenate(stages, axis=1)

    @property
    def _batch_size(self):
        height, width, _ = self.plane_shape
        return max(1, min(PLACES_AT_ONCE // (height * width), BATCH_SIZE))

    def _watched(self, description, number):
        """Yields iterations, with a bar if the images are large."""
        height, width, _ = self.image_shape
        with progress.bar(number, description, height * width) as bar:
            for iteration in range(number):
                yield iteration
                bar.update()

    def _stages(self, planes):
        """Yields the images (N, H, W, C) after each of the bit-planes of a batch."""
        height, width, _ = self.plane_shape
        shape = len(planes), SIDE * height, SIDE * width, self.model.image_shape[-1]
        x_hat, states = tf.zeros(shape), None
        for iteration in self._watched("reconstructing", planes.shape[1]):
            bits = tf.constant(planes[:, iteration], tf.float32)
            x_hat, states = self._decode_step(bits, x_hat, states, tf.constant(iteration))
            yield self._to_uint8(x_hat)

    def _planes_of(self, images):
        """Returns (planes, counts) of a batch."""
        num_repeats = self.model.image_shape[-1] // self.image_shape[-1]  # of gray, for color
        x = padded(tf.constant(np.repeat(to_float(images), num_repeats, axis=3))) - 0.5
        x_hat, states, planes = tf.zeros_like(x), None, []
        counts = np.full(len(images), self.num_iterations)
        for iteration in self._watched("bit-planes", self.num_iterations):
            bits, x_hat, states = self._encode_step(x, x_hat, states, tf.constant(iteration))
            if not np.isfinite(x_hat.numpy()).all():
                raise CodecError(f"{self.name} is damaged or was not trained: it gave no numbers")
            planes.append(bits.numpy().astype(np.int8))
            if self.target_psnr is not None:
                error = metrics.mse(images, self._to_uint8(x_hat))
                reached = error <= 10 ** (-self.target_psnr / 10)
                counts = np.where(reached, np.minimum(counts, iteration + 1), counts)
                if (counts <= iteration + 1).all():
                    break
        planes += [planes[-1]] * (self.num_iterations - len(planes))
        return np.stack(planes, axis=1), counts

    def _to_uint8(self, x_hat):
        """Returns uint8 images of this codec's shape."""
        height, width, channels = self.image_shape
        x_hat = x_hat.numpy()[:, :height, :width] + np.float32(0.5)
        return to_uint8(x_hat.mean(axis=3, keepdims=True) if channels < x_hat.shape[3] else x_hat)
