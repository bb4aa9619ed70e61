# %% [markdown]
# # 04 U-Net autoencoder
#
# *Time: 1 minute. You learn to compress photographs, what dropout does to a code, and what a skip
# connection costs.*
#
# ## The question
#
# For CIFAR-10 the report builds a U-Net with a code of 2·2·128 = 512 numbers for 3,072 pixel
# values, "a compression ratio of 6", with dropout on every layer, and reaches a training loss of
# 0.008. U-Nets are known for their skip connections. May a codec have them?

# %% [markdown]
# ## What you will see
#
# The structure; a first training of two epochs; three networks of the zoo for each of two data
# sets, trained on all training images; reconstructions; what dropout does to a code; and the error
# against the numbers sent, which include what the skip connections send.
#
# ![error against numbers sent](../figures/04_sizes_cifar10.png)

# %%
import keras
import numpy as np
from IPython.display import Markdown, display
from keras import layers
from tqdm.keras import TqdmCallback

from kerascomp import codecs, datasets, metrics, pca, plots, zoo
from kerascomp.codecs import classical
from kerascomp.course import exercises, figures, runs
from kerascomp.networks import autoencoders, training

run = runs.start("04_unet_autoencoder")
cifar10 = datasets.cifar10(run.limit)
mnist = datasets.mnist(run.limit)

# %% [markdown]
# ## The structure
#
# Four convolutions with 16, 32, 64 and 128 channels, each followed by 2×2 max-pooling, and their
# mirror image with up-sampling.

# %%
title = (
    "Whatever the decoder knows of a photograph passes through 512 numbers\n"
    "the U-Net of the report's code for CIFAR-10; skip connections, gray, are a variant"
)
fig = plots.unet(filters=(16, 32, 64, 128), image_shape=cifar10.image_shape, title=title)
caption = "The U-Net that the report trained, a variant of its figure 3. Boxes are not to scale."
figures.save(run, fig, "04_structure", caption=caption)

# %% [markdown]
# A level of the encoder is a convolution with ReLU, dropout, and pooling; a level of the decoder
# ends with up-sampling instead. The weights start as He and others proposed (lesson 03).

# %%
def level(filters, resize):
    """Returns the layers of one level; `resize` halves or doubles height and width."""
    convolution = layers.Conv2D(
        filters, 3, padding="same", activation="relu", kernel_initializer="he_normal"
    )
    return [convolution, layers.Dropout(0.1), resize(2)]


# %%
training.seed_everything(run.seed)
encoder = keras.Sequential([
    layers.Input((32, 32, 3)),
    *level(16, layers.MaxPooling2D),   # (N, 16, 16, 16)
    *level(32, layers.MaxPooling2D),   # (N, 8, 8, 32)
    *level(64, layers.MaxPooling2D),   # (N, 4, 4, 64)
    *level(128, layers.MaxPooling2D),  # (N, 2, 2, 128), the code
])
decoder = keras.Sequential([
    layers.Input((2, 2, 128)),
    *level(128, layers.UpSampling2D),  # (N, 4, 4, 128)
    *level(64, layers.UpSampling2D),   # (N, 8, 8, 64)
    *level(32, layers.UpSampling2D),   # (N, 16, 16, 32)
    *level(16, layers.UpSampling2D),   # (N, 32, 32, 16)
    layers.Conv2D(3, 3, padding="same", kernel_initializer="he_normal"),  # (N, 32, 32, 3)
    layers.Activation("sigmoid"),      # (N, 32, 32, 3), from 0 to 1
])
network = keras.Sequential([layers.Input((32, 32, 3)), encoder, decoder])

# %% [markdown]
# The package's `autoencoders.unet` has these layers, and two that do nothing to images of 32×32: it
# pads others at the beginning and crops them at the end. We leave these two and the inputs out when
# we compare.

# %%
builder = autoencoders.unet(cifar10.image_shape, dropout=0.1)
assert network.count_params() == builder.count_params() == 342_339
autoencoders.check_same_layers(encoder.layers, builder.encoder.layers[2:])
autoencoders.check_same_layers(decoder.layers, builder.decoder.layers[1:-1])

network.set_weights(builder.get_weights())
x = datasets.to_float(cifar10.test.images[:5])
assert np.allclose(network(x), builder(x), rtol=0, atol=1e-6)

