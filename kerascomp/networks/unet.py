"""The report's U-Net autoencoder, with and without its skip connections."""

import functools
from collections.abc import Sequence

import keras
from keras import layers

from kerascomp.networks.base import Autoencoder


def unet(
    input_shape: tuple[int, int, int] = (32, 32, 3),
    *,
    dropout: float = 0.1,
    skips: bool = False,
    filters: Sequence[int] = (16, 32, 64, 128),
) -> Autoencoder:
    """Returns the report's U-Net autoencoder: four convolutions with pooling, and their mirror.

        32×32×3 → 16×16×16 → 8×8×32 → 4×4×64 → 2×2×128 = 512 numbers → … → 32×32×3

    Args:
        input_shape: (H, W, C); sides that 16 does not divide are padded with zeros, and cropped
            at the end: a 28×28 digit is a 32×32 image inside.
        dropout: probability of dropping a value after every hidden layer; 0.1 in the report.
        skips: whether the encoder's feature maps also go to the decoder. Then each of them is a
            latent: the encoder returns [code, map 1, …, map 4].
        filters: channels of the four levels.

    Reference:
        O. Ronneberger, P. Fischer, T. Brox, "U-Net: convolutional networks for biomedical image
        segmentation", 2015, section 2.

    Example:
        >>> model = unet()
        >>> 32 * 32 * 3 / model.num_latents
        6.0
    """
    height, width, channels = input_shape
    padding = [_padding(side, 2 ** len(filters)) for side in (height, width)]
    levels = list(enumerate(filters, start=1))
    options = {"activation": "relu", "kernel_initializer": "he_normal"}
    convolution = functools.partial(layers.Conv2D, kernel_size=3, padding="same", **options)

    x = layers.Input(input_shape, name="encoder_input")
    y = layers.ZeroPadding2D(padding, name="encoder_pad")(x)
    maps = []
    for level, num_filters in levels:
        y = convolution(num_filters, name=f"encoder_convolution_{level}")(y)
        y = layers.Dropout(dropout, name=f"encoder_dropout_{level}")(y)
        maps.append(y)
        y = layers.MaxPooling2D(2, name=f"encoder_pool_{level}")(y)
    encoder = keras.Model(x, [y, *maps] if skips else y, name="encoder")

    y = layers.Input(y.shape[1:], name="decoder_input")
    skipped = [
        layers.Input(feature_map.shape[1:], name=f"decoder_skip_{level}")
        for level, feature_map in enumerate(maps, start=1)
    ]
    x_hat = y
    for level, num_filters in reversed(levels):
        x_hat = convolution(num_filters, name=f"decoder_convolution_{level}")(x_hat)
        x_hat = layers.Dropout(dropout, name=f"decoder_dropout_{level}")(x_hat)
        x_hat = layers.UpSampling2D(2, name=f"decoder_up_{level}")(x_hat)
        if skips:
            x_hat = layers.Concatenate(name=f"decoder_join_{level}")([x_hat, skipped[level - 1]])
    x_hat = convolution(channels, activation=None, name="decoder_pixels")(x_hat)
    # float32 even where the training computes in bfloat16
    x_hat = layers.Activation("sigmoid", dtype="float32", name="decoder_sigmoid")(x_hat)
    x_hat = layers.Cropping2D(padding, name="decoder_crop")(x_hat)
    decoder = keras.Model([y, *skipped] if skips else y, x_hat, name="decoder")
    return Autoencoder(encoder, decoder, name="unet")


def _padding(side, multiple):
    """Returns (before, after): zeros that make `side` a multiple of `multiple`."""
    missing = -side % multiple
    return missing // 2, missing - missing // 2
