# %% [markdown]
# # 08 Every rate
#
# *Time: 1 minute. You learn what a context saves, how one network serves every rate, and why a
# decoder computes in integers.*
#
# ## The question
#
# The bottleneck of lesson 07 has two limits. Its latents are independent under the prior, although
# the first twenty tell much about the next. And it has one lambda: another size of file needs
# another network. Can one network predict its own latents, and serve every rate?

# %% [markdown]
# ## What you will see
#
# The size of a digit at every step of a codec; the prior's probabilities for a latent beside its
# histogram; a picture from few numbers, and what completes it; one network at 65 qualities, and
# what that costs against networks for one rate each; what an encoder saves that takes its time; a
# comparison with the network of TensorFlow's own tutorial; the same digits from a few bytes to
# many; and images decoded from random bits.
#
# ![the same digits at several sizes](../figures/08_same_digits.png)

# %%
import numpy as np
from IPython.display import Markdown

from kerascomp import codecs, datasets, limits, metrics, plots, zoo
from kerascomp.course import exercises, experiments, figures, interactive, results, runs
from kerascomp.statistics import Interval, signed

run = runs.start("08_every_rate")
mnist = datasets.mnist(run.limit)
digits = mnist.test.images[: run.choose(full=10_000, fast=100)]
codec = zoo.codec("mnist-bottleneck").at(quality=0.3)

# %% [markdown]
# ## Bits at every arrow
#
# A digit is 784 bytes. The analysis transform (an encoder network) maps it to a few floats. Divided
# by quantization steps and rounded, they are small integers. The prior assigns a probability to
# each integer, and an arithmetic coder writes the row in about minus the logarithm of these
# probabilities, in bits. The decoder reads the same integers, multiplies them by the steps, and the
# synthesis transform (a decoder network) maps them to an image.
#
# How many numbers there are depends on the quality: 8 at the lowest, and more with every bit that
# may be spent. Rounded, eight numbers that vary much say more in ten bits than a hundred that
# hardly vary, for these would all be zero.

# %%
digit = digits[:1]
(file,) = codec.encode(digit)
symbols = codec.to_symbols(digit)
assert (codec.coder.decode_each([file]) == symbols).all(), "the file holds the integers"
print(f"{symbols.size} integers: {' '.join(map(str, symbols[0]))}")
print(f"{len(file)} bytes: {file.hex(' ')}")

# %%
width = int(np.ptp(symbols)).bit_length()  # bits of an integer, if all are sent alike
sizes = [8 * digit.size, 32 * symbols.size, width * symbols.size, 8 * len(file)]
fig = plots.bits_at_arrows(digit[0], codec.decode([file])[0], sizes)
caption = "A digit on its way through the codec, with its size in bits at every arrow."
figures.save(run, fig, "08_pipeline", caption=caption, dataset=mnist)

# %% [markdown]
# ## The first idea: a context
#
# The decoder reads one latent after another. The <dfn>context</dfn> of a latent is what was decoded
# before it, and the prior may depend on that: $p(y_2 \mid y_1)$ instead of $p(y_2)$. On average
# that needs fewer bits, never more, for $H(Y_2 \mid Y_1) \le H(Y_2)$.
#
# The latents are decoded in small groups. The first two latents have no context. For each later
# group a network reads what is decoded already and returns a mixture of three logistic
# distributions (bell-shaped densities) for each latent. A <dfn>mixture</dfn> is a weighted mean of
# several distributions. It is one network for all groups: a mask sets those of its weights to zero
# through which a group would see itself or a later one. The probabilities, averaged over digits,
# beside the histograms of the latents:

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
chosen = sorted(np.argsort(spent)[-16::2])  # from the most expensive, in the order of decoding
panels = [prior_panel(latent) for latent in chosen]
title = f"Eight latents: what came, and what was expected\n{len(digits):,} test digits of MNIST"
fig = plots.priors(panels, title=title)
caption = "Histograms of eight latents of the test digits, and the prior's mean expectation."
figures.save(run, fig, "08_priors", caption=caption, dataset=mnist)

