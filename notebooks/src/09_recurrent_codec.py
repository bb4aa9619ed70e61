# %% [markdown]
# # 09 Recurrent codec
#
# *Time: 2 minutes. You learn to send an image as bit-planes, each refining the last, to cut a file
# anywhere and still see the image, and what a context model saves.*
#
# ## The question
#
# Two of the report's references send an image in iterations: a few bits, then a few more for what
# is still wrong, and so on, by one and the same network. Whoever has the beginning of the file has
# the image already, only worse. What does it cost to be able to stop at any time?

# %% [markdown]
# ## What you will see
#
# The loop, unrolled; a digit and a photograph after 1, 2, 4, 8 and 16 iterations, from one file;
# six ways to build such a network, compared; what an entropy coder saves in each iteration; where
# bits go if each image gets as many as it needs; and both data sets' curves beside other codecs.
#
# ![a digit and a photograph after several iterations](../figures/09_iterations.png)

# %%
import inspect

import numpy as np
from IPython.display import Code, Markdown, display

from kerascomp import datasets, limits, metrics, plots, zoo
from kerascomp.codecs import recurrent
from kerascomp.coders import StreamError
from kerascomp.course import exercises, experiments, figures, interactive, results, runs
from kerascomp.statistics import signed

run = runs.start("09_recurrent_codec")
mnist, cifar10 = datasets.mnist(run.limit), datasets.cifar10(run.limit)
sets = {"mnist": mnist, "cifar10": cifar10}
trained = {name: zoo.codec(f"{name}-recurrent") for name in sets}
num_images = run.choose(full=500, fast=20)
images = {name: dataset.test.images[:num_images] for name, dataset in sets.items()}

# %% [markdown]
# ## The loop, unrolled
#
# The <dfn>residual</dfn> $r_t = x - \hat{x}_t$ is the image minus its reconstruction so far. The
# encoder reads it and returns a few bits for each block of 8×8 pixels: 24 of a photograph, 8 of a
# digit. A <dfn>bit-plane</dfn> is all the bits that one iteration sends for an image. The decoder
# turns it into a correction. A <dfn>GRU</dfn> (gated recurrent unit) is a layer with a state that
# lasts from one iteration to the next, and with gates that say how much of it changes. The layers
# of encoder and decoder are convolutional GRUs. So the same weights can code the large shapes at
# first and edges later.

# %%
display(Code(inspect.getsource(recurrent.Recurrent.encode_step), language="python"))

# %% [markdown]
# Three things make it work. The <dfn>binarizer</dfn> is a layer that gives −1 or +1; in training it
# draws them at random with the expectation tanh(x), and the gradient passes through unchanged
# (straight-through, lesson 05). The <dfn>gain</dfn> is a factor by which a residual is multiplied
# before encoding and the correction divided after decoding, so that late residuals are not too
# small. It is computed from the decoder's state and costs no bits. And the **loss** is the mean
# over all iterations of log(error) and of what the bits cost, so that late iterations, whose errors
# are small, count as well. A training step has six iterations; half of the later steps skip some,
# so that all sixteen are trained.

