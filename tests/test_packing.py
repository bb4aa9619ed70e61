import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kerascomp.zoo import packing


@given(st.integers(0, 100), st.floats(1e-4, 1e4), st.sampled_from([5, 8, 10]))
def test_weights_come_back_within_half_a_step(seed, scale, bits):
    generator = np.random.default_rng(seed)
    weights = {
        "kernel": (generator.normal(size=(3, 3, 4, 5)) * scale).astype(np.float32),
        "zeros": np.zeros((2, 2), np.float32),
        "bias": generator.normal(size=7).astype(np.float32),
        "count": np.float32(5.0),
    }
    packed = packing.pack(weights, bits)
    unpacked = packing.unpack(packed)
    assert list(unpacked) == list(weights)
    step = packed["kernel" + packing.STEP].astype(np.float32)
    expected = np.abs(weights["kernel"]).max(axis=(0, 1, 2)) / packing.LARGEST[bits]
    np.testing.assert_allclose(step, expected, rtol=0.003 if bits < 8 else 1e-6)
    assert (np.abs(unpacked["kernel"] - weights["kernel"]) <= step / 2 * 1.001).all()
    for name in ("zeros", "bias", "count"):
        np.testing.assert_array_equal(unpacked[name], weights[name])
        assert unpacked[name].dtype == np.float32


def test_packing_again_changes_nothing():
    weights = {"kernel": np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)}
    once = packing.pack(weights)
    again = packing.pack(packing.unpack(once))
    np.testing.assert_array_equal(once["kernel"], again["kernel"])
