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
from kerascomp.networks.conditioned import INITIALIZER, Film, Residual

Transforms = tuple[keras.Model, keras.Model]  # analysis, synthesis
BLOCK = 4  # pixels of a side that the first layer takes together
UNITS, NUM_BLOCKS = 512, 3  # of dense networks


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


def residual_dense(num_inputs: int, num_outputs: int, *, name: str, **last) -> keras.Model:
    """Returns a conditioned dense network, [x (N, n), condition] -> (N, m).

    Args:
        num_inputs, num_outputs: n and m.
        name: of the network, and what the names of its layers begin with.
        last: options of the last layer.
    """
    x = layers.Input((num_inputs,), name=f"{name}_input")
    condition = layers.Input((NUM_CONDITIONS,), name=f"{name}_condition")
    h = layers.Dense(UNITS, kernel_initializer=INITIALIZER, name=f"{name}_first")(x)
    h = Film(name=f"{name}_film")(h, condition)
    for index in range(NUM_BLOCKS):
        block = Residual(UNITS, activation="gelu", name=f"{name}_block{index}")
        h = block(h, condition)
    h = layers.Activation("gelu", name=f"{name}_gelu")(h)
    h = Film(name=f"{name}_last_film")(h, condition)
    outputs = layers.Dense(num_outputs, dtype="float32", name=f"{name}_last", **last)(h)
    return keras.Model([x, condition], outputs, name=name)


def photographs(
    num_latents: int,
    widths: Sequence[int],
    depths: Sequence[int],
    shape=(None, None, 3),
    *,
    activation: str | None = None,
) -> Transforms:
    """Returns the transforms of photographs: a block DCT, and what it cannot know.

    Blocks become DCT coefficients, as in JPEG; residual convolutions add to them what the neighbors
    tell, some on blocks of 4×4 pixels and some on blocks twice as wide for each further width. They
    begin at nothing, so the training begins with a transform code. All layers are convolutions:
    images of any size will do whose sides are multiples of the largest block's.

    Args:
        num_latents: of a largest block, its lowest frequencies.
        widths: channels of the convolutions, from the finest blocks on.
        depths: residual convolutions of the synthesis, for each of the widths; the analysis has
            two.
        shape: (H, W, C); H and W are None where any size will do.
        activation: of the layers between two scales. They are in a row, without connections past
            them: where all units of a "relu" are 0 once, the layers before it learn nothing more.
    """
    side = BLOCK << len(widths) - 1
    basis = dct_basis(side, shape[-1])[:, :num_latents]
    grid = (*(size and size // side for size in shape[:2]), num_latents)

    def analysis(x, condition, name):
        x = layers.Rescaling(1.0, -0.5, name=name("centered"))(x)
        h = ToBlocks(BLOCK, name=name("blocks0"))(x)
        for scale, width in enumerate(widths):
            if scale:
                h = ToBlocks(2, name=name(f"blocks{scale}"))(h)
            layer = _dense if scale else _convolution
            h = layer(h, width, activation, name(f"first{scale}"))
            h = _residuals(h, condition, name(f"scale{scale}"))
        dct = _linear(ToBlocks(side, name=name("dct_blocks"))(x), basis, name("dct"))
        return layers.Add(name=name("y"))([dct, _zeros(h, num_latents, name("refine"))])

    def synthesis(y_hat, condition, name):
        h = y_hat
        for scale, width in reversed(list(enumerate(widths))):
            h = _convolution(h, width, activation, name(f"first{scale}"))
            h = _residuals(h, condition, name(f"scale{scale}"), number=depths[scale])
            if scale:
                finer = _dense(h, 4 * widths[scale - 1], activation, name(f"dense{scale}"))
                h = ToPixels(2, name=name(f"blocks{scale}"))(finer)
        dct = ToPixels(side, name=name("dct_pixels"))(_linear(y_hat, basis.T, name("dct")))
        x = layers.Add(name=name("centered"))([dct, _pixels(h, BLOCK, shape[-1], name)])
        return layers.Rescaling(1.0, 0.5, name=name("x_hat"))(x)

    return model_of(analysis, shape), model_of(synthesis, grid)


def _residuals(x, condition, name, *, number=2):
    """Conditioned convolutions with residual connections."""
    for index in range(number):
        x = Residual(x.shape[-1], 3, name=f"{name}_{index}")(x, condition)
    return x


def _convolution(x, width, activation, name):
    options = {"padding": "same", "activation": activation, "kernel_initializer": INITIALIZER}
    return layers.Conv2D(width, 3, name=name, **options)(x)


def _dense(x, width, activation, name):
    options = {"activation": activation, "kernel_initializer": INITIALIZER}
    return layers.Dense(width, name=name, **options)(x)


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
