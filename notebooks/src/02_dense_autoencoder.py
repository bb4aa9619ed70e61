# %% [markdown]
# # 02 Dense autoencoder
#
# *Time: 2 minutes. You learn how well 32 numbers describe a digit, and why PCA is the baseline.*
#
# ## The question
#
# The report's first network reduces 784 pixels to 32 numbers and claims an MSE around 0.01. Is that
# good? Good compared with *what*?

# %% [markdown]
# ## What you will see
#
# The training of the network; its best, median and worst digits; what the numbers of its code do;
# and the error of codes of 2 to 64 numbers beside that of PCA, the best *linear* code.
#
# ![error against code size](../figures/02_error_by_size.png)

# %%
import keras
import numpy as np
from IPython.display import Markdown
from keras import layers

from kerascomp import datasets, metrics, pca, plots, zoo
from kerascomp.course import exercises, figures, runs
from kerascomp.networks import autoencoders, training

run = runs.start("02_dense_autoencoder")
mnist = datasets.mnist(run.limit)

# %% [markdown]
# ## The network
#
# Three hidden layers of 128, 64 and 32 units, mirrored by the decoder; ReLU everywhere, and a
# sigmoid at the end because pixels are between 0 and 1. A <dfn>ReLU</dfn> (rectified linear unit)
# passes positive values and outputs zero for negative ones. Each comment gives the shape of what a
# layer returns for N images.

# %%
encoder = keras.Sequential([
    layers.Input((28, 28, 1)),
    layers.Flatten(),                       # (N, 784)
    layers.Dense(128, activation="relu"),   # (N, 128)
    layers.Dense(64, activation="relu"),    # (N, 64)
    layers.Dense(32, activation="relu"),    # (N, 32), the code
])
decoder = keras.Sequential([
    layers.Input((32,)),
    layers.Dense(64, activation="relu"),    # (N, 64)
    layers.Dense(128, activation="relu"),   # (N, 128)
    layers.Dense(784),                      # (N, 784)
    layers.Activation("sigmoid"),           # (N, 784), between 0 and 1
    layers.Reshape((28, 28, 1)),            # (N, 28, 28, 1)
])
network = keras.Sequential([layers.Input((28, 28, 1)), encoder, decoder])

# %% [markdown]
# The report counts 222,384 parameters, and so do we. The package has this network as
# `autoencoders.dense`, which also chooses how the weights start (lesson 03 shows why). To show that
# it is the same, `check_same_layers` compares kinds, options and shapes of the layers, and fails
# where two differ. Then, with the same weights, both networks must return the same pictures.

# %%
builder = autoencoders.dense(num_latents=32)
assert network.count_params() == builder.count_params() == 222_384
autoencoders.check_same_layers(encoder.layers, builder.encoder.layers)
autoencoders.check_same_layers(decoder.layers, builder.decoder.layers)

network.set_weights(builder.get_weights())
x = datasets.to_float(mnist.test.images[:5])
assert np.allclose(network(x), builder(x), rtol=0, atol=1e-6)

# %% [markdown]
# They are the same, so from here on we use the package's.

# %% [markdown]
# ## Training
#
# A `Recipe` holds the settings of a training: here the optimizer is Adam, and the learning rate
# rises in the first steps (warm-up), then falls to zero along a cosine. `training.fit` builds the
# network from a fixed seed, compiles it and calls Keras's `fit`. It also keeps a checkpoint, so
# that an interrupted training continues where it was, and a finished one is not repeated.

# %%
recipe = training.Recipe(epochs=run.choose(full=30, fast=1), learning_rate=2e-3)
model, history = training.fit(
    autoencoders.dense, mnist, recipe, checkpoint=run.checkpoint("dense-32")
)

# %%
fig = plots.training_curves(
    {"dense autoencoder": {"32 numbers": (history, plots.COLORS["dense"])}},
    title=(
        "The loss falls below the report's\n"
        f"MNIST, {len(mnist.train):,} training and {len(mnist.validation):,} validation digits"
    ),
    references={"dense autoencoder": {"report, training: 0.01": 0.01}},
)
caption = "Loss of the dense autoencoder on training and validation digits, by epoch."
figures.save(run, fig, "02_training", caption=caption, dataset=mnist)

