# %% [markdown]
# # 05 Quantization
#
# *Time: 2 minutes. You learn why a network cannot learn through rounding, four ways around that,
# and what the 32 numbers of lesson 02 cost in bytes.*
#
# ## The question
#
# The report sends 32 numbers for a digit and calls that a ratio of 784 to 32. But a number is not a
# byte: 32 floats of 32 bits are 128 bytes. To send fewer bits one has to round, and rounding has no
# gradient from which an encoder could learn. What can replace it in training?

# %% [markdown]
# ## What you will see
#
# Rounding and four surrogates with their gradients; how rounding changes the error of a network
# that was trained without it, and of networks trained with each surrogate; how many bits each
# latent needs; and digits at fewer and fewer bytes.
#
# ![four surrogates of rounding](../figures/05_staircases.png)

# %%
import keras
import numpy as np
import tensorflow as tf
from IPython.display import Markdown

from kerascomp import codecs, datasets, limits, plots, zoo
from kerascomp.course import exercises, figures, runs
from kerascomp.networks import quantizers

run = runs.start("05_quantization")
mnist = datasets.mnist(run.limit)

# %% [markdown]
# ## Rounding has no gradient
#
# Rounding is constant except where it jumps, so its gradient is zero wherever it is defined. With
# rounding between encoder and decoder, no gradient of the loss reaches the encoder.

# %%
y = tf.Variable([0.3, 1.7, -0.6])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum((tf.round(y) - 3.0) ** 2)
print("loss", loss.numpy(), "gradient", tape.gradient(loss, y))

# %% [markdown]
# TensorFlow returns no gradient at all. A <dfn>surrogate</dfn> of rounding is a function that
# replaces it in training and has a useful gradient. Theis et al. compare three, and a fourth came
# later. Each is a layer of Keras, a *quantizer*, which rounds in use and applies its surrogate in
# training.
#
# - The <dfn>straight-through estimator</dfn> rounds, and takes the gradient of rounding to be one.
# - <dfn>Uniform noise</dfn>, a random number between −½ and ½, is added in training; its size is
#   that of errors of rounding.
# - <dfn>Stochastic rounding</dfn> rounds a number up with a probability equal to its fractional
#   part, else down.
# - <dfn>Soft rounding</dfn> is a smooth staircase that gets nearer to rounding while training goes
#   on.
#
# Here is the second one. Keras sets `training` to true in `fit`.

# %%
class NoiseInTraining(keras.layers.Layer):
    """Adds uniform noise from −½ to ½ in training, and rounds in use."""

    def call(self, y, training=None):
        if training:
            return y + tf.random.uniform(tf.shape(y), -0.5, 0.5)
        return tf.round(y)


# %% [markdown]
# The package's `quantizers.UniformNoise` also has a step, which is 1 here. Both must round alike in
# use. In training their values are random, so we compare the means and the variances of 10,000
# draws: the mean must be y itself, and the variance 1/12, that of a uniform number from −½ to ½.

# %%
tf.random.set_seed(run.seed)
y = np.tile(np.linspace(-2, 2, 41, dtype=np.float32), (10_000, 1))  # (draws, 41)
for quantizer in (NoiseInTraining(), quantizers.UniformNoise(1.0)):
    y_tilde, y_hat = quantizer(y, training=True).numpy(), quantizer(y).numpy()
    assert np.array_equal(y_hat, np.round(y))
    assert np.allclose(y_tilde.mean(axis=0), y[0], rtol=0, atol=0.02)
    assert np.allclose(y_tilde.var(axis=0), 1 / 12, rtol=0, atol=0.005)
    print(f"{type(quantizer).__name__}: 0.3 becomes {y_tilde[0, 23]:.2f}, {y_tilde[1, 23]:.2f}, … "
          f"in training and {y_hat[0, 23]:.0f} in use")

