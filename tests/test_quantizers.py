"""Each quantizer rounds when used, and is in training what it claims to be."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerascomp.networks import autoencoders, quantizers
from kerascomp.networks.quantizers import (
    Quantizer,
    SoftRounding,
    StochasticRounding,
    StraightThrough,
    UniformNoise,
    soft_round,
)

ALL = list(quantizers.SURROGATES.values())
CRITICAL = np.array([-2, -1.5, -0.5, 0, 0.5, 1, 1.5, 2, 7.25], np.float32)[:, None]


def gradient_at(quantizer, y, training=True):
    y = tf.constant(y)
    with tf.GradientTape() as tape:
        tape.watch(y)
        y_tilde = quantizer(y, training=training)
    return tape.gradient(y_tilde, y)


@pytest.mark.parametrize("build", ALL)
@pytest.mark.parametrize("step", [0.25, 1.0, 3.0])
def test_used_it_rounds_to_multiples_of_the_step(build, step):
    y = np.random.default_rng(0).normal(size=(50, 4, 4, 3)).astype(np.float32) * 5
    y_hat = build(step)(y).numpy()
    np.testing.assert_allclose(y_hat, np.rint(y / step) * step, rtol=1e-6)
    assert np.abs(y_hat - y).max() <= step / 2 * 1.001


@pytest.mark.parametrize("build", ALL)
def test_gradients_are_finite_and_right_everywhere(build):
    gradient = gradient_at(build(1.0), CRITICAL).numpy()
    assert np.isfinite(gradient).all()
    if build is not SoftRounding:
        np.testing.assert_array_equal(gradient, np.ones_like(CRITICAL))


def test_without_a_surrogate_there_is_no_gradient():
    assert gradient_at(StraightThrough(1.0), CRITICAL, training=False) is None


def test_straight_through_rounds_in_training_too():
    y = np.linspace(-3, 3, 61, dtype=np.float32)[:, None]
    np.testing.assert_array_equal(StraightThrough(1.0)(y, training=True), np.rint(y))


def test_noise_is_uniform_within_half_a_step():
    y = np.full((100_000, 1), 0.3, np.float32)
    error = UniformNoise(2.0)(y, training=True).numpy() - y
    assert np.abs(error).max() <= 1.0
    assert error.mean() == pytest.approx(0, abs=0.01)
    assert error.var() == pytest.approx(4 / 12, rel=0.02)


@pytest.mark.parametrize("value", [-1.75, -0.5, 0.0, 0.1, 0.5, 0.9, 2.0])
def test_stochastic_rounding_is_right_on_average(value):
    y = np.full((100_000, 1), value, np.float32)
    rounded = StochasticRounding(1.0)(y, training=True).numpy()
    assert set(np.unique(rounded)) <= {np.floor(value), np.ceil(value)}
    assert rounded.mean() == pytest.approx(value, abs=0.01)


def test_soft_rounding_goes_from_the_identity_to_rounding():
    y = np.linspace(-2.95, 2.95, 60, dtype=np.float32)  # no half-integers
    np.testing.assert_allclose(soft_round(y, 1e-2), y, atol=1e-4)
    np.testing.assert_allclose(soft_round(y, 200.0), np.rint(y), atol=1e-4)
    for sharpness in (0.5, 4.0, 30.0):
        at_integers = np.array([-1, 0, 2], np.float32)
        np.testing.assert_allclose(soft_round(at_integers, sharpness), at_integers, atol=1e-5)
        assert (np.diff(soft_round(y, sharpness)) >= 0).all()


def test_the_gradient_of_soft_rounding_is_its_slope():
    quantizer, y = SoftRounding(1.0, sharpness=(4, 4)), CRITICAL + 0.1
    slope = (soft_round(y + 1e-2, 4.0) - soft_round(y - 1e-2, 4.0)) / 2e-2
    np.testing.assert_allclose(gradient_at(quantizer, y), slope, rtol=0.02)


def test_only_training_steps_anneal_soft_rounding():
    quantizer = SoftRounding(1.0, sharpness=(1, 16), anneal_steps=4)
    model = autoencoders.quantized(autoencoders.dense(2, widths=(4,)), quantizer)
    model.compile("sgd", "mse")
    x = np.zeros((2, 28, 28, 1), np.float32)
    model(x)
    model(x, training=True)
    model.evaluate(x, x, verbose=0)
    assert float(quantizer.sharpness) == pytest.approx(1)
    sharpness = []
    for _ in range(6):
        model.train_on_batch(x, x)
        sharpness.append(float(quantizer.sharpness))
    assert sharpness == pytest.approx([2, 4, 8, 16, 16, 16])


@pytest.mark.parametrize("build", ALL)
def test_steps_can_be_given_for_each_channel_and_learned(build):
    steps = [0.5, 1.0, 2.0]
    quantizer = build(steps, learned=True)
    y = np.full((4, 3), 0.8, np.float32)
    np.testing.assert_allclose(quantizer(y)[0], [1.0, 1.0, 0.0])
    with tf.GradientTape() as tape:
        error = tf.reduce_sum((quantizer(y, training=True) - y) ** 2)
    (gradient,) = tape.gradient(error, quantizer.trainable_variables)
    assert gradient.shape == (3,) and np.isfinite(gradient).all()
    fixed = build(1.0)
    fixed(y)
    assert fixed.trainable_variables == [] and quantizer.trainable_variables != []


@pytest.mark.parametrize("build", ALL)
@pytest.mark.parametrize("step", [0.7, [0.7, 1.4]])
def test_a_model_with_a_quantizer_is_saved_and_loaded(build, step, tmp_path):
    x = keras.layers.Input((2,))
    model = keras.Model(x, build(step)(keras.layers.Dense(2)(x)))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    y = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    np.testing.assert_array_equal(loaded(y), model(y))
    assert loaded.layers[-1].get_config() == model.layers[-1].get_config()


@pytest.mark.parametrize("build", ALL)
@pytest.mark.parametrize("step", [0, -1.0, [1.0, 0.0], float("nan"), float("inf")])
def test_wrong_steps(build, step):
    with pytest.raises(ValueError, match="expected a step above 0, received"):
        build(step)


@pytest.mark.parametrize("options", [{"sharpness": (0, 1)}, {"anneal_steps": 0}])
def test_wrong_sharpness(options):
    with pytest.raises(ValueError, match="expected a sharpness above 0 and at least one step"):
        SoftRounding(1.0, **options)


def test_a_quantizer_needs_a_surrogate():
    with pytest.raises(TypeError, match="Quantizer defines no surrogate"):
        Quantizer(1.0)(CRITICAL, training=True)


def test_latents_are_float32_even_where_networks_are_not():
    y = tf.constant([[100.3]], tf.bfloat16)
    assert UniformNoise(0.1)(y, training=True).dtype == tf.float32
