# %% [markdown]
# # 08 Recurrent codec
#
# *Time: 2 minutes. You learn to send an image as bit-planes, each refining the last, to cut a file anywhere and still see the image, and what a context model saves.*
#
# ## The question
#
# Two of the report's references send an image in iterations: a few bits, then a few more for what is
# still wrong, and so on, by one and the same network. Whoever has the beginning of the file has the
# image already, only worse. What does it cost to be able to stop at any time?

# %% [markdown]
# ## What you will see
#
# The loop, unrolled; a digit and a photograph after 1, 2, 4, 8 and 16 iterations, from one file;
# what an entropy coder saves in each of them; both data sets' curves beside the codecs of other
# lessons; and where bits go if each image gets as many as it needs.
#
# ![a digit and a photograph after several iterations](../figures/08_iterations.png)

# %%
import inspect

import numpy as np
from IPython.display import Code, Markdown, display

from kerascomp import datasets, figures, limits, metrics, plots, results, runs, zoo
from kerascomp.codecs.recurrent.model import Recurrent

run = runs.start("08_recurrent_codec")
mnist, cifar10 = datasets.mnist(run.limit), datasets.cifar10(run.limit)
sets = {"mnist": mnist, "cifar10": cifar10}
recurrent = {name: zoo.load(f"{name}-recurrent") for name in sets}
images = {name: dataset.test.images[: run.choose(full=500, fast=20)] for name, dataset in sets.items()}

# %% [markdown]
# ## The loop, unrolled
#
# The encoder sees what is still wrong, the residual $r_t = x - \hat{x}_t$, and says 16 bits for each
# block of 8×8 pixels. The decoder turns them into a correction. Both remember what they did before: their
# layers are convolutional GRUs. So the same weights can draw the large shapes at first and edges later.

# %%
display(Code(inspect.getsource(Recurrent.encode_step), language="python"))

# %% [markdown]
# Three things make it work. The **binarizer** gives −1 or +1; in training it draws them at random with the
# expectation tanh(x), and the gradient passes as if nothing had happened. The **gain** enlarges small
# residuals; it follows from the decoder's state, so that it costs nothing. And the **loss** is the mean
# over all iterations of log(error), so that late iterations, whose errors are small, count as well.