# %%
gap = history["val_loss"][-1] / history["loss"][-1] - 1
Markdown(
    f"Validation ends {gap:.0%} above training: there is hardly any overfitting. In the first "
    "epochs it is *below*, because the training loss is averaged over an epoch in which the "
    "network improves."
)

# %% [markdown]
# ## The test set
#
# Nothing was chosen by looking at these images. The decoder's output is rounded to `uint8` before
# it is compared with the original.

# %%
images = mnist.test.images
decoded = model.reconstruct(images)
errors = metrics.mse(images, decoded)
mae, ssim = metrics.mae(images, decoded).mean(), metrics.ssim(images, decoded).mean()
print(f"test MSE {errors.mean():.5f} = {metrics.mse_to_psnr_db(errors.mean()):.2f} dB, "
      f"MAE {mae:.4f}, SSIM {ssim:.3f}")

# %%
title = (
    "32 numbers keep common digits; of rare shapes details are lost\n"
    f"MNIST, the best, the median and the worst of {len(images):,} test digits"
)
fig = plots.reconstructions(images, decoded, errors, title=title)
caption = "Test digits above their reconstructions from 32 numbers (the report's figure 4)."
figures.save(
    run,
    fig,
    "02_reconstructions",
    caption=caption,
    values={
        "test_mse": errors.mean(),
        "quantiles": np.quantile(errors, [0, 0.25, 0.5, 0.75, 1]),
        "num_parameters": model.count_params(),
        "num_latents": model.num_latents,
        "num_images": len(images),
    },
    dataset=mnist,
)

# %% [markdown]
# What to notice: a straight 1 has almost no error, and the worst digits have unusual strokes. The
# network has learned what digits usually look like, and decodes unusual ones to more usual shapes.

# %% [markdown]
# ## What does one number do?
#
# Take the code of one digit, change a single number from 0 to the 99th percentile of its values in
# the test set, and decode. We look at the eight numbers that vary most. Some numbers do not vary at
# all. A <dfn>dead unit</dfn> is a ReLU whose input is negative for every image: it always outputs
# zero, and stays so, because its gradient is zero there.

# %%
codes = model.encoder.predict(datasets.to_float(images), verbose=0)  # (N, 32)
num_unused = int((codes.max(axis=0) == 0).sum())
chosen = np.argsort(codes.std(axis=0))[::-1][:8]
steps = np.linspace(0, 1, 11)
print(f"{num_unused} of {model.num_latents} numbers are zero for every test digit")

# %%
varied = np.tile(codes[0], (8, 11, 1))  # the code of a 7, (8, 11, 32)
for row, index in enumerate(chosen):
    varied[row, :, index] = steps * np.quantile(codes[:, index], 0.99)
pictures = datasets.to_uint8(model.decoder.predict(varied.reshape(-1, 32), verbose=0))

# %%
fig = plots.traversals(
    pictures.reshape(8, 11, 28, 28, 1),
    [f"number {index}" for index in chosen],
    [f"{step:.0%}" for step in steps],
    title=(
        "A single number changes several things at once\n"
        "MNIST: a test digit 7, decoded while one of the 32 numbers of its code grows"
    ),
    xlabel="its value, from 0 to the 99th percentile of the test set",
)
caption = "A digit 7 decoded while one number of its code grows."
figures.save(
    run, fig, "02_traversals", caption=caption, values={"num_unused": num_unused}, dataset=mnist
)

# %% [markdown]
# What to notice: each number changes several things at once, such as the stroke's width, a corner
# and a loop. At the ends of several rows there is no digit: not every vector of 32 numbers is the
# code of a digit.

# %% [markdown]
# ## The baseline: PCA
#
# PCA finds the linear code with the smallest squared error. An autoencoder with as many numbers
# must do better, or its layers are of no use.
#
# Networks for 2 to 64 numbers, trained with the same recipe, come from the *zoo*, the trained
# networks of this package. `make train MODEL=mnist-dense-8` trains one of them again.

