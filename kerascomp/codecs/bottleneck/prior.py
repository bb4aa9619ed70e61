"""The prior: what encoder and decoder expect of a latent, given what was decoded before.

Latents are decoded in groups (`plan`). The first group's tables depend on the quality alone: a
factorized prior. Each later group has a small network that reads the groups before it, near its
place, and says for every latent what to expect: a mixture of logistic distributions. A hyperprior
(Ballé et al. 2018) is such an order with two groups; a context model (Minnen et al. 2018) one with
as many groups as latents. In between, a few groups tell nearly as much, and all places and images
of a group can be decoded side by side.
"""

import numpy as np
import tensorflow as tf
from keras import layers

from kerascomp.codecs.bottleneck import integers
from kerascomp.codecs.bottleneck.plan import EVEN, ODD, Group
from kerascomp.codecs.bottleneck.transforms import NUM_CONDITIONS

SMALLEST_LOG_SCALE = integers.SMALLEST_LOG / (1 << integers.LOG_BITS)
BITS = integers.WEIGHT_BITS
NUM_PARAMETERS = 3  # of a logistic distribution in a mixture: location, log scale, logit


class Prior(layers.Layer):
    """Mixtures of logistic distributions for each latent.

    Args:
        plan: `plan.Plan`.
        hidden: units of each of the two hidden layers of a group's network.
        num_components: logistic distributions in a mixture.
    """

    def __init__(self, plan, *, hidden=64, num_components=1):
        super().__init__(name="prior")
        self.plan, self.hidden, self.num_components = plan, hidden, num_components
        self.networks = [self._network(index) for index in range(len(plan.groups))]

    def get_config(self):
        return {
            "plan": self.plan.config(),
            "hidden": self.hidden,
            "num_components": self.num_components,
        }

    def parameters(self, y_hat, told):
        """Returns (locations, log scales, logits), each (N, h, w, K, components).

        Args:
            y_hat: float32 (N, h, w, K), decoded latents; a group sees only those before it.
            told: `transforms.condition`, (N, 6).
        """
        height, width, _ = self.plan.latent_shape
        even = tf.constant(Group(0, 1, EVEN).mask((height, width, 1)))
        slices = []
        for index, group in enumerate(self.plan.groups):
            outputs = self._outputs(index, y_hat, told)
            outputs = tf.broadcast_to(
                outputs, [tf.shape(y_hat)[0], height, width, outputs.shape[-1]]
            )
            if group.places == ODD:  # the even half of these channels is the last entry
                slices[-1] = tf.where(even, slices[-1], outputs)
            else:
                slices.append(outputs)
        outputs = tf.concat(slices, axis=3)
        shape = [-1, *self.plan.latent_shape, NUM_PARAMETERS, self.num_components]
        location, log_scale, logit = tf.unstack(tf.reshape(outputs, shape), axis=4)
        return location, tf.maximum(log_scale, SMALLEST_LOG_SCALE), logit

    def bits(self, symbols, y_hat, step, told):
        """Returns the estimated bits of each latent, float32 (N, h, w, K).

        Args:
            symbols: y / step, rounded or with uniform noise, (N, h, w, K).
            y_hat: decoded latents, what the networks read.
            step: quantization steps (N, 1, 1, K).
            told: `transforms.condition`, (N, 6).
        """
        tfc = _tensorflow_compression()
        location, log_scale, logit = self.parameters(y_hat, told)
        location, scale = location / step[..., None], tf.exp(log_scale) / step[..., None]
        if self.num_components == 1:
            expected = tfc.NoisyLogistic(loc=location[..., 0], scale=scale[..., 0])
        else:
            weight = tf.nn.softmax(logit)
            expected = tfc.NoisyLogisticMixture(loc=location, scale=scale, weight=weight)
        return -expected.log_prob(symbols) / np.log(2).astype(np.float32)

    def to_integers(self, steps):
        """Returns {name: integer array}, all that `integers.IntegerPrior` needs.

        Weights are rounded one by one, from floats that are stored exactly: no sum, and so no
        computer, has a say in it.

        Args:
            steps: quantization steps of every level, integers (levels, K), see `fixed_steps`.
        """
        places = {
            "input": integers.STEP_BITS + integers.WEIGHT_BITS,
            "middle": integers.WEIGHT_BITS + integers.UNIT_BITS,
            "output": integers.WEIGHT_BITS + integers.UNIT_BITS,
        }
        found = {"steps": np.asarray(steps, np.int64)}
        for index, parts in enumerate(self.networks):
            for layer in ("input", "output"):
                if told := parts.get(f"{layer}_level"):
                    bits = places[layer] - integers.UNIT_BITS
                    found[f"{index}/{layer}_told"] = integers.fixed(told.kernel, bits)
                    found[f"{index}/{layer}_bias"] = integers.fixed(told.bias, places[layer])
            if index:
                kernel, middle = parts["input"].numpy(), parts["middle"]
                found |= {
                    f"{index}/input": integers.fixed(kernel.reshape(-1, self.hidden), BITS),
                    f"{index}/middle": integers.fixed(middle.kernel, BITS),
                    f"{index}/middle_bias": integers.fixed(middle.bias, places["middle"]),
                    f"{index}/output": integers.fixed(parts["output"], BITS),
                }
        return found

    def _network(self, index):
        group, prefix = self.plan.groups[index], f"group{index}"
        num_outputs = (group.last - group.first) * NUM_PARAMETERS * self.num_components
        parts = {"output_level": self._dense(NUM_CONDITIONS, num_outputs, f"{prefix}_output_level")}
        parts["output_level"].bias.assign(self._start(group))
        if index == 0:
            return parts
        window, read = self.plan.window, self.plan.num_read[index]
        return parts | {
            "input": self.add_weight(
                f"{prefix}_input", (window, window, read, self.hidden), initializer="he_normal"
            ),
            "input_level": self._dense(NUM_CONDITIONS, self.hidden, f"{prefix}_input_level"),
            "middle": self._dense(self.hidden, self.hidden, f"{prefix}_middle", "he_normal"),
            "output": self.add_weight(
                f"{prefix}_output", (self.hidden, num_outputs), initializer="zeros"
            ),
        }

    def _outputs(self, index, y_hat, told):
        """Returns what the network of a group says, (N, h, w, outputs) or (N, 1, 1, outputs)."""
        parts = self.networks[index]
        outputs = parts["output_level"](told)[:, None, None]
        if index == 0:
            return outputs
        read = self.plan.num_read[index]
        known = y_hat[..., :read] * self.plan.known[index][..., :read].astype(np.float32)
        h = tf.nn.conv2d(known, parts["input"], 1, "SAME")
        h = tf.nn.relu(h + parts["input_level"](told)[:, None, None])
        h = tf.nn.relu(parts["middle"](h))
        return outputs + tf.tensordot(h, parts["output"], 1)

    def _start(self, group):
        """Returns biases of the outputs before training: narrow bells side by side."""
        start = np.zeros((group.last - group.first, NUM_PARAMETERS, self.num_components))
        start[:, 0] = np.linspace(-0.5, 0.5, self.num_components) if self.num_components > 1 else 0
        start[:, 1] = -1.5
        return start.ravel().astype(np.float32)

    def _dense(self, num_inputs, units, name, initializer="zeros"):
        layer = layers.Dense(units, kernel_initializer=initializer, name=name)
        with tf.name_scope(name):  # for the names of its weights
            layer.build((None, num_inputs))
        return layer


def fixed_steps(steps):
    """Returns quantization steps as integers, at least one."""
    return np.maximum(integers.fixed(steps, integers.STEP_BITS), 1)


def _tensorflow_compression():
    """Returns the module, which takes seconds to import; only estimates need it, no file does."""
    try:
        with tf.init_scope():  # outside of a graph that is being traced
            import tensorflow_compression
    except ImportError as error:  # it has no wheels for every system
        raise ImportError(
            "training an entropy bottleneck needs tensorflow-compression, which has wheels for "
            "Linux (x86-64) and Python 3.9 to 3.11; install it there: "
            "pip install -r requirements.txt"
        ) from error
    return tensorflow_compression
