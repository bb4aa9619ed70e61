"""The recurrent codecs of the course: two of 2016, on blocks of 8×8 pixels, and those of 2017.

    images -> blocks, layers with memory -> num_bits for each block of 8×8 pixels   (encoder)
    bit-planes -> layers with memory, pixels -> images                              (decoder)

References:
    G. Toderici et al., "Variable rate image compression with recurrent neural networks", 2016.
    G. Toderici et al., "Full resolution image compression with recurrent neural networks", 2017.
"""

from keras import layers

from kerascomp.codecs.recurrent.context import Context
from kerascomp.codecs.recurrent.model import ADDITIVE, ONE_SHOT, SIDE, Recurrent
from kerascomp.networks.blocks import ToBlocks, ToPixels
from kerascomp.networks.cells import CELLS

COLOR, GRAY = (32, 32, 3), (28, 28, 1)
SMALL_HIDDEN = 24  # units of the context models of networks that are only compared


def patches(
    cell: str | None = None, *, units: int = 96, num_bits: int = 16, num_iterations: int = 4
) -> Recurrent:
    """Returns a codec of 2016: every block of 8×8 pixels is coded by itself.

    Args:
        cell: None, three dense layers a side without memory, that predict the residual; or "lstm",
            a dense layer and two with memory, that predict the original.
        units: of each layer.
        num_bits: of a block in an iteration.
        num_iterations: in training.
    """

    def side(name):
        names = [f"{name}{index}" for index in range(3)]
        dense = [layers.Dense(units, activation="tanh", name=name) for name in names]
        if cell is None:
            return dense
        return [dense[0], *(CELLS[cell](units, 1, name=name) for name in names[1:])]

    return Recurrent(
        [ToBlocks(SIDE, name="encoder_blocks"), *side("encoder")],
        [*side("decoder"), *_to_pixels(COLOR[-1], SIDE)],
        _context(num_bits, SMALL_HIDDEN),
        image_shape=COLOR,
        name=f"cifar10-patches-{cell or 'dense'}",
        num_iterations=num_iterations,
        reconstruction=ADDITIVE if cell is None else ONE_SHOT,
    )


def convolutional(
    cell="gru", *, image_shape=COLOR, num_bits=24, widths=(48, 96, 48), hidden=48, **options
) -> Recurrent:
    """Returns a codec of 2017: convolutions with memory see the blocks around.

    Args:
        cell: "lstm" or "gru".
        image_shape: (H, W, C) of the training's images.
        num_bits: of a block of 8×8 pixels in an iteration.
        widths: channels of layers on blocks of 4×4 pixels in the encoder, on those of 8×8, and on
            those of 4×4 in the decoder.
        hidden: units of the context model.
        options: name, and those of `model.Unrolling`.
    """
    fine, coarse, last = widths
    memory = CELLS[cell]
    encoder = [
        ToBlocks(4, name="encoder_blocks4"),
        _convolution(fine, 3, "encoder0"),
        ToBlocks(2, name="encoder_blocks8"),
        memory(coarse, 1, name="encoder1"),
        _convolution(coarse, 3, "encoder2"),
    ]
    decoder = [
        _convolution(coarse, 1, "decoder0"),
        memory(coarse, 3, name="decoder1"),
        _convolution(4 * last, 1, "decoder2"),
        ToPixels(2, name="decoder_blocks4"),
        memory(last, 1, name="decoder3"),
        _convolution(last, 3, "decoder4"),
        *_to_pixels(image_shape[-1], 4),
    ]
    context = _context(num_bits, hidden)
    return Recurrent(encoder, decoder, context, image_shape=image_shape, **options)


def photographs() -> Recurrent:
    """Returns the network of `cifar10-recurrent`; steps of three epochs skip nothing."""
    rate = {"rate_weight": 1.0, "late_rate_weight": 0.25}
    return convolutional(name="cifar10-recurrent", skip_after=2112, **rate)


def digits() -> Recurrent:
    """Returns the network of `mnist-recurrent`; steps of two epochs skip nothing."""
    size = {"image_shape": GRAY, "num_bits": 8, "widths": (32, 96, 32)}
    return convolutional(name="mnist-recurrent", rate_weight=0.5, skip_after=3438, **size)


def small(cell: str, reconstruction: str, **options) -> Recurrent:
    """Returns a small network to compare cells and reconstructions with; it ignores the rate.

    Args:
        cell: "lstm" or "gru".
        reconstruction: "additive" or "one-shot".
        options: others of `convolutional`.
    """
    size = {"num_bits": 16, "widths": (24, 48, 24), "hidden": SMALL_HIDDEN, "num_iterations": 4}
    name = f"cifar10-{cell}-{reconstruction}"
    return convolutional(cell, name=name, reconstruction=reconstruction, **size | options)


def _context(num_bits, hidden):
    return Context([num_bits // 4] * 4, checkerboard=1, hidden=hidden)


def _convolution(width, kernel_size, name):
    options = {"padding": "same", "activation": "relu", "kernel_initializer": "he_normal"}
    return layers.Conv2D(width, kernel_size, name=name, **options)


def _to_pixels(channels, side):
    """A layer that returns zeros before it is trained, and its output as pixels."""
    last = layers.Dense(side * side * channels, kernel_initializer="zeros", name="to_pixels")
    return [last, ToPixels(side, name="decoder_pixels")]