# %%
photographs = images["cifar10"][:100]
codec = trained["cifar10"].at(num_iterations=3)
planes, _ = codec.to_planes(photographs)
stages = codec.all_images(planes)
bits = codec.coder.estimated_bits(planes).sum(axis=(2, 3, 4))  # (N, 3)
shown = int(np.argsort(metrics.mse(photographs, stages[2]))[len(photographs) // 2])


# %% [markdown]
# Three iterations of a photograph of median difficulty. A residual is drawn gray where nothing is
# wrong:

# %%
def residual(before):
    """Returns what is still wrong as an image: gray where nothing is."""
    difference = datasets.to_float(photographs[shown]) - before
    return datasets.to_uint8(0.5 + difference / 2)


before = [np.float32(0.5), *(datasets.to_float(stage[shown]) for stage in stages[:2])]
errors = [float(metrics.mse(photographs, stage)[shown]) for stage in stages]

# %%
fig = plots.unrolled(
    photographs[shown],
    stages[:, shown],
    [residual(image) for image in before],
    [f"{size:.0f} bits" for size in bits[shown]],
)
caption = (
    "Three iterations of the recurrent codec on a CIFAR-10 image: residuals, bit-planes, "
    "reconstructions."
)
figures.save(
    run,
    fig,
    "09_unrolled",
    caption=caption,
    values={"bits": bits[shown], "mse": errors},
    dataset=cifar10,
)

# %% [markdown]
# ## One file, every rate
#
# The network is convolutional, so it takes images of any size. Here is a part of a photograph, a
# square of 168 pixels, beside a digit. Each was written once, with 16 iterations. Everything you
# see is the beginning of that file.

# %%
NUMBERS = (1, 2, 4, 8, 16)
photograph = datasets.photograph()
side = run.choose(full=168, fast=32)
part = photograph[20 : 20 + side, 110 : 110 + side]
rows = {"digit": (trained["mnist"], images["mnist"][:1]),
        "photograph": (trained["cifar10"].for_shape(part.shape), part[None])}


def num_whole(codec, beginning):
    """Returns how many bit-planes the beginning of a file has."""
    try:
        return codec.coder.decode([beginning], codec.plane_shape)[1][0]
    except StreamError:  # not even one
        return 0


def beginnings(codec, image):
    """Returns {number of iterations: the shortest beginning of one file that has so many}."""
    planes, counts = codec.at(num_iterations=16).to_planes(image)
    (file,) = codec.coder.encode(planes, counts)
    shortest = {}
    for number in NUMBERS:
        size = len(codec.coder.encode(planes, np.array([number]))[0])  # about as long
        lengths = range(size - 1, size + 3)
        shortest[number] = next(
            file[:length] for length in lengths if num_whole(codec, file[:length]) >= number
        )
    return shortest


# %% [markdown]
# Each of them is decoded, and measured:

# %%
views, notes, values = [], [], {}
for name, (codec, image) in rows.items():
    files = list(beginnings(codec, image).values())
    decoded = [codec.decode([file])[0] for file in files]
    psnr = [float(metrics.psnr_db(image, view[None])[0]) for view in decoded]
    sizes = [len(file) for file in files]
    values[name] = {"bytes": sizes, "psnr_db": psnr}
    views.append([image[0], *decoded])
    pairs = zip(sizes, psnr, strict=True)
    texts = [f"{size:,} bytes\n{db:.1f} dB" for size, db in pairs]
    notes.append([f"{image.size:,} bytes raw", *texts])
    assert psnr == sorted(psnr), "each iteration helps"

# %%
titles = ["original", *(f"{n} iteration{'s' * (n > 1)}" for n in NUMBERS)]
fig = plots.stages(views, titles, notes, title="The beginnings of two files")
caption = (
    f"A digit, and a part of a photograph ({side}×{side} pixels), decoded from the beginnings of "
    "one file each."
)
figures.save(run, fig, "09_iterations", caption=caption, values=values, dataset=mnist)

# %% [markdown]
# All iterations of the photograph to try; each is a longer beginning of the same file:

# %%
codec, image = rows["photograph"]
planes, _ = codec.at(num_iterations=16).to_planes(image)
sizes = [len(codec.coder.encode(planes, np.array([number]))[0]) for number in range(1, 17)]
notes = [f"iteration {number}: about {size:,} bytes" for number, size in enumerate(sizes, 1)]
interactive.slider(list(codec.all_images(planes)), notes, name="iterations")

# %% [markdown]
# What to notice: the digit is readable after one iteration. The photograph never was in the
# training set, which has images of 32×32 pixels only. The file does not say where an iteration
# ends: the decoder stops at the first bit-plane that another continuation of the file could change.
#
# ## Blocks or convolutions, additive or one-shot, LSTM or GRU
#
# The papers tried several networks. In 2016 each block was coded by itself; in 2017 convolutions
# also read the blocks around it. A decoder can **add** a correction to the image so far (additive),
# or return the whole image again from its state (one-shot). And the recurrent layers can be GRUs or
# LSTMs. An <dfn>LSTM</dfn> (long short-term memory) is a recurrent layer like a GRU, with two
# states instead of one. Here is a small network of each kind; all have 16 bits for a block and
# iteration, were trained alike in one pass over CIFAR-10, and their loss has no rate, as in the
# papers.

# %%
COMPARED = {
    "2016: each block by itself": {
        "dense, additive": "cifar10-patches-dense",
        "LSTM, one-shot": "cifar10-patches-lstm",
    },
    "2017: convolutions": {
        f"{cell.upper()}, {how}": f"cifar10-{cell}-{how}"
        for cell in ("gru", "lstm")
        for how in ("additive", "one-shot")
    },
}


def by_iteration(codec, images, number):
    """Returns (mean bits of an image's file, PSNR in dB) after each of the first iterations."""
    planes, counts = codec.at(num_iterations=number).to_planes(images)
    files = [codec.coder.encode(planes, np.full_like(counts, n)) for n in range(1, number + 1)]
    bits = [8 * np.mean([len(file) for file in stage]) for stage in files]
    errors = [metrics.mse(images, stage).mean() for stage in codec.all_images(planes)]
    psnr_db = metrics.mse_to_psnr_db(np.array(errors))
    return np.array(bits), np.array(psnr_db)


# %%
compared = {title: {} for title in COMPARED}
for title, names in COMPARED.items():
    for label, name in names.items():
        number = run.choose(full=4, fast=1)
        bits, psnr_db = by_iteration(zoo.codec(name), images["cifar10"], number)
        compared[title][label] = (bits / cifar10.test.images[0, ..., 0].size, psnr_db)

# %%
title = "Additive networks gain more from late iterations\nCIFAR-10, six small networks"
fig = plots.compared(compared, title=title)
caption = (
    "Six small recurrent codecs after one to four iterations: PSNR against the size of real files."
)
figures.save(run, fig, "09_compared", caption=caption, dataset=cifar10)

# %%
lines = {label: line for names in compared.values() for label, line in names.items()}
last = {label: (bpp[-1], psnr_db[-1]) for label, (bpp, psnr_db) in lines.items()}
bpp, additive = np.mean([last["GRU, additive"], last["LSTM, additive"]], axis=0)
_, one_shot = np.mean([last["GRU, one-shot"], last["LSTM, one-shot"]], axis=0)
Markdown(
    f"After four iterations the additive convolutional codecs reach **{additive:.1f} dB** at "
    f"{bpp:.2f} bits per pixel, the one-shot ones **{one_shot:.1f} dB**, and dense layers on "
    f"blocks **{last['dense, additive'][1]:.1f} dB**."
)

# %% [markdown]
# This is no verdict on additive against one-shot, because the starts differ. The additive networks
# begin their training with a linear code, the signs of DCT (discrete cosine transform)
# coefficients, in the encoder and in the decoder. Its decoder returns corrections, which only an
# additive network can use. So the one-shot networks begin with the encoder's half, and their
# decoders begin with random weights.
#
# ## The same start for both
#
# Without the linear code, additive and one-shot networks have the same weights. So one small GRU
# network of each kind was trained without it: from the same random weights, with the same recipe,
# in several passes over all training images (`kerascomp course experiment equal_starts` trains them
# again, in half an hour). Here is the PSNR in dB at so many bits per pixel, of real files of all
# 10,000 test images; and after each pass, the PSNR of the validation images after four iterations:

# %%
record = experiments.load("equal_starts")
(trial,) = record["trials"]  # one seed
families = experiments.curves(trial["points"])
rows = ["| network | 1 iteration | 2 | 3 | 4 | after each pass |", "| --- " * 6 + "|"]
for kind, points in families.items():
    cells = [f"{point.psnr_db:.2f} at {point.bpp:.3f}" for point in points]
    cells.append(", ".join(f"{psnr_db:.2f}" for psnr_db in trial["validation_psnr_db"][kind]))
    rows.append(f"| {kind} | {' | '.join(cells)} |")
Markdown("\n".join(rows))

# %% [markdown]
# How many bits one needs against the other at equal PSNR is the BD-rate (lesson 12), a mean over
# the range of PSNR that both reach:

# %%
with_code = zoo.card("cifar10-gru-additive")["test"]["psnr_db"]
without = families["additive"][-1].psnr_db
difference = metrics.bd_rate(*families.values())
Markdown(
    f"One-shot needs **{signed(difference, 1)} %** bits against additive. After "
    f"{record['epochs']} passes the additive network without the linear code reaches "
    f"**{without:.1f} dB**; with it, after one pass, **{with_code:.1f} dB**."
)

# %% [markdown]
# What to notice: no verdict. Without the linear code, the large difference in the figure is gone.
# What is left is small, one seed cannot tell it from chance, and in the last pass both networks
# still became better. The linear code is more than a start: the additive network keeps it, with
# weights of its own for each iteration.
#
# ## What the entropy coder saves
#
# About half of the bits of a bit-plane are ones. But a bit can be predicted from those around and
# before it. A small network, the context model, reads what was decoded already and returns the
# probability of a one, with which an arithmetic coder writes the bit. The sums of the network are
# computed in integers, so that every computer finds the same probabilities.

# %%
panels, saved, worth = {}, {}, {}
for name, dataset in sets.items():
    planes, _ = trained[name].at(num_iterations=8).to_planes(images[name])
    coded = trained[name].coder.estimated_bits(planes).sum(axis=(2, 3, 4)).mean(axis=0)
    sizes, psnr_db = by_iteration(trained[name], images[name], number=8)
    raw, growth = planes[0, 0].size, np.diff(sizes, prepend=0)  # of real files
    saved[name] = 1 - growth / raw
    panels[dataset.name] = (raw, coded, saved[name])
    fall = np.log(10) / 10 * np.diff(psnr_db, prepend=np.nan)  # of the logarithm of the error
    worth[name] = fall * images[name][0, ..., 0].size / growth  # of a bit per pixel

# %% [markdown]
# The blue bars are the bits of real files, the percentages what these save of the raw bits. The
# orange lines are the bits that the context model estimates.

# %%
title = "A bit that can be predicted costs less\nbits of each bit-plane, mean of the test images"
fig = plots.bits_by_iteration(panels, title=title)
caption = (
    "Bits of each bit-plane, raw, in real files and under the context model, and what files save "
    "of the raw bits."
)
figures.save(run, fig, "09_saved", caption=caption, dataset=cifar10)

# %%
first = {name: float(np.mean(saved[name][:4])) for name in sets}
Markdown(
    f"In the first four iterations files save **{first['mnist']:.0%}** of the raw bits on digits "
    f"and **{first['cifar10']:.0%}** on photographs."
)

# %% [markdown]
# On photographs the saved share falls abruptly, where the training changes the price of a bit. The
# loss is the logarithm of the error, plus the bits per pixel times a weight: their price. So more
# bits lower the loss only if they lower the logarithm, for each bit per pixel, by more than that.

# %%
prices = trained["cifar10"].model.unrolling
early = prices.num_iterations - 1  # index of the last iteration at the first price
lowered, shares, digits = worth["cifar10"], saved["cifar10"], saved["mnist"]
Markdown(
    f"The price is {prices.rate_weight:g} up to iteration {early + 1}, then "
    f"{prices.late_rate_weight:g}. In iteration {early + 1} the bits lower the logarithm by "
    f"**{lowered[early]:.2f}** for each bit per pixel, about their price, and files save "
    f"**{shares[early]:.0%}**. In the next it is **{lowered[early + 1]:.2f}**: too little for the "
    f"first price, enough for the second, and files save only **{shares[early + 1]:.0%}**. The "
    "network for digits has one price for all iterations, and there it saves "
    f"**{digits[early]:.0%}**, then **{digits[early + 1]:.0%}**."
)

# %% [markdown]
# ## As many iterations as an image needs
#
# An easy image is good enough after two iterations, a difficult one after ten. `at(target_psnr=…)`
# stops each image when it has reached a quality; the file says how many bit-planes it has, in four
# bits.

# %%
targets = run.choose(full=(20, 22, 24), fast=(18,))
codecs_db = {f"{db} dB": trained["cifar10"].at(target_psnr=db) for db in targets}
counts = {text: codec.to_planes(images["cifar10"])[1] for text, codec in codecs_db.items()}

# %% [markdown]
# And within an image? The bits of the photograph's blocks, four iterations together:

# %%
codec = trained["cifar10"].for_shape(photograph.shape)
planes, _ = codec.at(num_iterations=4).to_planes(photograph[None])
where = codec.coder.estimated_bits(planes).sum(axis=(1, 4))[0]

# %%
title = "Difficult blocks take more bits, and difficult images more iterations"
fig = plots.bits_over_image(photograph, where, counts, title=title)
caption = (
    "A photograph; the bits of its blocks in four iterations; and how many iterations CIFAR-10 "
    "images take for one quality."
)
figures.save(run, fig, "09_where", caption=caption, dataset=cifar10)

# %% [markdown]
# What to notice: all blocks have the same number of raw bits, but smooth blocks cost fewer coded
# bits, because their bits are easier to predict.
#
# ## On the plane
#
# All 10,000 test images, real files, beside the KLT code of lesson 01 (PCA as the transform,
# rounded and coded) and the bottleneck of lesson 08:

# %%
SHOWN = ("KLT", "bottleneck", "recurrent", "recurrent, dynamic")
LIMITS = {"mnist": (0.015, 4, 12, 46), "cifar10": (0.02, 4, 12, 34)}
psnr_db = np.linspace(12, 47, 71)
for name, dataset in sets.items():
    stored = results.load(name)
    curves = {
        label: ([p.bpp for p in stored[label]], [p.psnr_db for p in stored[label]])
        for label in SHOWN
    }
    bound = limits.gaussian_rate_bpp(dataset.train.images, psnr_db)
    fig = plots.rate_distortion(
        curves,
        title=f"Near the KLT, and below the bottleneck\n{dataset.name}, 10,000 test images",
        limits=LIMITS[name],
        bound=("below the rate–distortion function\nof a Gaussian source", bound, psnr_db),
    )
    caption = (
        f"{dataset.name}, 10,000 test images: the recurrent codec, the same with as many "
        "iterations as each image needs, the KLT and the bottleneck."
    )
    display(figures.save(run, fig, f"09_plane_{name}", caption=caption, dataset=dataset))

# %% [markdown]
# What to notice: dashed is the codec that stops each image at the same PSNR. On digits its curve
# nearly coincides with the other one, on photographs it is lower: the same bits lower the mean
# error more if they are not spent on making all images equally good.
#
# In one number, the BD-rate, the mean difference in rate at equal PSNR (lesson 12):

# %%
def verdict(name):
    """Returns how the recurrent codec compares with the KLT code, as a sentence."""
    stored = results.load(name)
    saved = metrics.bd_rate(stored["KLT"], stored["recurrent"])
    amount = f"{abs(saved):.0f} % {'fewer' if saved < 0 else 'more'}"
    return f"On {sets[name].name} it needs **{amount}** bits than the KLT at the same PSNR."


Markdown(" ".join(verdict(name) for name in sets))

# %% [markdown]
# ## Exercises
#
# **09a.** *By hand.* A photograph of 168×168 pixels is sent in four iterations, with 24 bits for
# each block of 8×8 pixels in each. How many bytes is that without an entropy coder, and how many
# bits per pixel? Answer with a list, `[bytes, bits per pixel]`.
#
# **09b.** *In code.* Write `refine(x, num_iterations)`: it sends one number x, −1 ≤ x < 1, in
# iterations. x_hat begins at 0. Iteration t = 1, 2, … sends the sign of the residual x − x_hat and
# adds 2^−t if the residual is zero or more, else subtracts 2^−t. Return the last x_hat.
#
# **09c.** *Predict, then measure.* You have seen which share of the raw bits of CIFAR-10 images
# the entropy coder saves in the first four iterations. Does it save more or less in all 16?
# Predict it, then compute the share from the bytes of `results.load("cifar10")["recurrent"][-1]`;
# an iteration has 384 raw bits. Give a number from 0 to 1, to two digits.
#
# Solutions are in [solutions/09.py](solutions/09.py).

# %%
exercises.check("09a", ...)
exercises.check("09b", ...)
exercises.check("09c", ...)

# %% [markdown]
# ## What to take away
#
# - A file can be cut anywhere if the most important bits come first.
# - Its price is that every iteration must be good on its own; a codec made for one rate can do
#   better with as many bits.
# - Raw bits from a network can still be compressed: a context model predicts them from each other.
# - The decoder needs the encoder's probabilities to the last digit; integers give them.
#
# ## References
#
# - [G. Toderici, S. O'Malley, S. J. Hwang, D. Vincent, D. Minnen, S. Baluja, M. Covell, R.
#   Sukthankar, *Variable rate image compression with recurrent neural networks*,
#   2016](https://arxiv.org/abs/1511.06085), section 3: iterations, the binarizer, networks for
#   blocks (the report's [2]).
# - [G. Toderici, D. Vincent, N. Johnston, S. J. Hwang, D. Minnen, J. Shor, M. Covell, *Full
#   resolution image compression with recurrent neural networks*,
#   2017](https://arxiv.org/abs/1608.05148), section 3: convolutional networks, additive and
#   one-shot, and the gain (the report's [7]).
# - [S. Hochreiter, J. Schmidhuber, *Long short-term memory*,
#   1997](https://doi.org/10.1162/neco.1997.9.8.1735): LSTM.
# - [K. Cho et al., *Learning phrase representations using RNN encoder–decoder for statistical
#   machine translation*, 2014](https://arxiv.org/abs/1406.1078), section 2.3: GRU.
# - [X. Shi et al., *Convolutional LSTM network: a machine learning approach for precipitation
#   nowcasting*, 2015](https://arxiv.org/abs/1506.04214), section 3.1: convolutions in place of
#   matrices.
# - [J. Ballé, N. Johnston, D. Minnen, *Integer networks for data compression with latent-variable
#   models*, 2019](https://openreview.net/forum?id=S1zz2i0cY7): why the context model computes in
#   integers.
#
# ## Next
#
# [10 Human rating](10_human_rating.ipynb): which codec do people prefer, at the same number of
# bytes?
