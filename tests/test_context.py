"""The context model: order of decoding, tables, fixed point, and coder."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import JUNK, shaken

from kerascomp.codecs.bottleneck import conditioning, transforms
from kerascomp.codecs.bottleneck.model import RateDistortion
from kerascomp.codecs.bottleneck.prior import LayeredPrior, Prior, fixed_steps, mixture_bits
from kerascomp.codecs.context import integers, tables
from kerascomp.codecs.context.chained import LARGEST_FEATURE
from kerascomp.codecs.context.coder import ContextCoder
from kerascomp.codecs.context.masked import MaskedNetwork
from kerascomp.codecs.context.plan import EVEN, ODD, Plan
from kerascomp.coders import StreamError, SymbolError

LEVELS = conditioning.NUM_LEVELS
RANDOM = np.random.default_rng(0)


def factorized():
    return shaken(Prior(Plan([7])))


def with_context():
    plan = Plan([2, 4], checkerboard=1, window=3)
    return shaken(Prior(plan, hidden=8, num_components=3))


class Layers:
    """A base row and images of details, with the interface of a `Prior`."""

    latent_shape = (1, 1, 5 + 16)

    def __init__(self):
        plan, options = Plan([1, 3], window=3), {"last_base_level": 1, "fewest": 2}
        self.prior = LayeredPrior([2, 3], plan, (2, 2), hidden=16, **options)
        shaken(self.prior.base)
        shaken(self.prior.features)
        shaken(self.prior.details, 0.05)  # many units
        self.to_integers = self.prior.to_integers

    def bits(self, symbols, y_hat, step, condition):
        """As `Prior.bits`; above level 1 the base's condition is that of level 1."""
        level_1 = conditioning.condition_of(tf.fill([len(symbols)], 1 / (LEVELS - 1)))
        y_hat, row = y_hat[:, 0, 0], y_hat[:, 0, 0, :5]
        base = mixture_bits(self.prior.base(row, level_1), symbols[:, 0, 0, :5], step[:, 0, 0, :5])
        past = (self.prior.features(row),)
        images = [array[..., 5:].reshape(-1, 2, 2, 4) for array in (symbols[:, 0, 0], y_hat)]
        details = self.prior.details.bits(*images, step[..., 5:9], condition, past)
        return tf.concat([base, tf.reshape(details, [len(symbols), -1])], 1)


def latent_shape(prior):
    if isinstance(prior, Layers):
        return prior.latent_shape
    return (4, 4, 6) if prior.plan.window > 1 else (1, 1, prior.plan.num_channels)


def in_integers(prior):
    steps = np.geomspace(1.0, 0.2, LEVELS)[:, None] * np.ones(latent_shape(prior)[-1])
    return prior.to_integers(fixed_steps(steps))


def random_rows(prior, number=40):
    return RANDOM.integers(-3, 4, (number, int(np.prod(latent_shape(prior)))))


@pytest.fixture(scope="module", params=[factorized, with_context, Layers])
def prior(request):
    return request.param()


@pytest.fixture(scope="module")
def context(prior):
    return in_integers(prior)


@pytest.fixture(scope="module")
def coder_at(prior, context):
    """Returns a function of a level: the coder of the prior."""
    return lambda level: ContextCoder(context, level, latent_shape(prior))


@pytest.fixture(scope="module")
def rows(prior):
    return random_rows(prior)


def test_plan_decodes_every_latent_once_and_knows_only_what_came_before():
    shape, plan = (5, 4, 6), Plan([2, 1, 3], checkerboard=2, window=3)
    assert [group.places for group in plan.groups[:4]] == [EVEN, ODD, EVEN, ODD]
    masks = [group.mask(shape) for group in plan.groups]
    np.testing.assert_array_equal(np.sum(masks, axis=0), 1)
    for index, group in enumerate(plan.groups):
        earlier = np.any([np.zeros(shape, bool), *masks[:index]], 0)
        np.testing.assert_array_equal(group.known(shape), earlier)
    assert [group.num_read for group in plan.groups] == [0, 2, 2, 3, 3]


def test_a_plan_that_leaves_channels_out_is_refused():
    with pytest.raises(ValueError, match="slices add up to 96 channels, received"):
        RateDistortion(
            transforms.photographs(96, (8, 8), (1, 1)),
            Prior(Plan([2, 3])),
            lmbdas=(1.0, 2.0),
            name="x",
        )
    with pytest.raises(ValueError, match="an odd window, received 2"):
        Plan([6], window=2)


