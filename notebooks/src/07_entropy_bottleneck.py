# %% [markdown]
# # 07 Entropy bottleneck
#
# *Time: 2 minutes. You learn to train a network on the bits that it really writes, to get every
# rate from one network, and to read what its prior expects.*
#
# ## The question
#
# Lessons 02 to 06 trained a network to make small errors, and counted bits afterwards. The report's
# first figure asks for more: a loss with two terms, what is lost and what it costs. How does one
# differentiate the length of a file?

# %% [markdown]
# ## What you will see
#
# The size of a digit at every step of a codec; both terms of the loss during training; what the
# prior expects of a latent, and what came; one network at 65 qualities against networks for one
# quality each; the same digits from a few bytes to many; and digits that no one wrote, decoded from
# random bits.
#
# ![the same digits at several sizes](../figures/07_same_digits.png)

# %%
import inspect

import numpy as np
from IPython.display import Code, Markdown, display

from kerascomp import codecs, datasets, limits, metrics, plots, zoo
from kerascomp.codecs import bottleneck
from kerascomp.course import figures, results, runs
from kerascomp.networks import autoencoders, training

run = runs.start("07_entropy_bottleneck")
mnist = datasets.mnist(run.limit)
digits = mnist.test.images[: run.choose(full=10_000, fast=100)]
codec = zoo.codec("mnist-bottleneck").at(quality=0.3)

# %% [markdown]
# ## Bits at every arrow
#
# A digit goes in as 784 bytes. The analysis transform makes 160 floats of it, which is no saving at
# all: 24 of its own choice, and 136 frequencies of a DCT for details, which fade in with the
# quality. Divided by quantization steps and rounded they are small integers, most of them zero. The
# prior knows how likely each integer is, and an arithmetic coder writes the row in about as many
# bits as that is surprising. Back it goes: the same integers, times the steps, through the
# synthesis transform.

# %%
digit = digits[:1]
(file,) = codec.encode(digit)
symbols = codec.to_symbols(digit)
assert (codec.coder.decode_each([file]) == symbols).all(), "the file holds the integers"
zeros = f"{np.mean(symbols == 0):.0%} are zero"
print(f"{symbols.size} integers from {symbols.min()} to {symbols.max()}, {zeros}")
print(f"{len(file)} bytes: {file.hex(' ')}")

# %%
width = int(np.ptp(symbols)).bit_length()  # bits of an integer, if all are sent alike
sizes = [8 * digit.size, 32 * symbols.size, width * symbols.size, 8 * len(file)]
fig = plots.bits_at_arrows(digit[0], codec.decode([file])[0], sizes)
caption = "A digit on its way through the codec, with its size in bits at every arrow."
figures.save(run, fig, "07_pipeline", caption=caption, dataset=mnist)

# %% [markdown]
# ## A loss with two terms
#
# The length of a file cannot be differentiated, but what it tends to can: the negative logarithm of
# the probability that the prior gives to the symbols. So the prior is a layer, trained with the
# transforms, and the loss is
#
# $$\text{bits per pixel} + \lambda \cdot \text{distortion}.$$
#
# Rounding is in the way twice, and each time another stand-in from lesson 05 fits. The prior sees
# latents with uniform noise, so that it is a smooth density. The synthesis sees rounded latents,
# with the straight-through gradient, as it will in use. All of it in one method:

# %%
display(Code(inspect.getsource(bottleneck.RateDistortion.call), language="python"))

# %% [markdown]
# Every image of a batch is trained at a quality of its own, drawn from 65. The quality sets lambda
# from 2.5 to 1500 and the quantization steps, and scales channels inside the network, so one
# network learns all rates at once. This is how both terms went while it was trained:

