"""The course's own part of tensorflow-compression, against the library where it is installed."""

import numpy as np
import pytest
import tensorflow as tf

from kerascomp.codecs import entropy

NAMES = ["NoisyLogistic", "NoisyLogisticMixture", "NoisyDeepFactorized"]
Y = tf.constant(np.linspace(-30, 30, 601)[:, None] + np.zeros(3), tf.float32)  # (N, K)


@pytest.fixture(scope="module")
def tfc():
    return pytest.importorskip("tensorflow_compression", reason="tensorflow-compression")


def of_logistics(library, mixture):
    """Returns a density, and the variables that it depends on."""
    shape = (3, 2) if mixture else (3,)
    loc = tf.Variable(tf.reshape(tf.linspace(-3.0, 4.0, int(np.prod(shape))), shape))
    log_scale = tf.Variable(tf.reshape(tf.linspace(-2.0, 1.5, int(np.prod(shape))), shape))

    def log_prob(y):
        if not mixture:
            return library.NoisyLogistic(loc=loc, scale=tf.exp(log_scale)).log_prob(y)
        weight = tf.nn.softmax(loc)
        noisy = library.NoisyLogisticMixture(loc=loc, scale=tf.exp(log_scale), weight=weight)
        return noisy.log_prob(y)

    return log_prob, [loc, log_scale]


def bits_and_gradients(log_prob, weights):
    with tf.GradientTape() as tape:
        bits = -log_prob(Y) / np.log(2)
        total = tf.reduce_sum(bits)
    return bits, [np.asarray(gradient) for gradient in tape.gradient(total, weights)]


@pytest.mark.parametrize("mixture", [False, True])
def test_logistic_densities_are_those_of_the_library(tfc, mixture):
    expected, received = (
        bits_and_gradients(*of_logistics(library, mixture)) for library in (tfc, entropy)
    )
    np.testing.assert_allclose(received[0], expected[0], rtol=1e-4, atol=1e-5)
    for one, other in zip(received[1], expected[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3)


@pytest.fixture(scope="module")
def priors(tfc):
    """The same prior twice: the course's, and the library's with its weights."""
    tf.random.set_seed(1)
    ours, theirs = (
        library.NoisyDeepFactorized(batch_shape=(3,), dtype=tf.float32)
        for library in (entropy, tfc)
    )
    by_kind = {"matrix": ours.matrices, "bias": ours.biases, "factor": ours.factors}
    for variable in theirs.trainable_variables:
        kind, index = variable.name.split("/")[-1].removesuffix(":0").split("_")
        weight = by_kind[kind][int(index)]
        weight.assign(weight + tf.random.normal(weight.shape, stddev=0.3))
        variable.assign(weight)
    return ours, theirs


def test_the_factorized_density_is_that_of_the_library(priors):
    weights = [prior.trainable_variables for prior in priors]
    received, expected = (
        bits_and_gradients(prior.log_prob, variables)
        for prior, variables in zip(priors, weights, strict=True)
    )
    np.testing.assert_allclose(received[0], expected[0], rtol=1e-4, atol=1e-5)
    by_size = [sorted(map(np.ravel, gradients), key=lambda g: (len(g), *g)) for _, gradients in
               (received, expected)]  # fmt: skip
    for one, other in zip(*by_size, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


@pytest.mark.slow  # the library takes seconds for its tables
def test_bits_and_tables_are_nearly_those_of_the_library(tfc, priors):
    models = [
        library.ContinuousBatchedEntropyModel(
            prior, coding_rank=1, compression=True, offset_heuristic=False
        )
        for library, prior in zip((entropy, tfc), priors, strict=True)
    ]
    (y_hat, bits), (their_y_hat, their_bits) = (model(Y, training=False) for model in models)
    np.testing.assert_array_equal(y_hat, their_y_hat)
    np.testing.assert_allclose(bits, their_bits, rtol=1e-4)
    tables, theirs = map(entropy.tables_of, models)
    assert np.abs(tables[0] - theirs[0]).max() <= 1  # the library searches for the tails
    for lowest, their_lowest, counts, their_counts in zip(*[
        column for pair in zip(tables, theirs, strict=True) for column in pair
    ], strict=True):  # fmt: skip
        first = max(lowest, their_lowest)
        pairs = zip(counts[first - lowest :], their_counts[first - their_lowest :], strict=False)
        assert max(abs(int(one) - int(other)) for one, other in pairs) <= 8  # of 4,096


def test_the_density_of_a_channel_adds_up_to_one():
    tf.random.set_seed(2)
    prior = entropy.NoisyDeepFactorized(batch_shape=(3,))
    integers = np.repeat(np.arange(-2000, 2001, dtype=np.float32)[:, None], 3, 1)
    np.testing.assert_allclose(prior.prob(integers).numpy().sum(axis=0), 1, atol=1e-4)


@pytest.mark.parametrize("shape", [(), (2, 2)])
def test_strings_hold_what_was_rounded_and_are_about_as_long_as_estimated(shape):
    tf.random.set_seed(3)
    prior = entropy.NoisyDeepFactorized(batch_shape=(3,))
    options = {"coding_rank": len(shape) + 1, "offset_heuristic": False}
    model = entropy.ContinuousBatchedEntropyModel(prior, compression=True, **options)
    y = tf.random.normal((200, *shape, 3), stddev=4.0)
    strings = model.compress(y)
    y_hat, bits = model(y, training=False)
    np.testing.assert_array_equal(model.decompress(strings, shape), y_hat)
    again = entropy.ContinuousBatchedEntropyModel(
        prior_shape=[3], cdf=model.cdf.numpy(), cdf_offset=model.cdf_offset.numpy(), **options
    )
    np.testing.assert_array_equal(again.decompress(strings, shape), y_hat)
    written = np.mean([8 * len(string) for string in strings.numpy()])
    assert float(np.mean(bits)) - 4 < written < float(np.mean(bits)) + 12


def test_noise_stays_below_a_half_and_lets_gradients_through():
    prior = entropy.NoisyDeepFactorized(batch_shape=(3,))
    model = entropy.ContinuousBatchedEntropyModel(prior, coding_rank=1)
    with tf.GradientTape() as tape:
        tape.watch(Y)
        y_tilde, _ = model(Y, training=True)
    assert 0 < np.abs(y_tilde - Y).max() <= 0.5
    np.testing.assert_array_equal(tape.gradient(y_tilde, Y), np.ones(Y.shape))
