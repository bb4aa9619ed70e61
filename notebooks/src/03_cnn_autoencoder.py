# %% [markdown]
# # 03 CNN autoencoder
#
# *Time: 1 minute. You learn how far 8 numbers go, how a network gets stuck at black, and to ask
# what limits an error: the code or the network.*
#
# ## The question
#
# The report's second network uses convolutions, has only 13,289 parameters, and sends 8 numbers
# for a digit: a quarter of the first one's. It claims the same MSE of about 0.01. Can that be?

# %% [markdown]
# ## What you will see
#
# The same network started in four ways, not all of which learn; its reconstructions and what its 8
# numbers do; and a second network with the same 8 numbers and 85 times the parameters.
#
# ![what 8 numbers can carry](../figures/03_eight_numbers.png)

# %%
import keras
import numpy as np
from IPython.display import Markdown
from keras import layers

from kerascomp import datasets, metrics, pca, plots, zoo
from kerascomp.course import exercises, figures, runs
from kerascomp.networks import autoencoders, training

run = runs.start("03_cnn_autoencoder")
mnist = datasets.mnist(run.limit)

# %% [markdown]
# ## The network
#
# Three convolutions with pooling shrink a digit from 28×28 to 4×4 pixels with 8 channels, two
# dense layers lead to the code. Unlike the report's, our 8 numbers are linear: a ReLU would cut off
# half of each.

# %%
encoder = keras.Sequential([
    layers.Input((28, 28, 1)),
    layers.Conv2D(16, 3, padding="same", activation="relu"),  # (N, 28, 28, 16)
    layers.MaxPooling2D(2, padding="same"),                   # (N, 14, 14, 16)
    layers.Conv2D(8, 3, padding="same", activation="relu"),   # (N, 14, 14, 8)
    layers.MaxPooling2D(2, padding="same"),                   # (N, 7, 7, 8)
    layers.Conv2D(8, 3, padding="same", activation="relu"),   # (N, 7, 7, 8)
    layers.MaxPooling2D(2, padding="same"),                   # (N, 4, 4, 8)
    layers.Flatten(),                                         # (N, 128)
    layers.Dense(32, activation="relu"),                      # (N, 32)
    layers.Dense(8),                                          # (N, 8), the code
])

# %% [markdown]
# The decoder mirrors all of it. One of its convolutions is *valid* rather than *same*: it trims
# 16×16 to 14×14, so that the last up-sampling lands on 28.

# %%
decoder = keras.Sequential([
    layers.Input((8,)),
    layers.Dense(32, activation="relu"),                       # (N, 32)
    layers.Dense(128, activation="relu"),                      # (N, 128)
    layers.Reshape((4, 4, 8)),                                 # (N, 4, 4, 8)
    layers.Conv2D(8, 3, padding="same", activation="relu"),    # (N, 4, 4, 8)
    layers.UpSampling2D(2),                                    # (N, 8, 8, 8)
    layers.Conv2D(8, 3, padding="same", activation="relu"),    # (N, 8, 8, 8)
    layers.UpSampling2D(2),                                    # (N, 16, 16, 8)
    layers.Conv2D(16, 3, padding="valid", activation="relu"),  # (N, 14, 14, 16)
    layers.UpSampling2D(2),                                    # (N, 28, 28, 16)
    layers.Conv2D(1, 3, padding="same"),                       # (N, 28, 28, 1)
    layers.Activation("sigmoid"),                              # (N, 28, 28, 1), from 0 to 1
])
network = keras.Sequential([layers.Input((28, 28, 1)), encoder, decoder])

# %% [markdown]
# As in lesson 02: the package's `autoencoders.cnn` has the same layers, the same 13,289 parameters
# and, with the same weights, the same output.

# %%
builder = autoencoders.cnn(num_latents=8)
assert network.count_params() == builder.count_params() == 13_289
autoencoders.check_same_layers(encoder.layers, builder.encoder.layers)
autoencoders.check_same_layers(decoder.layers, builder.decoder.layers)