# %%
alone = sum(limits.entropy_bits(column) for column in rows.T)
Markdown(
    f"Each latent coded alone, with its own perfect table, would cost {alone:.1f} bits a digit. "
    f"The prior spends **{spent.sum():.1f}**: {1 - spent.sum() / alone:.0%} of them follow from "
    "what was decoded before. So in the later panels fewer bits are spent than the entropy of "
    "the column."
)

# %% [markdown]
# ## The second idea: conditioning
#
# In lesson 07 lambda was a constant of the loss. Now every image of a batch is trained at a
# **quality** of its own, drawn from 65; the quality sets lambda, from 0.5 to 5000. It is also an
# input of the network. The <dfn>conditioning</dfn> of a network on a number makes its layers depend
# on that number; FiLM does so by scaling and shifting channels. Here the quality sets the
# quantization steps of the latents, scales channels, and shifts the prior. The loss is the one of
# lesson 07, bits per pixel plus lambda times the MSE, divided by a number so that all qualities
# count alike. Both terms, while the published network was trained:

# %%
card = zoo.card("mnist-bottleneck")
history = card["history"]
panels = [
    ("bits per pixel", history["bpp"], history["val_bpp"]),
    ("distortion (MSE)", history["distortion"], history["val_distortion"]),
    ("loss, scaled", history["loss"], history["val_loss"]),
]
title = "Bits and errors fall together\nMNIST, means over all qualities"
fig = plots.loss_terms(panels, title=title)
caption = (
    "Bits per pixel, distortion and loss of mnist-bottleneck during its training, means over "
    "all qualities."
)
figures.save(run, fig, "08_training", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: the rate estimated with noise, in training, is above the rate with rounding, in
# validation, as theory predicts. So the rate of the training is an upper bound of what is written.
# The step after 60 epochs: from there the network is trained for weights of 5 bits (below).

# %% [markdown]
# ## The third idea: integers
#
# In lesson 07 the tables were saved with the model. That is impossible here: a context has more
# values than anyone can list, so the decoder must *compute* the tables, exactly those of the
# encoder, on another computer, years later. Floats do not promise that: the order of a sum is
# enough to change its last digit.

# %%
noise = np.random.default_rng(run.seed).normal(size=1000).astype(np.float32)
left, right = np.cumsum(noise)[-1], np.cumsum(noise[::-1])[-1]
print(f"sum from the left {left:.10f}, from the right {right:.10f}")
scaled = np.round(noise * 1024).astype(np.int64)
assert np.cumsum(scaled)[-1] == np.cumsum(scaled[::-1])[-1]

# %% [markdown]
# After one wrong table, everything that follows is decoded wrongly. So the prior's networks are
# computed in fixed point: weights, latents and tables are integers, and a sum of integers has only
# one result. Even with a broken decoder network all integers are decoded correctly; only the
# picture is wrong.
#
# (A network can be rounded like an image: the published weights are integers of 5 bits, 3 megabytes
# instead of 21. In the last four epochs of its training the network computed with rounded weights,
# and the gradient passed straight through to exact ones, as lesson 05 does with latents.)

# %%
files = codec.encode(digits[:50])
decoder = codec.model.decoder
weights = decoder.get_weights()
decoder.set_weights([weight + 0.01 for weight in weights])
assert (codec.coder.decode_each(files) == rows[:50]).all(), "integers do not depend on floats"
decoder.set_weights(weights)

# %% [markdown]
# ## The fourth idea: two layers
#
# A dense network can say in a hundred bits how a digit is written; it cannot learn to say in a
# thousand how gray each pixel is. So the row has two layers. The first, the <dfn>base layer</dfn>,
# is all that was said until here. Above level 38 of 64 the base stays as it is there, and an
# <dfn>enhancement layer</dfn> codes what its picture is missing: the difference between digit and
# picture, pixel by pixel, in steps that get finer from level to level. The pixels come from coarse
# to fine: first one of every block of 4×4, at last those between four known ones. The context of a
# difference is what is known around it, and what a small network makes of the base: where a digit
# has edges, the picture is wrong.

# %%
last = codec.model.prior.last_base_level
shown = digits[[3, 2, 1, 18, 4, 8, 11, 0, 61, 7]]
images, notes = [shown], ["digit"]
for level, name in ((last, "picture"), (last + 6, "completed"), (64, "completed")):
    layered = codec.at_level(level)
    files = layered.encode(shown)
    images.append(layered.decode(files))
    notes.append(f"{name}, {np.mean([len(file) for file in files]):.0f} bytes")
missing = (128 + (shown.astype(int) - images[1]) / 2).astype(np.uint8)
fig = plots.traversals(
    np.stack([*images[:2], missing, *images[2:]]),
    [*notes[:2], "what it is missing", *notes[2:]],
    [str(k) for k in range(10)],
    title="Two layers: a picture, and what completes it\nten test digits of MNIST",
    xlabel="digit",
)
caption = "Ten test digits, the picture of the base layer, what it is missing, and two completions."
figures.save(run, fig, "08_layers", caption=caption, dataset=mnist)

# %% [markdown]
# ## What one network for every rate costs
#
# One network for every rate shares its weights among the rates, and each rate gets a part of the
# training. To measure what that costs, networks of the shape of `mnist-bottleneck` were trained
# with the same recipe: three of them each for one level of the base alone, and one for every rate
# (`kerascomp course experiment one_rate` trains them again, in half an hour). The price is how many
# percent more bits the network for every rate needs to reach the error of one of the three:

# %%
record = experiments.load("one_rate")
one = experiments.curves({"one": record["one"]})["one"]
prices = [Interval(*price).signed(1) for price in record["prices"].values()]
rows = [f"| {8 * point.bytes_per_image:.1f} | {point.mse:.4f} |" for point in one]
rows = [f"{row} {price} % |" for row, price in zip([*rows, "| mean | |"], prices, strict=True)]
header = "| bits of the network for one rate | its MSE | the other needs |\n|---:|---:|---:|\n"
Markdown(f"After {record['epochs']} epochs of each:\n\n{header}" + "\n".join(rows))

# %% [markdown]
# What to notice: the intervals are the bootstrap's, over 10,000 test digits. They say how much the
# choice of test digits matters, not what another seed of the training would change, for each
# network was trained once. In equal epochs, the network for every rate is trained at one rate with
# a fraction of the digits only. More epochs lower the price:

# %%
stored = results.load("mnist")
published = [(p.psnr_db, np.log(p.bytes_per_image)) for p in stored["bottleneck"]]
needed = np.exp(np.interp([p.psnr_db for p in one], *zip(*published, strict=True)))
changes = [signed(100 * (n / p.bytes_per_image - 1)) for n, p in zip(needed, one, strict=True)]
Markdown(
    f"After {zoo.card('mnist-bottleneck')['recipe']['epochs']} epochs instead of "
    f"{record['epochs']} the published network needs {', '.join(changes)} % bits against the three "
    "networks. One training of it serves 65 qualities."
)

# %% [markdown]
# ## On the plane
#
# Every point is the mean length of files that were written and decoded, one for each digit: the
# dense network of lesson 07 at four lambdas, the same network once for every rate, and
# `mnist-bottleneck`, with better transforms and a context. The KLT code is that of lesson 01: PCA
# as the transform, then rounding and arithmetic coding.

# %%
labels = ["KLT", "dense, factorized", "dense, bottleneck", "bottleneck", "bottleneck, refined"]
curves = {
    label: ([p.bpp for p in stored[label]], [p.psnr_db for p in stored[label]]) for label in labels
}
psnr_db = np.linspace(12, 47, 71)
bound_bpp = limits.gaussian_rate_bpp(mnist.train.images, psnr_db)
fig = plots.rate_distortion(
    curves,
    limits=(0.012, 1.6, 13.5, 46),
    title="One lambda, every lambda, and a context\n10,000 test digits of MNIST",
    bound=("below the rate–distortion function\nof a Gaussian source", bound_bpp, psnr_db),
)
caption = (
    "PSNR against bits per pixel of the dense autoencoder with a factorized prior, at one lambda "
    "and at every rate, and of the network with a context."
)
figures.save(run, fig, "08_sweep", caption=caption, dataset=mnist)

# %%
best = metrics.bd_rate(stored["dense, factorized"], stored["bottleneck"])
Markdown(f"`mnist-bottleneck` needs **{signed(best)} %** bits against lesson 07's dense networks.")

# %% [markdown]
# ## An encoder that takes its time
#
# The encoder network answers in one pass, and answers all digits in the same way. The decoder does
# not care where its integers come from, so for a single digit better ones may be searched. A few
# gradient steps on the latents themselves, not on any weight, lower its bits plus lambda times its
# error. This is called <dfn>refinement</dfn>. In between, a latent is one of its two neighboring
# integers by chance, and the chance gets harder from step to step until it is a choice.

# %%
few = digits[: run.choose(full=200, fast=20)]
refined = codecs.RefinedCodec(codec.model, codec.context, codec.level)
for name, encoder in (("in one pass", codec), ("in 100 steps", refined)):
    files = encoder.encode(few)
    bits, mse = 8 * np.mean([len(file) for file in files]), metrics.mse(few, codec.decode(files))
    print(f"encoded {name}: {bits:.1f} bits a digit, MSE {mse.mean():.5f}")
savings = {
    "the encoder alone": metrics.bd_rate(stored["bottleneck"], stored["bottleneck, refined"]),
    "dense networks": metrics.bd_rate(stored["dense, factorized"], stored["bottleneck, refined"]),
}
Markdown(
    f"On all test digits refinement needs **{signed(savings['the encoder alone'])} %** bits at "
    f"equal PSNR, over the levels of the base; with it, `mnist-bottleneck` needs "
    f"{signed(savings['dense networks'])} % against lesson 07's dense networks. The files are "
    "ordinary ones: `codec.decode` above knows nothing of the search. The price is the encoder's "
    "time, some hundred passes for one."
)

# %% [markdown]
# ## Against TensorFlow's own tutorial
#
# TensorFlow's tutorial *Learned data compression* compresses digits as well: two convolutions and
# a dense layer map a digit to 50 latents, and a decoder of the same kind maps them back. Its prior
# is factorized: there is no context.
#
# Here it is trained as `mnist-bottleneck` is, for every quality, with lambdas from 1 to 300. (On
# validation digits it is better so than at its own learning rate.) The quality conditions its
# steps and its prior, not its transforms. Both networks are compared after equal numbers of epochs,
# and after equal minutes on the same computer (`make tutorial` trains all of them again, in 45
# minutes).

# %%
record = experiments.load("tutorial")
panels, differences = [], []
for networks in record["trainings"]:
    # The published network had the longest training; its points are stored with all others.
    points = {"ours": stored["bottleneck"]}
    points |= experiments.curves({name: done["points"] for name, done in networks.items()})
    lines = {
        label: ([8 * p.bytes_per_image for p in points[name]], [p.mse for p in points[name]], color)
        for label, name, color in (
            ("the tutorial's network", "tutorial", plots.COLORS["tutorial"]),
            ("mnist-bottleneck", "ours", plots.COLORS["bottleneck"]),
        )
    }
    epochs = networks["tutorial"]["epochs"]
    title = f"after {epochs} epochs each" if "ours" in networks else "after equal minutes"
    panels.append((title, lines, "bits a digit"))
    differences.append(metrics.bd_rate(points["tutorial"], points["ours"]))

# %%
title = "Given equal epochs or minutes, our network has less error\n10,000 test digits of MNIST"
fig = plots.error_panels(panels, title=title)
caption = (
    "MSE against bits of a digit's file for the network of TensorFlow's tutorial and for "
    "mnist-bottleneck, after equal epochs and after equal minutes; 10,000 test digits each."
)
figures.save(run, fig, "08_tutorial", caption=caption, dataset=mnist)

# %%
told = ", ".join(
    f"**{signed(difference)} %** {title}"
    for difference, (title, *_) in zip(differences, panels, strict=True)
)
Markdown(
    "Against the tutorial's network, `mnist-bottleneck` needs these bits at equal PSNR, on average "
    f"over the PSNR that both reach: {told}. In equal minutes the tutorial's network has {epochs} "
    f"epochs, ours {card['recipe']['epochs']}. It has {record['num_parameters'] / 1e6:.1f} million "
    f"weights, ours {card['num_parameters'] / 1e6:.1f}."
)

# %% [markdown]
# What to notice: each network was trained once, so a difference of a few percent is no verdict.

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
    title="From the original down to two bytes\nten test digits of MNIST, one network",
    xlabel="digit",
)
caption = "Ten test digits at seven qualities of one network, with the mean bytes of their files."
figures.save(
    run, fig, "08_same_digits", caption=caption, values={"qualities": qualities}, dataset=mnist
)