# %%
def behavior(quantizer, y, draws):
    """Returns what a quantizer gives in training, (draws, P), and the mean gradient, (P,)."""
    values, gradients = [], []
    for _ in range(draws):
        y_in = tf.constant(y[:, None])  # (P, 1)
        with tf.GradientTape() as tape:
            tape.watch(y_in)
            y_tilde = quantizer(y_in, training=True)
        values.append(y_tilde.numpy()[:, 0])
        gradients.append(tape.gradient(y_tilde, y_in).numpy()[:, 0])
    return np.array(values), np.mean(gradients, axis=0)


# %%
tf.random.set_seed(run.seed)
y_axis = np.linspace(-2, 2, 401, dtype=np.float32)
panels = {
    name: behavior(build(1.0), y_axis, 1 if name == "straight-through" else 400)
    for name, build in quantizers.SURROGATES.items()
    if name != "soft"
}
soft = quantizers.SoftRounding(1.0, sharpness=(6, 6))  # the same in every epoch
panels["soft"] = behavior(soft, y_axis, 1)
title = (
    "Rounding has no useful gradient; each surrogate has one\n"
    "dots: random draws; lines: their mean"
)
fig = plots.staircases(y_axis, np.round(y_axis), panels, title=title)
caption = (
    "The surrogates of rounding (dots are random draws, the line their mean), and their gradients."
)
figures.save(run, fig, "05_staircases", caption=caption)

# %% [markdown]
# What to notice: straight-through and stochastic rounding do round, but use a gradient that is not
# that of their output. Noise and soft rounding have the gradient of their output, but do not round.
#
# ## Latents of variance one
#
# If the loss has no term for the bits, a network can make errors of up to half a step harmless by
# larger latents: for a latent of 1,000, an error of ½ hardly matters. So `autoencoders.quantized`
# normalizes each latent to variance one, and the step is counted in standard deviations.
#
# Four networks were trained like this, each with one of the surrogates, at a step of one standard
# deviation. Lesson 02's network, "never rounded", was trained without rounding.

# %%
networks = {"never rounded": zoo.network("mnist-dense")}
networks |= {name: zoo.network(f"mnist-dense-{name}") for name in quantizers.SURROGATES}
for label, network in networks.items():
    y = codecs.latents(network, mnist.train.images[:2000])
    spread = f"from {y.min():7.1f} to {y.max():6.1f}, mean deviation {y.std(axis=0).mean():.2f}"
    print(f"{label:16} latents {spread}")

# %% [markdown]
# ## From a network to bytes
#
# `LatentCodec` makes a codec of any autoencoder: it divides the latent by the step, rounds it, and
# gives the integers to an arithmetic coder, which has counted on the training set how often each
# one occurs. Lesson 06 shows how that coder works; here only the length of its files counts.

# %%
codec = codecs.LatentCodec.fit(networks["noise"], mnist.train.images, step=1.0)
files = codec.encode(mnist.test.images[:3])
print([f"{len(file)} bytes: {file.hex()}" for file in files])
decoded = codec.decode(files)
# The files must hold exactly the rounded latents.
assert (decoded == codec.to_images(codec.to_symbols(mnist.test.images[:3]))).all()

# %% [markdown]
# Now every network is measured at every step, on the first 2,000 test digits. A larger step gives
# fewer bytes and a larger error.

# %%
steps = run.choose(full=(2.0, 1.4, 1.0, 0.7, 0.5, 0.25), fast=(2.0, 1.0))
training_images, images = mnist.train.images[:10000], mnist.test.images[:2000]
points = {}
for label, network in networks.items():
    family = [codecs.LatentCodec.fit(network, training_images, step) for step in steps]
    points[label] = codecs.sweep(family, images)
never, noise = points["never rounded"], points["noise"]

