"""The report's autoencoders as Keras models, each with an `.encoder` and a `.decoder`.

    dense()   784 → 32 numbers          cnn()    28×28 → 8 numbers
    wide()    784 → 8 numbers           unet()   32×32×3 → 512 numbers

Weights are initialized as He et al. propose for ReLUs ("Delving Deep into Rectifiers", 2015,
section 2.2). Decoders of digits start dark: started at gray, they may become black for every image
and stay so, for the gradient of a dead ReLU is zero (lesson 03).
"""

import functools
import math
from collections.abc import Sequence

import keras
from keras import layers

from kerascomp.networks.base import Autoencoder, check_same_layers, quantized, rounded
from kerascomp.networks.unet import unet

__all__ = [
    "Autoencoder",
    "check_same_layers",
    "cnn",
    "dense",
    "quantized",
    "rounded",
    "unet",
    "wide",
]

INITIALIZER = "he_normal"
DIGIT = (28, 28, 1)


def dense(
    num_latents: int = 32,
    *,
    widths: Sequence[int] = (128, 64),
    code_activation: str | None = "relu",
    name: str = "dense",
) -> Autoencoder:
    """Returns the report's dense autoencoder: 784 → 128 → 64 → 32 → 64 → 128 → 784.

    Two initial values keep more of its ReLUs alive; one that is negative for every image has no
    gradient and stays dead. The biases of the code are one, and the decoder starts at a nearly
    constant dark gray, the mean digit, so that the first steps need not make everything darker.

    Args:
        num_latents: numbers in the code, 32 in the report.
        widths: hidden units between image and code; the decoder mirrors them.
        code_activation: "relu" as in the report, or None for a linear code.
        name: string.

    Example:
        >>> dense().count_params()
        222384
    """
    hidden = functools.partial(layers.Dense, activation="relu", kernel_initializer=INITIALIZER)

    x = layers.Input(DIGIT, name="encoder_input")
    y = layers.Flatten(name="encoder_flatten")(x)
    for number, width in enumerate(widths, start=1):
        y = hidden(width, name=f"encoder_dense_{number}")(y)
    y = layers.Dense(
        num_latents,
        code_activation,
        kernel_initializer=INITIALIZER,
        bias_initializer="ones",
        name="encoder_code",
    )(y)
    encoder = keras.Model(x, y, name="encoder")

    y = layers.Input((num_latents,), name="decoder_input")
    x_hat = y
    for number, width in enumerate(reversed(widths), start=1):
        x_hat = hidden(width, name=f"decoder_dense_{number}")(x_hat)
    x_hat = layers.Dense(math.prod(DIGIT), name="decoder_pixels", **_dark_start())(x_hat)
    x_hat = layers.Activation("sigmoid", dtype="float32", name="decoder_sigmoid")(x_hat)
    x_hat = layers.Reshape(DIGIT, name="decoder_reshape")(x_hat)
    return Autoencoder(encoder, keras.Model(y, x_hat, name="decoder"), name=name)


def wide(num_latents: int = 8, *, widths: Sequence[int] = (512, 256, 128)) -> Autoencoder:
    """Returns a dense autoencoder with a linear code, as large as 8 numbers can use.

    Args:
        num_latents: numbers in the code.
        widths: hidden units between image and code; the decoder mirrors them.
    """
    return dense(num_latents, widths=widths, code_activation=None, name="wide")


def cnn(
    num_latents: int = 8, *, initializer: str = INITIALIZER, dark_start: bool = True
) -> Autoencoder:
    """Returns the report's convolutional autoencoder for digits: 28×28 pixels, 8 numbers.

        28×28×1 → 14×14×16 → 7×7×8 → 4×4×8 → 128 → 32 → 8 → 32 → 128 → 4×4×8 → 8×8×8
        → 16×16×8 → 14×14×16 → 28×28×16 → 28×28×1

    The 8 numbers are linear (a ReLU would discard their negative half); all else is ReLU.

    Args:
        num_latents: numbers in the code, 8 in the report.
        initializer: of the weights; Keras's default, "glorot_uniform", is the trap of lesson 03.
        dark_start: whether the decoder starts at the mean digit's gray, as in `dense`.

    Example:
        >>> cnn().count_params()
        13289
    """
    options = {"activation": "relu", "kernel_initializer": initializer}
    convolution = functools.partial(layers.Conv2D, kernel_size=3, padding="same", **options)
    hidden = functools.partial(layers.Dense, **options)

    x = layers.Input(DIGIT, name="encoder_input")
    y = x
    for number, filters in enumerate((16, 8, 8), start=1):
        y = convolution(filters, name=f"encoder_convolution_{number}")(y)
        y = layers.MaxPooling2D(2, padding="same", name=f"encoder_pool_{number}")(y)
    y = layers.Flatten(name="encoder_flatten")(y)  # (N, 4·4·8)
    y = hidden(32, name="encoder_dense_1")(y)
    y = hidden(num_latents, name="encoder_code", activation=None)(y)
    encoder = keras.Model(x, y, name="encoder")

    y = layers.Input((num_latents,), name="decoder_input")
    x_hat = hidden(32, name="decoder_dense_1")(y)
    x_hat = hidden(128, name="decoder_dense_2")(x_hat)
    x_hat = layers.Reshape((4, 4, 8), name="decoder_reshape")(x_hat)
    for number, (filters, padding) in enumerate(((8, "same"), (8, "same"), (16, "valid")), start=1):
        x_hat = convolution(filters, padding=padding, name=f"decoder_convolution_{number}")(x_hat)
        x_hat = layers.UpSampling2D(2, name=f"decoder_up_{number}")(x_hat)
    start = _dark_start() if dark_start else {}
    x_hat = convolution(1, name="decoder_pixels", **{"activation": None, **start})(x_hat)
    x_hat = layers.Activation("sigmoid", dtype="float32", name="decoder_sigmoid")(x_hat)
    return Autoencoder(encoder, keras.Model(y, x_hat, name="decoder"), name="cnn")


def _dark_start():
    """Returns initializers for a last layer whose pixels all start near sigmoid(−2) = 0.12."""
    return {
        "kernel_initializer": keras.initializers.RandomNormal(stddev=0.01),
        "bias_initializer": keras.initializers.Constant(-2.0),
    }
