"""What differs between the software stacks of the course: Keras 2.14, and Keras 3.

    classic   Python 3.11, TensorFlow 2.14 with Keras 2.14: tensorflow-compression has no newer one
    modern    Python 3.11 to 3.13, TensorFlow 2.21 with Keras 3

All other code is the same for both: `import keras`, weights made in `build` or `__init__` by
keyword, TensorFlow's functions on symbolic tensors only inside layers.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf

NAMELESS = "prior/", "context/"  # parts whose own weights have names enough

IS_CLASSIC = keras.__version__.startswith("2.")


def weight_name(weight, model: keras.Model) -> str:
    """Returns the name of a weight within its model, as the zoo stores it.

    Keras 2 names a weight by the layers that were being called when it was made, Keras 3 by all
    that it is a part of.
    """
    if IS_CLASSIC:
        return weight.name.removesuffix(":0")
    name = weight.path
    for prefix in (f"{model.name}/", *NAMELESS):
        name = name.removeprefix(prefix)
    return name


def build(layer: keras.layers.Layer, input_shape: Sequence[int | None]) -> None:
    """Builds a layer outside of a call, if it is not built yet.

    Keras 2 would leave the layer's name out of those of its weights.
    """
    if not layer.built:
        with tf.name_scope(layer.name):
            layer.build(input_shape)


# Keras 2 would compile an optimizer with XLA, which is slower on a processor.
EAGER_OPTIMIZER = {"jit_compile": False} if IS_CLASSIC else {}


def adam_state(optimizer: keras.optimizers.Optimizer, variable) -> list[tf.Variable]:
    """Returns TensorFlow's variables of a weight and of its two moments in Adam."""
    if IS_CLASSIC:
        index = optimizer._index_dict[optimizer._var_key(variable)]
        return [variable, optimizer._momentums[index], optimizer._velocities[index]]
    index = optimizer._get_variable_index(variable)
    moments = optimizer._momentums[index], optimizer._velocities[index]
    return [variable, *(moment.value for moment in moments)]


def as_graph(network: keras.Model):
    """Returns a network as one TensorFlow function, made once for it.

    It is faster than layer by layer; and called so, a Reshape of Keras 2.14 never frees its input.
    """
    if not hasattr(network, "_graph"):
        network._graph = tf.function(network, autograph=False)
    return network._graph
