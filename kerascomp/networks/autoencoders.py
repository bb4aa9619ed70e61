"""The report's autoencoders as Keras models, each with an `.encoder` and a `.decoder`.

    x (N, H, W, C) float32 in [0, 1]  ->  encoder  ->  y, the latent  ->  decoder  ->  x_hat

Weights start as He et al. propose for ReLUs ("Delving Deep into Rectifiers", 2015, section 2.2).
Decoders of digits start dark: from gray they may fall into black and stay there (lesson 03).
"""

import math

import keras
from keras import layers

from kerascomp.datasets import to_float, to_uint8

INITIALIZER = "he_normal"
DIGIT = (28, 28, 1)


@keras.saving.register_keras_serializable("kerascomp")
class Autoencoder(keras.Model):
    """An encoder and a decoder in a row.

    Args:
        encoder: Keras model, images to one latent or, with skip connections, to several.
        decoder: Keras model, what the encoder returns to images.
        quantizer: one of `quantizers`, between the two; None sends the latent as it is.
        name: string.
    """

    def __init__(self, encoder, decoder, *, quantizer=None, name="autoencoder"):
        super().__init__(name=name)
        self.encoder = encoder
        self.decoder = decoder
        self.quantizer = quantizer
        self.build(encoder.input_shape)

    def call(self, x, training=None):
        """Returns x_hat (N, H, W, C) for x (N, H, W, C), both float32 in [0, 1]."""
        y = self.encoder(self._checked(x), training=training)
        if self.quantizer is not None:
            y = self.quantizer(y, training=training)
        return self.decoder(y, training=training)

    @property
    def image_shape(self):
        """(H, W, C) of the images that go in and come out."""
        return self.encoder.input_shape[1:]

    @property
    def latent_shapes(self):
        """One shape for each tensor that crosses from encoder to decoder."""
        outputs = self.encoder.output_shape
        outputs = outputs if isinstance(outputs, list) else [outputs]
        return [shape[1:] for shape in outputs]

    @property
    def num_latents(self):
        """How many numbers cross from encoder to decoder for one image."""
        return sum(math.prod(shape) for shape in self.latent_shapes)

    def reconstruct(self, images, batch_size=500):
        """Returns the decoded images, uint8 (N, H, W, C), of uint8 images of that shape.

        Raises:
            ValueError: the images are not uint8 or not of this network's size.
        """
        x = to_float(images)
        if x.shape[1:] != self.image_shape:
            raise ValueError(
                f"{self.name} takes images of shape (N, {_join(self.image_shape)}), "
                f"received {x.shape}"
            )
        return to_uint8(self.predict(x, batch_size=batch_size, verbose=0))

    def get_config(self):
        return {
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
            "quantizer": keras.saving.serialize_keras_object(self.quantizer),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        return cls(
            keras.saving.deserialize_keras_object(config["encoder"]),
            keras.saving.deserialize_keras_object(config["decoder"]),
            quantizer=keras.saving.deserialize_keras_object(config["quantizer"]),
            name=config["name"],
        )

    def _checked(self, x):
        if not x.dtype.is_floating or not x.shape.is_compatible_with((None, *self.image_shape)):
            raise ValueError(
                f"{self.name} takes float32 images in [0, 1] of shape "
                f"(N, {_join(self.image_shape)}), received {x.dtype.name} {tuple(x.shape)}; "
                "datasets.to_float converts uint8 images"
            )
        return x


def dense(num_latents=32, *, widths=(128, 64), code_activation="relu", name="dense"):
    """Returns the report's dense autoencoder: 784 → 128 → 64 → 32 → 64 → 128 → 784.

    Two starting values keep more of its ReLUs alive, for one that is negative for every image has
    no gradient and stays dead. The code's biases are one, and the decoder begins with an almost
    constant dark gray, the mean digit, so that the first steps need not push everything down.

    Args:
        num_latents: numbers in the code, 32 in the report.
        widths: hidden units between image and code; the decoder mirrors them.
        code_activation: "relu" as in the report, or None for a linear code.
        name: string.

    Example:
        >>> dense().count_params()
        222384
    """
    x = layers.Input(DIGIT, name="encoder_input")
    y = layers.Flatten(name="encoder_flatten")(x)
    for number, width in enumerate(widths, start=1):
        y = _dense(width, f"encoder_dense_{number}")(y)
    y = _dense(num_latents, "encoder_code", activation=code_activation, bias_initializer="ones")(y)
    encoder = keras.Model(x, y, name="encoder")

    y = layers.Input((num_latents,), name="decoder_input")
    x_hat = y
    for number, width in enumerate(reversed(widths), start=1):
        x_hat = _dense(width, f"decoder_dense_{number}")(x_hat)
    x_hat = _dense(math.prod(DIGIT), "decoder_pixels", activation=None, **_dark_start())(x_hat)
    x_hat = _sigmoid()(x_hat)
    x_hat = layers.Reshape(DIGIT, name="decoder_reshape")(x_hat)
    return Autoencoder(encoder, keras.Model(y, x_hat, name="decoder"), name=name)


def wide(num_latents=8, *, widths=(512, 256, 128)):
    """Returns a dense autoencoder with a linear code, as large as 8 numbers can use.

    Args:
        num_latents: numbers in the code.
        widths: hidden units between image and code; the decoder mirrors them.
    """
    return dense(num_latents, widths=widths, code_activation=None, name="wide")


def cnn(num_latents=8, *, initializer=INITIALIZER, dark_start=True):
    """Returns the report's convolutional autoencoder for digits: 28×28 pixels, 8 numbers.

        28×28×1 → 14×14×16 → 7×7×8 → 4×4×8 → 128 → 32 → 8 → 32 → 128 → 4×4×8 → 8×8×8
        → 16×16×8 → 14×14×16 → 28×28×16 → 28×28×1

    The 8 numbers are linear (a ReLU there would waste half of each); all else is ReLU.

    Args:
        num_latents: numbers in the code, 8 in the report.
        initializer: of the weights; Keras's default, "glorot_uniform", is the trap of lesson 03.
        dark_start: whether the decoder begins with the mean digit's gray, as in `dense`.

    Example:
        >>> cnn().count_params()
        13289
    """

    def convolution(filters, name, **options):
        return _convolution(filters, name, kernel_initializer=initializer, **options)

    def fully_connected(width, name, **options):
        return _dense(width, name, kernel_initializer=initializer, **options)

    x = layers.Input(DIGIT, name="encoder_input")
    y = x
    for number, filters in enumerate((16, 8, 8), start=1):
        y = convolution(filters, f"encoder_convolution_{number}")(y)
        y = layers.MaxPooling2D(2, padding="same", name=f"encoder_pool_{number}")(y)
    y = layers.Flatten(name="encoder_flatten")(y)  # (N, 4·4·8)
    y = fully_connected(32, "encoder_dense_1")(y)
    y = fully_connected(num_latents, "encoder_code", activation=None)(y)
    encoder = keras.Model(x, y, name="encoder")

    y = layers.Input((num_latents,), name="decoder_input")
    x_hat = fully_connected(32, "decoder_dense_1")(y)
    x_hat = fully_connected(128, "decoder_dense_2")(x_hat)
    x_hat = layers.Reshape((4, 4, 8), name="decoder_reshape")(x_hat)
    for number, (filters, padding) in enumerate(((8, "same"), (8, "same"), (16, "valid")), start=1):
        x_hat = convolution(filters, f"decoder_convolution_{number}", padding=padding)(x_hat)
        x_hat = layers.UpSampling2D(2, name=f"decoder_up_{number}")(x_hat)
    start = _dark_start() if dark_start else {"kernel_initializer": initializer}
    x_hat = _convolution(1, "decoder_pixels", activation=None, **start)(x_hat)
    x_hat = _sigmoid()(x_hat)
    return Autoencoder(encoder, keras.Model(y, x_hat, name="decoder"), name="cnn")


def unet(input_shape=(32, 32, 3), *, dropout=0.1, skips=False, filters=(16, 32, 64, 128)):
    """Returns the report's U-Net autoencoder: four convolutions with pooling, and their mirror.

        32×32×3 → 16×16×16 → 8×8×32 → 4×4×64 → 2×2×128 = 512 numbers → … → 32×32×3

    Args:
        input_shape: (H, W, C); sides that 16 does not divide are padded with zeros, and cropped
            away at the end: a 28×28 digit is a 32×32 image inside.
        dropout: probability of dropping a value after every hidden layer; 0.1 in the report.
        skips: whether the encoder's feature maps also go to the decoder (Ronneberger et al.,
            2015). Then each of them is a latent: the encoder returns [code, map 1, …, map 4].
        filters: channels of the four levels.

    Example:
        >>> model = unet()
        >>> 32 * 32 * 3 / model.num_latents
        6.0
    """
    height, width, channels = input_shape
    padding = [_padding(side, 2 ** len(filters)) for side in (height, width)]

    x = layers.Input(input_shape, name="encoder_input")
    y = layers.ZeroPadding2D(padding, name="encoder_pad")(x)
    maps = []
    for level, width_ in enumerate(filters, start=1):
        y = _convolution(width_, f"encoder_convolution_{level}")(y)
        y = layers.Dropout(dropout, name=f"encoder_dropout_{level}")(y)
        maps.append(y)
        y = layers.MaxPooling2D(2, name=f"encoder_pool_{level}")(y)
    encoder = keras.Model(x, [y, *maps] if skips else y, name="encoder")

    y = layers.Input(y.shape[1:], name="decoder_input")
    skipped = [
        layers.Input(map_.shape[1:], name=f"decoder_skip_{level}")
        for level, map_ in enumerate(maps, start=1)
    ]
    x_hat = y
    for level, width_ in reversed(list(enumerate(filters, start=1))):
        x_hat = _convolution(width_, f"decoder_convolution_{level}")(x_hat)
        x_hat = layers.Dropout(dropout, name=f"decoder_dropout_{level}")(x_hat)
        x_hat = layers.UpSampling2D(2, name=f"decoder_up_{level}")(x_hat)
        if skips:
            x_hat = layers.Concatenate(name=f"decoder_join_{level}")([x_hat, skipped[level - 1]])
    x_hat = _sigmoid()(_convolution(channels, "decoder_pixels", activation=None)(x_hat))
    x_hat = layers.Cropping2D(padding, name="decoder_crop")(x_hat)
    decoder = keras.Model([y, *skipped] if skips else y, x_hat, name="decoder")
    return Autoencoder(encoder, decoder, name="unet")


def quantized(model, quantizer):
    """Returns an autoencoder with a quantizer at its narrowest place, to be trained with it.

    The latent is normalized first, each channel to mean 0 and variance 1. Otherwise a network that
    pays for errors but not for bits would shout: latents of thousands, next to which rounding is
    nothing.

    Args:
        model: an `Autoencoder` with one latent; its layers become those of the result.
        quantizer: one of `quantizers`; its step is in standard deviations of a channel.

    Raises:
        ValueError: the model has several latents.
    """
    if len(model.latent_shapes) != 1:
        raise ValueError(
            f"expected an autoencoder with one latent, received {len(model.latent_shapes)} "
            f"of shapes {model.latent_shapes}"
        )
    y = layers.BatchNormalization(
        center=False, scale=False, dtype="float32", name="encoder_normalization"
    )(model.encoder.output)
    encoder = keras.Model(model.encoder.input, y, name="encoder")
    return Autoencoder(encoder, model.decoder, quantizer=quantizer, name=f"{model.name}-quantized")


def _dense(width, name, *, activation="relu", kernel_initializer=INITIALIZER, **options):
    return layers.Dense(
        width, activation, kernel_initializer=kernel_initializer, name=name, **options
    )


def _dark_start():
    """Returns initializers for a last layer whose pixels all start near sigmoid(−2) = 0.12."""
    return {
        "kernel_initializer": keras.initializers.RandomNormal(stddev=0.01),
        "bias_initializer": keras.initializers.Constant(-2.0),
    }


def _convolution(
    filters, name, *, activation="relu", kernel_initializer=INITIALIZER, padding="same", **options
):
    return layers.Conv2D(
        filters, 3, padding=padding, activation=activation,
        kernel_initializer=kernel_initializer, name=name, **options,
    )  # fmt: skip


def _sigmoid():
    """Returns the last activation, in float32 even where training computes in bfloat16."""
    return layers.Activation("sigmoid", dtype="float32", name="decoder_sigmoid")


def _padding(side, multiple):
    """Returns (before, after): zeros that make `side` a multiple of `multiple`."""
    missing = -side % multiple
    return missing // 2, missing - missing // 2


def _join(shape):
    return ", ".join(map(str, shape))
