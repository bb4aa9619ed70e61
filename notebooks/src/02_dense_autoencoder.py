# %% [markdown]
# # 02 Dense autoencoder
#
# *Time: 2 minutes. You learn what 32 numbers can say about a digit, and why PCA is the line to beat.*
#
# ## The question
#
# The report's first network squeezes 784 pixels through 32 numbers and claims an MSE around
# 0.01. Is that good? Good compared with *what*?

# %% [markdown]
# ## What you will see
#
# The network trains while you watch; its best, median and worst digits; what each of the 32
# numbers does; and the error of codes of 2 to 64 numbers beside that of PCA, the best *linear*
# code there is.
#
# ![error against code size](../figures/02_error_by_size.png)

# %%
import inspect

import numpy as np
from IPython.display import Code, Markdown

from kerascomp import autoencoders, datasets, figures, metrics, pca, plots, runs, training, zoo

run = runs.start("02_dense_autoencoder")
mnist = datasets.mnist(run.limit)

# %% [markdown]
# ## The network
#
# Three hidden layers of 128, 64 and 32 units, mirrored by the decoder; ReLU everywhere, and a
# sigmoid at the end because pixels live between 0 and 1. The report counts 222,384 parameters.
# So do we.

# %%
training.seed_everything(run.seed)
model = autoencoders.dense(num_latents=32)
model.encoder.summary(line_length=64)
assert model.count_params() == 222_384

# %% [markdown]
# How the network is written, in full:

# %%
Code(inspect.getsource(autoencoders.dense), language="python")

# %% [markdown]
# ## Training
#
# A `Recipe` says everything about a training: Adam, a short warm-up, a learning rate that falls
# to zero along a cosine. `training.fit` compiles the model and calls Keras's `fit`; it also keeps
# a checkpoint, so that a training that was interrupted goes on where it was, and one that was
# finished is not repeated.

# %%
recipe = training.Recipe(epochs=run.choose(full=30, fast=1), learning_rate=2e-3)
history = training.fit(model, mnist, recipe, checkpoint=run.checkpoint("dense-32"))

# %%
fig = plots.training_curves(
    {"Dense autoencoder, MNIST": {"32 numbers": (history, plots.COLORS["dense"])}},
    references={"Dense autoencoder, MNIST": {"the report: 0.01": 0.01}},
)
figures.save(
    run, fig, "02_training",
    caption="Loss of the dense autoencoder on training and validation digits, by epoch.",
    values=history, dataset=mnist,
)  # fmt: skip

# %% [markdown]
# What to notice: the two curves part only slightly. A network with 222,384 parameters does not
# memorize 55,000 digits when all it may say about each of them is 32 numbers.

# %% [markdown]
# ## The test set, once
#
# Errors are those of real images: the decoder's output is rounded to bytes before it is compared.

# %%
images = mnist.test.images
decoded = model.reconstruct(images)
errors = metrics.mse(images, decoded)
print(f"test MSE {errors.mean():.5f} = {metrics.mse_to_psnr_db(errors.mean()):.2f} dB, "
      f"MAE {metrics.mae(images, decoded).mean():.4f}, SSIM {metrics.ssim(images, decoded).mean():.3f}")

# %%
fig = plots.reconstructions(images, decoded, errors, title="32 numbers for a digit")
figures.save(
    run, fig, "02_reconstructions",
    caption="Test digits above their reconstructions from 32 numbers (the report's figure 4).",
    values={
        "test_mse": errors.mean(), "quantiles": np.quantile(errors, [0, 0.25, 0.5, 0.75, 1]),
        "num_parameters": model.count_params(), "num_latents": model.num_latents,
        "num_images": len(images),
    }, dataset=mnist,
)  # fmt: skip

# %% [markdown]
# What to notice: a thin straight 1 is nearly free, while the worst digits are the ones a person
# would hesitate over too. The network has learned what digits usually look like, and pulls
# unusual ones towards that.

# %% [markdown]
# ## What does one number do?
#
# Take the code of one digit, change a single number from 0 to the largest value it has in the
# test set, and decode. We look at the eight numbers that vary most.

# %%
codes = model.encoder.predict(datasets.to_float(images), verbose=0)  # (N, 32)
num_unused = int((codes.max(axis=0) == 0).sum())
chosen = np.argsort(codes.std(axis=0))[::-1][:8]
steps = np.linspace(0, 1, 9)
print(f"{num_unused} of {model.num_latents} numbers are zero for every test digit")