# %%
ratio = np.prod(builder.image_shape) / builder.num_latents
print(f"{builder.count_params():,} parameters, code {builder.latent_shapes[0]}, ratio {ratio:g}")
assert ratio == 6

# %% [markdown]
# A 28×28 digit is padded with zeros to 32×32 inside the network and cropped at the end. Its code
# has the same 512 numbers, and 784/512 is hardly a compression at all.

# %%
digits = autoencoders.unet(mnist.image_shape)
assert digits.latent_shapes == [(2, 2, 128)]
print(f"MNIST: ratio {np.prod(mnist.image_shape) / digits.num_latents:.2f}")

# %% [markdown]
# ## A first training
#
# Two epochs on 5,000 photographs, with Keras alone: `compile` takes the optimizer and the loss,
# `fit` the images, as input and as target.

# %%
x = datasets.to_float(cifar10.train.images[: run.choose(full=5000, fast=64)])
x_validation = datasets.to_float(cifar10.validation.images[:500])
network.compile(keras.optimizers.Adam(2e-3), "mse")
history = network.fit(
    x, x, batch_size=64, epochs=run.choose(full=2, fast=1),
    validation_data=(x_validation, x_validation), verbose=0, callbacks=[TqdmCallback(verbose=0)],
).history
losses = zip(history["loss"], history["val_loss"], strict=True)
for epoch, (loss, val_loss) in enumerate(losses, start=1):
    print(f"epoch {epoch}: training loss {loss:.4f}, validation loss {val_loss:.4f}")

# %%
mean_error = np.mean((x_validation - x.mean(axis=0)) ** 2)  # every image decoded to the mean image
print(f"the mean image: {mean_error:.4f}")
assert run.profile == "fast" or history["loss"][-1] < mean_error

# %% [markdown]
# ## Networks from the zoo
#
# The loss is still falling. Training to the end took up to half an hour for each network on two
# cores, so they come from the zoo. `make train MODEL=cifar10-unet` trains one of them again.

# %%
variants = ("unet", "unet-dropout", "unet-skips")
for name in (f"cifar10-{variant}" for variant in variants):
    card = zoo.card(name)
    print(f"{name}: {card['num_parameters']:,} parameters, {card['recipe']['epochs']} epochs, "
          f"{card['wall_seconds'] / 60:.0f} minutes, {card['num_latents']:,} numbers sent")

# %%
names = {"unet": "no dropout", "unet-dropout": "dropout 0.1", "unet-skips": "with skips"}
panels = {
    title: {
        names[v]: (zoo.card(f"{prefix}-{v}")["history"], plots.COLORS[v]) for v in variants[:2]
    }
    for title, prefix in (("CIFAR-10", "cifar10"), ("MNIST", "mnist"))
}
fig = plots.training_curves(
    panels,
    title="Dropout makes the error larger, on photographs and on digits\nU-Net, 512 numbers",
    references={"CIFAR-10": {"report, training: 0.008": 0.008}},
)
caption = "Training and validation loss of the U-Net with and without dropout."
figures.save(run, fig, "04_training", caption=caption, dataset=[cifar10, mnist])

# %% [markdown]
# ## Dropout in a compressor
#
# <dfn>Dropout</dfn> sets a random share of a layer's values to zero in each training step, to keep
# a network from relying on any single one, and is switched off afterwards. Here the share is a
# tenth, in every hidden layer. That helps classifiers that overfit. This network hardly overfits
# without dropout (its two curves lie together), and the decoder needs *every* value of the code.

# %%
def measure_variants(prefix, images):
    """Returns {variant: {test_mse, num_latents, num_parameters, decoded}} of a data set."""
    measured = {}
    for variant in variants:
        network = zoo.network(f"{prefix}-{variant}")
        decoded = network.reconstruct(images)
        measured[variant] = {
            "test_mse": metrics.mse(images, decoded).mean(), "num_latents": network.num_latents,
            "num_parameters": network.count_params(), "decoded": decoded,
        }
    return measured


