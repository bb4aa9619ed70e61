import numpy as np
import pytest
from helpers import blobs, random_images
from hypothesis import given
from hypothesis import strategies as st
from skimage import metrics as oracle

from kerascomp import metrics


@pytest.fixture(params=[(28, 1), (32, 3), (45, 3)], ids=str)
def pair(request):
    """Images and damaged images, from nearly equal to unrelated."""
    size, channels = request.param
    images = blobs(6, size, channels)
    noise = np.random.default_rng(0).normal(size=images.shape)
    strength = np.array([0, 2, 10, 30, 100, 300]).reshape(-1, 1, 1, 1)
    damaged = np.clip(images + strength * noise, 0, 255).astype(np.uint8)
    damaged[-1] = 255 - images[-1]
    return images, damaged


def test_mse_mae_and_psnr_against_scikit_image(pair):
    for index, (image, damaged) in enumerate(zip(*pair, strict=True)):
        expected = oracle.mean_squared_error(image / 255, damaged / 255)
        assert metrics.mse(*pair)[index] == pytest.approx(expected, rel=1e-5)
        difference = np.abs(image.astype(float) - damaged).mean() / 255
        assert metrics.mae(*pair)[index] == pytest.approx(difference, rel=1e-5)
        if expected:
            psnr = oracle.peak_signal_noise_ratio(image, damaged)
            assert metrics.psnr_db(*pair)[index] == pytest.approx(psnr, abs=1e-4)
    assert metrics.psnr_db(*pair)[0] == np.inf


def test_ssim_against_scikit_image(pair):
    window = {"gaussian_weights": True, "sigma": 1.5, "win_size": 11}
    window["use_sample_covariance"] = False
    for index, (image, damaged) in enumerate(zip(*pair, strict=True)):
        expected = oracle.structural_similarity(image, damaged, channel_axis=-1, **window)
        assert metrics.ssim(*pair)[index] == pytest.approx(expected, abs=1e-5)


def tensorflow_ms_ssim(images, damaged, window, weights):
    import tensorflow as tf

    return tf.image.ssim_multiscale(
        images, damaged, 255, power_factors=weights, filter_size=window
    ).numpy()


def test_ms_ssim_against_tensorflow_with_three_scales(pair):
    weights = metrics.MS_SSIM_WEIGHTS[:3] / metrics.MS_SSIM_WEIGHTS[:3].sum()
    images, damaged = (array[:, :44, :44] for array in pair)  # even at every scale
    expected = tensorflow_ms_ssim(images, damaged, 7, weights)
    assert metrics.ms_ssim(images, damaged) == pytest.approx(expected, abs=1e-4)


def test_ms_ssim_against_tensorflow_with_five_scales():
    images, noise = blobs(2, 192, 3), random_images(2, 192, 192, 3)
    damaged = (0.8 * images + 0.2 * noise).astype(np.uint8)
    expected = tensorflow_ms_ssim(images, damaged, 11, metrics.MS_SSIM_WEIGHTS)
    assert metrics.ms_ssim(images, damaged) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["ssim", "ms_ssim"])
def test_equal_images_are_perfectly_similar(name):
    images = random_images(3, 28, 28, 1)
    assert getattr(metrics, name)(images, images) == pytest.approx(np.ones(3))


@given(st.integers(0, 255), st.integers(0, 255))
def test_constant_images(gray, other):
    images = np.full((1, 11, 11, 1), gray, np.uint8)
    difference = abs(gray - other) / 255
    assert metrics.mae(images, np.full_like(images, other)) == pytest.approx([difference], abs=1e-7)
    assert metrics.mse(images, np.full_like(images, other)) == pytest.approx(
        [difference**2], abs=1e-7
    )


METRICS = ("mse", "mae", "psnr_db", "ssim", "ms_ssim")


@pytest.mark.parametrize("name", METRICS)
def test_one_value_an_image(name):
    images, others = random_images(5, 28, 28, 3), random_images(5, 28, 28, 3, seed=1)
    values = getattr(metrics, name)(images, others)
    assert values.shape == (5,) and values.dtype == np.float64 and np.isfinite(values).all()


@pytest.mark.parametrize("name", METRICS)
def test_wrong_input_is_named(name):
    images = random_images(2, 28, 28, 1)
    metric = getattr(metrics, name)
    with pytest.raises(ValueError, match="received float64"):
        metric(images / 255, images)
    with pytest.raises(ValueError, match=r"expected reconstructions as uint8 .* \(28, 28\)"):
        metric(images, images[0, ..., 0])
    with pytest.raises(ValueError, match=r"\(2, 28, 28, 1\) but reconstructions \(1, 28, 28, 1\)"):
        metric(images, images[:1])


def test_images_too_small_for_the_window():
    images = random_images(1, 10, 10, 1)
    with pytest.raises(ValueError, match="too small for a window of 11×11"):
        metrics.ssim(images, images)
    with pytest.raises(ValueError, match="too small"):
        metrics.ms_ssim(images, images)


def test_bits_per_pixel_counts_pixels_not_channels():
    images = random_images(2, 10, 20, 3)
    assert metrics.bits_per_pixel([b"", bytes(25)], images).tolist() == [0, 1]
    with pytest.raises(ValueError, match="1 files for 2 images"):
        metrics.bits_per_pixel([b""], images)