# %%
start = codes[0]  # the code of a 7
varied = np.repeat(start[None, None], 8, axis=0).repeat(9, axis=1)  # (8, 9, 32)
for row, index in enumerate(chosen):
    varied[row, :, index] = steps * np.quantile(codes[:, index], 0.99)
pictures = datasets.to_uint8(model.decoder.predict(varied.reshape(-1, 32), verbose=0))

# %%
fig = plots.traversals(
    pictures.reshape(8, 9, 28, 28, 1), [f"number {index}" for index in chosen],
    [f"{step:.0%}" for step in steps], title="One number at a time",
    xlabel="its value, from 0 to the 99th percentile of the test set",
)  # fmt: skip
figures.save(
    run, fig, "02_traversals", caption="A digit 7 decoded while one number of its code grows.",
    values={"latents": chosen, "num_unused": num_unused}, dataset=mnist,
)  # fmt: skip

# %% [markdown]
# What to notice: no number means "a seven" or "thickness" on its own. The code is distributed,
# and most of its directions lead to something that is still almost a digit.

# %% [markdown]
# ## The line to beat
#
# PCA finds the linear code with the smallest squared error. It trains in a second and has no
# layers. An autoencoder with as many numbers must do better, or its layers are for nothing.
#
# Networks for 2 to 64 numbers, trained with the same recipe, come from the zoo: loading one takes
# a moment, `make train MODEL=mnist-dense-8` trains it again.

# %%
sizes = (2, 4, 8, 16, 32, 64)
components = pca.fit(mnist.train.images, max(sizes))
pca_errors = [
    metrics.mse(images, pca.reconstruct(components, images, size)).mean() for size in sizes
]
dense_errors = []
for size in sizes:
    network = zoo.load("mnist-dense" if size == 32 else f"mnist-dense-{size}")
    dense_errors.append(metrics.mse(images, network.reconstruct(images)).mean())

# %%
fig = plots.error_by_size(
    {"PCA": (sizes, pca_errors, plots.COLORS["pca"]),
     "dense": (sizes, dense_errors, plots.COLORS["dense"])},
    title="Layers help most where numbers are few", references={"the report: 0.01": 0.01},
)  # fmt: skip
figures.save(
    run, fig, "02_error_by_size",
    caption="Test error of the dense autoencoder and of PCA for codes of 2 to 64 numbers.",
    values={"pca": dict(zip(map(str, sizes), pca_errors, strict=True)),
            "dense": dict(zip(map(str, sizes), dense_errors, strict=True))}, dataset=mnist,
)  # fmt: skip

# %%
gain = dict(zip(sizes, np.array(pca_errors) / dense_errors, strict=True))
best, last = max(gain, key=gain.get), gain[64]
Markdown(
    f"With {best} numbers the network's error is {gain[best]:.1f} times smaller than PCA's, with "
    f"64 numbers {last:.1f} times. " + ("The advantage shrinks as the code grows: "
    "a network this narrow cannot use more numbers, and PCA can." if last < gain[best] else "")
)  # fmt: skip

# %% [markdown]
# ## How many bits is that?
#
# The report calls this a compression ratio of 784/32 ≈ 24. That counts *numbers*, and numbers
# have no size: 32 `float32` are 128 bytes, 32 bytes would be one byte each. Lessons 05 and 06
# turn numbers into bits; until then the ratio is only a ratio of counts.

# %%
float_bytes = codes[0].astype(np.float32).tobytes()
print(f"784 pixels = 784 bytes; 32 float32 numbers = {len(float_bytes)} bytes: "
      f"ratio {784 / len(float_bytes):.1f}, not {784 / model.num_latents:.1f}")  # fmt: skip
assert len(float_bytes) == 4 * model.num_latents

# %% [markdown]
# ## What to take away
#
# - Compare with the simplest method that could work: here, PCA with as many numbers.
# - Nonlinear layers pay most where the code is shortest.
# - Units die silently. Count them.
# - A ratio of counts is not a ratio of bytes.
#
# ## Next
#
# [03 CNN autoencoder](03_cnn_autoencoder.ipynb): a quarter of the numbers, a seventeenth of the
# parameters, and a trap.
