"""Analysis and synthesis transforms: images to latents and back, both conditioned on the quality.

analysis   [x (N, H, W, C), condition (N, 6)]  ->  y (N, h, w, K)
synthesis  [y_hat (N, h, w, K), condition]     ->  x_hat (N, H, W, C)
"""

from collections.abc import Callable, Sequence

import keras
from keras import layers

from kerascomp.codecs.bottleneck.conditioning import NUM_CONDITIONS
from kerascomp.codecs.dct import dct_basis
from kerascomp.networks.base import Autoencoder
from kerascomp.networks.blocks import ToBlocks, ToPixels
from kerascomp.networks.conditioned import INITIALIZER, FadeIn, Film, Residual

Transforms = tuple[keras.Model, keras.Model]  # analysis, synthesis
BLOCK = 4  # pixels of a side that the first layer takes together


def model_of(transform: Callable, shape: Sequence[int]) -> keras.Model:
    """Returns the Keras model of a function of (tensor, condition, name), called as it is.

    `name` is a function that returns the name of a layer within its model.
    """
    name = f"{transform.__name__}_{{}}".format
    x = layers.Input(shape, name=name("input"))
    condition = layers.Input((NUM_CONDITIONS,), name=name("condition"))
    return keras.Model([x, condition], transform(x, condition, name), name=transform.__name__)


def of_autoencoder(autoencoder: Autoencoder) -> Transforms:
    """Returns the transforms of an autoencoder with one latent; they ignore the condition.

    Its latent becomes one row, y (N, 1, 1, K), whatever shape it had.
    """
    (shape,), row = autoencoder.latent_shapes, (1, 1, autoencoder.num_latents)

    def analysis(x, condition, name):
        return layers.Reshape(row, name=name("row"))(autoencoder.encoder(x))

    def synthesis(y_hat, condition, name):
        return autoencoder.decoder(layers.Reshape(shape, name=name("latent"))(y_hat))

    return model_of(analysis, autoencoder.image_shape), model_of(synthesis, row)


def digits(num_free=24, num_details=136, hidden=512, width=32) -> Transforms:
    """Returns the transforms of `mnist-bottleneck`: a few numbers that say most, then details.

    One row of latents, y (N, 1, 1, K): the first are a dense network's own, which knows digits; the
    others are the lowest frequencies of a DCT, and what the network adds to them. The details fade
    in with the quality: at the smallest rates the digit is in the first latents alone.
    """
    shape, side = (28, 28, 1), 28 // BLOCK
    row_shape = (1, 1, num_free + num_details)
    basis = dct_basis(28)[:, :num_details]

    def analysis(x, condition, name):
        pixels = layers.Flatten(name=name("pixels"))(x)
        h = Film(name=name("film"))(_dense(pixels, hidden, name("dense")), condition)
        h = _residuals(h, condition, name("hidden"), kernel_size=None)
        dct = FadeIn(name=name("fade_in"))(_linear(pixels, basis, name("dct")), condition)
        details = layers.Add(name=name("details"))([dct, _zeros(h, num_details, name("refine"))])
        free = layers.Dense(num_free, name=name("free"))(h)
        row = layers.Concatenate(name=name("row"))([free, details])
        return layers.Reshape(row_shape, name=name("y"))(row)

    def synthesis(y_hat, condition, name):
        row = layers.Flatten(name=name("row"))(y_hat)
        h = Film(name=name("film"))(_dense(row, hidden, name("dense")), condition)
        h = _residuals(h, condition, name("hidden"), kernel_size=None)
        h = _dense(h, (side * BLOCK) ** 2, name("blocks"))
        h = layers.Reshape((side, side, BLOCK**2), name=name("grid"))(h)
        h = _convolution(h, width, name("convolution"))
        h = _residuals(h, condition, name("fine"))
        details = FadeIn(num_free, name=name("fade_in"))(row, condition)
        details = _linear(details, basis.T, name("dct"))
        details = layers.Reshape(shape, name=name("details"))(details)
        return layers.Add(name=name("x_hat"))([details, _pixels(h, BLOCK, 1, name)])

    return model_of(analysis, shape), model_of(synthesis, row_shape)


def photographs(num_latents=96, width=128, fine_width=64, shape=(32, 32, 3)) -> Transforms:
    """Returns the transforms of `cifar10-bottleneck`: a block DCT, and what it cannot know.

    Blocks of 8×8 pixels become DCT coefficients, as in JPEG; residual convolutions, some on blocks
    of 4×4 pixels and some on those of 8×8, add to them what the neighbors tell. They begin at
    nothing, so the training begins with a transform code. All layers are convolutions: images of
    any size will do whose sides are multiples of 8.
    """
    side = 2 * BLOCK
    basis = dct_basis(side, shape[-1])[:, :num_latents]
    grid = (shape[0] // side, shape[1] // side, num_latents)

    def analysis(x, condition, name):
        x = layers.Rescaling(1.0, -0.5, name=name("centered"))(x)
        h = _convolution(ToBlocks(BLOCK, name=name("blocks4"))(x), fine_width, name("convolution"))
        h = _residuals(h, condition, name("fine"))
        h = _dense(ToBlocks(2, name=name("blocks8"))(h), width, name("dense"))
        h = _residuals(h, condition, name("coarse"))
        dct = _linear(ToBlocks(side, name=name("dct_blocks"))(x), basis, name("dct"))
        return layers.Add(name=name("y"))([dct, _zeros(h, num_latents, name("refine"))])

    def synthesis(y_hat, condition, name):
        h = _convolution(y_hat, width, name("convolution8"))
        h = _residuals(h, condition, name("coarse"), number=3)
        h = ToPixels(2, name=name("blocks4"))(_dense(h, 4 * fine_width, name("dense")))
        h = _convolution(h, fine_width, name("convolution4"))
        h = _residuals(h, condition, name("fine"), number=3)
        dct = ToPixels(side, name=name("dct_pixels"))(_linear(y_hat, basis.T, name("dct")))
        x = layers.Add(name=name("centered"))([dct, _pixels(h, BLOCK, shape[-1], name)])
        return layers.Rescaling(1.0, 0.5, name=name("x_hat"))(x)

    return model_of(analysis, shape), model_of(synthesis, grid)


def _residuals(x, condition, name, *, number=2, kernel_size=3):
    """Conditioned layers with residual connections; dense ones are half as wide inside."""
    units = x.shape[-1] if kernel_size else x.shape[-1] // 2
    for index in range(number):
        x = Residual(units, kernel_size, name=f"{name}{index}")(x, condition)
    return x


def _convolution(x, width, name):
    options = {"padding": "same", "activation": "relu", "kernel_initializer": INITIALIZER}
    return layers.Conv2D(width, 3, name=name, **options)(x)


def _dense(x, width, name):
    return layers.Dense(width, activation="relu", kernel_initializer=INITIALIZER, name=name)(x)


def _linear(x, matrix, name):
    start = keras.initializers.Constant(matrix)
    return layers.Dense(matrix.shape[1], use_bias=False, kernel_initializer=start, name=name)(x)


def _zeros(x, width, name):
    """A dense layer that returns zeros before it is trained."""
    return layers.Dense(width, kernel_initializer="zeros", name=name)(x)


def _pixels(x, side, channels, name):
    """Pixels of blocks by a convolution that returns zeros before it is trained."""
    last = layers.Conv2D(
        side**2 * channels, 3, padding="same", kernel_initializer="zeros", name=name("last")
    )
    return ToPixels(side, name=name("pixels"))(last(x))