# %%
card = zoo.card("mnist-bottleneck")
history = card["history"]
panels = [
    ("bits per pixel", history["bpp"], history["val_bpp"]),
    ("distortion (MSE)", history["distortion"], history["val_distortion"]),
    ("loss, scaled", history["loss"], history["val_loss"]),
]
fig = plots.loss_terms(panels, title="Both terms of the loss, means over all qualities")
caption = (
    "Bits per pixel, distortion and loss of mnist-bottleneck during its training, means over "
    "all qualities."
)
figures.save(run, fig, "07_training", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: with noise the rate is estimated higher than with rounding, as theory has it. The
# training is an honest bound of what will be written.

# %% [markdown]
# ## What the prior expects
#
# The 160 latents are decoded in nine groups. The tables of the first eight depend on the quality
# alone. From then on a small network reads what is decoded already and says what to expect: a
# mixture of three bells for each latent. Averaged over digits, this is what it expects, and what
# came:

# %%
rows = codec.to_symbols(digits)
integers = np.arange(-12, 13)
expected = codec.coder.expected_shares(rows[:2000], integers)
spent = codec.coder.estimated_bits(rows).mean(axis=0)


def prior_panel(latent):
    """Returns what `plots.priors` shows of a latent."""
    shares = [np.mean(rows[:, latent] == integer) for integer in integers]
    entropy = limits.entropy_bits(rows[:, latent])
    return f"latent {latent + 1}", integers, shares, expected[latent], entropy, spent[latent]


# %%
chosen = sorted(np.argsort(spent)[-40::5])  # from the most expensive, in the order of decoding
panels = [prior_panel(latent) for latent in chosen]
fig = plots.priors(panels, title="Eight latents: what came, and what was expected")
caption = "Histograms of eight latents of the test digits, and the prior's mean expectation."
figures.save(run, fig, "07_priors", caption=caption, dataset=mnist)

# %%
alone = sum(limits.entropy_bits(column) for column in rows.T)
Markdown(
    f"Each latent coded alone, with its own perfect table, would cost {alone:.1f} bits a digit. "
    f"The prior spends **{spent.sum():.1f}**: {1 - spent.sum() / alone:.0%} of them follow from "
    "what was decoded before. So in the later panels fewer bits are spent than the entropy of "
    "the column."
)

# %% [markdown]
# ## Why the tables are integers
#
# A decoder must make exactly the encoder's tables, on another computer, years later. Floats do not
# promise that: the order of a sum is enough to change its last digit.

# %%
noise = np.random.default_rng(run.seed).normal(size=1000).astype(np.float32)
left, right = np.cumsum(noise)[-1], np.cumsum(noise[::-1])[-1]
print(f"sum from the left {left:.10f}, from the right {right:.10f}")
scaled = np.round(noise * 1024).astype(np.int64)
assert np.cumsum(scaled)[-1] == np.cumsum(scaled[::-1])[-1]

# %% [markdown]
# One wrong table, and everything after it is noise. So the prior's networks are computed in fixed
# point: weights, latents and tables are integers, and a sum of integers has only one result. Then
# even a broken synthesis transform cannot hurt the reading; only the picture suffers.

# %%
files = codec.encode(digits[:50])
synthesis = codec.model.synthesis
weights = synthesis.get_weights()
synthesis.set_weights([weight + 0.01 for weight in weights])
assert (codec.coder.decode_each(files) == rows[:50]).all(), "integers do not depend on floats"
synthesis.set_weights(weights)

# %% [markdown]
# ## One network, or one for each rate?
#
# A network for every rate has to share its capacity. What does that cost? The report's dense
# autoencoder is small enough to find out here, on 20,000 digits: once for all qualities, and four
# times for one lambda each, with the same recipe.

# %%
recipe = training.Recipe(epochs=run.choose(full=5, fast=1), learning_rate=2e-3)
few_digits = datasets.mnist(run.choose(full=20_000, fast=run.limit))


def trained(lmbdas):
    """Returns the codec of the report's dense autoencoder, trained with a bottleneck."""
    def build():
        return bottleneck.of_autoencoder(autoencoders.dense(), lmbdas)

    name = "-".join(f"{value:g}" for value in lmbdas)
    model, _ = training.fit(build, few_digits, recipe, checkpoint=run.checkpoint(f"07_{name}"))
    return codecs.BottleneckCodec.of(model)


# %%
every_rate = trained((3, 1000))
one_rate = [trained((lmbda, lmbda)) for lmbda in (10, 40, 160, 640)]
together = codecs.sweep([every_rate.at(quality) for quality in (0.1, 0.3, 0.5, 0.7, 0.9)], digits)
apart = codecs.sweep(one_rate, digits)
loss_percent = metrics.bd_rate(apart, together)

# %%
Markdown(
    f"The network for every rate needs **{loss_percent:+.1f} %** bits at equal PSNR, against "
    f"networks for one rate each, with {recipe.epochs} epochs for each of them. In exchange it "
    "was trained once instead of four times, and it has 65 qualities."
)

# %% [markdown]
# ## Sweeping lambda on real bytes
#
# Every point below is the mean length of files that were written and decoded, one for each digit.

# %%
stored = results.load("mnist")
labels = ["dense, rounded afterwards", "dense", "dense, bottleneck", "CNN, bottleneck"]
labels = ["KLT", *labels, "bottleneck"]
curves = {
    label: ([p.bpp for p in stored[label]], [p.psnr_db for p in stored[label]]) for label in labels
}
psnr_db = np.linspace(12, 34, 61)
bound_bpp = limits.gaussian_rate_bpp(mnist.train.images, psnr_db)
fig = plots.rate_distortion(
    curves,
    limits=(0.012, 1.6, 11.5, 32),
    title="MNIST: what the rate term brings",
    bound=("below the rate–distortion function\nof a Gaussian source", bound_bpp, psnr_db),
)
caption = (
    "PSNR against bits per pixel of dense and convolutional autoencoders with and without a "
    "rate term."
)
figures.save(
    run,
    fig,
    "07_sweep",
    caption=caption,
    values={
        "one network for each rate": {"bd_rate_percent": loss_percent, "epochs": recipe.epochs}
    },
    dataset=mnist,
)

# %%
saved = {
    label: metrics.bd_rate(stored[label], stored["dense, bottleneck"])
    for label in ("dense, rounded afterwards", "dense")
}
best = metrics.bd_rate(stored["dense"], stored["bottleneck"])
afterwards, noise = saved.values()
Markdown(
    f"The report's dense network with a rate term needs {afterwards:+.0f} % bits at equal PSNR "
    f"against rounding it afterwards, and {noise:+.0f} % against the one that lesson 05 trained "
    "through noise."
)

# %% [markdown]
# What to notice: noise of a coarse step is a rate term in disguise, for it punishes what is small.
# What the bottleneck adds for this network is a choice: every rate, from one training. More is won
# by better transforms and a prior that reads:

# %%
Markdown(
    f"`mnist-bottleneck` needs **{best:+.0f} %** bits against the dense network trained through "
    "noise."
)

# %% [markdown]
# ## Estimated and written
#
# The prior estimates what a file will cost. A file is a whole number of bytes, so a digit's file is
# a few bits longer. In one stream that waste is shared by all.

# %%
estimated = codec.coder.estimated_bits(rows).sum(axis=1)
written = np.array([8 * len(file) for file in codec.encode(digits)])
joint = 8 * len(codec.coder.encode(rows)) / len(rows)
print(f"a digit: estimated {estimated.mean():.2f} bits, in one stream {joint:.2f}")
print(f"in a file of its own {written.mean():.2f} bits")
assert joint < run.choose(full=1.01, fast=1.3) * estimated.mean()

# %%
title = "Digit by digit: what the prior estimates, what is written"
fig = plots.estimated_and_written(estimated, written, title=title)
caption = "Bits of each digit's file against the estimate of the prior."
figures.save(
    run,
    fig,
    "07_estimated",
    caption=caption,
    values={"estimated": estimated.mean(), "one stream": joint, "own files": written.mean()},
    dataset=mnist,
)

# %% [markdown]
# ## The same digits, from few bytes to many

# %%
qualities = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)
shown = digits[[3, 2, 1, 18, 4, 8, 11, 0, 61, 7]]
columns, notes = [], []
for quality in qualities:
    files = codec.at(quality).encode(shown)
    columns.append(codec.at(quality).decode(files))
    notes.append(f"{np.mean([len(file) for file in files]):.0f} bytes")

