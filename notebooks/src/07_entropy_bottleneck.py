# %% [markdown]
# # 07 Entropy bottleneck
#
# *Time: 2 minutes. You learn to train a network on bits and errors at once, to turn its code into
# strings and back, and what the rate term is worth.*
#
# ## The question
#
# Lesson 05 trained a network on its errors alone, and lesson 06 wrote what came out. The loss had
# no term for the number of bits. How do you put the length of a file into a loss?

# %% [markdown]
# ## What you will see
#
# An entropy bottleneck, built and trained here with *tensorflow-compression*: a digit's code, the
# same code with noise, its bits and its bytes; the learned density against the histogram; three
# lambdas, three points on the plane; and what the same term is worth to the report's three
# networks.
#
# *tensorflow-compression* ended with TensorFlow 2.14. Where it cannot be installed, the first cell
# takes the same classes from the course, and says so.
#
# ![what the rate term is worth](../figures/07_rate_term.png)

# %%
import keras
import numpy as np
import tensorflow as tf
from IPython.display import Markdown
from tqdm.keras import TqdmCallback

from kerascomp import codecs, datasets, limits, metrics, plots, zoo
from kerascomp.course import exercises, experiments, figures, results, runs
from kerascomp.networks import autoencoders, training
from kerascomp.statistics import mean_interval, signed

try:
    import tensorflow_compression as tfc
except ImportError:  # there are no wheels of it for this computer: the same in the course's lines
    from kerascomp.codecs import entropy as tfc

print(f"the entropy bottleneck of this run: {tfc.__name__}")
run = runs.start("07_entropy_bottleneck")
mnist = datasets.mnist(run.limit)
digits = mnist.test.images[: run.choose(full=2000, fast=100)]
x_train, x_test = (datasets.to_float(images) for images in (mnist.train.images, digits))

# %% [markdown]
# ## A loss with two terms
#
# With a good coder, a symbol of probability $p$ takes $-\log_2 p$ bits (lesson 06). The
# <dfn>prior</dfn> is the distribution from which encoder and decoder take the probabilities of the
# latents. So let the network learn a prior, and add what a latent costs under it. An <dfn>entropy
# bottleneck</dfn> is a latent that is rounded and entropy-coded with a learned prior, and whose
# bits are a term of the loss.
#
# $$\text{loss} = \text{bits per pixel} + \lambda \cdot \text{MSE}.$$
#
# The <dfn>cross-entropy</dfn> $H(q) + D(q \| p)$ is the mean number of bits if symbols have the
# distribution $q$ and are coded with the probabilities $p$. The <dfn>Kullback–Leibler
# divergence</dfn> $D(q \| p)$ is the mean of $\log_2 (q / p)$ under $q$: what the wrong
# probabilities cost in bits. It is never negative, so with the latents' distribution as $q$ and the
# prior as $p$ the loss bounds the entropy from above, and lowering it makes the prior fit the
# latents *and* the latents easy to predict.
#
# Rounding has no gradient (lesson 05). In training, noise between −½ and ½ takes its place: its
# density at an integer is the probability of rounding to it.

# %%
class Bottleneck(keras.Model):
    """The report's dense autoencoder with an entropy bottleneck at its code."""

    def __init__(self, num_latents=32):
        super().__init__()
        network = autoencoders.dense(num_latents)
        self.encoder, self.decoder = network.encoder, network.decoder
        self.prior = tfc.NoisyDeepFactorized(batch_shape=[num_latents])

    def entropy_model(self, compression):
        return tfc.ContinuousBatchedEntropyModel(
            self.prior, coding_rank=1, compression=compression, offset_heuristic=False
        )

    def call(self, x, training=None):
        y = self.encoder(x)
        y_tilde, bits = self.entropy_model(compression=False)(y, training=training)
        self.add_loss(tf.reduce_mean(bits) / 784)  # bits per pixel
        return self.decoder(y_tilde)


# %% [markdown]
# `NoisyDeepFactorized` is one density for each of the 32 latents: a small monotone network, its
# derivative the density (Ballé et al. 2018, appendix 6.1). A <dfn>factorized prior</dfn> treats all
# latents as independent: the probability of a code is the product of those of its latents. The
# entropy model adds the noise and returns the bits; `coding_rank=1` says that the last axis of $y$,
# the 32 latents, belongs to one string.
#
# The rest is Keras: `add_loss` is the rate, the compiled loss is the distortion, its weight is
# lambda.