def test_tables_of_functions_round_the_same_everywhere():
    """No exact value is near a half, where another library might round the other way."""
    for exact in (tables.EXACT_EXP, tables.EXACT_LOGISTIC, conditioning.EXACT_CONDITIONS):
        assert np.abs(exact - np.floor(exact) - 0.5).min() > 1e-6


def test_intervals_tile_the_total(prior, context, rows):
    symbols = rows.reshape(-1, *latent_shape(prior))
    every = np.arange(tables.LOWEST, tables.HIGHEST + 1)
    for _, mixtures in context.groups(symbols, 2):
        column = mixtures[:, 0]
        starts, sizes = (
            np.stack(part)
            for part in zip(*(column.parts_of(np.full(40, k)) for k in every), strict=True)
        )
        assert (starts[0] == 0).all() and (sizes > 0).all()
        np.testing.assert_array_equal(starts[:-1] + sizes[:-1], starts[1:])
        np.testing.assert_array_equal(starts[-1] + sizes[-1], column.total)
        for position in (0, 1, *np.linspace(2, column.total - 1, 50).astype(int)):
            decoded, start, size = column.parts_at(np.full(40, position))
            np.testing.assert_array_equal(column.parts_of(decoded), [start, size])
            assert ((start <= position) & (position < start + size)).all()


def test_tables_of_a_part_are_those_of_the_whole(prior, context, rows):
    symbols = rows.reshape(-1, *latent_shape(prior))
    for mask, mixtures in context.groups(symbols, 1):
        starts, sizes = mixtures.parts_of(symbols[:, mask])
        for key in (slice(3, 9), np.array([5, 2]), (slice(None), 0)):
            part = mixtures[key].parts_of(symbols[:, mask][key])
            np.testing.assert_array_equal(part, [starts[key], sizes[key]])


def test_integers_say_what_floats_say(prior, context, coder_at, rows):
    """The oracle is tensorflow-compression's own probability of a rounded value."""
    level = 3
    steps = (context.steps[level] / (1 << context.step_bits)).astype(np.float32)
    symbols = rows.reshape(-1, *latent_shape(prior)).astype(np.float32)
    condition = conditioning.condition_of(tf.fill([len(rows)], level / (LEVELS - 1)))
    expected = prior.bits(symbols, symbols * steps, steps[None, None, None], condition)
    expected = expected.numpy().reshape(len(rows), -1)
    estimated = coder_at(level).estimated_bits(rows)
    likely = expected < 15  # far from the mean the smallest interval counts
    assert likely.mean() > 0.5
    assert estimated[likely].sum() == pytest.approx(expected[likely].sum(), rel=0.01)
    near = np.isclose(estimated[likely], expected[likely], rtol=0.1, atol=0.1)
    assert near.mean() > 0.998  # the rest are at the edges of the narrowest bells


def test_sums_do_not_depend_on_their_order():
    """Matrix products in float64 equal those of Python's own integers."""
    prior, level, received = with_context(), 1, []
    context, rows = in_integers(prior), random_rows(prior, 3)
    context.tables = lambda outputs, steps: received.append(outputs)
    symbols = rows.reshape(-1, *latent_shape(prior))
    masks = [mask for mask, _ in context.groups(symbols, level)]
    group, network = prior.plan.groups[-1], context.networks[-1]
    latents = symbols * group.known(symbols.shape[1:]) * context.steps[level]
    latents = latents[..., : group.num_read]

    def cut(x, places):
        return x * (x > 0) // 2**places

    matrices = [network.kernel, *network.matrices]
    first, second, last = (matrix.astype(int).astype(object) for matrix in matrices)
    biases = [bias[level] for bias in network.biases]
    padded = np.pad(latents, ((0, 0), (1, 1), (1, 1), (0, 0))).astype(object)
    outputs = np.empty((3, 4, 4, last.shape[1]), object)
    for row, column in np.ndindex(4, 4):
        window = padded[:, row : row + 3, column : column + 3].reshape(3, -1)[:, ::-1]
        h = cut(window @ first[::-1] + biases[0], tables.STEP_BITS)
        h = cut(h[:, ::-1] @ second[::-1] + biases[1], integers.UNIT_BITS)
        outputs[:, row, column] = h[:, ::-1] @ last[::-1] + biases[2]
    outputs = outputs.reshape(*symbols.shape[:3], group.last - group.first, -1)
    expected = outputs[:, masks[-1][..., group.first : group.last]].astype(np.int64)
    np.testing.assert_array_equal(received[-1], expected)


