"""The published recurrent codecs: each iteration helps, prefixes decode, everywhere alike."""

import itertools

import numpy as np
import pytest
from helpers import NEEDS_CIFAR10, decoded_elsewhere

from kerascomp import codecs, datasets, metrics, zoo


@pytest.fixture(
    scope="module",
    params=[
        "mnist-recurrent",
        pytest.param("cifar10-recurrent", marks=[NEEDS_CIFAR10, pytest.mark.slow]),
    ],
)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def codec(name):
    return zoo.codec(name)


@pytest.fixture(scope="module")
def images(name):
    dataset = datasets.mnist() if name.startswith("mnist") else datasets.cifar10()
    return dataset.test.images[:100]


@pytest.mark.slow
def test_every_iteration_lowers_the_error_and_costs_bytes(codec, images):
    planes, counts = codec.at(16).to_planes(images)
    errors = [metrics.mse(images, stage).mean() for stage in codec.all_images(planes)]
    sizes = [
        sum(map(len, codec.coder.encode(planes, np.full_like(counts, number))))
        for number in range(1, 17)
    ]
    for earlier, later in itertools.pairwise(errors):
        assert later < earlier
    for earlier, later in itertools.pairwise(sizes):
        assert earlier < later


def test_the_entropy_coder_saves_a_tenth_in_the_first_iterations(codec, images):
    raw_bytes = codec.model.num_latents / 8
    for number in range(1, 5):
        point = codecs.measure(codec.at(number), images)
        assert point.bytes_per_image < 0.9 * number * raw_bytes


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_another_process_decodes_the_same_pixels(name, codec, images, threads, tmp_path):
    files = codec.at(5).encode(images[:10])
    decoded = decoded_elsewhere(name, files, tmp_path, threads=threads)
    np.testing.assert_array_equal(decoded, codec.decode(files))


def test_a_quality_takes_as_many_iterations_as_an_image_needs(codec, images):
    dynamic = codec.at(target_psnr=20)
    files = dynamic.encode(images)
    decoded, present, _ = dynamic.decode_beginnings(files)
    reached = metrics.mse_to_psnr_db(metrics.mse(images, decoded)) >= 20
    assert (reached | (present == 16)).all()
    assert len(set(present)) > 1


def test_a_file_of_a_wanted_size(codec, images):
    chosen, num_bytes = codec.at_bytes(images[:1], 60)
    assert len(chosen.encode(images[:1])[0]) == num_bytes
    step = codec.model.num_latents / 8
    assert abs(num_bytes - 60) <= step