# %%
photographs = images["cifar10"][:100]
codec = recurrent["cifar10"].at(num_iterations=3)
planes, _ = codec.to_planes(photographs)
stages = codec.all_images(planes)
bits = codec.coder.estimated_bits(planes).sum(axis=(2, 3, 4))  # (N, 3)
shown = int(np.argsort(metrics.mse(photographs, stages[2]))[len(photographs) // 2])


# %% [markdown]
# Three iterations of a photograph of median difficulty. A residual is drawn gray where nothing is wrong:

# %%
def residual(before):
    """Returns what is still wrong as an image: gray where nothing is."""
    difference = datasets.to_float(photographs[shown]) - before
    return datasets.to_uint8(0.5 + difference / 2)


before = [np.float32(0.5), *(datasets.to_float(stage[shown]) for stage in stages[:2])]
errors = [float(metrics.mse(photographs[shown : shown + 1], stage[shown : shown + 1])[0]) for stage in stages]

# %%
figures.save(
    run, plots.unrolled(photographs[shown], stages[:, shown], [residual(each) for each in before],
                        [f"{size:.0f} bits" for size in bits[shown]]),
    "08_unrolled", caption="Three iterations of the recurrent codec on a CIFAR-10 image: residuals, bit-planes, reconstructions.",
    dataset=cifar10, values={"bits": bits[shown], "mse": errors},
)

# %% [markdown]
# ## One file, every rate
#
# The network is convolutional, so it takes images of any size. Here is a photograph of 300×451 pixels
# beside a digit. Each was written once, with 16 iterations. Everything you see is the beginning of that file.

# %%
NUMBERS = (1, 2, 4, 8, 16)
CROPS = {"digit": (slice(None), slice(None)), "photograph": (slice(20, 188), slice(110, 278))}
photograph = datasets.photograph()
digit = images["mnist"][:1]
rows = {"digit": (recurrent["mnist"], digit),
        "photograph": (recurrent["cifar10"].of_shape(photograph.shape), photograph[None])}


def cut(codec, image, file, number):
    """Returns the shortest beginning of a file that has so many iterations."""
    size = len(codec.at(num_iterations=number).encode(image)[0])  # as long, or a byte off
    beginnings = (file[:length] for length in range(size - 2, size + 3))
    return next(each for each in beginnings if codec.decode_found([each])[1][0] >= number)


def beginnings(codec, image):
    """Returns {number of iterations: beginning of one file}."""
    (file,) = codec.at(num_iterations=16).encode(image)
    return {number: cut(codec, image, file, number) for number in NUMBERS}


# %% [markdown]
# Each of them is decoded, and measured on the whole image:

# %%
views, notes, values = [], [], {}
for name, (codec, image) in rows.items():
    files = list(beginnings(codec, image).values())
    decoded = [codec.decode([file])[0] for file in files]
    psnr = [float(metrics.mse_to_psnr_db(metrics.mse(image, each[None]).mean())) for each in decoded]
    values[name] = {"bytes": [len(file) for file in files], "psnr_db": psnr}
    crop = CROPS[name]
    views.append([image[0][crop], *(each[crop] for each in decoded)])
    notes.append([f"{image.size:,} bytes raw", *(f"{len(f):,} bytes\n{db:.1f} dB" for f, db in zip(files, psnr, strict=True))])
    assert psnr == sorted(psnr), "each iteration helps"

# %%
figures.save(
    run, plots.stages(views, ["original", *(f"{n} iteration{'s' * (n > 1)}" for n in NUMBERS)], notes, title="The beginnings of two files"),
    "08_iterations", caption="A digit, and a part of a photograph of 300×451 pixels, decoded from the beginnings of one file each.",
    dataset=mnist, values=values,
)

# %% [markdown]
# What to notice: the digit is readable after one iteration. The photograph never was in the training set,
# which has images of 32×32 pixels only. The file does not say where an iteration ends: the decoder
# stops at the first bit-plane that another continuation of the file could change.
#
# ## What the entropy coder saves
#
# A bit-plane is raw bits: half of them ones, more or less. But bits can be foreseen from those around and
# before them. A small network reads what was decoded already and says how likely a one is; an
# arithmetic coder does the rest. Its sums are computed in integers, so that every computer finds the
# same probabilities.

# %%
panels, saved = {}, {}
for name, dataset in sets.items():
    codec = recurrent[name].at(num_iterations=8)
    planes, counts = codec.to_planes(images[name])
    coded = codec.coder.estimated_bits(planes).sum(axis=(2, 3, 4)).mean(axis=0)
    sizes = [0] + [8 * np.mean([len(f) for f in codec.coder.encode(planes, np.full_like(counts, n))]) for n in range(1, 9)]
    raw = planes[0, 0].size
    saved[name] = 1 - np.diff(sizes) / raw  # of real files
    panels[dataset.name] = (raw, coded, saved[name])

# %% [markdown]
# The blue bars are what the context model says; the percentages are what files grew by, against raw bits.

# %%
figures.save(
    run, plots.bits_by_iteration(panels), "08_saved", dataset=cifar10,
    caption="Bits of each bit-plane under the context model, and what files saved of the raw bits (in percent; growth of real files).",
    values={title: {"raw": raw, "coded": coded, "saved": of_files} for title, (raw, coded, of_files) in panels.items()},
)

# %%
first = {name: float(np.mean(saved[name][:4])) for name in sets}
Markdown(f"In the first four iterations files save **{first['mnist']:.0%}** of the raw bits on digits and **{first['cifar10']:.0%}** on photographs.")

# %% [markdown]
# ## As many iterations as an image needs
#
# An easy image is good enough after two iterations, a difficult one after ten. `at(target_psnr=…)` stops
# each image when it has reached a quality; the file says how many bit-planes it has, in four bits.

# %%
targets = run.choose(full=(20, 22, 24), fast=(18,))
counts = {f"{db} dB": recurrent["cifar10"].at(target_psnr=db).to_planes(images["cifar10"])[1] for db in targets}

# %% [markdown]
# And within an image? The bits of the photograph's blocks, four iterations together:

# %%
codec, image = rows["photograph"]
planes, _ = codec.at(num_iterations=4).to_planes(image)
where = codec.coder.estimated_bits(planes).sum(axis=(1, 4))[0]

# %%
figures.save(
    run, plots.bits_over_image(photograph, where, counts, title="Where bits go"), "08_where", dataset=cifar10,
    caption="A photograph; the bits of its blocks in four iterations; and how many iterations CIFAR-10 images take for one quality.",
    values={"bits": {"mean": where.mean(), "min": where.min(), "max": where.max()}, "iterations": {k: np.bincount(v) for k, v in counts.items()}},
)

# %% [markdown]
# What to notice: even with the same number of raw bits for every block, the coder spends fewer on smooth
# ones, because there it can foresee them.
#
# ## On the plane
#
# All 10,000 test images, real files, beside the linear KLT and the bottleneck of lesson 07:

# %%
SHOWN = ("KLT", "bottleneck", "recurrent", "recurrent, dynamic")
psnr_db = np.linspace(12, 36, 49)
for name, dataset in sets.items():
    stored = results.load(name)
    curves = {label: ([p.bpp for p in stored[label]], [p.psnr_db for p in stored[label]]) for label in SHOWN}
    bound = limits.gaussian_rate_bpp(dataset.train.images, psnr_db)
    fig = plots.rate_distortion(
        curves, title=f"{dataset.name}: a recurrent codec and two others", limits=(0.02, 4, 12, 34),
        bound=("less than a Gaussian\nsource needs", bound, psnr_db))
    display(figures.save(
        run, fig, f"08_plane_{name}", dataset=dataset, values=curves,
        caption=f"{dataset.name}, 10,000 test images: the recurrent codec, the same with as many iterations as each image needs, the KLT and the bottleneck."))

# %% [markdown]
# In one number, the BD-rate:

# %%
def verdict(name):
    """Returns how the recurrent codec compares with the KLT code, as a sentence."""
    stored = results.load(name)
    saved = metrics.bd_rate(stored["KLT"], stored["recurrent"])
    return f"On {sets[name].name} it needs **{abs(saved):.0f} % {'fewer' if saved < 0 else 'more'}** bits than the KLT at the same PSNR."


Markdown(" ".join(verdict(name) for name in sets))

# %% [markdown]
# ## What to take away
#
# - A file that can be cut anywhere is a habit of mind: the most important bits first.
# - Its price is that every iteration must be good on its own; a codec that knows its rate beforehand can
#   do better with as many bits.
# - Raw bits from a network are no entropy-coded bits: a context model finds what they have in common.
# - The decoder needs the encoder's probabilities to the last digit; integers give them.
#
# ## Next
#
# [09 Human rating](09_human_rating.ipynb): which codec do people prefer, at the same number of bytes?
