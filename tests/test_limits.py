import numpy as np
import pytest
from helpers import NEEDS_CIFAR10, random_images
from hypothesis import given
from hypothesis import strategies as st

from kerascomp import codecs, datasets, limits, metrics

# Bits per pixel of MNIST and CIFAR-10, computed independently from the same training images.
TABLE = np.array([
    (14, .0146, .0026), (16, .0445, .0131), (18, .0953, .0412), (20, .1735, .1025),
    (22, .2865, .2119), (24, .4357, .3811), (25, .5216, .4908), (26, .6133, .6180),
    (28, .8104, .9269), (30, 1.0222, 1.3081), (32, 1.2466, 1.7579), (35, 1.6027, 2.5532),
])  # fmt: skip
DECIBELS, MNIST_BPP, CIFAR10_BPP = TABLE.T


def all_training_images(dataset):
    return np.concatenate([dataset.train.images, dataset.validation.images])


def test_mnist_table():
    bpp = limits.gaussian_rate_bpp(all_training_images(datasets.mnist()), DECIBELS)
    assert bpp == pytest.approx(MNIST_BPP, abs=6e-5)


@pytest.mark.slow
@NEEDS_CIFAR10
def test_cifar10_table():
    bpp = limits.gaussian_rate_bpp(all_training_images(datasets.cifar10()), DECIBELS)
    assert bpp == pytest.approx(CIFAR10_BPP, abs=6e-5)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=20), st.floats(0.01, 0.99))
def test_reverse_water_filling_spends_the_distortion_exactly(variances, fraction):
    variances = np.array(variances)
    mse = fraction * variances.mean()
    level = limits._water_level(np.sort(variances), mse)
    assert np.minimum(variances, level).mean() == pytest.approx(mse)
    sent = variances[variances > level]
    bits = limits.reverse_water_filling_bits(variances, mse)
    assert bits == pytest.approx(0.5 * np.log2(sent / level).sum())


def test_equal_variances_are_shannons_formula():
    bits = limits.reverse_water_filling_bits(np.full(7, 3.0), 0.75)
    assert bits == pytest.approx(7 * 0.5 * np.log2(3.0 / 0.75))


def test_zero_rate_where_the_mean_is_good_enough():
    assert limits.reverse_water_filling_bits(np.array([1.0, 3.0]), 2.0) == 0
    with pytest.raises(ValueError, match="positive MSE, received 0"):
        limits.reverse_water_filling_bits(np.ones(2), 0)


def test_variances_against_numpy():
    for num_images in (300, 5):  # more images than numbers in one, and fewer
        images = random_images(num_images, 3, 3, 1)
        expected = np.linalg.eigvalsh(np.cov(images.reshape(num_images, -1).T / 255, bias=True))
        assert limits.component_variances(images) == pytest.approx(expected, abs=1e-6)


def test_zero_rate_mse_of_mnist():
    mnist = datasets.mnist()
    mse = limits.zero_rate_mse(mnist.train.images, mnist.test.images)
    assert mse == pytest.approx(0.06747, abs=5e-5)


def test_the_published_estimate_is_a_falling_curve_from_the_zero_rate_point():
    bpp, psnr_db = limits.mnist_estimate()
    assert (np.diff(bpp) > 0).all() and (np.diff(psnr_db) > 0).all()
    assert psnr_db[0] > metrics.mse_to_psnr_db(0.06747)


def curve(factor):
    """Returns made-up points of a codec that needs `factor` times the bits of another."""
    values = dict.fromkeys(codecs.RatePoint.__dataclass_fields__, 0)
    return [
        codecs.RatePoint(**values | {"bpp": factor * 2 ** (db / 6), "psnr_db": db})
        for db in (20.0, 24.0, 28.0, 32.0, 36.0)
    ]


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.0, 1.25])
def test_bd_rate_of_a_curve_moved_sideways(factor):
    assert metrics.bd_rate(curve(1.0), curve(factor)) == pytest.approx(100 * (factor - 1), abs=0.01)


def test_bd_rate_needs_points_and_a_common_range():
    with pytest.raises(ValueError, match="at least 4 lossy points, received 3"):
        metrics.bd_rate(curve(1.0), curve(1.0)[:3])
    with pytest.raises(ValueError, match=r"no PSNR in common: 20\.0 to 36\.0 dB and 60\.0"):
        values = curve(1.0)[0].__dict__
        far = [codecs.RatePoint(**values | {"psnr_db": 60.0 + db}) for db in range(4)]
        metrics.bd_rate(curve(1.0), far)


def test_entropy_is_scipys():
    from scipy.stats import entropy

    symbols = np.random.default_rng(0).geometric(0.3, 1000)
    expected = entropy(np.bincount(symbols)[1:], base=2)
    assert limits.entropy_bits(symbols) == pytest.approx(expected)
    assert limits.entropy_bits([7, 7, 7]) == 0