network.set_weights(builder.get_weights())
x = datasets.to_float(mnist.test.images[:5])
assert np.allclose(network(x), builder(x), rtol=0, atol=1e-6)

# %% [markdown]
# ## A trap: stuck at black
#
# Where a ReLU outputs zero, its gradient is zero too. So a unit that is zero for *every* image
# never learns again: it is dead.
#
# Where does a network start? Keras initializes weights as Glorot proposed, for units that are
# symmetric around zero. He and others (2015) showed that ReLUs, which lose half of their input,
# need twice the variance. There is a second danger at the output: an untrained decoder decodes
# everything to gray, digits are mostly black, and so the first steps all make the output darker. If
# they go too far, every pixel is black, where the gradient of the sigmoid is too small to recover.
# Our dense and CNN networks therefore start with a *dark* gray, near the mean digit.
#
# Two choices, four starts of the same network, on the same digits, with plain Adam at 0.002.

# %%
starts = {
    "Glorot": {"initializer": "glorot_uniform", "dark_start": False},
    "He": {"initializer": "he_normal", "dark_start": False},
    "Glorot, dark start": {"initializer": "glorot_uniform", "dark_start": True},
    "He, dark start": {"initializer": "he_normal", "dark_start": True},
}
x = datasets.to_float(mnist.train.images[:10000])
black = metrics.mse(mnist.train.images[:10000], np.zeros_like(mnist.train.images[:10000])).mean()

# %%
losses, trapped = {}, {}
for name, options in starts.items():
    training.seed_everything(run.seed)
    trapped[name] = autoencoders.cnn(**options)
    trapped[name].compile(keras.optimizers.Adam(2e-3), "mse")
    fitted = trapped[name].fit(x, x, batch_size=128, epochs=2, verbose=0)
    losses[name] = fitted.history["loss"]
    print(f"{name:18} loss {losses[name][0]:.4f}, then {losses[name][1]:.4f}")

# %% [markdown]
# How many units of each layer are zero for every one of 500 digits? A model of several
# outputs returns what each layer computes.

# %%
def dead_units(part, inputs):
    """Returns one bool for each ReLU unit of an encoder or decoder: zero for every input?"""
    relu = keras.activations.relu
    outputs = [y.output for y in part.layers if getattr(y, "activation", None) is relu]
    values = keras.Model(part.input, outputs).predict(inputs, verbose=0)  # one array a layer
    return np.concatenate([y.reshape(-1, y.shape[-1]).max(axis=0) == 0 for y in values])


# %%
dead = {}
for name, network in trapped.items():
    codes = network.encoder.predict(x[:500], verbose=0)
    units = [dead_units(network.encoder, x[:500]), dead_units(network.decoder, codes)]
    dead[name] = np.concatenate(units).mean()
    print(f"{name:18} {dead[name]:.0%} of its units are dead")

# %%
colors = dict(zip(starts, ("pca", "dense", "wide", "cnn"), strict=True))
bars = [
    (f"{name}, epoch {epoch}", loss, plots.COLORS[colors[name]])
    for name in starts
    for epoch, loss in enumerate(losses[name], start=1)
]
fig = plots.horizontal_bars(
    bars,
    title="The same network, four starts",
    xlabel="training MSE (pixels in [0, 1])",
    reference=("a black image", black),
)
caption = "Training loss of the CNN in its first two epochs from four starts, plain Adam at 0.002."
figures.save(
    run, fig, "03_starts", caption=caption, values={"share_of_dead_units": dead}, dataset=mnist
)

# %%
stuck = [name for name in starts if losses[name][-1] > 0.9 * black]
Markdown(
    f"Stuck at the error of a black image ({black:.4f}): **{', '.join(stuck) or 'none'}**. "
    "Whenever a loss stops at a number you can name, suspect that nothing is learning. "
    "What the last layer starts with decides here, more than the variance of the others. "
    "Which starts survive also depends on the seed; try others."
)