# %%
results = {
    "cifar10": measure_variants("cifar10", cifar10.test.images),
    "mnist": measure_variants("mnist", mnist.test.images),
}
with_dropout, without = (results["cifar10"][v]["test_mse"] for v in ("unet-dropout", "unet"))
claim = "" if cifar10.is_stand_in else (
    f" The report's 0.008, a training loss, is {'reached' if without <= 0.008 else 'not reached'} "
    f"without dropout and {'reached' if with_dropout <= 0.008 else 'not reached'} with it."
)
Markdown(
    f"Test MSE on {cifar10.name}: **{without:.4f}** without dropout, **{with_dropout:.4f}** with "
    f"it: dropout multiplies the error by {with_dropout / without:.1f}." + claim
)

# %% [markdown]
# Here are reconstructions of photographs without dropout, of photographs with dropout as in the
# report, and of digits without dropout.

# %%
for ending, prefix, variant in (
    ("cifar10", "cifar10", "unet"), ("dropout", "cifar10", "unet-dropout"),
    ("mnist", "mnist", "unet"),
):
    dataset = {"cifar10": cifar10, "mnist": mnist}[prefix]
    images, decoded = dataset.test.images, results[prefix][variant]["decoded"]
    errors = metrics.mse(images, decoded)
    title = (
        f"512 numbers for an image, {names[variant]}: what is kept, and what is lost\n"
        f"{dataset.name}, the best, the median and the worst of {len(images):,} test images"
    )
    fig = plots.reconstructions(images, decoded, errors, title=title, num_each=5)
    caption = (
        f"{dataset.name} test images above their reconstructions by the U-Net, {names[variant]}."
    )
    picture = figures.save(
        run,
        fig,
        f"04_reconstructions_{ending}",
        caption=caption,
        values={
            "test_mse": errors.mean(),
            "num_images": len(images),
            "quantiles": np.quantile(errors, [0, 0.25, 0.5, 0.75, 1]),
        },
        dataset=dataset,
    )
    display(picture)

# %% [markdown]
# What to notice: the best photographs are ships on a smooth sea, and even with the smallest error
# the ship itself can be lost. The worst ones are full of edges; the network keeps colors and large
# shapes and loses texture. With dropout all photographs are blurred, and their contrast is too low.

# %% [markdown]
# ## Why the validation error ends above the training error
#
# On photographs the network with dropout ends with a validation error far above its training error.
# There are two possible reasons. It may overfit: then the error is larger on images that it was not
# trained on. Or it may be dropout itself, which is on where the training error is measured and off
# where the validation error is measured. So we measure all four: 500 training and 500 validation
# images, each with dropout on and off.

# %%
network = zoo.network("cifar10-unet-dropout")
keras.utils.set_random_seed(run.seed)
photographs = {
    "training": datasets.to_float(cifar10.train.images[:500]),
    "validation": datasets.to_float(cifar10.validation.images[:500]),
}
on, off = {}, {}
for name, x in photographs.items():
    on[name] = np.mean((network(x, training=True) - x) ** 2)
    off[name] = np.mean((network(x, training=False) - x) ** 2)
    print(f"{name:10} images: MSE {on[name]:.4f} with dropout on, {off[name]:.4f} with dropout off")
assert cifar10.is_stand_in or off["validation"] < 1.1 * off["training"]  # no overfitting

# %% [markdown]
# Training and validation images have nearly the same error, so the network does not overfit. The
# difference is due to dropout: with dropout off the error is larger, although no value is missing.
#
# A possible reason: while it is on, dropout divides the values that it keeps by 0.9, so that the
# expected value of each stays the same. But max-pooling comes next and takes the largest of four
# values, which is nearly always one that was kept. With dropout on, a pooled map is therefore up to
# 1/0.9 = 1.11 times as large, and the code after four levels still larger. The decoder was trained
# with these large codes, and in use it receives smaller ones. If this is the reason, the error must
# fall when the code is multiplied by the ratio of the mean code with dropout on to that with
# dropout off.

# %%
x = photographs["validation"]
code = network.encoder(x)  # (500, 2, 2, 128), dropout off
scale = np.mean(network.encoder(x, training=True)) / np.mean(code)
scaled = np.mean((network.decoder(scale * code) - x) ** 2)
print(f"codes are {scale:.2f} times as large with dropout on")
print(f"dropout off: MSE {off['validation']:.4f}; codes times {scale:.2f}: MSE {scaled:.4f}")
assert cifar10.is_stand_in or scaled < on["validation"] < off["validation"]

