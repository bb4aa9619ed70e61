"""Lossless codecs give back every pixel, and cost what they estimate."""

import keras
import numpy as np
import pytest
from helpers import JUNK, shaken, small_dataset

from kerascomp.codecs import CodecError, LosslessCodec, lossless
from kerascomp.codecs.context.plan import interleaved

RANDOM = np.random.default_rng(5)


@pytest.fixture(scope="module", params=[(8, 12, 1), (12, 8, 3)])
def codec(request):
    model = lossless.PixelModel(request.param, hidden=8, num_components=3, name="pixels")
    shaken(model.prior, 0.02)
    return LosslessCodec.of(model)


def test_every_pixel_comes_back(codec):
    images = RANDOM.integers(0, 256, (5, *codec.image_shape)).astype(np.uint8)
    images[0], images[1] = 0, 255
    np.testing.assert_array_equal(codec.decode(codec.encode(images)), images)
    joined = codec.joined(5)
    np.testing.assert_array_equal(joined.decode(joined.encode(images)), images)
    np.testing.assert_array_equal(codec.reconstruct(images), images)


def test_files_cost_what_training_estimates(codec):
    images = RANDOM.integers(100, 140, (40, *codec.image_shape)).astype(np.uint8)
    estimated = codec.model.bits(images.astype(np.float32) / 255).numpy()
    coded = codec.coder.estimated_bits(codec.to_symbols(images)).sum(axis=1)
    np.testing.assert_allclose(coded, estimated, rtol=0.02)
    lengths = [8 * len(file) for file in codec.encode(images)]
    np.testing.assert_allclose(lengths, coded, atol=16)


def test_any_bytes_decode_to_an_image(codec):
    decoded = codec.decode([b"", JUNK])
    assert decoded.shape == (2, *codec.image_shape) and decoded.dtype == np.uint8
    with pytest.raises(CodecError, match="expected at least one file"):
        codec.decode([])


def test_training_lowers_the_bits():
    images = small_dataset(64).train.images.astype(np.float32) / 255
    model = lossless.PixelModel(images.shape[1:], hidden=8, num_components=3, name="pixels")
    model.compile(keras.optimizers.Adam(1e-2), loss="mse")
    history = model.fit(images, images, batch_size=8, epochs=5, verbose=0).history
    assert history["loss"][-1] < 0.8 * history["loss"][0]
    assert history["distortion"] == [0] * 5


def test_blocks_are_read_from_coarse_to_fine():
    first, rest = interleaved((4, 4, 1), 4)[:8], interleaved((4, 4, 1), 4)[8:]
    assert first.tolist() == [0, 10, 2, 8, 5, 15, 7, 13]
    assert rest.tolist() == [1, 11, 3, 9, 4, 14, 6, 12]
    order = interleaved((8, 12, 3), 4).reshape(2, 3, 16, 3)
    assert sorted(order.ravel()) == list(range(8 * 12 * 3))
    row, column, color = np.unravel_index(order, (8, 12, 3))
    assert (row // 4 == np.arange(2)[:, None, None, None]).all()
    assert (column // 4 == np.arange(3)[:, None, None]).all()
    assert (color == np.arange(3)).all()
