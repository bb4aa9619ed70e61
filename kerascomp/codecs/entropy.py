"""The part of tensorflow-compression that the course uses, for computers that cannot install it.

The library ended with TensorFlow 2.14 and Python 3.11. `library` returns it where it is installed,
and this module elsewhere: the same names, the same densities, strings of the course's own coder.

A latent with noise of ±½ has the density F(y + ½) − F(y − ½), F being the cumulative distribution.
Here F is the logistic function of some logits; with those at both ends, u above l,

    log(σ(u) − σ(l)) = log σ(u) + log σ(−l) + log(1 − exp(l − u)),

exact in the tails too.

J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, "Variational image compression with a
scale hyperprior", 2018, appendix 6.
"""

import itertools
import sys
from collections.abc import Sequence
from types import ModuleType

import keras
import numpy as np
import tensorflow as tf

from kerascomp.coders import Arithmetic

PRECISION = 12  # bits: the probabilities of a table are integers that add up to 2 ** 12
TAIL_MASS = 2**-8  # probability outside of a table, about


def library() -> ModuleType:
    """Returns tensorflow-compression where it is installed, else this module.

    Importing the library takes seconds; only training and estimates need it, no file does.
    """
    try:
        with tf.init_scope():  # outside of a graph that is being traced
            import tensorflow_compression
    except ImportError:
        return sys.modules[__name__]
    return tensorflow_compression


def _log_difference(upper, lower, distance):
    """Returns log(σ(upper) − σ(lower)), given also their distance."""
    both = tf.math.log_sigmoid(upper) + tf.math.log_sigmoid(-lower)
    return both + tf.math.log(-tf.math.expm1(-distance))


class NoisyLogistic:
    """Logistic distributions with noise.

    Args:
        loc: locations, a float32 tensor.
        scale: scales, of its shape, above 0.
    """

    def __init__(self, loc: tf.Tensor, scale: tf.Tensor):
        self.loc, self.scale = loc, scale

    def log_prob(self, y: tf.Tensor) -> tf.Tensor:
        """Returns the log densities at y, a tensor of y's shape."""
        upper, lower = (y + 0.5 - self.loc) / self.scale, (y - 0.5 - self.loc) / self.scale
        return _log_difference(upper, lower, 1 / self.scale)


class NoisyLogisticMixture(NoisyLogistic):
    """Mixtures of logistic distributions with noise; their components are the last axis.

    Args:
        loc, scale: of the components.
        weight: of the components, each mixture's add up to 1.
    """

    def __init__(self, loc: tf.Tensor, scale: tf.Tensor, weight: tf.Tensor):
        super().__init__(loc, scale)
        self.weight = weight

    def log_prob(self, y: tf.Tensor) -> tf.Tensor:
        components = super().log_prob(y[..., None])
        return tf.reduce_logsumexp(components + tf.math.log(self.weight), axis=-1)


class NoisyDeepFactorized(keras.layers.Layer):
    """A density with noise for each of K channels, learned: appendix 6.1 of the paper.

    The logits of the cumulative distribution are a small network of one input and one output, whose
    weights are positive, so that it rises.

    Args:
        batch_shape: (K,).
        num_filters: units of the hidden layers.
        init_scale: about how wide the density is at first.
    """

    def __init__(
        self, batch_shape: Sequence[int], num_filters=(3, 3), init_scale=10.0, dtype="float32"
    ):
        super().__init__(dtype=dtype, name="noisy_deep_factorized")
        self.batch_shape, self.num_filters, self.init_scale = batch_shape, num_filters, init_scale
        (self.num_channels,) = batch_shape
        widths = [1, *num_filters, 1]
        scale = init_scale ** (1 / (len(widths) - 1))
        self.matrices, self.biases, self.factors = [], [], []
        for index, (before, after) in enumerate(itertools.pairwise(widths)):
            start = float(np.log(np.expm1(1 / scale / after)))  # what softplus makes positive
            names = [f"{kind}_{index}" for kind in ("matrix", "bias", "factor")]
            initial = keras.initializers
            self._add(self.matrices, names[0], (after, before), initial.Constant(start))
            self._add(self.biases, names[1], (after, 1), initial.RandomUniform(-0.5, 0.5))
            if after > 1:
                self._add(self.factors, names[2], (after, 1), initial.Zeros())
        self.built = True

    def get_config(self) -> dict:
        names = "batch_shape", "num_filters", "init_scale"
        return {"dtype": self.dtype} | {name: getattr(self, name) for name in names}

    def _add(self, weights, name, shape, initializer):
        shape = (self.num_channels, *shape)
        weights.append(self.add_weight(name=name, shape=shape, initializer=initializer))

    def logits(self, y: tf.Tensor) -> tf.Tensor:
        """Returns the logits of the cumulative distribution at y (…, K), of y's shape."""
        y = tf.cast(y, tf.float32)
        h = tf.transpose(tf.reshape(y, [-1, 1, self.num_channels]))  # (K, 1, N)
        for index, (matrix, bias) in enumerate(zip(self.matrices, self.biases, strict=True)):
            h = tf.matmul(tf.nn.softplus(matrix), h) + bias
            if index < len(self.factors):
                h += tf.tanh(self.factors[index]) * tf.tanh(h)
        return tf.reshape(tf.transpose(h), tf.shape(y))

    def log_prob(self, y: tf.Tensor) -> tf.Tensor:
        """Returns the log densities at y (…, K)."""
        upper, lower = self.logits(y + 0.5), self.logits(y - 0.5)
        return _log_difference(upper, lower, upper - lower)

    def prob(self, y: tf.Tensor) -> tf.Tensor:
        """Returns the densities at y (…, K): at an integer, the probability of rounding to it."""
        return tf.exp(self.log_prob(y))