# %%
no_dropout = np.mean((zoo.network("cifar10-unet")(x) - x) ** 2)
removed = (off["validation"] - scaled) / (off["validation"] - no_dropout)
Markdown(
    f"The factor lowers the error from {off['validation']:.4f} to {scaled:.4f}; the network that "
    f"was trained without dropout has {no_dropout:.4f} on these images. So the scale of the code "
    f"explains {removed:.0%} of what dropout costs here. It also explains why the validation error "
    f"is above the training error of {on['training']:.4f}: with the scale of training it is below."
)

# %% [markdown]
# ## What one map of the code does
#
# The code is 128 maps of 2×2 numbers. We multiply one map at a time by 0 to 4, and decode. These
# are the six maps with the largest sums.

# %%
network, x = zoo.network("cifar10-unet"), datasets.to_float(cifar10.test.images[3:4])
code = network.encoder.predict(x, verbose=0)  # (1, 2, 2, 128)
scales = np.array([0, 0.5, 1, 2, 4])
strongest = np.argsort(code[0].sum(axis=(0, 1)))[::-1][:6]
varied = np.tile(code[0], (6, len(scales), 1, 1, 1))  # (6, 5, 2, 2, 128)
for row, channel in enumerate(strongest):
    varied[row, ..., channel] *= scales[:, None, None]
pictures = datasets.to_uint8(network.decoder.predict(varied.reshape(-1, 2, 2, 128), verbose=0))

# %%
fig = plots.traversals(
    pictures.reshape(6, len(scales), 32, 32, 3),
    [f"map {channel}" for channel in strongest],
    [f"×{scale:g}" for scale in scales],
    title="No map stands for a part of the car\nCIFAR-10: a test image",
    xlabel="scale of the map",
)
caption = "A photograph decoded while one map of its code is scaled."
figures.save(run, fig, "04_traversals", caption=caption, dataset=cifar10)

# %% [markdown]
# What to notice: none of these maps stands for a part of a car. Each changes color and contrast
# over large areas.

# %% [markdown]
# ## What a skip connection costs
#
# A <dfn>skip connection</dfn> passes a feature map of an encoder directly to the decoder, beside
# the code. A U-Net for *segmentation* has one at each level. In a codec, encoder and decoder are
# two programs on two machines: whatever the decoder receives must be sent. With skips this encoder
# returns five tensors, and all of them count.

# %%
with_skips = zoo.network("cifar10-unet-skips")
for shape in with_skips.latent_shapes:
    print(f"{'×'.join(map(str, shape)):>10} = {np.prod(shape):6,} numbers")
print(f"sent: {with_skips.num_latents:,} numbers for an image of {np.prod(cifar10.image_shape):,}")
assert with_skips.num_latents > np.prod(cifar10.image_shape)

# %% [markdown]
# The baseline is PCA, fitted on all training images.

# %%
def pca_errors(dataset, sizes):
    """Returns {size: test MSE} of PCA with so many numbers, as far as the images allow."""
    components = pca.fit(dataset.train.images, min(max(sizes), len(dataset.train)))
    images = dataset.test.images
    return {
        size: metrics.mse(images, pca.reconstruct(components, images, size)).mean()
        for size in sizes if size <= components.n_components_
    }


# %%
sizes = {"cifar10": (16, 32, 64, 128, 256, 512, 1024), "mnist": (8, 16, 32, 64, 128, 256, 512)}
linear = {}
for prefix, dataset in (("mnist", mnist), ("cifar10", cifar10)):
    linear[prefix] = pca_errors(dataset, sizes[prefix])
    sent = {
        variant: {key: value for key, value in results[prefix][variant].items() if key != "decoded"}
        for variant in variants
    }
    points = [  # with its label at the left of each
        (names[v], sent[v]["num_latents"], sent[v]["test_mse"], plots.COLORS[v], (-9, 0))
        for v in variants
    ]
    fig = plots.error_by_size(
        {"PCA": (list(linear[prefix]), list(linear[prefix].values()), plots.COLORS["pca"])},
        points,
        title=f"With as many numbers PCA has less error\n{dataset.name}, 10,000 test images",
        raw_size=int(np.prod(dataset.image_shape)),
    )
    picture = figures.save(
        run,
        fig,
        f"04_sizes_{prefix}",
        caption=f"{dataset.name}: test error against the numbers sent, U-Nets and PCA.",
        values=sent,
        dataset=dataset,
    )
    display(picture)