# %%
grid = np.stack([shown, *columns[::-1]], axis=0)
fig = plots.traversals(
    grid,
    ["original", *notes[::-1]],
    [str(k) for k in range(10)],
    title="The same ten digits, from the original down",
    xlabel="digit",
)
caption = "Ten test digits at seven qualities of one network, with the mean bytes of their files."
figures.save(
    run, fig, "07_same_digits", caption=caption, values={"qualities": qualities}, dataset=mnist
)

# %% [markdown]
# What to notice: errors of a learned codec look like other people's handwriting, not like blocks or
# ringing. At the smallest size a digit may even change its class: few bits buy a plausible digit,
# not necessarily the right one.

# %% [markdown]
# ## Where the bits go
#
# A bit is spent where the prior is surprised.

# %%
order = np.argsort(written, kind="stable")
extremes = [
    ("the cheapest digits", digits[order[:20]]),
    ("the most expensive digits", digits[order[-20:]]),
]
labels = mnist.test.labels[: len(digits)]
per_class = [written[labels == k] for k in range(10)]
title = f"Where {written.mean() / 8:.1f} bytes a digit go"
fig = plots.bits_spent(spent, per_class, extremes, title=title)
caption = (
    "Mean bits of each latent, bits of the digits of each class, and the cheapest and the most "
    "expensive digits."
)
figures.save(run, fig, "07_bits", caption=caption, dataset=mnist)