class ContinuousBatchedEntropyModel:
    """Noise and bits for training; strings, with tables of integers that are made once.

    Args:
        prior: `NoisyDeepFactorized`; not needed for a model that is made of tables.
        coding_rank: how many axes of y, from the last, make a string.
        compression: whether tables are computed, for strings.
        tables: `cdf` and `cdf_offset` of another model, and its `prior_shape`.

    Other options of tensorflow-compression, for its way of computing, change nothing here.
    """

    def __init__(self, prior=None, *, coding_rank: int, compression: bool = False, **tables):
        self.prior, self.coding_rank = prior, coding_rank
        if "cdf" in tables:
            self.cdf, self.cdf_offset = map(tf.constant, (tables["cdf"], tables["cdf_offset"]))
        elif compression:
            self.cdf, self.cdf_offset = _tables(prior)

    def __call__(self, y: tf.Tensor, training: bool = True) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns (y with noise, or rounded, and its estimated bits), of y (…, K)."""
        noise = tf.random.uniform(tf.shape(y), -0.5, 0.5) if training else tf.round(y) - y
        y_tilde = y + (noise if training else tf.stop_gradient(noise))
        axes = list(range(-self.coding_rank, 0))
        nats = -tf.reduce_sum(self.prior.log_prob(y_tilde), axes)
        return y_tilde, nats / np.log(2).astype(np.float32)

    def compress(self, y: tf.Tensor) -> tf.Tensor:
        """Returns the strings (N,) of y (N, …, K), rounded."""
        symbols = np.rint(np.asarray(y)).astype(np.int64).reshape(len(y), -1)
        return tf.constant(coder_of(self, symbols.shape[1]).encode_each(symbols))

    def decompress(self, strings: tf.Tensor, broadcast_shape: Sequence[int]) -> tf.Tensor:
        """Returns what was rounded, (N, *broadcast_shape, K) float32."""
        shape = [*broadcast_shape, len(self.cdf_offset)]
        symbols = coder_of(self, int(np.prod(shape))).decode_each(list(np.asarray(strings)))
        return tf.constant(symbols.reshape(-1, *shape), tf.float32)


def tables_of(entropy_model) -> tuple[np.ndarray, list[np.ndarray]]:
    """Returns the tables of an entropy model: the lowest integer of each channel, and counts.

    tensorflow-compression stores them in one array: for each channel minus the precision, then
    cumulative counts from 0 to 2 ** precision. The last count is that of all integers outside, our
    coder's escape.
    """
    cumulative = entropy_model.cdf.numpy()
    channels = np.split(cumulative, np.flatnonzero(cumulative < 0))[1:]
    return entropy_model.cdf_offset.numpy(), [np.diff(channel[1:])[:-1] for channel in channels]


def coder_of(entropy_model, num_latents: int) -> Arithmetic:
    """Returns the course's coder with the tables of an entropy model, for latents of an image."""
    lowest, counts = tables_of(entropy_model)
    repeats = num_latents // len(lowest)  # the same table at every place of a channel
    return Arithmetic(np.tile(lowest, repeats), counts * repeats)


def _tables(prior):
    """Returns (cdf, cdf_offset) of a prior, as `tables_of` reads them."""
    integers = np.arange(-(2**12), 2**12, dtype=np.float32)
    everywhere = np.repeat(integers[:, None], prior.num_channels, axis=1)
    cumulative = tf.sigmoid(prior.logits(everywhere)).numpy()
    first = np.argmax(cumulative > TAIL_MASS / 2, axis=0) - 1
    last = np.argmax(cumulative >= 1 - TAIL_MASS / 2, axis=0)
    probabilities, parts = prior.prob(everywhere).numpy(), []
    for column, start, end in zip(probabilities.T, first, last, strict=True):
        inside = column[start : end + 1]
        shares = np.append(inside, max(0, 1 - inside.sum())) * (1 << PRECISION)
        counts = np.maximum(np.rint(shares), 1)
        counts[np.argmax(counts)] += (1 << PRECISION) - counts.sum()
        parts += [[-PRECISION, 0], np.cumsum(counts)]
    cdf = np.concatenate(parts).astype(np.int32)
    return tf.constant(cdf), tf.constant(integers[first].astype(np.int32))