# %% [markdown]
# The same digits to try, at every second quality; the originals are above:

# %%
levels = [codec.at_level(level) for level in range(0, 65, 2)]
written = [level.encode(shown) for level in levels]
frames = [np.concatenate([shown, one.decode(of)]) for one, of in zip(levels, written, strict=True)]
sizes = [np.mean([len(file) for file in of]) for of in written]
notes = [f"{one.setting}: {size:.1f} bytes" for one, size in zip(levels, sizes, strict=True)]
interactive.slider(frames, notes, name="quality", columns=10)

# %% [markdown]
# What to notice: errors of a learned codec look like other people's handwriting, not like blocks or
# ringing. At the smallest size a digit may even change its class: few bits are enough for a
# plausible digit, not always for the right one.

# %% [markdown]
# ## Where the bits go
#
# Many bits are spent where the prior assigned a low probability to the integer that came.

# %%
written = np.array([8 * len(file) for file in codec.encode(digits)])
order = np.argsort(written, kind="stable")
extremes = [
    ("the cheapest digits", digits[order[:20]]),
    ("the most expensive digits", digits[order[-20:]]),
]
labels = mnist.test.labels[: len(digits)]
per_class = [written[labels == k] for k in range(10)]
title = f"Where {written.mean() / 8:.1f} bytes a digit go\n{len(digits):,} test digits of MNIST"
fig = plots.bits_spent(spent, per_class, extremes, title=title)
caption = (
    "Mean bits of each latent, bits of the digits of each class, and the cheapest and the most "
    "expensive digits."
)
figures.save(run, fig, "08_bits", caption=caption, dataset=mnist)

