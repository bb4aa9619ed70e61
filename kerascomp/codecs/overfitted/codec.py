"""A codec without a published network: each file is a network, trained on its one picture.

picture -> training -> latents and two networks, rounded -> coders -> file
file -> networks -> latents, wavefront by wavefront -> synthesis -> picture
"""

import contextlib
import copy
import struct
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from kerascomp.codecs import progress
from kerascomp.codecs.base import Codec, CodecError, check_batch, check_shape
from kerascomp.codecs.context.tables import HIGHEST, LOWEST
from kerascomp.codecs.overfitted import latents as grids
from kerascomp.codecs.overfitted import weights
from kerascomp.codecs.overfitted.picture import picture
from kerascomp.codecs.overfitted.shapes import weight_shapes
from kerascomp.coders import StreamError
from kerascomp.datasets import to_float, to_uint8

LENGTH = struct.Struct(">H")  # of the networks in bytes
PLACES = range(2, 11)  # binary places of weights that are tried
Report = Callable[[int, float, float], None]  # steps, bits per pixel, mean squared error


class OverfittedCodec(Codec):
    """One tradeoff of bits and errors as a `Codec`; files take minutes to write.

    Args:
        lmbda: bits per pixel that a unit of mean squared error is worth: 1000 is good quality.
        effort: training steps.
        report: called after every step. Ctrl-C ends the training, and the file is written with what
            there is.

    Example:
        codec = OverfittedCodec(effort=2000).for_shape(photograph.shape)
        (file,) = codec.encode(photograph[None])
    """

    name = "overfitted"
    rate_options = ("lmbda",)

    def __init__(self, lmbda: float = 1000.0, *, effort: int = 2000, report: Report | None = None):
        if not lmbda > 0 or effort < 1:
            raise ValueError(
                f"expected a lambda above 0 and at least one step, received {lmbda} and {effort}"
            )
        self.lmbda, self.effort, self.report = float(lmbda), int(effort), report
        self.setting = f"lambda {self.lmbda:g}, {self.effort} steps"
        self.image_shape = None

    def at(self, lmbda: float) -> Self:  # type: ignore[override]
        """Returns the codec with another tradeoff."""
        codec = type(self)(lmbda, effort=self.effort, report=self.report)
        codec.image_shape = self.image_shape
        return codec

    def for_shape(self, image_shape: Sequence[int]) -> Self:
        """Returns the codec for pictures of a shape (H, W, 1 or 3)."""
        codec = copy.copy(self)
        height, width, channels = image_shape
        codec.image_shape = height, width, channels
        return codec

    def encode(self, images: np.ndarray) -> list[bytes]:
        check_batch(images)
        if self.image_shape is None:
            return self.for_shape(images.shape[1:]).encode(images)
        check_shape(f"this {self.name} codec", images, self.image_shape)
        return [self._encoded(to_float(image)) for image in images]

    def decode(self, files: list[bytes]) -> np.ndarray:
        """Returns the uint8 images (N, H, W, C) of files that `encode` wrote.

        Raises:
            CodecError: a file is truncated or none of these, or the codec has no shape.
        """
        if not files or self.image_shape is None:
            raise CodecError("expected at least one file, and a codec that is `for_shape`")
        try:
            return np.stack([self._decoded(file) for file in files])
        except StreamError as error:
            raise CodecError(f"{self.name} cannot decode this file ({error})") from None

    def _encoded(self, x):
        """Returns the file of a float picture (H, W, C)."""
        model = self._trained(x)
        latents = [np.rint(y.numpy()[0, :, :, 0]).astype(np.int64) for y in model.latents()]
        latents = [np.clip(y, LOWEST, HIGHEST) for y in latents]
        synthesis, context = model.parts()
        order, num_pixels = grids.wavefronts(*self.image_shape[:2]), x[..., 0].size

        def cost_of_synthesis(integers, places):
            error = np.mean((picture(latents, weights.exact(integers, places)) - x) ** 2)
            return self.lmbda * error * num_pixels

        def cost_of_context(integers, places):
            network = weights.context_in_integers(integers, places)
            return grids.estimated_bits(network, latents, order)

        parts = [_best(synthesis, cost_of_synthesis), _best(context, cost_of_context)]
        head = weights.encoded(parts)
        network = weights.context_in_integers(*parts[1])
        return LENGTH.pack(len(head)) + head + grids.encoded(network, latents, order)

    def _decoded(self, file):
        """Returns the picture (H, W, C) of a file."""
        height, width, channels = self.image_shape
        if len(file) < LENGTH.size:
            raise StreamError(f"{len(file)} bytes")
        end = LENGTH.size + LENGTH.unpack_from(file)[0]
        synthesis, context = weights.decoded(file[LENGTH.size : end], weight_shapes(channels))
        network = weights.context_in_integers(*context)
        latents = grids.decoded(network, file[end:], grids.wavefronts(height, width))
        return to_uint8(picture(latents, weights.exact(*synthesis)))

    def _trained(self, x):
        from kerascomp.codecs.overfitted.network import Overfitted
        from kerascomp.codecs.overfitted.training import Training

        model = Overfitted(self.image_shape)
        training = Training(model, x[None], lmbda=self.lmbda, num_steps=self.effort)
        # Interrupted, what there is becomes a file.
        with (
            contextlib.suppress(KeyboardInterrupt),
            progress.bar(self.effort, "training", x[..., 0].size) as bar,
        ):
            for number in range(self.effort):
                bpp, error = training.run(number)
                bar.set_postfix_str(f"{bpp:.3f} bits per pixel, {-10 * np.log10(error):.1f} dB")
                bar.update()
                if self.report:
                    self.report(number + 1, bpp, error)
        return model


def _best(network, cost):
    """Returns (integers, places) of a network whose bits and cost in bits are the fewest."""
    tried = [(weights.rounded(network, places), places) for places in PLACES]
    allowed = [(integers, places) for integers, places in tried if integers is not None]
    return min(allowed, key=lambda part: cost(*part) + 8 * len(weights.encoded([part])))