# %%
def trained(lmbda):
    """Returns a bottleneck trained at one lambda."""
    training.seed_everything(run.seed)
    model = Bottleneck()
    model.compile(keras.optimizers.Adam(2e-3), "mse", loss_weights=[lmbda])
    epochs, progress = run.choose(full=6, fast=1), TqdmCallback(verbose=0)
    model.fit(x_train, x_train, batch_size=256, epochs=epochs, verbose=0, callbacks=[progress])
    return model


model = trained(lmbda=160)

# %% [markdown]
# ## One digit on its way
#
# The code $y$ is real. With noise it is $\tilde y$, for which the prior gives the expected number
# of bits.

# %%
y = model.encoder(x_test)  # (N, 32)
y_tilde, bits_noisy = model.entropy_model(compression=False)(y, training=True)
y_hat, bits = model.entropy_model(compression=False)(y, training=False)
latents = np.argsort(-np.std(y_hat, axis=0))[:24:3]  # eight of those that vary most
for name, values in (("y", y), ("y_tilde", y_tilde), ("y_hat", y_hat)):
    print(f"{name:8}", "".join(f"{value:8.2f}" for value in values.numpy()[0, latents]))
print(f"bits, mean of {len(digits):,} digits: with noise {np.mean(bits_noisy):.1f}, "
      f"rounded {np.mean(bits):.1f}")

# %% [markdown]
# ## Strings
#
# With `compression=True` the model computes **range tables**: for each latent, the probabilities of
# its integers in units of $2^{-12}$. Its range coder is the arithmetic coder of lesson 06.

# %%
coder = model.entropy_model(compression=True)
strings = coder.compress(y)
print(f"the first digit, {len(strings.numpy()[0])} bytes: {strings.numpy()[0].hex(' ')}")
assert np.array_equal(coder.decompress(strings, []), y_hat), "what was written is read"

# %%
written = np.array([8 * len(string) for string in strings.numpy()])
title = (
    "Strings are as long as the prior expects, up to whole bytes\n"
    f"MNIST, {len(written):,} test digits"
)
fig = plots.estimated_and_written(bits.numpy(), written, title=title)
caption = "Bits of each digit's string against the estimate of the prior; strings are whole bytes."
figures.save(run, fig, "07_estimated", caption=caption, dataset=mnist)

# %%
assert abs(written.mean() - bits.numpy().mean()) < 8 + run.choose(full=2, fast=20)
Markdown(
    f"Estimated are {bits.numpy().mean():.1f} bits a digit, written {written.mean():.1f}: a string "
    "ends on a whole byte, and the tables are rounded."
)

# %% [markdown]
# ## The prior and the histogram
#
# The probabilities under the prior beside the shares of the test digits, for eight of the latents
# that vary most:

# %%
integers = np.arange(-12, 13)  # around the median
rows = y_hat.numpy().astype(int)


def panel(index):
    """Returns what `plots.priors` shows of a latent."""
    center = int(np.median(rows[:, index]))
    values = integers + center
    probabilities = model.prior.prob(np.eye(32, dtype=np.float32)[index] * values[:, None])
    shares = [np.mean(rows[:, index] == value) for value in values]
    costs = -np.log2(model.prior.prob(np.float32(rows)).numpy()[:, index]).mean()
    entropy = limits.entropy_bits(rows[:, index])
    return f"latent {index + 1}", values, shares, probabilities.numpy()[:, index], entropy, costs


