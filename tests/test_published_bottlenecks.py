"""The published entropy bottlenecks: they decode alike everywhere, and hit a wanted size."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from helpers import JUNK, NEEDS_CIFAR10, decoded_elsewhere

from kerascomp import codecs, datasets, metrics, zoo

SLOW = [NEEDS_CIFAR10, pytest.mark.slow]
NAMES = "mnist-bottleneck", "cifar10-bottleneck"  # the zoo's tests measure the others too


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=SLOW if name.startswith("cifar10") else ()) for name in NAMES],
)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def codec(name):
    return zoo.codec(name)


@pytest.fixture(scope="module")
def images(name):
    dataset = datasets.mnist() if name.startswith("mnist") else datasets.cifar10()
    return dataset.test.images[: 150 if name.startswith("mnist") else 30]


def test_better_images_take_larger_files(codec, images):
    points = [codecs.measure(codec.at(quality), images) for quality in (0, 0.25, 0.5, 0.75, 1)]
    for lower, higher in itertools.pairwise(points):
        assert lower.bytes_per_image < higher.bytes_per_image
        assert lower.mse > higher.mse


@pytest.mark.slow
def test_files_decode_to_what_the_network_reconstructs(codec, images):
    files = codec.encode(images)
    np.testing.assert_array_equal(codec.decode(files), codec.reconstruct(images))
    assert codec.encode(images[3:4]) == files[3:4]
    np.testing.assert_array_equal(codec.decode(files[3:4]), codec.decode(files)[3:4])
    joint = codec.joined(len(images))
    np.testing.assert_array_equal(joint.decode(joint.encode(images)), codec.decode(files))


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_another_process_decodes_the_same_pixels(name, codec, images, threads, tmp_path):
    files = codec.encode(images[:10])
    decoded = decoded_elsewhere(name, files, tmp_path, threads=threads)
    np.testing.assert_array_equal(decoded, codec.decode(files))


def test_symbols_are_read_without_any_float(codec, images):
    """A decoder whose floats are all a little wrong reads the same integers."""
    rows = codec.to_symbols(images[:20])
    files = codec.coder.encode_each(rows)
    before = codec.model.get_weights()
    try:
        noise = np.random.default_rng(0)
        codec.model.set_weights([w + noise.normal(0, 1e-2, w.shape) for w in before])
        np.testing.assert_array_equal(codec.coder.decode_each(files), rows)
    finally:
        codec.model.set_weights(before)


def test_a_wanted_size_is_hit(codec, images):
    smallest, largest = (
        codecs.measure(codec.at(quality), images).bytes_per_image for quality in (0.2, 0.9)
    )
    for target in np.geomspace(smallest, largest, 3):
        nearest, mean_bytes = codec.at_bytes(images, target)
        assert mean_bytes == pytest.approx(target, rel=0.05)
        assert mean_bytes == sum(map(len, nearest.encode(images))) / len(images)


def test_refined_latents_are_cheaper_for_every_digit():
    codec, images = zoo.codec("mnist-bottleneck").at_level(20), datasets.mnist().test.images[:40]
    refined = codec.with_effort(100)
    lmbda = 784 * float(codec.model.lmbda(tf.constant([codec.quality], tf.float32))[0])
    losses = []
    for one in (codec, refined):
        rows = one.to_symbols(images)
        mse = metrics.mse(images, codec.to_images(rows))
        losses.append(codec.coder.estimated_bits(rows).sum(axis=1) + lmbda * mse)
    assert (losses[1] < losses[0] + 0.1).all() and losses[1].mean() < 0.95 * losses[0].mean()
    files = refined.encode(images)
    assert files == codecs.RefinedCodec(codec.model, codec.context, codec.level).encode(images)
    np.testing.assert_array_equal(codec.decode(files), refined.reconstruct(images))
    with pytest.raises(ValueError, match="only a base is refined, and level 39 has details"):
        refined.at_level(39).encode(images)


def test_any_bytes_decode_to_an_image(codec):
    decoded = codec.decode([b"", JUNK, b"\xff"])
    assert decoded.shape == (3, *codec.image_shape) and decoded.dtype == np.uint8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x[:, :-1], "takes images of"),
        (lambda x: x.astype(np.float32), "uint8"),
        (lambda x: x[0], "uint8"),
        (lambda x: np.repeat(x[..., :1], 4 - x.shape[-1], axis=-1), "takes images of"),
    ],
)
def test_images_that_do_not_fit_are_refused(codec, images, change, message):
    with pytest.raises(ValueError, match=message):
        codec.encode(change(images))