# %%
colors = plots.TRAININGS
by_step = {label: (steps, [p.mse for p in curve], colors[label]) for label, curve in points.items()}
by_bytes = {
    label: ([p.bytes_per_image for p in curve], [p.mse for p in curve], colors[label])
    for label, curve in points.items()
}
fig = plots.error_panels(
    [
        ("against the step", by_step, "step (standard deviations of a latent)"),
        ("against the bytes", by_bytes, "mean bytes of a digit's file"),
    ],
    title=(
        "At large steps every surrogate is better than none\n"
        f"MNIST, {len(images):,} test digits, dense autoencoder"
    ),
)
caption = (
    "MSE of the dense autoencoder, rounded, on 2,000 test digits: trained with each surrogate of "
    "rounding, or without rounding."
)
figures.save(run, fig, "05_surrogates", caption=caption, values={"points": points}, dataset=mnist)

# %%
coarse = list(steps).index(1.0)
trained = {label: curve[coarse] for label, curve in points.items() if label != "never rounded"}
best = min(trained, key=lambda label: trained[label].mse)
spread = max(point.mse for point in trained.values()) / trained[best].mse - 1
Markdown(
    "At a step of one deviation the network that was trained without rounding has an MSE of "
    f"{never[coarse].mse:.4f} with {never[coarse].bytes_per_image:.1f} bytes; trained with "
    f"*{best}* it is {trained[best].mse:.4f} with {trained[best].bytes_per_image:.1f} bytes. "
    f"The errors with the four surrogates differ by at most {spread:.0%}."
)

# %% [markdown]
# What to notice: at the step of training, any surrogate is much better than none, and which one
# hardly matters. At the finest step, for equal bytes, the network that was trained without rounding
# has the smallest error: the others were trained for larger errors of rounding. Train with the step
# that you will use.

# %%
worst = max(point.mse for point in trained.values())
assert run.profile == "fast" or worst < never[coarse].mse

# %% [markdown]
# ## How many bits does a latent need?
#
# The <dfn>entropy</dfn> of a symbol is the sum of $-p \log_2 p$ over its probabilities $p$: no code
# that treats each symbol alone needs fewer bits on average. Here $p$ are the shares of a latent's
# histogram.

# %%
symbols = codec.to_symbols(images)  # (N, 32) integers


def histogram(column):
    """Returns the integers of a column, their shares, and the entropy in bits."""
    integers, counts = np.unique(column, return_counts=True)
    return integers, counts / counts.sum(), limits.entropy_bits(column)


# %%
never_codec = codecs.LatentCodec.fit(networks["never rounded"], training_images, step=1.0)
described = {
    "never rounded": [histogram(column) for column in never_codec.to_symbols(images).T],
    "noise": [histogram(column) for column in symbols.T],
}

# %%
panels = []
for label, latent_list in described.items():
    order = np.argsort([bits for *_, bits in latent_list])
    panels += [(f"{label}: latent {index}", *latent_list[index]) for index in order[[0, -1]]]
total = sum(bits for *_, bits in described["noise"]) / 8  # bytes
title = (
    "The cheapest and the most expensive of 32 latents at a step of one deviation\n"
    f"MNIST, {len(images):,} test digits"
)
fig = plots.histograms(panels, title=title, xlabel="integer")
caption = (
    "Histograms of rounded latents with their entropy in bits: the cheapest and the most "
    "expensive of two networks."
)
figures.save(
    run,
    fig,
    "05_histograms",
    caption=caption,
    values={label: [bits for *_, bits in latents] for label, latents in described.items()},
    dataset=mnist,
)

# %% [markdown]
# What to notice: the network that was never rounded has dead latents, always zero, which cost
# nothing. Each normalized latent needs about two bits at this step.
#
# The files are a little larger than the sum of these entropies, because each ends on a whole byte.

# %%
real = codecs.measure(codec, images).bytes_per_image
print(f"entropies of all 32 latents: {total:.2f} bytes; files: {real:.2f} bytes")
assert real < total + run.choose(full=0.5, fast=2.0)

# %% [markdown]
# ## A digit at fewer and fewer bytes
#
# Two of the networks encode the same digit at every step.

