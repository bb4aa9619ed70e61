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
# The same network started in four ways, two of which do not learn; its reconstructions and what its
# 8 numbers do; and the errors of other networks with 8 numbers and more parameters.
#
# ![errors with 8 numbers](../figures/03_eight_numbers.png)

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
# Three convolutions with pooling reduce a digit from 28×28 pixels to 4×4 pixels with 8 channels;
# then two dense layers lead to the code. Unlike the report's, our last one has no ReLU, which would
# set all negative numbers of the code to zero.

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
# The decoder mirrors all of it. One of its convolutions is *valid* rather than *same*: it reduces
# 16×16 to 14×14, so that the last up-sampling gives 28×28.

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
# ## Stuck at black
#
# Where a ReLU outputs zero, its gradient is zero too. So a unit that is zero for *every* image does
# not learn any more: it is dead (lesson 02).
#
# Keras initializes weights as Glorot and Bengio (2010) proposed, for units that are symmetric
# around zero. He and others (2015) showed that ReLUs, which set half of their inputs to zero, need
# twice the variance. There is a second danger at the output: an untrained decoder decodes
# everything to gray, digits are mostly black, and so the first steps all make the output darker. If
# they go too far, every pixel is black, where the gradient of the sigmoid is too small to learn
# from. Our dense and CNN networks therefore start with a *dark* gray: the bias of the last layer is
# −2, and sigmoid(−2) = 0.12 is near the mean of all pixels.
#
# That makes four starts of the same network. Each is trained on the same digits, with Adam at a
# learning rate of 0.002.

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
# How many units are zero for every one of 500 digits? A Keras model with several outputs returns
# what each layer computes; a channel of a convolution counts as one unit.

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
fig = plots.pairs(
    losses,
    title=(
        "Only a dark start leaves the black image in two epochs\n"
        f"MNIST, {len(x):,} training digits; the same CNN from four starts"
    ),
    xlabel="training MSE (pixels in [0, 1])",
    names=("epoch 1", "epoch 2"),
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
    "If a loss stays at the error of a constant image, the network does not learn. The start of "
    "the last layer matters more here than the variance of the others. Which starts learn also "
    "depends on the seed; try others."
)

# %% [markdown]
# Every lesson checks what it relies on. Here: the start that is used below learns.

# %%
assert run.profile == "fast" or losses["He, dark start"][-1] < 0.6 * black

# %% [markdown]
# ## Training
#
# The network of the zoo has that start. It was trained on all 55,000 digits for twelve epochs, with
# warm-up and a cosine as in lesson 02 (`make train MODEL=mnist-cnn` does it again). Its *card* is a
# file with the recipe and the loss of every epoch.

# %%
model, card = zoo.network("mnist-cnn"), zoo.card("mnist-cnn")
print(f"{card['summary']}: {card['recipe']['epochs']} epochs, {card['wall_seconds']} seconds")

# %%
fig = plots.training_curves(
    {"CNN autoencoder": {"8 numbers": (card["history"], plots.COLORS["cnn"])}},
    title=(
        "Training and validation stay together, above the report's loss\n"
        "MNIST, 55,000 training and 5,000 validation digits"
    ),
    references={"CNN autoencoder": {"report, training: 0.01": 0.01}},
)
caption = "Loss of the 13,289-parameter CNN on training and validation digits, by epoch."
figures.save(run, fig, "03_training", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: both losses are nearly equal, so the network does not overfit, and more data would
# hardly help. What limits its error is asked below.

# %% [markdown]
# ## The test set
#
# As in lesson 02: decoded, rounded to bytes, compared.

# %%
images = mnist.test.images
decoded = model.reconstruct(images)
errors = metrics.mse(images, decoded)
title = (
    "8 numbers mostly keep which digit it is, and lose its details\n"
    f"MNIST, the best, the median and the worst of {len(images):,} test digits"
)
fig = plots.reconstructions(images, decoded, errors, title=title)
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
    "its training loss. Simple strokes are kept; loops close, and details are lost."
)

# %% [markdown]
# ## What the 8 numbers do
#
# Each row changes one number of a digit's code from its 1st to its 99th percentile.

# %%
codes = model.encoder.predict(datasets.to_float(images), verbose=0)  # (N, 8)
columns = 9
varied = np.tile(codes[0], (8, columns, 1))  # (8, 9, 8)
for index in range(8):
    low, high = np.quantile(codes[:, index], [0.01, 0.99])
    varied[index, :, index] = np.linspace(low, high, columns)
pictures = datasets.to_uint8(model.decoder.predict(varied.reshape(-1, 8), verbose=0))

# %%
fig = plots.traversals(
    pictures.reshape(8, columns, 28, 28, 1),
    [f"number {index}" for index in range(8)],
    ["low", *[""] * (columns - 2), "high"],
    title=(
        "Each of the 8 numbers changes the whole digit\n"
        "MNIST: a test digit, decoded while one number of its code changes"
    ),
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
# What to notice: none of the 8 numbers is unused. Some rows change the class of the digit, the
# others only its slant and strokes: codes near to each other are those of similar *shapes*, which
# need not be the same digit.

# %% [markdown]
# ## Is it the code or the network?
#
# An error has two possible causes: 8 numbers may be too few, or 13,289 parameters too few to use
# them well. Two networks with 8 numbers and more parameters show how much is due to the second: the
# dense one of lesson 02, and a wide one of 512, 256 and 128 units, trained for 30 epochs (`make
# train MODEL=mnist-wide` trains it again). PCA is the baseline.

# %%
components = pca.fit(mnist.train.images, 8)
wide, dense = zoo.network("mnist-wide"), zoo.network("mnist-dense-8")
measured = {
    "pca": metrics.mse(images, pca.reconstruct(components, images, 8)).mean(),
    "cnn": errors.mean(),
    "dense": metrics.mse(images, dense.reconstruct(images)).mean(),
    "wide": metrics.mse(images, wide.reconstruct(images)).mean(),
}

# %%
labels = {
    "pca": "PCA",
    "cnn": f"CNN, {model.count_params():,} parameters",
    "dense": f"dense, {dense.count_params():,} parameters",
    "wide": f"wide, {wide.count_params():,} parameters",
}
fig = plots.horizontal_bars(
    [(labels[key], measured[key], plots.COLORS[key]) for key in labels],
    title=(
        "With 8 numbers for a digit, more weights give less error\n"
        f"MNIST, {len(images):,} test digits"
    ),
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
    "limit. The size of the code is another: with 32 numbers, lesson 02's far smaller network has "
    "a smaller error still. "
    + ("No test error here reached 0.01." if measured["wide"] > 0.01 else "It reaches 0.01.")
)

# %% [markdown]
# A codec does not send its network, so parameters cost time and memory but no bits. In learned
# compression, **what all digits have in common is stored in the decoder, not in every file.**

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
# test MSEs, dense divided by CNN, then measure it, to two decimals.
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
# - Both the code and the network limit the error. Vary each to see how much is due to it.
# - Parameters cost no bits, but time and memory.
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
# [04 U-Net autoencoder](04_unet_autoencoder.ipynb): color photographs, dropout, and what skip
# connections cost.
