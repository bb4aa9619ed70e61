"""Analysis and synthesis transforms: images to latents and back, both told the quality.

    analysis   [x (N, H, W, C), condition (N, 6)]  ->  y (N, h, w, K)
    synthesis  [y_hat (N, h, w, K), condition]     ->  x_hat (N, H, W, C)

The condition says which quality is wanted, as six smooth functions of it (`condition`). A layer
that listens to it scales and shifts its channels (FiLM; Perez et al. 2018), so that one network
serves every rate.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from scipy.fft import dct

from kerascomp.codecs.bottleneck.integers import NUM_CONDITIONS

BLOCK = 4  # pixels of a side that the first layer takes together
INITIALIZER = "he_normal"


def condition(quality):
    """Returns six smooth functions (N, 6) of qualities (N,) from 0 to 1: half cosine waves."""
    waves = np.pi * np.arange(1, NUM_CONDITIONS + 1, dtype=np.float32)
    return tf.cos(quality[:, None] * waves)


def pair(image_shape, latent_shape, analysis, synthesis):
    """Returns (analysis, synthesis), Keras models of two functions of (tensor, condition)."""
    keras.backend.reset_uids()  # layers get the same names, whatever was built before
    told = layers.Input((NUM_CONDITIONS,), name="condition")
    x = layers.Input(image_shape, name="x")
    y_hat = layers.Input(latent_shape, name="y_hat")
    return (
        keras.Model([x, told], analysis(x, told), name="analysis"),
        keras.Model([y_hat, told], synthesis(y_hat, told), name="synthesis"),
    )


def of_autoencoder(autoencoder):
    """Returns the transforms of an autoencoder with one latent, which has no ear for the quality.

    Its latent becomes one row, y (N, 1, 1, K), whatever shape it had.
    """
    (shape,) = autoencoder.latent_shapes
    return pair(
        autoencoder.image_shape,
        (1, 1, autoencoder.num_latents),
        lambda x, _: layers.Reshape((1, 1, -1))(autoencoder.encoder(x)),
        lambda y_hat, _: autoencoder.decoder(layers.Reshape(shape)(y_hat)),
    )


def digits(num_free=24, num_details=136, hidden=512, width=32):
    """Returns the transforms of `mnist-bottleneck`: a few numbers that say most, then details.

    One row of latents, y (N, 1, 1, K): the first are a dense network's own, which knows digits; the
    others are the lowest frequencies of a DCT, and what the network adds to them. The details fade
    in with the quality: at the smallest rates the digit is in the first latents alone.
    """
    shape, side = (28, 28, 1), 28 // BLOCK
    basis = dct_basis(28)[:, :num_details]

    def analysis(x, told):
        pixels = layers.Flatten()(x)
        h = _film(_dense(pixels, hidden), told)
        for _ in range(2):
            h = _dense_residual(h, told, hidden)
        details = layers.Add()([_fade_in(_linear(pixels, basis), told), _zeros(h, num_details)])
        row = layers.Concatenate()([layers.Dense(num_free)(h), details])
        return layers.Reshape((1, 1, num_free + num_details))(row)

    def synthesis(y_hat, told):
        row = layers.Flatten()(y_hat)
        h = _film(_dense(row, hidden), told)
        for _ in range(2):
            h = _dense_residual(h, told, hidden)
        h = layers.Reshape((side, side, BLOCK**2))(_dense(h, (side * BLOCK) ** 2))
        h = _convolution(h, width)
        for _ in range(2):
            h = _residual(h, told, width)
        details = _linear(_fade_in(row[:, num_free:], told), basis.T)
        return layers.Add()(
            [layers.Reshape(shape)(details), _to_pixels(_from_nothing(h, BLOCK**2))]
        )

    return pair(shape, (1, 1, num_free + num_details), analysis, synthesis)


def photographs(num_latents=96, width=128, fine_width=64, shape=(32, 32, 3)):
    """Returns the transforms of `cifar10-bottleneck`: a block DCT, and what it cannot know.

    Blocks of 8×8 pixels become DCT coefficients, as in JPEG; residual convolutions, some on blocks
    of 4×4 pixels and some on those of 8×8, add to them what the neighbors tell. They begin at
    nothing, so the training begins with a transform code. All layers are convolutions: images of
    any size will do whose sides are multiples of 8.
    """
    side = 2 * BLOCK
    basis = dct_basis(side, shape[-1])[:, :num_latents]
    grid = (shape[0] // side, shape[1] // side, num_latents)

    def analysis(x, told):
        h = _convolution(_to_blocks(x - 0.5), fine_width)
        for _ in range(2):
            h = _residual(h, told, fine_width)
        h = _dense(_to_blocks(h, 2), width)
        for _ in range(2):
            h = _residual(h, told, width)
        return layers.Add()([_linear(_to_blocks(x - 0.5, side), basis), _zeros(h, num_latents)])

    def synthesis(y_hat, told):
        h = _convolution(y_hat, width)
        for _ in range(3):
            h = _residual(h, told, width)
        h = _convolution(_to_pixels(_dense(h, 4 * fine_width), 2), fine_width)
        for _ in range(3):
            h = _residual(h, told, fine_width)
        pixels = _to_pixels(_linear(y_hat, basis.T), side)
        return layers.Add()([pixels, _to_pixels(_from_nothing(h, BLOCK**2 * shape[-1]))]) + 0.5

    return pair(shape, grid, analysis, synthesis)


def _to_blocks(x, side=BLOCK):
    """Blocks of side × side pixels as channels."""
    return tf.nn.space_to_depth(x, side)


def _to_pixels(blocks, side=BLOCK):
    return tf.nn.depth_to_space(blocks, side)


def _convolution(x, width):
    return layers.Conv2D(
        width, 3, padding="same", activation="relu", kernel_initializer=INITIALIZER
    )(x)


def _dense(x, width):
    return layers.Dense(width, activation="relu", kernel_initializer=INITIALIZER)(x)


def _linear(x, matrix):
    start = keras.initializers.Constant(matrix)
    return layers.Dense(matrix.shape[1], use_bias=False, kernel_initializer=start)(x)


def _zeros(x, width):
    """A dense layer that returns zeros before it is trained."""
    return layers.Dense(width, kernel_initializer="zeros")(x)


def _from_nothing(x, width):
    """A convolution that returns zeros before it is trained."""
    return layers.Conv2D(width, 3, padding="same", kernel_initializer="zeros")(x)


def _film(x, told):
    """x · (1 + a) + b on each channel, a and b linear in the condition."""
    shape = (1,) * (len(x.shape) - 2) + (x.shape[-1],)
    scale, shift = (
        layers.Reshape(shape)(layers.Dense(x.shape[-1], kernel_initializer="zeros")(told))
        for _ in range(2)
    )
    return x * (1 + scale) + shift


def _fade_in(x, told):
    """x · a, a linear in the condition; before training it rises from 0 to 1 with the quality."""
    start = np.zeros((NUM_CONDITIONS, x.shape[-1]), np.float32)
    start[0] = -0.5  # of the first half wave, which falls from 1 to -1
    gain = layers.Dense(
        x.shape[-1],
        kernel_initializer=keras.initializers.Constant(start),
        bias_initializer=keras.initializers.Constant(0.5),
    )
    return x * gain(told)


def _residual(x, told, width):
    """x + what a 3×3 convolution, conditioned, and a 1×1 convolution make of it."""
    h = layers.Conv2D(width, 3, padding="same", kernel_initializer=INITIALIZER)(x)
    h = layers.ReLU()(_film(h, told))
    return layers.Add()([x, _zeros(h, width)])


def _dense_residual(x, told, width):
    """x + what two dense layers, conditioned, make of it; half as wide between them."""
    h = layers.Dense(width // 2, kernel_initializer=INITIALIZER)(x)
    h = layers.ReLU()(_film(h, told))
    return layers.Add()([x, _zeros(h, width)])


def dct_basis(side, channels=1):
    """Returns the orthonormal DCT of side × side pixels, (side² · C, side² · C), a column each.

    Low frequencies come first. Color is turned to one mean and two differences, and these come
    later than gray, as in JPEG.
    """
    wave = dct(np.eye(side), norm="ortho", axis=0)  # (frequency, pixel)
    color = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]], float)[:channels, :channels]
    color /= np.linalg.norm(color, axis=1, keepdims=True)
    basis = np.einsum("ui,vj,dc->ijcuvd", wave, wave, color)  # rows as in space_to_depth
    size = side * side * channels
    return basis.reshape(size, size)[:, _dct_order(side, channels)].astype(np.float32)


def dct_frequencies(side, channels=1):
    """Returns (u, v, channel) of the columns of `dct_basis`, three integer arrays."""
    order = _dct_order(side, channels)
    return tuple(each.ravel()[order] for each in np.indices((side, side, channels)))


def _dct_order(side, channels):
    u, v, channel = np.indices((side, side, channels))
    return np.argsort((np.hypot(u, v) + 1.5 * (channel > 0) + 0.01 * u).ravel(), kind="stable")
