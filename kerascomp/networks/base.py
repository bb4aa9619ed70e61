"""What all autoencoders share: an encoder, a decoder and, between them, perhaps a quantizer.

x (N, H, W, C) float32 in [0, 1]  ->  encoder  ->  y, the latent  ->  decoder  ->  x_hat
"""

import itertools
import math
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from kerascomp.datasets import to_float, to_uint8
from kerascomp.networks import stack
from kerascomp.networks.quantizers import StraightThrough


@keras.saving.register_keras_serializable("kerascomp")
class Autoencoder(keras.Model):
    """An encoder followed by a decoder.

    Args:
        encoder: Keras model that maps images to one latent or, with skip connections, to several.
        decoder: Keras model that maps the encoder's outputs to images.
        quantizer: one of `quantizers`, between the two; None passes the latent on as it is.
        name: string.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        *,
        quantizer: layers.Layer | None = None,
        name: str = "autoencoder",
    ):
        super().__init__(name=name)
        self.encoder = encoder
        self.decoder = decoder
        self.quantizer = quantizer
        if quantizer is not None:
            stack.build(quantizer, encoder.output_shape)
        self.built = True  # encoder and decoder are

    def call(self, x: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Returns x_hat (N, H, W, C) for x (N, H, W, C), both float32 in [0, 1].

        Raises:
            ValueError: x has another type, or images of another size than this network's.
        """
        if not x.dtype.is_floating or not x.shape.is_compatible_with((None, *self.image_shape)):
            raise ValueError(
                f"{self._expected('float32 images in [0, 1]')}, received {x.dtype.name} "
                f"{tuple(x.shape)}; datasets.to_float converts uint8 images"
            )
        y = self.encoder(x, training=training)
        if self.quantizer is not None:
            y = self.quantizer(y, training=training)
        return self.decoder(y, training=training)

    def train_step(self, data) -> dict:
        """Takes one training step, and tells the quantizer that it was taken."""
        metrics = super().train_step(data)
        if self.quantizer is not None:
            self.quantizer.advance()
        return metrics

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(H, W, C) of the images that go in and come out."""
        return self.encoder.input_shape[1:]

    @property
    def latent_shapes(self) -> list[tuple[int, ...]]:
        """The shapes of all tensors that cross from encoder to decoder."""
        outputs = self.encoder.output_shape
        outputs = outputs if isinstance(outputs, list) else [outputs]
        return [shape[1:] for shape in outputs]

    @property
    def num_latents(self) -> int:
        """How many numbers cross from encoder to decoder for one image."""
        return sum(math.prod(shape) for shape in self.latent_shapes)

    def reconstruct(self, images: np.ndarray, batch_size: int = 500) -> np.ndarray:
        """Returns the reconstructions, uint8 (N, H, W, C), of uint8 images of that shape.

        Raises:
            ValueError: the images are not uint8 or not of this network's size.
        """
        x = to_float(images)
        if x.shape[1:] != self.image_shape:
            raise ValueError(f"{self._expected('images')}, received {x.shape}")
        return to_uint8(self.predict(x, batch_size=batch_size, verbose=0))

    def get_config(self) -> dict:
        parts = {"encoder": self.encoder, "decoder": self.decoder, "quantizer": self.quantizer}
        serialize = keras.saving.serialize_keras_object
        return {key: serialize(part) for key, part in parts.items()} | {"name": self.name}

    @classmethod
    def from_config(cls, config: dict) -> "Autoencoder":
        deserialize = keras.saving.deserialize_keras_object
        encoder, decoder, quantizer = (
            deserialize(config[key]) for key in ("encoder", "decoder", "quantizer")
        )
        return cls(encoder, decoder, quantizer=quantizer, name=config["name"])

    def _expected(self, what):
        height, width, channels = self.image_shape
        return f"{self.name} takes {what} of shape (N, {height}, {width}, {channels})"


def rounded(model: Autoencoder) -> Autoencoder:
    """Returns an autoencoder that rounds its latent to integers; the layers are the same."""
    return Autoencoder(model.encoder, model.decoder, quantizer=StraightThrough(), name=model.name)


def quantized(model: Autoencoder, quantizer: layers.Layer) -> Autoencoder:
    """Returns an autoencoder with a quantizer at its latent, to be trained with it.

    The latent is normalized first, each channel to mean 0 and variance 1. Otherwise a loss that
    does not penalize bits would drive the latents to thousands, where rounding errors of ½ do not
    matter.

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


def check_same_layers(some: Sequence[layers.Layer], others: Sequence[layers.Layer]) -> None:
    """Checks that two lists of layers compute the same if they have the same weights.

    Layers are compared by class, options, and shapes of outputs and weights. Names, dtypes and how
    weights start do not count, and inputs are left out.

    Args:
        some, others: the layers of two networks that were built, in their order.

    Raises:
        ValueError: they differ; says where first.
    """
    pairs = itertools.zip_longest(_described(some), _described(others), fillvalue="no layer")
    for number, (one, other) in enumerate(pairs, start=1):
        if one != other:
            raise ValueError(f"layer {number} differs: {one} in one network, {other} in the other")


def _described(of):
    """Returns what a list of layers computes, a dict for each layer that is no input."""
    return [
        {"class": type(layer).__name__, "output": tuple(layer.output.shape)}
        | {"weights": [tuple(weight.shape) for weight in layer.weights]}
        | {key: value for key, value in layer.get_config().items() if not _is_free(key)}
        for layer in of
        if not isinstance(layer, layers.InputLayer)
    ]


def _is_free(option):
    return option in ("name", "dtype") or option.endswith("_initializer")