# %%
means = [bits.mean() for bits in per_class]
Markdown(
    f"A {np.argmin(means)} costs {min(means):.0f} bits, a {np.argmax(means)} costs "
    f"{max(means):.0f}. The cheapest digits are drawn as most people draw them, the most "
    "expensive ones as nobody else does."
)

# %% [markdown]
# ## Samples from the prior
#
# Any bytes decode to something. Random bits are, to an arithmetic decoder, a draw from its prior.
# So these are digits as the prior expects them:

# %%
random = np.random.default_rng(run.seed)
invented = {
    f"quality {quality}": codec.at(quality).decode([random.bytes(200) for _ in range(100)])
    for quality in (0.1, 0.6)
}
fig = plots.sample_grids(invented)
caption = "Random bytes, decoded at two qualities: samples of the prior."
figures.save(run, fig, "07_random", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: most of them are digits, in hands that nobody has. The prior was never asked to
# invent any; it only had to say what comes next. To compress digits well is to know what digits
# are.

# %% [markdown]
# ## The report's networks, with the term that was missing
#
# The report's U-Net sends 512 numbers for a photograph; as 8-bit integers they are 512 bytes. With
# a bottleneck in the middle, and a few epochs of training for it, at its own distortion of 0.008:

# %%
unet = results.load("cifar10")["U-Net, bottleneck"]
errors, sizes = zip(*((point.mse, point.bytes_per_image) for point in unet[::-1]), strict=True)
needed = np.interp(np.log(0.008), np.log(errors), sizes)
Markdown(
    f"The U-Net needs **{needed:.0f} bytes** a photograph at MSE 0.008: {512 / needed:.1f} times "
    "fewer than 512."
)

# %% [markdown]
# ## What to take away
#
# - The rate is differentiable once it is what a prior expects. Then the network learns what a bit
#   is worth.
# - One network can serve every rate, at little loss.
# - A prior that reads what is decoded already saves more than any table for a single latent.
# - Whatever chooses a table must be computed in integers.
# - It takes a long training: after three epochs each, the small convolutional network of
#   TensorFlow's own tutorial still needs fewer bits than this one (`make tutorial` measures it).
#
# ## Next
#
# [08 Recurrent codec](08_recurrent_codec.ipynb): an image as bit-planes, and a file that can be cut
# anywhere.