# %%
sizes = (2, 4, 8, 16, 32, 64)
components = pca.fit(mnist.train.images, max(sizes))
pca_errors = [
    metrics.mse(images, pca.reconstruct(components, images, size)).mean() for size in sizes
]
dense_errors = []
for size in sizes:
    network = zoo.network("mnist-dense" if size == 32 else f"mnist-dense-{size}")
    dense_errors.append(metrics.mse(images, network.reconstruct(images)).mean())

# %%
fig = plots.error_by_size(
    {
        "PCA": (sizes, pca_errors, plots.COLORS["pca"]),
        "dense": (sizes, dense_errors, plots.COLORS["dense"]),
    },
    title=(
        "The network needs less than half as many numbers as PCA\n"
        f"MNIST, {len(images):,} test digits"
    ),
    references={"report, training: 0.01": 0.01},
)
caption = "Test error of the dense autoencoder and of PCA for codes of 2 to 64 numbers."
figures.save(run, fig, "02_error_by_size", caption=caption, dataset=mnist)

# %%
gain = dict(zip(sizes, np.array(pca_errors) / dense_errors, strict=True))
best = max(gain, key=gain.get)
ratios = ", ".join(f"{ratio:.1f} with {size}" for size, ratio in gain.items())
Markdown(f"PCA's error divided by the network's: {ratios} numbers. It is largest with {best}.")

# %% [markdown]
# ## How many bits is that?
#
# The report calls this a compression ratio of 784/32 = 24.5. That counts *numbers*, and a number
# has no fixed size: 32 numbers are 128 bytes as `float32`, and 32 bytes as `uint8`. Until they are
# rounded and written to a file, the ratio is only a ratio of counts.

# %%
float_bytes = codes[0].astype(np.float32).tobytes()
print(f"784 pixels = 784 bytes; 32 float32 numbers = {len(float_bytes)} bytes: "
      f"ratio {784 / len(float_bytes):.1f}, not {784 / model.num_latents:.1f}")
assert len(float_bytes) == 4 * model.num_latents

# %% [markdown]
# ## Exercises
#
# **02a.** *By hand.* The network with 32 numbers has 222,384 parameters. How many has the same
# network with a code of 8 numbers? A dense layer has a weight for each pair of input and output,
# and a bias for each output.
#
# **02b.** *In code.* Write `pca_reconstruct(x, k)`: it takes an array of floats (N, D), a row for
# each image, and returns the rows decoded from their first k principal components, as an array (N,
# D). Use NumPy only.
#
# **02c.** *Predict, then measure.* How many numbers does PCA need for the test MSE of the dense
# network with 8, `dense_errors[2]`? Guess from the figure, then measure with `components` and
# `pca.reconstruct`. Give a whole number; one more or one less also counts.
#
# Solutions are in [solutions/02.py](solutions/02.py).

# %%
exercises.check("02a", ...)
exercises.check("02b", ...)
exercises.check("02c", ...)

# %% [markdown]
# ## What to take away
#
# - Compare with the simplest method that could work: here, PCA with as many numbers.
# - What layers gain over a linear code depends on the code's size: measure it.
# - Units can be dead without any error message. Count them.
# - A ratio of counts is not a ratio of bytes.
#
# ## References
#
# - [G. Hinton, R. Salakhutdinov, *Reducing the dimensionality of data with neural networks*,
#   2006](https://doi.org/10.1126/science.1127647): autoencoders of digits, compared with PCA.
# - [H. Hotelling, *Analysis of a complex of statistical variables into principal components*,
#   1933](https://doi.org/10.1037/h0071325): PCA.
# - [P. Baldi, K. Hornik, *Neural networks and principal component analysis*,
#   1989](https://doi.org/10.1016/0893-6080(89)90014-2): a linear autoencoder finds the same code as
#   PCA.
# - [D. Kingma, J. Ba, *Adam: a method for stochastic optimization*,
#   2015](https://arxiv.org/abs/1412.6980), section 2: the optimizer of the recipe.
# - [I. Loshchilov, F. Hutter, *SGDR: stochastic gradient descent with warm restarts*,
#   2017](https://arxiv.org/abs/1608.03983), section 3: a learning rate that falls along a cosine.
#
# ## Next
#
# [03 CNN autoencoder](03_cnn_autoencoder.ipynb): a quarter of the numbers, a seventeenth of the
# parameters, and a training that can fail.
