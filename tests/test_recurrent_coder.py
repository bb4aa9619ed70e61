"""The coder of bit-planes: integers, streams, and files that may be cut."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from helpers import shaken

from kerascomp.codecs import progress
from kerascomp.codecs.context import integers
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


def test_one_image_alone_has_the_file_that_it_has_among_others(coder):
    """Alone it is coded in another way, in a run; its beginnings are decoded so too."""
    planes = random_planes(2, 3, 6, 5, 8)
    together = coder.encode(planes, np.array([3, 2]))
    for image, file, number in zip(planes, together, (3, 2), strict=True):
        assert coder.encode(image[None, :number], np.array([number])) == [file]
    for length in range(2, len(together[0]) + 1):
        both = [together[0][:length], together[1][:length]]
        try:
            expected, present, _ = coder.decode(both, planes.shape[2:])
        except StreamError:
            continue
        alone, number, _ = coder.decode(both[:1], planes.shape[2:])
        assert number[0] == present[0]
        np.testing.assert_array_equal(alone[0], expected[0, : number[0]])


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


@pytest.mark.parametrize("places", [1, 7, 40])
def test_bands_of_rows_change_no_bit(coder, monkeypatch, places):
    planes, counts = random_planes(2, 3, 9, 5, 8), np.array([3, 2])
    whole, bits = coder.encode(planes, counts), coder.estimated_bits(planes)
    assert len(coder.context.bands(planes[:, 0].shape)) == 1
    monkeypatch.setattr(integers, "PLACES_AT_ONCE", places)
    assert len(coder.context.bands(planes[:, 0].shape)) > 1
    assert coder.encode(planes, counts) == whole
    np.testing.assert_array_equal(coder.estimated_bits(planes), bits)
    decoded, present, _ = coder.decode(whole, planes.shape[2:])
    np.testing.assert_array_equal(present, counts)
    np.testing.assert_array_equal(decoded[:, :2], planes[:, :2])


def test_a_stream_that_has_run_out_ends_the_work(coder, monkeypatch):
    """However large an image a file claims: what is not there is not decoded."""
    monkeypatch.setattr(integers, "PLACES_AT_ONCE", 64)
    tables, num_places = coder.context.tables, []
    monkeypatch.setattr(
        coder.context, "tables", lambda *of: num_places.append(of[0].shape[1]) or tables(*of)
    )
    with pytest.raises(StreamError, match="no whole plane"):
        coder.decode([bytes([0xF0]) + RANDOM.bytes(20)], (1000, 1000, 8))
    assert 0 < sum(num_places) < 10_000  # of 8 million


def test_progress_of_large_images_is_shown_on_a_terminal(coder, monkeypatch):
    planes = random_planes(1, 2, 9, 5, 8)
    shown = []

    class Bar:
        def __init__(self, total, desc, leave, disable):
            shown.append([total, 0, disable])

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self):
            shown[-1][1] += 1

    monkeypatch.setattr("kerascomp.codecs.progress.tqdm.tqdm", Bar)
    for largest, hidden in ((1 << 18, True), (9 * 5 * 64, None)):
        monkeypatch.setattr(progress, "LARGE", largest)
        shown.clear()
        coder.decode(coder.encode(planes, np.array([2])), planes.shape[2:])
        groups = 2 * len(coder.context.plan.groups)
        assert shown == [[groups, groups, hidden]] * 2


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

    def parts_at(self, positions):
        return positions, *self.parts_of(positions)

    def parts_of(self, symbols):
        return symbols, np.ones_like(symbols)
