"""Codecs of pictures of any size: sizes, tiles, and streams that are coded side by side."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import picture_codec, random_images, shaken

from kerascomp.codecs import CodecError, tiles
from kerascomp.codecs.bottleneck import pictures, systems
from kerascomp.coders import StreamError


@pytest.fixture(scope="module")
def codec():
    return picture_codec()


@pytest.mark.parametrize(
    "shape", [(1, 1, 3), (1, 500, 3), (17, 33, 1), (31, 37, 3), (64, 48, 3), (16, 16, 1)]
)
def test_pictures_of_any_size_come_back_in_their_size(codec, shape):
    images = random_images(2, *shape)
    here = codec.for_shape(shape).at(0.7)
    decoded = here.decode(here.encode(images))
    assert decoded.shape == images.shape and decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, here.reconstruct(images))


def test_gray_pictures_go_through_the_network_for_color(codec):
    gray = random_images(1, 40, 40, 1) // 4 + 96
    here = codec.at(1)
    one = here.for_shape((40, 40, 1)).reconstruct(gray)
    three = here.for_shape((40, 40, 3)).reconstruct(gray.repeat(3, axis=3))
    inside = ((three > 0) & (three < 255)).all(axis=3)  # where nothing was clipped
    assert inside.mean() > 0.2
    assert np.abs(one[..., 0] - three.mean(axis=3))[inside].max() <= 1


def test_tiles_leave_no_seams(codec, monkeypatch):
    images = random_images(1, 16 * 13, 16 * 9 + 5, 3)
    here = codec.for_shape(images.shape[1:]).at(0.6)
    whole = here.to_symbols(images)
    picture = here.to_images(whole)
    monkeypatch.setattr(tiles, "PLACES", pictures.HALO)
    np.testing.assert_array_equal(here.to_symbols(images), whole)
    np.testing.assert_array_equal(here.to_images(whole), picture)


@pytest.mark.parametrize("size", [1, 6, 7, 8, 20, 21, 40])
def test_tiles_see_all_that_there_is_to_see(size):
    covered = []
    for inner, outer in tiles.parts(size, 3, 7):
        covered += range(size)[inner]
        assert outer.start <= max(inner.start - 3, 0) and outer.stop >= min(inner.stop + 3, size)
        assert outer.stop - outer.start == min(size, 13)
    assert covered == list(range(size))


def test_the_halo_is_as_wide_as_networks_see():
    """One latent changes no pixel behind it, one pixel no latent; and nearly all before it."""
    model, half = shaken(systems.photographs(), 0.05), tf.constant([0.5])
    far, side = pictures.HALO, 16
    latents = np.zeros((1, 1, 2 * far + 5, 320), np.float32)
    middle = far + 2
    latents[0, 0, middle] = 1.0
    zero = model.synthesize([np.zeros_like(latents), half])
    changed = np.abs(model.synthesize([latents, half]) - zero).max(axis=(0, 1, 3)) > 0
    reached = changed.nonzero()[0] // side - middle
    assert -far <= reached.min() < -far / 2 and far / 2 < reached.max() <= far
    pixels = np.zeros((1, side, side * (2 * far + 5), 3), np.float32)
    pixels[:, :, side * middle : side * (middle + 1)] = 1.0
    zero = model.analyze([np.zeros_like(pixels), half, None])
    changed = np.abs(model.analyze([pixels, half, None]) - zero).max(axis=(0, 1, 3)) > 0
    reached = changed.nonzero()[0] - middle
    assert -far <= reached.min() < 0 < reached.max() <= far


# Streams


def test_a_file_is_as_long_as_the_model_says(codec):
    """Within one percent, lanes, slices and all."""
    here = codec.for_shape((640, 512, 3)).at(1.0)
    symbols = np.random.default_rng(1).integers(-3, 4, (1, here.coder.num_columns))
    (file,) = here.coder.encode_each(symbols)
    num_lanes = int.from_bytes(file[1:3], "big")
    assert num_lanes >= 4
    assert len(file) == pytest.approx(here.coder.estimated_bits(symbols).sum() / 8, rel=0.01)
    np.testing.assert_array_equal(here.coder.decode_each([file]), symbols)


@pytest.mark.parametrize("num_used", [0, 1, 4, 5, 8, 24])
def test_empty_slices_at_the_end_cost_nothing(codec, num_used):
    here = codec.for_shape((64, 64, 3)).at(0.5)
    symbols = np.zeros((1, *here.coder.latent_shape), np.int64)
    symbols[..., :num_used] = 1
    rows = symbols.reshape(1, -1)
    (file,) = here.coder.encode_each(rows)
    assert file[0] == np.searchsorted([0, 4, 8, 24], num_used)
    assert len(file) == 1 or num_used
    np.testing.assert_array_equal(here.coder.decode_each([file]), rows)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: b"", "0 bytes that do not begin with a number of slices"),
        (lambda file: b"\x09" + file[1:], "do not begin with a number of slices"),
        (lambda file: file[:2], "claim to have"),
        (lambda file: file[:-1], "expected .* bytes"),
        (lambda file: file + b"\0", "expected .* bytes"),
    ],
)
def test_damaged_files_are_named(codec, damage, message):
    here = codec.for_shape((48, 48, 3)).at(0.5)
    (file,) = here.encode(random_images(1, 48, 48, 3))
    with pytest.raises(StreamError, match=message):
        here.coder.decode_each([damage(file)])
    with pytest.raises(CodecError, match="truncated, or was not written by this codec"):
        here.decode([damage(file)])


def test_other_shapes_are_refused(codec):
    with pytest.raises(ValueError, match=r"1 or 3 channels, received \(8, 8, 4\)"):
        codec.for_shape((8, 8, 4))
    with pytest.raises(ValueError, match=r"takes images of \(8, 8, 3\), received \(8, 9, 3\)"):
        codec.for_shape((8, 8, 3)).encode(random_images(1, 8, 9, 3))
