"""The entropy bottleneck of tensorflow-compression: independent latents, one lambda.

    x -> encoder -> y -> noise of ±½ (training) or rounding (use) -> decoder -> x_hat
                         prior: one density for each channel, learned with the network

    loss = bits per pixel + lmbda · distortion

J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a
scale hyperprior", 2018, section 2 and appendix 6.1. Training needs tensorflow-compression; the
trained codec is an autoencoder and tables of integers, and needs it no more.
"""

from typing import Self

import keras
import numpy as np
import tensorflow as tf

from kerascomp.codecs import entropy
from kerascomp.codecs.latent import LatentCodec
from kerascomp.networks.base import Autoencoder
from kerascomp.networks.rate_distortion import Losses, RateDistortionModel


class Factorized(RateDistortionModel):
    """An autoencoder with a rate term: a Keras model to be compiled and fit like any other.

    Args:
        autoencoder: with one latent and a quantizer that rounds, of step 1.
        lmbda: bits per pixel that one unit of distortion is worth.

    Attributes:
        prior: tensorflow-compression's density of each channel.

    Example:
        model.compile("adam", loss="mse")
        model.fit(x_train, x_train, validation_data=(x_test, x_test))
    """

    def __init__(self, autoencoder: Autoencoder, lmbda: int):
        super().__init__(name=f"{autoencoder.name}-factorized")
        self.autoencoder, self.lmbda = autoencoder, lmbda
        self.image_shape, (self.latent_shape,) = autoencoder.image_shape, autoencoder.latent_shapes
        channels = self.latent_shape[-1:]
        self.prior = entropy.library().NoisyDeepFactorized(batch_shape=channels, dtype=tf.float32)
        self.built = True

    def entropy_model(self, *, compression: bool):
        """Returns tensorflow-compression's model of this prior: for training, or for strings."""
        return entropy.library().ContinuousBatchedEntropyModel(
            self.prior,
            coding_rank=len(self.latent_shape),
            compression=compression,
            offset_heuristic=False,  # plain rounding
            bottleneck_dtype=tf.float32,  # whatever the network computes in
        )

    def call(self, x: tf.Tensor, training: bool | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns (x_hat, bits): decoded images (N, H, W, C) and their estimated bits (N,)."""
        y = tf.cast(self.autoencoder.encoder(x, training=training), tf.float32)
        y_tilde, bits = self.entropy_model(compression=False)(y, training=training)
        x_hat = self.autoencoder.decoder(y_tilde, training=training)
        return tf.cast(x_hat, tf.float32), bits

    def losses_of(self, x: tf.Tensor, training: bool) -> Losses:
        """Returns (loss, bits per pixel (N,), distortions (N,))."""
        x_hat, bits = self(x, training=training)
        bpp = bits / self.num_pixels
        distortion = tf.reduce_mean(keras.losses.get(self.loss)(x, x_hat), axis=(1, 2))
        return tf.reduce_mean(bpp + self.lmbda * distortion), bpp, distortion


class FactorizedCodec(LatentCodec):
    """A trained network as a `Codec`: its integers, coded by tables of its prior."""

    lmbda: int

    @classmethod
    def of(cls, model: Factorized, *, autoencoder: Autoencoder | None = None) -> Self:
        """Returns the codec of a trained model, or of its autoencoder with weights as stored."""
        coder = entropy.coder_of(model.entropy_model(compression=True), model.num_latents)
        network = autoencoder or model.autoencoder
        return cls(network, network.quantizer, coder)._at(model.lmbda)

    @classmethod
    def from_tables(cls, autoencoder, tables: dict, *, name: str | None = None) -> Self:
        codec = super().from_tables(autoencoder, tables, name=name)
        return codec._at(int(tables["lmbda"]))

    def tables(self) -> dict[str, np.ndarray]:
        return super().tables() | {"lmbda": np.array(self.lmbda)}

    def _at(self, lmbda):
        self.lmbda, self.setting = lmbda, f"lambda {lmbda}"
        return self