# %%
means = [bits.mean() for bits in per_class]
Markdown(
    f"A {np.argmin(means)} costs {min(means):.0f} bits, a {np.argmax(means)} costs "
    f"{max(means):.0f}. The cheapest digits are drawn as most people draw them, the most "
    f"expensive ones as nobody else does. Files have {len(set(written))} lengths; the length of a "
    f"file, which a container has to store, is worth {limits.entropy_bits(written):.1f} bits "
    "(lesson 06)."
)

# %% [markdown]
# ## Samples from the prior
#
# Any bytes decode to something. An arithmetic decoder that reads random bits decodes each integer
# as often as its probability says: it draws samples from the prior. These are the images:

# %%
random = np.random.default_rng(run.seed)
invented = {
    f"quality {quality}": codec.at(quality).decode([random.bytes(200) for _ in range(100)])
    for quality in (0.1, 0.6)
}
fig = plots.sample_grids(invented)
caption = "Random bytes, decoded at two qualities: samples of the prior."
figures.save(run, fig, "08_random", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: most of them look like digits, though nobody wrote them. The prior was trained
# only to predict the next latents. A prior that predicts digits well is also a model that generates
# digits.

# %% [markdown]
# ## Exercises
#
# **08a.** *By hand.* Two latents are 0 or 1. Both are 0 with probability 3/8, both are 1 with
# probability 3/8, and each of the two other pairs has probability 1/8. What are H(Y2) and H(Y2 |
# Y1)? Answer with a list of both in bits, to three decimals.
#
# **08b.** *In code.* Write `conditional_entropy_bits(counts)`: `counts[i, j]` is how often y1 = i
# came with y2 = j. Return H(Y2 | Y1) in bits. Some pairs may never have come.
#
# **08c.** *Predict, then measure.* "dense, bottleneck" serves every rate without a context,
# "bottleneck" has one, and better transforms. By how many percent does that change the bits at
# equal PSNR? Read the bits per pixel of both at 20 dB from the figure of the plane, then compute
# the BD-rate with `metrics.bd_rate`. Give a whole number; fewer bits are negative.
#
# Solutions are in [solutions/08.py](solutions/08.py).

# %%
exercises.check("08a", ...)
exercises.check("08b", ...)
exercises.check("08c", ...)

# %% [markdown]
# ## What to take away
#
# - A prior that reads what is decoded already saves more than any table for a single latent.
# - One network can serve every rate if the rate is one of its inputs; the price is measured above.
# - Whatever chooses a table must be computed in integers.
# - A picture from few numbers and its errors as a second layer go from ten bits to a thousand.
# - Time at the encoder buys bits, and costs the decoder nothing.
#
# ## References
#
# - [T. Cover, J. Thomas, *Elements of information theory*, 2nd edition,
#   2006](https://doi.org/10.1002/047174882X), section 2.6: a condition never raises the entropy on
#   average.
# - [D. Minnen, J. Ballé, G. Toderici, *Joint autoregressive and hierarchical priors for learned
#   image compression*, 2018](https://arxiv.org/abs/1809.02736), section 2: a context for each
#   latent.
# - [J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, *Variational image compression with a
#   scale hyperprior*, 2018](https://arxiv.org/abs/1802.01436), section 3: a context that is sent
#   first.
# - [Y. Choi, M. El-Khamy, J. Lee, *Variable rate deep image compression with a conditional
#   autoencoder*, 2019](https://arxiv.org/abs/1909.04802): one network for many rates, conditioned
#   on lambda.
# - [E. Perez, F. Strub, H. de Vries, V. Dumoulin, A. Courville, *FiLM: visual reasoning with a
#   general conditioning layer*, 2018](https://arxiv.org/abs/1709.07871), section 2: a condition
#   that scales and shifts channels.
# - [J. Ballé, N. Johnston, D. Minnen, *Integer networks for data compression with latent-variable
#   models*, 2019](https://openreview.net/forum?id=S1zz2i0cY7): networks in integers.
# - [Y. Yang, R. Bamler, S. Mandt, *Improving inference for neural image compression*,
#   2020](https://arxiv.org/abs/2006.04240): refinement, and the chance that becomes a choice.
# - [M. Germain, K. Gregor, I. Murray, H. Larochelle, *MADE: masked autoencoder for distribution
#   estimation*, 2015](https://arxiv.org/abs/1502.03509): one masked network for all groups.
# - [TensorFlow, *Learned data
#   compression*](https://www.tensorflow.org/tutorials/generative/data_compression): the network
#   that is compared above.
#
# ## Next
#
# [09 Recurrent codec](09_recurrent_codec.ipynb): an image as bit-planes, and a file that can be cut
# anywhere.
