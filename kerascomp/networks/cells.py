"""The layers of recurrent codecs: the binarizer, and convolutions with memory.

A recurrent layer takes x (N, h, w, C) and its state, and returns what it makes of them and its
state afterwards. The state is a list of tensors (N, h, w, units), None before the first iteration.

Reference:
    G. Toderici et al., "Full resolution image compression with recurrent neural networks", 2017,
    section 3.
"""

import abc

import tensorflow as tf
from keras import layers

State = list[tf.Tensor]


class Binarizer(layers.Layer):
    """Numbers to bits, -1 or +1.

    In training, tanh(x) = 0.8 becomes +1 nine times in ten, so that the expected bit is tanh(x);
    the gradient passes as if nothing had been rounded. Otherwise the bit is the sign of x.

    Reference:
        G. Toderici et al., "Variable rate image compression with recurrent neural networks", 2016,
        section 3.2.
    """

    def call(self, x: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        x = tf.tanh(x)
        threshold = tf.random.uniform(tf.shape(x), -1.0, 1.0) if training else 0.0
        return x + tf.stop_gradient(tf.where(x >= threshold, 1.0, -1.0) - x)


class Cell(layers.Layer):
    """What both layers with memory share; subclasses define `step`.

    Args:
        units: channels of the output and of each part of the state.
        kernel_size: of the convolution of the input; those of the state are 1×1.
    """

    num_gates = 0  # how many times `units` the convolution of the input returns
    num_states = 1

    def __init__(self, units: int, kernel_size: int = 3, **options):
        super().__init__(**options)
        self.units, self.kernel_size = units, kernel_size
        width = self.num_gates * units
        self.of_input = layers.Conv2D(width, kernel_size, padding="same", name="input")

    def get_config(self) -> dict:
        return super().get_config() | {"units": self.units, "kernel_size": self.kernel_size}

    @abc.abstractmethod
    def step(self, gates: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        """Returns (output, state) of the input's part of all gates, and of the last state."""

    def call(self, x: tf.Tensor, state: State | None = None) -> tuple[tf.Tensor, State]:
        gates = self.of_input(x)
        start = tf.zeros_like(gates[..., : self.units])
        return self.step(gates, state or [start] * self.num_states)

    def _of_state(self, num_gates, name):
        return layers.Conv2D(num_gates * self.units, 1, use_bias=False, name=name)


class ConvLSTM(Cell):
    """Long short-term memory whose matrices are convolutions; its state is (h, c)."""

    num_gates, num_states = 4, 2

    def __init__(self, units: int, kernel_size: int = 3, **options):
        super().__init__(units, kernel_size, **options)
        self.of_state = self._of_state(4, "state")

    def step(self, gates: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        h, c = state
        keep, write, show, new = tf.split(gates + self.of_state(h), 4, axis=-1)
        c = tf.sigmoid(keep + 1.0) * c + tf.sigmoid(write) * tf.tanh(new)
        h = tf.sigmoid(show) * tf.tanh(c)
        return h, [h, c]


class ConvGRU(Cell):
    """A gated recurrent unit whose matrices are convolutions; its state is (h,)."""

    num_gates = 3

    def __init__(self, units: int, kernel_size: int = 3, **options):
        super().__init__(units, kernel_size, **options)
        self.gates_of_state = self._of_state(2, "state")
        self.new_of_state = self._of_state(1, "new")

    def step(self, gates: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
        (h,) = state
        gates, new = gates[..., : 2 * self.units], gates[..., 2 * self.units :]
        write, read = tf.split(tf.sigmoid(gates + self.gates_of_state(h)), 2, axis=-1)
        h = (1 - write) * h + write * tf.tanh(new + self.new_of_state(read * h))
        return h, [h]


CELLS = {"lstm": ConvLSTM, "gru": ConvGRU}


def run(
    stages: list[layers.Layer], x: tf.Tensor, states: list[State] | None = None
) -> tuple[tf.Tensor, list[State]]:
    """Runs x (N, h, w, C) through layers, some of which have states.

    Args:
        stages: the layers.
        x: what the first takes.
        states: an entry for each recurrent layer; None before the first iteration.

    Returns:
        (what the last layer returns, the states afterwards).
    """
    after = []
    for stage in stages:
        if isinstance(stage, Cell):
            x, state = stage(x, states[len(after)] if states else None)
            after.append(state)
        else:
            x = stage(x)
    return x, after
