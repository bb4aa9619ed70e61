"""Networks in batches of one size."""

import gc
import weakref

import keras
import numpy as np
import pytest
from keras import layers

from kerascomp.codecs.batches import BATCH_SIZE, in_batches
from kerascomp.networks.stack import as_graph


def network():
    return keras.Sequential([layers.Input((6,)), layers.Dense(12), layers.Reshape((3, 4))])


@pytest.mark.parametrize("number", [1, BATCH_SIZE, BATCH_SIZE + 1])
def test_batches_are_put_together(number):
    model, x = network(), np.random.default_rng(0).normal(size=(number, 6)).astype(np.float32)
    (y,) = in_batches(as_graph(model), [x])
    np.testing.assert_allclose(y, model.predict(x, verbose=0), atol=1e-6)


def test_a_network_has_one_graph_that_goes_with_it():
    model = network()
    assert as_graph(model) is as_graph(model)
    in_batches(as_graph(model), [np.zeros((3, 6), np.float32)])
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