# %% [markdown]
# Every lesson checks what it relies on. The start that we go on with must learn.

# %%
assert run.profile == "fast" or losses["He, dark start"][-1] < 0.6 * black

# %% [markdown]
# ## Training
#
# So the network learns. With that start, all 55,000 digits, twelve epochs, and a learning rate that
# warms up and falls along a cosine it was trained for the zoo (`make train MODEL=mnist-cnn` does it
# again). Its card keeps the loss of every epoch.

# %%
model, card = zoo.network("mnist-cnn"), zoo.card("mnist-cnn")
print(f"{card['summary']}: {card['recipe']['epochs']} epochs, {card['wall_seconds']} seconds")

# %%
fig = plots.training_curves(
    {"CNN autoencoder, MNIST": {"8 numbers": (card["history"], plots.COLORS["cnn"])}},
    references={"CNN autoencoder, MNIST": {"report, training: 0.01": 0.01}},
)
caption = "Loss of the 13,289-parameter CNN on training and validation digits, by epoch."
figures.save(run, fig, "03_training", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: training and validation stay together. More data would not help this network;
# what would is asked below.

# %% [markdown]
# ## The test set
#
# As in lesson 02: decoded, rounded to bytes, compared.

# %%
images = mnist.test.images
decoded = model.reconstruct(images)
errors = metrics.mse(images, decoded)
fig = plots.reconstructions(images, decoded, errors, title="8 numbers for a digit")
caption = "Test digits above their reconstructions from 8 numbers (the report's figure 5)."
figures.save(
    run,
    fig,
    "03_reconstructions",
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

# %%
Markdown(
    f"The measured test MSE is **{errors.mean():.4f}** "
    f"({metrics.mse_to_psnr_db(errors.mean()):.1f} dB), not the 0.01 that the report gives for "
    "its training loss. Thin digits survive; loops close, and details are gone."
)

# %% [markdown]
# ## What the 8 numbers do
#
# Each row changes one number of a digit's code from its 1st to its 99th percentile.

# %%
codes = model.encoder.predict(datasets.to_float(images), verbose=0)  # (N, 8)
columns = 9
varied = np.repeat(codes[0][None, None], 8, axis=0).repeat(columns, axis=1)  # (8, 9, 8)
for index in range(8):
    low, high = np.quantile(codes[:, index], [0.01, 0.99])
    varied[index, :, index] = np.linspace(low, high, columns)
pictures = datasets.to_uint8(model.decoder.predict(varied.reshape(-1, 8), verbose=0))

# %%
fig = plots.traversals(
    pictures.reshape(8, columns, 28, 28, 1),
    [f"number {index}" for index in range(8)],
    ["low", *[""] * (columns - 2), "high"],
    title="One number at a time",
    xlabel="its value, from the 1st to the 99th percentile of the test set",
)
caption = "A digit decoded while one of the 8 numbers of its code changes."
figures.save(
    run,
    fig,
    "03_traversals",
    caption=caption,
    values={"quantiles": np.quantile(codes, [0.01, 0.5, 0.99], axis=0)},
    dataset=mnist,
)

# %% [markdown]
# What to notice: with only 8 numbers none is unused. Some rows change the class of the digit, the
# others only its slant and strokes: neighbors in the code are similar *shapes*, which need not be
# the same digits.

# %% [markdown]
# ## Is it the code or the network?
#
# An error has two possible causes: 8 numbers cannot carry more, or 13,289 parameters cannot make
# better use of them. Two networks with 8 numbers and more parameters show how much is due to each:
# the dense one of lesson 02, and a wide one of 512, 256 and 128 units, trained for 30
# epochs (`make train MODEL=mnist-wide` trains it again).

# %%
components = pca.fit(mnist.train.images, 8)
wide, dense = zoo.network("mnist-wide"), zoo.network("mnist-dense-8")
measured = {
    "pca": metrics.mse(images, pca.reconstruct(components, images, 8)).mean(),
    "dense": metrics.mse(images, dense.reconstruct(images)).mean(),
    "cnn": errors.mean(),
    "wide": metrics.mse(images, wide.reconstruct(images)).mean(),
}

# %% [markdown]
# PCA is the line to beat again.

# %%
labels = {
    "pca": "PCA",
    "dense": f"dense, {dense.count_params():,} parameters",
    "cnn": f"CNN, {model.count_params():,} parameters",
    "wide": f"wide, {wide.count_params():,} parameters",
}
fig = plots.horizontal_bars(
    [(labels[key], measured[key], plots.COLORS[key]) for key in labels],
    title="8 numbers each, four methods",
    xlabel="test MSE (pixels in [0, 1])",
    reference=("the report's training loss", 0.01),
)
caption = "Test error of PCA and of three autoencoders that all send 8 numbers for a digit."
figures.save(
    run,
    fig,
    "03_eight_numbers",
    caption=caption,
    values={
        "test_mse": measured["wide"],
        "num_parameters": wide.count_params(),
        "num_latents": wide.num_latents,
    },
    dataset=mnist,
)

# %%
Markdown(
    f"{wide.count_params() / model.count_params():.0f} times the parameters, in a network of "
    "another kind and trained longer, lower the error from "
    f"{measured['cnn']:.4f} to {measured['wide']:.4f} with 8 numbers: the small network was a "
    "limit. Lesson 02 shows that the code is another: 32 numbers bring a far smaller network below "
    "that. "
    + ("No test error here reached 0.01." if measured["wide"] > 0.01 else "It reaches 0.01.")
)

# %% [markdown]
# A codec does not send its network, so parameters cost time and memory but no bits. That is the
# bargain of learned compression: **knowledge of digits moves out of the file into the decoder.**

# %%
assert model.num_latents == wide.num_latents == dense.num_latents == 8
assert run.profile == "fast" or measured["wide"] < measured["cnn"] < measured["pca"]

# %% [markdown]
# ## Exercises
#
# **03a.** *By hand.* The encoder begins with a 3×3 convolution from 1 to 16 channels and one from
# 16 to 8 channels; its first dense layer maps 128 numbers to 32. All three have biases. How many
# parameters has each? Answer with a list of three whole numbers.
#
# **03b.** *In code.* Write `dead_share(values)`: it takes the outputs of one ReLU layer, an array
# (N, units) with a row for each image, and returns the share of units, from 0 to 1, that are dead.
#
# **03c.** *Predict, then measure.* The dense network of lesson 02 with 8 numbers has 16.5 times as
# many parameters as the CNN. By what factor does that change the error? Predict the ratio of the
# test MSEs, dense divided by CNN, then measure it to two digits.
#
# Solutions are in [solutions/03.py](solutions/03.py).

# %%
exercises.check("03a", ...)
exercises.check("03b", ...)
exercises.check("03c", ...)

# %% [markdown]
# ## What to take away
#
# - Start the output near the mean of the data, and check in the first minute that the loss falls.
# - An error is limited by the code and by the network. Vary both to see how much of each.
# - Parameters are free in bits, not in seconds.
#
# ## References
#
# - [K. He, X. Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*,
#   2015](https://arxiv.org/abs/1502.01852), section 2.2: the variance that layers of ReLUs need.
# - [X. Glorot, Y. Bengio, *Understanding the difficulty of training deep feedforward neural
#   networks*, 2010](https://proceedings.mlr.press/v9/glorot10a.html), section 4.2: the variance for
#   units that are symmetric around zero.
# - [Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document
#   recognition*, 1998](https://doi.org/10.1109/5.726791), section II: convolutions and pooling.
# - [G. Hinton, R. Salakhutdinov, *Reducing the dimensionality of data with neural networks*,
#   2006](https://doi.org/10.1126/science.1127647): autoencoders of digits with a code of a few
#   numbers.
#
# ## Next
#
# [04 U-Net autoencoder](04_unet_autoencoder.ipynb): color photographs, dropout, and shortcuts
# that are not free at all.