def test_a_masked_network_sees_earlier_groups_alone():
    network = Layers().prior.base
    condition = conditioning.condition_of(tf.constant([0.5]))
    latents = tf.Variable(RANDOM.normal(size=(1, 5)).astype(np.float32))
    with tf.GradientTape(persistent=True) as tape:
        sums = tf.unstack(tf.reduce_sum(network(latents, condition) ** 2, (0, 2)))
    for output, one in enumerate(sums):
        gradient = np.abs(tape.gradient(one, latents, unconnected_gradients="zero")[0])
        first = 2 if output >= 2 else 0
        assert (gradient[:first] > 0).all() and (gradient[first:] == 0).all()


def test_a_masked_network_stores_zeros_where_it_reads_nothing():
    network = MaskedNetwork([2, 3, 2], hidden=16, num_parameters=9, conditions=None, name="x")
    for kernel, mask in zip(network.kernels, network.masks, strict=True):
        assert (kernel.numpy()[mask == 0] == 0).all() and (mask == 0).any()


def test_details_read_the_base():
    context, rows = in_integers(Layers()), random_rows(Layers(), 2)
    rows[1, 5:] = rows[0, 5:]
    bits = ContextCoder(context, 1, Layers.latent_shape).estimated_bits(rows)
    assert (bits[0, 5:] != bits[1, 5:]).mean() > 0.5


def test_features_in_integers_are_those_of_floats():
    layers = Layers()
    context, rows = in_integers(layers), random_rows(layers)[:, :5]
    step = context.steps[1, :5] / (1 << context.step_bits)
    expected = layers.prior.features((rows * step).astype(np.float32)).numpy()
    received = context.features(rows, 1) / (1 << context.step_bits)
    np.testing.assert_allclose(received, expected.reshape(len(rows), -1), atol=0.02)
    assert 0 < (received == 0).mean() < 0.9 and received.max() <= LARGEST_FEATURE


def test_the_first_slices_of_a_context_are_a_context():
    context = in_integers(Layers())
    rows = random_rows(Layers())
    base = ContextCoder(context.first(5), 1, (1, 1, 5))
    np.testing.assert_array_equal(base.decode_each(base.encode_each(rows[:, :5])), rows[:, :5])
    whole = ContextCoder(context, 1, Layers.latent_shape).estimated_bits(rows)
    np.testing.assert_array_equal(base.estimated_bits(rows[:, :5]), whole[:, :5])
    with pytest.raises(ValueError, match="4 is not in list"):
        context.first(4)


def test_weights_too_large_for_exact_sums_are_refused():
    prior = with_context()
    middle, _ = prior.networks[1][1]
    middle.assign_add(tf.fill(middle.shape, 2.0**30))
    with pytest.raises(ValueError, match="group 1, layer 1, .*train with weight decay"):
        in_integers(prior)


@pytest.mark.parametrize("number", [1, 7, 40])
def test_rows_come_back(coder_at, rows, number, monkeypatch):
    monkeypatch.setattr("kerascomp.coders.lanes.BYTES_PER_LANE", 100)
    monkeypatch.setattr("kerascomp.codecs.context.coder.SYMBOLS_AT_ONCE", 1000)
    coder = coder_at(4)
    some = rows[:number].copy()
    some[0, 0], some[-1, -1] = tables.LOWEST, tables.HIGHEST
    files = coder.encode_each(some)
    np.testing.assert_array_equal(coder.decode_each(files), some)
    joint = coder.encode(some)
    np.testing.assert_array_equal(coder.decode(joint, number), some)
    estimated = coder.estimated_bits(some).sum(axis=1) / 8
    sizes = np.array([len(file) for file in files])
    assert (sizes <= estimated + 2).all() and (sizes >= estimated - 2).all()
    num_lanes = int.from_bytes(joint[:2], "big")
    assert abs(len(joint) - estimated.sum()) <= 0.005 * estimated.sum() + 2 + 6 * num_lanes


def test_each_file_is_the_same_in_any_company(coder_at, rows):
    coder = coder_at(0)
    assert coder.encode_each(rows)[5:6] == coder.encode_each(rows[5:6])


def test_damaged_streams_are_noticed_or_decode_to_something(coder_at, rows):
    coder = coder_at(1)
    assert coder.decode_each([b"", JUNK, b"\xff" * 3]).shape == (3, rows.shape[1])
    joint = coder.encode(rows)
    for broken in (b"", joint[:1], joint[:3], joint[:-1], joint + b"\0"):
        with pytest.raises(StreamError):
            coder.decode(broken, len(rows))


def test_rows_that_are_none_are_refused(coder_at, rows):
    with pytest.raises(SymbolError):
        coder_at(1).encode_each(rows[:, 1:])