title = f"The learned prior is near the histogram\nMNIST, {len(rows):,} test digits, eight latents"
fig = plots.priors([panel(index) for index in latents], title=title)
caption = "Histograms of eight latents of the test digits, and the learned density at the integers."
figures.save(run, fig, "07_densities", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: the density was not fitted to a histogram. It was trained on single noisy latents
# and their bits, and fits the histogram because the divergence is a part of the loss.

# %% [markdown]
# ## Save the tables
#
# Encoder and decoder must use the same tables to the last unit. They are computed from floats, and
# floats differ a little between computers. So an entropy model for strings is made once, and its
# tables are saved. Another one, made of these tables, reads the strings:

# %%
def reader(tables, lowest):
    """Returns an entropy model that has tables and the lowest integer of each, but no prior."""
    return tfc.ContinuousBatchedEntropyModel(
        prior_shape=[32], coding_rank=1, compression=True, offset_heuristic=False, stateless=True,
        decode_sanity_check=False, cdf=tables, cdf_offset=lowest,
    )


tables, lowest = coder.cdf.numpy(), coder.cdf_offset.numpy()
assert np.array_equal(reader(tables, lowest).decompress(strings, []), y_hat)

# %% [markdown]
# And tables that were computed again, after one array of the prior's weights changed in its fifth
# digit, do not:

# %%
before = model.prior.trainable_variables[0].numpy()
model.prior.trainable_variables[0].assign(before * (1 + 1e-5))
elsewhere = model.entropy_model(compression=True)
model.prior.trainable_variables[0].assign(before)
other, other_lowest = elsewhere.cdf.numpy(), elsewhere.cdf_offset.numpy()
decoded = reader(other, other_lowest).decompress(strings, [])
wrong = np.mean(np.any(decoded != y_hat, axis=1))
different = np.mean(other != tables) if len(other) == len(tables) else 1
print(f"{different:.1%} of the entries of the tables differ: {wrong:.0%} of the digits are wrong")

# %% [markdown]
# ## Three lambdas, three points
#
# Lambda is the exchange rate: how many bits per pixel one unit of MSE is worth. Each lambda is a
# network of its own. `FactorizedCodec` makes a codec of such a network. It takes the tables from
# tensorflow-compression and writes with the coder of lesson 06, which reads the same integers on
# every computer.

# %%
model_names = {lmbda: f"mnist-dense-factorized-{lmbda}" for lmbda in (10, 40, 160, 640)}
points = codecs.sweep([zoo.codec(name) for name in model_names.values()], digits)
for lmbda, point in zip(model_names, points, strict=True):
    size = f"{point.bytes_per_image:5.1f} bytes"
    print(f"lambda {lmbda:4}: {size}, {point.bpp:.3f} bpp, MSE {point.mse:.4f}")
assert [p.bpp for p in points] == sorted(p.bpp for p in points), "a larger lambda, more bits"

# %% [markdown]
# These come from the zoo and were trained for 30 epochs. Your network of six epochs writes about as
# many bits as theirs of the same lambda, and has a larger error:

# %%
x_hat = datasets.to_uint8(model.decoder(y_hat).numpy())
live = 8 * np.mean([len(string) for string in strings.numpy()]) / 784, metrics.mse(digits, x_hat)
print(f"yours, lambda 160: {live[0]:.3f} bpp, MSE {live[1].mean():.4f}")

# %% [markdown]
# ## What the rate term is worth
#
# The report's three networks, each trained in three ways: on errors alone, and rounded afterwards;
# through the noise of a step of one standard deviation (lesson 05); with the rate term. All are
# rounded and written with the same coder: the first two at nine steps, the last as one network for
# each lambda. Epochs are equal, but for the U-Net without noise, which had 40 instead of 20. The
# table below the figure has BD-rates, mean differences in bits at equal PSNR (lesson 12).

# %%
WAYS = {"rounded afterwards": ", rounded afterwards", "noise": "", "rate term": ", factorized"}
NETWORKS = {"dense": "mnist", "CNN": "mnist", "U-Net": "cifar10"}
stored = {name: results.load(name) for name in ("mnist", "cifar10")}
panels = {}
for network, dataset in NETWORKS.items():
    panels[f"{network}, {'MNIST' if dataset == 'mnist' else 'CIFAR-10'}"] = {
        way: ([p.bytes_per_image for p in stored[dataset][network + suffix]],
              [p.mse for p in stored[dataset][network + suffix]], plots.TRAININGS[way])
        for way, suffix in WAYS.items()
    }

# %%
fig = plots.error_panels(
    [(title, curves, "bytes an image") for title, curves in panels.items()],
    title="A rate term saves most where bytes are few\n10,000 test images each",
)
caption = (
    "MSE against bytes of files for the report's three networks: rounded afterwards, trained "
    "through noise, and trained with a rate term; 10,000 test images each."
)
figures.save(run, fig, "07_rate_term", caption=caption)

# %%
rows = ["| network | against rounding afterwards | against noise |", "| --- | --- | --- |"]
for network, dataset in NETWORKS.items():
    curves = [stored[dataset][network + suffix] for suffix in WAYS.values()]
    gains = [f"{signed(metrics.bd_rate(other, curves[2]))} %" for other in curves[:2]]
    rows.append(f"| {network} | {' | '.join(gains)} |")
table = "\n".join(rows)

# %%
sizes = np.arange(40, 148)
without, with_it = (
    np.interp(sizes, [p.bytes_per_image for p in curve], [p.mse for p in curve])
    for curve in (stored["cifar10"]["U-Net, rounded afterwards"], curves[2])
)
Markdown(
    f"Bits at equal PSNR with the rate term (BD-rate):\n\n{table}\n\n"
    f"From {sizes[without < with_it][0]} bytes on, the U-Net without a rate term makes the "
    "smaller errors."
)

# %% [markdown]
# What to notice: the term saves most where bits are few. There the network gives up what is not
# worth its bits, while rounding damages all latents alike. With many bits there is nothing to give
# up, and a network that was trained on errors alone has the smaller ones.
#
# Autoencoder and prior were trained with one learning rate. Does a larger one for the prior help?
# The dense network of lambda 40 was trained again, with three and with ten times the rate for its
# prior (`kerascomp course experiment prior_rate`, 15 minutes):

# %%
losses = experiments.load("prior_rate")["losses"]
changes = []
for factor in ("3", "10"):
    percent = 100 * (np.divide(losses[factor], losses["1"]) - 1)  # of the same seed
    interval = mean_interval(percent)
    assert interval.high > 0, "a larger rate would help"
    changes.append(f"**{interval.signed(1)} %**")

# %%
Markdown(
    f"The validation loss changes by {changes[0]} and by {changes[1]}, means and 95 % intervals "
    f"over {len(percent)} seeds. That is no gain, so the published networks have one rate."
)

# %% [markdown]
# ## Exercises
#
# **07a.** *By hand.* Three symbols come with the probabilities q = (1/2, 1/4, 1/4); the prior says
# p = (1/4, 1/4, 1/2). What is the cross-entropy, and how much of it is the divergence? Answer with
# a list of both in bits a symbol, to two decimals.
#
# **07b.** *In code.* Write `rate_bits(rows, tables)`: `rows` is an array (N, L) of symbols 0, 1,
# …, and `tables` an array (L, S), where `tables[l, s]` is the probability of symbol s for latent
# l. Return the mean bits of a row under this factorized prior.
#
# **07c.** *Predict, then measure.* From lambda 10 to lambda 40 the network pays more bits for less
# error. How many bits per pixel does it pay for a unit of MSE? Predict the interval in which the
# number must lie, then compute it from the last `"val_bpp"` and the last `"val_distortion"` in
# `zoo.card("mnist-dense-factorized-10")["history"]` and in that of the network for 40. Give one
# decimal.
#
# Solutions are in [solutions/07.py](solutions/07.py).

# %%
exercises.check("07a", ...)
exercises.check("07b", ...)
exercises.check("07c", ...)

# %% [markdown]
# ## What to take away
#
# - A rate that is computed from the density of a prior is differentiable, and a bound: the
#   cross-entropy is never below the entropy.
# - Strings are as long as estimated, up to whole bytes.
# - Tables are part of the model: save them, never compute them twice.
# - Lambda is the price of the error in bits. One lambda gives one network and one point.
#
# ## References
#
# - [J. Ballé, V. Laparra, E. Simoncelli, *End-to-end optimized image compression*,
#   2017](https://arxiv.org/abs/1611.01704), section 3: noise in training, and the loss of bits plus
#   lambda times the error.
# - [J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, *Variational image compression with a
#   scale hyperprior*, 2018](https://arxiv.org/abs/1802.01436), appendix 6.1: the density of
#   `NoisyDeepFactorized`.
# - [T. Cover, J. Thomas, *Elements of information theory*, 2nd edition,
#   2006](https://doi.org/10.1002/047174882X), sections 2.3 and 5.4: the divergence, and the bits
#   that a wrong distribution costs.
# - [J. Ballé, S. J. Hwang, E. Agustsson, *TensorFlow Compression: learned data compression*,
#   2022](https://github.com/tensorflow/compression): the library, with whole codecs in `models/`.
# - [J. Ballé, N. Johnston, D. Minnen, *Integer networks for data compression with latent-variable
#   models*, 2019](https://openreview.net/forum?id=S1zz2i0cY7): why tables that are computed twice
#   may differ.
# - [G. Bjøntegaard, *Calculation of average PSNR differences between RD-curves*, VCEG-M33,
#   2001](https://www.itu.int/wftp3/av-arch/video-site/0104_Aus/VCEG-M33.doc): the BD-rate, which
#   lesson 12 explains.
#
# ## Next
#
# [08 Every rate](08_every_rate.ipynb): latents that are predicted from each other, and one network
# for the whole curve.
