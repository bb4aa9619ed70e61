"""The coder of bit-planes: integers, streams, and files that may be cut."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from helpers import shaken

from kerascomp.codecs.recurrent.coder import Past, PlaneCoder
from kerascomp.codecs.recurrent.context import Context
from kerascomp.coders import StreamError
from kerascomp.coders.lockstep import LockstepDecoder, LockstepEncoder

RANDOM = np.random.default_rng(0)


def random_planes(*shape):
    return RANDOM.choice([-1, 1], shape).astype(np.int8)


@pytest.fixture(scope="module")
def context():
    return shaken(Context([2, 2, 4], checkerboard=1, hidden=8))


@pytest.fixture(scope="module")
def coder(context):
    return PlaneCoder(context.to_integers())


def test_integers_say_what_the_context_model_says(context, coder):
    planes = random_planes(20, 3, 4, 4, 8)
    past, expected = None, []
    for iteration in range(3):
        plane = tf.constant(planes[:, iteration], tf.float32)
        bits, past = context.bits(plane, past, iteration)
        expected.append(bits)
    estimated = coder.estimated_bits(planes)
    np.testing.assert_allclose(estimated, np.stack(expected, axis=1), rtol=0.02, atol=0.02)


def test_a_group_sees_only_what_was_decoded_before(coder):
    plane = random_planes(1, 4, 4, 8).astype(np.int64)
    past = Past(coder.context, plane.shape)
    for index, group in enumerate(coder.context.plan.groups):
        other = np.where(group.known(plane.shape[1:]), plane, -plane)
        parts = [
            next(itertools.islice(past.groups(symbols, 0), index, None))[1].parts_of(1)
            for symbols in (plane, other)
        ]
        np.testing.assert_array_equal(*parts)


def test_planes_survive_and_cost_what_was_estimated(coder):
    planes = random_planes(60, 5, 4, 4, 8)
    counts = RANDOM.integers(1, 6, 60)
    counts[0] = 5
    files = coder.encode(planes, counts)
    decoded, present, written = coder.decode(files, planes.shape[2:])
    np.testing.assert_array_equal(present, counts)
    np.testing.assert_array_equal(written, counts)
    for image, count in enumerate(counts):
        np.testing.assert_array_equal(decoded[image, :count], planes[image, :count])
    bits = coder.estimated_bits(planes).sum(axis=(2, 3, 4))
    estimated = bits[np.arange(5) < counts[:, None]].sum() + 4 * 60  # 4 bits: how many planes
    num_bits = 8 * sum(map(len, files))
    assert estimated < num_bits < 1.02 * estimated + 10 * 60


def test_every_beginning_of_a_file_decodes_to_its_whole_planes(coder):
    planes = random_planes(1, 4, 2, 2, 8)
    (file,) = coder.encode(planes, np.array([4]))
    before = 0
    for size in range(len(file) + 1):
        try:
            decoded, (number,), (written,) = coder.decode([file[:size]], (2, 2, 8))
        except StreamError:
            assert before == 0
            continue
        assert written == 4 and number >= before
        np.testing.assert_array_equal(decoded[0, :number], planes[0, :number])
        before = number
    assert before == 4
    # Whatever follows changes nothing.
    decoded, (number,), _ = coder.decode([file + b"\xff\x00junk"], (2, 2, 8))
    assert number == 4
    np.testing.assert_array_equal(decoded[0], planes[0])


def test_weights_that_might_make_sums_inexact_are_refused(context):
    output, _ = context.networks[0][-1]
    before = output.numpy()
    output.assign(before * 1e12)
    with pytest.raises(ValueError, match="group 0, layer 1, .*train with weight decay"):
        context.to_integers()
    output.assign(before)


def test_streams_say_what_is_decided():
    encoder = LockstepEncoder(3)
    symbols = RANDOM.integers(0, 5, (40, 3))
    for row in symbols:
        encoder.encode(row, np.ones(3, np.int64), 5)
    files = encoder.finish_decided()
    assert all(len(file) <= 40 * np.log2(5) / 8 + 2 for file in files)
    table = FifthTable()
    whole, cut = LockstepDecoder(files), LockstepDecoder([file[:-2] for file in files])
    for row in symbols:
        np.testing.assert_array_equal(whole.decode(table), row)
        assert whole.decided().all()
        still = cut.decided()
        decoded = cut.decode(table)
        still &= cut.decided()
        np.testing.assert_array_equal(decoded[still], row[still])
    assert not cut.decided().any()


class FifthTable:
    total = 5

    def symbols_at(self, positions):
        return positions

    def parts_of(self, symbols):
        return symbols, np.ones_like(symbols)
