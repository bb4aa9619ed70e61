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


def digits(num_latents=96, width=32, hidden=512):
    """Returns the transforms of `mnist-bottleneck`: a DCT of the whole digit, and more.

    The lowest frequencies of a DCT make one row of latents, y (N, 1, 1, K). What a wide dense
    network knows of digits is added to them, and on the way back to what they say. Both additions
    begin at nothing, so the training begins with a transform code.
    """
    shape, side = (28, 28, 1), 28 // BLOCK
    basis = _dct_basis(28)[:, :num_latents]

    def analysis(x, told):
        h = _residual(_convolution(_to_blocks(x), width), told, width)
        h = layers.Flatten()(layers.Dense(BLOCK**2)(h))
        h = _dense_residual(_dense(h, hidden), told, hidden)
        coefficients = _linear(layers.Flatten()(x), basis)
        y = layers.Add()([coefficients, layers.Dense(num_latents, kernel_initializer="zeros")(h)])
        return layers.Reshape((1, 1, num_latents))(y)

    def synthesis(y_hat, told):
        row = layers.Flatten()(y_hat)
        h = _dense_residual(_film(_dense(row, hidden), told), told, hidden)
        h = layers.Reshape((side, side, BLOCK**2))(_dense(h, (side * BLOCK) ** 2))
        h = _convolution(h, width)
        for _ in range(2):
            h = _residual(h, told, width)
        pixels = layers.Reshape(shape)(_linear(row, basis.T))
        return layers.Add()([pixels, _to_pixels(_from_nothing(h, BLOCK**2))])

    return pair(shape, (1, 1, num_latents), analysis, synthesis)


def photographs(num_latents=32, width=64, shape=(32, 32, 3)):
    """Returns the transforms of `cifar10-bottleneck`: a block DCT, and what it cannot know.

    Blocks of 4×4 pixels become DCT coefficients, as in JPEG; residual convolutions add to them
    what neighbouring blocks tell. They begin at nothing, so the training begins with a transform
    code. All layers are convolutions: images of any size will do whose sides are multiples of 4.
    """
    basis = _dct_basis(BLOCK, shape[-1])[:, :num_latents]
    grid = (shape[0] // BLOCK, shape[1] // BLOCK, num_latents)

    def analysis(x, told):
        blocks = _to_blocks(x - 0.5)
        h = _convolution(blocks, width)
        for _ in range(3):
            h = _residual(h, told, width)
        return layers.Add()([_linear(blocks, basis), _from_nothing(h, num_latents)])

    def synthesis(y_hat, told):
        h = _convolution(y_hat, width)
        for _ in range(4):
            h = _residual(h, told, width)
        blocks = layers.Add()([_linear(y_hat, basis.T), _from_nothing(h, basis.shape[0])])
        return _to_pixels(blocks) + 0.5

    return pair(shape, grid, analysis, synthesis)


def _to_blocks(x):
    """Blocks of 4×4 pixels as channels."""
    return tf.nn.space_to_depth(x, BLOCK)


def _to_pixels(blocks):
    return tf.nn.depth_to_space(blocks, BLOCK)


def _convolution(x, width):
    return layers.Conv2D(
        width, 3, padding="same", activation="relu", kernel_initializer=INITIALIZER
    )(x)


def _dense(x, width):
    return layers.Dense(width, activation="relu", kernel_initializer=INITIALIZER)(x)


def _linear(x, matrix):
    start = keras.initializers.Constant(matrix)
    return layers.Dense(matrix.shape[1], use_bias=False, kernel_initializer=start)(x)


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


def _residual(x, told, width):
    """x + what a 3×3 convolution, conditioned, and a 1×1 convolution make of it."""
    h = layers.Conv2D(width, 3, padding="same", kernel_initializer=INITIALIZER)(x)
    h = layers.ReLU()(_film(h, told))
    return layers.Add()([x, layers.Dense(width, kernel_initializer="zeros")(h)])


def _dense_residual(x, told, width):
    """x + what two dense layers, conditioned, make of it."""
    h = layers.Dense(width, kernel_initializer=INITIALIZER)(x)
    h = layers.ReLU()(_film(h, told))
    return layers.Add()([x, layers.Dense(width, kernel_initializer="zeros")(h)])


def _dct_basis(side, channels=1):
    """Returns the orthonormal DCT of side × side pixels, (side² · C, side² · C), a column each.

    Low frequencies come first. Color is turned to one mean and two differences, and these come
    later than gray, as in JPEG.
    """
    wave = dct(np.eye(side), norm="ortho", axis=0)  # (frequency, pixel)
    color = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]], float)[:channels, :channels]
    color /= np.linalg.norm(color, axis=1, keepdims=True)
    basis = np.einsum("ui,vj,dc->ijcuvd", wave, wave, color)  # rows as in space_to_depth
    u, v, d = np.indices((side, side, channels))
    order = np.argsort((np.hypot(u, v) + 1.5 * (d > 0) + 0.01 * u).ravel(), kind="stable")
    size = side * side * channels
    return basis.reshape(size, size)[:, order].astype(np.float32)
