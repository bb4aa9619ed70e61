"""Latents refined at encoding: better files for the same decoder; large pictures in parts."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import blobs, picture_codec, shaken

from kerascomp import codecs, metrics
from kerascomp.codecs import tiles
from kerascomp.codecs.bottleneck import refinement, systems
from kerascomp.codecs.bottleneck.refinement import Refinement
from kerascomp.datasets import to_float

EFFORT = 20


@pytest.fixture(scope="module")
def codec():
    return picture_codec()


def pictures_of(*shape, seed=0):
    """Returns uint8 pictures of soft spots, a little noisy and never black or white."""
    num_images, height, width, channels = shape
    spots = blobs(num_images * channels, max(height, width), seed=seed)[:, :height, :width, 0]
    colors = spots.reshape(num_images, channels, height, width).transpose(0, 2, 3, 1)
    noise = np.random.default_rng(seed).integers(0, 16, shape)
    return (64 + colors // 2 + noise).astype(np.uint8)


def losses(codec, images, rows=None):
    """Returns bits + lmbda · error · pixels of each image, by the coder's tables and in pixels."""
    rows = codec.to_symbols(images) if rows is None else rows
    mse = metrics.mse(images, codec.to_images(rows))
    lmbda = float(codec.model.lmbda(tf.constant([codec.quality], tf.float32))[0])
    return codec.coder.estimated_bits(rows).sum(axis=1) + lmbda * mse * images[0, ..., 0].size


@pytest.mark.parametrize("shape", [(48, 64, 3), (37, 50, 3), (41, 60, 1), (1, 1, 3)])
def test_refined_files_are_better_and_the_same_decoder_reads_them(codec, shape):
    images, plain = pictures_of(2, *shape), codec.for_shape(shape).at(0.6)
    refined = plain.with_effort(EFFORT)
    files = refined.encode(images)
    np.testing.assert_array_equal(plain.decode(files), refined.reconstruct(images))
    assert (refined.name, refined.level, refined.image_shape) == (plain.name, plain.level, shape)
    before, after = losses(plain, images), losses(refined, images)
    if min(shape[:2]) > 1:  # what is added to fill a block counts in the search, not here
        assert (after <= before * 1.001).all()
        assert after.mean() < 0.98 * before.mean()


def test_more_steps_are_not_worse(codec):
    images = pictures_of(1, 48, 64, 3)
    plain = codec.for_shape(images.shape[1:]).at(0.6)
    found = [losses(plain.with_effort(effort), images)[0] for effort in (0, EFFORT, 6 * EFFORT)]
    assert found == sorted(found, reverse=True) and found[-1] < 0.95 * found[0]


def test_no_effort_is_the_codec_itself(codec):
    images = pictures_of(1, 40, 30, 3)
    plain = codec.for_shape(images.shape[1:])
    assert plain.with_effort(0) is plain
    again = plain.with_effort(3).with_effort(0)
    assert again.encode(images) == plain.encode(images) and again.setting == plain.setting
    with pytest.raises(ValueError, match="expected an effort of no or several steps, received -1"):
        codec.with_effort(-1)
    with pytest.raises(ValueError, match="JPEG has one effort only, received 3"):
        codecs.classical.JPEG(50).with_effort(3)


def test_the_effort_stays_at_another_rate_and_size(codec):
    refined = codec.with_effort(7).at(0.3).for_shape((20, 30, 1)).at_level(9)
    assert refined.effort == 7 and refined.level == 9 and refined.image_shape == (20, 30, 1)
    assert refined.setting == "quality 0.141, effort 7"
    assert {one.effort for one in refined.family()} == {7}


@pytest.fixture
def parts(codec, monkeypatch):
    """Returns (codec, image, symbols before) of a picture of 10×4 places, in parts of 3×3."""
    image = pictures_of(1, 160, 64, 3)
    plain = codec.for_shape(image.shape[1:]).at(0.6)
    rows = plain.to_symbols(image)
    monkeypatch.setattr(tiles, "PLACES", 3)
    return plain, image, rows


def refined_in_parts(plain, image, rows):
    """Returns (losses before and after, whether a latent of each place has changed)."""
    symbols = rows.reshape(1, *plain.coder.latent_shape)
    search = Refinement(plain.model, plain.quality, plain.steps, effort=EFFORT)
    found = search.of_picture(image, symbols, 3)
    known = search._known(to_float(image))
    costs = [refinement._costs(plain.model, np.float32(one), *known) for one in (symbols, found)]
    before, after = (float(cost[0][0]) for cost in costs)
    return before, after, (found != symbols)[0].any(axis=2)


def test_a_large_picture_is_refined_part_by_part(parts):
    before, after, changed = refined_in_parts(*parts)
    windows = tiles.windows(changed.shape, 3)
    assert len(windows) == 8 and all(changed[own].any() for own, _ in windows)
    assert after < 0.97 * before


def test_ctrl_c_ends_the_search_with_what_there_is(parts, monkeypatch):
    """In the second of eight parts: the first is refined, from the third on nothing."""
    step, numbers = refinement._stepped, []

    def interrupted(*arguments):
        numbers.append(1)
        if len(numbers) > EFFORT + 10:
            raise KeyboardInterrupt
        return step(*arguments)

    monkeypatch.setattr(refinement, "_stepped", interrupted)
    before, after, changed = refined_in_parts(*parts)
    assert len(numbers) == EFFORT + 11 and after < before
    assert changed[:3, :3].any() and not changed[3:].any()


def test_thumbnails_are_refined_one_by_one():
    codec = picture_codec((32, 32, 3)).at(0.6)
    images, refined = pictures_of(3, 32, 32, 3), codec.with_effort(EFFORT)
    files = refined.encode(images)
    np.testing.assert_array_equal(codec.decode(files), refined.reconstruct(images))
    assert refined.encode(images[1:2]) == files[1:2]
    assert (losses(refined, images) < losses(codec, images)).all()


def test_a_wanted_size_is_that_of_the_refined_file(codec):
    images = pictures_of(1, 48, 64, 3)
    plain = codec.for_shape(images.shape[1:])
    target = len(plain.at(0.6).encode(images)[0])
    refined, mean_bytes = plain.with_effort(EFFORT).at_bytes(images, target)
    assert refined.effort == EFFORT and [mean_bytes] == list(map(len, refined.encode(images)))
    assert mean_bytes == pytest.approx(target, rel=0.05)
    assert losses(refined, images)[0] < losses(plain.at_level(refined.level), images)[0]


def test_only_a_base_of_digits_is_refined():
    codec = codecs.BottleneckCodec.of(shaken(systems.digits(), 0.02)).with_effort(2)
    assert [one.level for one in codec.family()] == list(range(systems.LAST_BASE_LEVEL + 1))
    with pytest.raises(ValueError, match="level 39 has details; choose a quality up to 0.594, or"):
        codec.at_level(39)
    direct = codecs.RefinedCodec(codec.model, codec.context, 39)
    with pytest.raises(ValueError, match="only a base is refined"):
        direct.encode(blobs(1))


def test_the_bar_says_bytes_and_decibels():
    class Bar:
        disable, said, steps = False, "", 0

        def set_postfix_str(self, text):
            self.said = text

        def update(self):
            self.steps += 1

    bar = Bar()
    costs = [tf.constant(numbers) for numbers in ([9.0, 9.0], [8000.0, 16000.0], [1e-3, 1e-3])]
    refinement._show(bar, costs, " of part 2 of 6")
    assert bar.said == "about 3,000 bytes of part 2 of 6, 30.00 dB" and bar.steps == 1