# %%
def fewest(error):
    """Returns the fewest of the sizes with which PCA has this error on CIFAR-10, or 2 % more."""
    sizes = [size for size, mse in linear["cifar10"].items() if mse <= 1.02 * error]
    return min(sizes, default=None)


# %%
skips = results["cifar10"]["unet-skips"]
Markdown(
    f"With skips the U-Net sends {skips['num_latents'] / np.prod(cifar10.image_shape):.0f} times "
    f"as many numbers as the image has, for an MSE of {skips['test_mse']:.5f}; PCA is as good with "
    f"{fewest(skips['test_mse'])}. Without skips the MSE is {without:.4f} with 512 numbers; PCA is "
    f"as good with {fewest(without)}, and with 512 its MSE is "
    f"**{linear['cifar10'].get(512, np.nan):.4f}**. A deep code need not be better than a linear "
    "one."
)

# %% [markdown]
# ## And in bytes?
#
# 512 numbers of one byte each would be 512 bytes for a photograph. JPEG's files of the first 1,000
# photographs are smaller, headers included, and decode to about the same error:

# %%
jpeg = codecs.measure(classical.JPEG(quality=10), cifar10.test.images[:1000])
print(f"JPEG, quality 10: {jpeg.bytes_per_image:.0f} bytes, MSE {jpeg.mse:.4f}; "
      f"U-Net: MSE {without:.4f}")

# %% [markdown]
# A code of fixed size spends as many numbers on a smooth sea as on a detailed picture. To need
# fewer bytes than JPEG, a learned codec must round its numbers, write frequent values with few
# bits, and be trained on the sum of error and size.

# %% [markdown]
# ## Exercises
#
# **04a.** *By hand.* Suppose that only the deepest skip connection is kept: besides the code, the
# encoder sends the map of 4×4 pixels with 128 channels. How many numbers are sent, and what is the
# ratio of the image's numbers to them, to two digits? Answer with a list, `[numbers, ratio]`.
#
# **04b.** *In code.* Write `max_pool(x)`: it takes an array (H, W, C) with even H and W and
# returns the maximum of each block of 2×2 pixels in each channel, an array (H/2, W/2, C).
#
# **04c.** *Predict, then measure.* Dropout is on while the training loss is computed and off for
# the validation loss. Is the training loss with dropout above or below the validation loss, and is
# it the same for both data sets? Predict it, then measure the last training loss divided by the
# last validation loss in `zoo.card("cifar10-unet-dropout")["history"]` and in that of
# `"mnist-unet-dropout"`. Answer with a list of both ratios, to two decimals.
#
# Solutions are in [solutions/04.py](solutions/04.py).

# %%
exercises.check("04a", ...)
exercises.check("04b", ...)
exercises.check("04c", ...)

# %% [markdown]
# ## What to take away
#
# - Dropout on every layer tripled the error of photographs and nearly doubled that of digits:
#   for compression, leave it out.
# - When two errors differ, ask first whether they were measured in the same way.
# - Everything that goes from the encoder to the decoder is part of the code.
# - Always compare with the linear baseline. Here it has the smaller error.
#
# ## References
#
# - [O. Ronneberger, P. Fischer, T. Brox, *U-Net: convolutional networks for biomedical image
#   segmentation*, 2015](https://arxiv.org/abs/1505.04597), section 2: the structure, with skip
#   connections (the report's [8]).
# - [N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, *Dropout: a simple way
#   to prevent neural networks from overfitting*,
#   2014](https://jmlr.org/papers/v15/srivastava14a.html), section 4: dropout in training and in
#   use.
# - [K. He, X. Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*,
#   2015](https://arxiv.org/abs/1502.01852), section 2.2: the initialization.
# - [A. Krizhevsky, *Learning multiple layers of features from tiny images*,
#   2009](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf): CIFAR-10.
# - [G. Wallace, *The JPEG still picture compression standard*,
#   1992](https://doi.org/10.1109/30.125072): the JPEG files of the last comparison.
#
# ## Next
#
# [05 Quantization](05_quantization.ipynb): from numbers to bits, beginning with rounding, which has
# no gradient that a network could learn from.