# %%
digit = mnist.test.images[[18]]
shown_steps = steps[::-1]
pictures, costs = [], []
for label in ("never rounded", "noise"):
    row, notes = [digit[0]], ["784 bytes"]
    for step in shown_steps:
        latent_codec = codecs.LatentCodec.fit(networks[label], training_images, step)
        files = latent_codec.encode(digit)
        row.append(latent_codec.decode(files)[0])
        notes.append(f"{len(files[0])} bytes")
    pictures.append(row)
    costs.append(notes)

# %%
fig = plots.distortions(
    np.array(pictures),
    ["original", *(f"step {step:g}" for step in shown_steps)],
    costs,
    title=(
        "Trained with noise, a digit survives coarser steps\n"
        "MNIST, one test digit; above: never rounded, below: trained with noise"
    ),
)
caption = (
    "A test digit at coarser and coarser steps, by a network trained without rounding and by "
    "one trained with noise."
)
figures.save(run, fig, "05_fewer_bytes", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: at the largest step the network trained with noise still decodes a 3, and the
# other one does not.
#
# ## The report's ratio, in bytes
#
# For the network of lesson 02 we take the largest step with an MSE below the report's 0.01.

# %%
below_report = next(p for p in never if p.mse <= run.choose(full=0.01, fast=1.0))
print("784 pixels of 8 bits      784 bytes")
print("32 floats of 32 bits      128 bytes")
for label, p in (("never rounded", below_report), ("trained with noise", noise[coarse])):
    print(f"32 integers, {p.setting:9}{p.bytes_per_image:7.1f} bytes, MSE {p.mse:.4f}, {label}")

# %% [markdown]
# ## Exercises
#
# **05a.** *By hand.* A latent is rounded to multiples of the step Δ = 0.5. If the error is uniform
# between −Δ/2 and Δ/2, what is its variance? Give four decimals.
#
# **05b.** *In code.* Write `round_stochastically(y, u)`: stochastic rounding of an array y, where
# the array u of the same shape holds random numbers, uniform between 0 and 1. The result is
# rounded up where u is below the fractional part of y, else down. Latents may be negative.
#
# **05c.** *Predict, then measure.* How many bytes does a digit need on average at a step of 0.12,
# with the network that was trained with noise? Predict it from its bytes at 0.25, `noise[-1]`, and
# the number of bits that a finer step adds to each of the 32 latents. Then measure it on `images`
# with `codecs.LatentCodec.fit(networks["noise"], training_images, 0.12)` and `codecs.measure`. Give
# one decimal.
#
# Solutions are in [solutions/05.py](solutions/05.py).

# %%
exercises.check("05a", ...)
exercises.check("05b", ...)
exercises.check("05c", ...)

# %% [markdown]
# ## What to take away
#
# - Rounding has no gradient; every surrogate is an approximation, and all four work.
# - A network must be trained with the errors of rounding that occur in use. Which surrogate makes
#   them matters less.
# - If the loss has no term for the bits, the scale of the latents must be fixed. Lesson 07 adds
#   such a term.
#
# ## References
#
# - [L. Theis, W. Shi, A. Cunningham, F. Huszár, *Lossy image compression with compressive
#   autoencoders*, 2017](https://arxiv.org/abs/1703.00395), section 2.1: straight-through, noise and
#   stochastic rounding (the report's [3]).
# - [Y. Bengio, N. Léonard, A. Courville, *Estimating or propagating gradients through stochastic
#   neurons for conditional computation*, 2013](https://arxiv.org/abs/1308.3432): the
#   straight-through estimator.
# - [J. Ballé, V. Laparra, E. Simoncelli, *End-to-end optimized image compression*,
#   2017](https://arxiv.org/abs/1611.01704), section 3: uniform noise in place of rounding.
# - [E. Agustsson, L. Theis, *Universally quantized neural compression*,
#   2020](https://arxiv.org/abs/2006.09952), section 4.1: soft rounding.
# - [C. E. Shannon, *A mathematical theory of communication*,
#   1948](https://doi.org/10.1002/j.1538-7305.1948.tb01338.x), section 6: entropy.
#
# ## Next
#
# [06 Entropy coding](06_entropy_coding.ipynb): how integers become bytes.
