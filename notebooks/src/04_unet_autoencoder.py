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
# 0.008. U-Nets are famous for their skip connections. May a compressor have them?

# %% [markdown]
# ## What you will see
#
# The structure; three networks on each of two data sets, trained on all 45,000 (55,000) images and
# published in the zoo; reconstructions; and one plot of error against numbers sent, which counts
# what the skip connections send.
#
# ![error against numbers sent](../figures/04_sizes_cifar10.png)

# %%
import numpy as np
from IPython.display import Markdown, display

from kerascomp import datasets, metrics, pca, plots, zoo
from kerascomp.course import exercises, figures, runs
from kerascomp.networks import autoencoders

run = runs.start("04_unet_autoencoder")
cifar10 = datasets.cifar10(run.limit)
mnist = datasets.mnist(run.limit)

# %% [markdown]
# ## The structure
#
# Four convolutions with 16, 32, 64 and 128 channels, each followed by 2×2 max-pooling, and their
# mirror image with up-sampling.

# %%
fig = plots.unet(filters=(16, 32, 64, 128), image_shape=cifar10.image_shape)
caption = "The U-Net that the report trained, a variant of its figure 3. Boxes are not to scale."
figures.save(run, fig, "04_structure", caption=caption)

# %%
model = autoencoders.unet(cifar10.image_shape, dropout=0.1)
ratio = np.prod(model.image_shape) / model.num_latents
print(f"{model.count_params():,} parameters, code {model.latent_shapes[0]}, ratio {ratio:g}")
assert ratio == 6

# %% [markdown]
# A 28×28 digit is padded with zeros to 32×32 inside the network and cropped at the end. Its code
# has the same 512 numbers, and 784/512 is hardly a compression at all: on MNIST this network is a
# test that everything runs, not a codec.

# %%
digits = autoencoders.unet(mnist.image_shape)
assert digits.latent_shapes == [(2, 2, 128)]
print(f"MNIST: ratio {np.prod(mnist.image_shape) / digits.num_latents:.2f}")

# %% [markdown]
# ## Networks from the zoo
#
# Training these took up to half an hour each on two cores, so they come trained. Each has
# a *card* that says how. `make train MODEL=cifar10-unet` repeats it with the same code, and
# continues where it was after an interruption.

# %%
variants = ("unet", "unet-dropout", "unet-skips")
for name in (f"cifar10-{variant}" for variant in variants):
    card = zoo.card(name)
    print(f"{name}: {card['num_parameters']:,} parameters, {card['recipe']['epochs']} epochs, "
          f"{card['wall_seconds'] / 60:.0f} minutes, {card['num_latents']:,} numbers sent")

# %%
names = {"unet": "no dropout", "unet-dropout": "dropout 0.1"}
colors = {"unet": plots.COLORS["unet"], "unet-dropout": plots.COLORS["cnn"]}
panels = {
    title: {names[v]: (zoo.card(f"{prefix}-{v}")["history"], colors[v]) for v in names}
    for title, prefix in (("CIFAR-10", "cifar10"), ("MNIST", "mnist"))
}
fig = plots.training_curves(panels, references={"CIFAR-10": {"report, training: 0.008": 0.008}})
caption = "Training and validation loss of the U-Net with and without dropout."
figures.save(run, fig, "04_training", caption=caption, dataset=[cifar10, mnist])

# %% [markdown]
# ## Dropout in a compressor
#
# Dropout sets a tenth of the values of every hidden layer to zero at random while training, to keep
# a network from relying on any single one, and is switched off afterwards. That helps classifiers
# that overfit. This network does not overfit (its two curves lie together), and a compressor
# needs *every* value that fits through the code.

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

# %%
for prefix, dataset in (("cifar10", cifar10), ("mnist", mnist)):
    images, decoded = dataset.test.images, results[prefix]["unet"]["decoded"]
    errors = metrics.mse(images, decoded)
    fig = plots.reconstructions(
        images, decoded, errors, title=f"512 numbers for an image of {dataset.name}", num_each=5
    )
    caption = f"{dataset.name} test images above their reconstructions by the U-Net, no dropout."
    picture = figures.save(
        run,
        fig,
        f"04_reconstructions_{prefix}",
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
# What to notice: the best images are ships in fog and on the sea, and where the error is smallest
# the ship itself can be gone. The worst ones are full of edges; the network keeps colors and large
# shapes and gives up texture.

# %% [markdown]
# ## What one map of the code does
#
# The code is 128 maps of 2×2 numbers. We scale one map at a time, from nothing to four times its
# value, and decode. These are the six maps with the largest values.

# %%
network, x = zoo.network("cifar10-unet"), datasets.to_float(cifar10.test.images[3:4])
code = network.encoder.predict(x, verbose=0)  # (1, 2, 2, 128)
scales = np.array([0, 0.5, 1, 2, 4])
strongest = np.argsort(code[0].sum(axis=(0, 1)))[::-1][:6]
varied = np.repeat(code[None], 6, axis=0).repeat(len(scales), axis=1)  # (6, 5, 2, 2, 128)
for row, channel in enumerate(strongest):
    varied[row, ..., channel] *= scales[:, None, None]
pictures = datasets.to_uint8(network.decoder.predict(varied.reshape(-1, 2, 2, 128), verbose=0))

# %%
fig = plots.traversals(
    pictures.reshape(6, len(scales), 32, 32, 3),
    [f"map {channel}" for channel in strongest],
    [f"×{scale:g}" for scale in scales],
    title="One map at a time",
    xlabel="scale of the map",
)
caption = "A photograph decoded while one map of its code is scaled."
figures.save(run, fig, "04_traversals", caption=caption, dataset=cifar10)

# %% [markdown]
# What to notice: none of these maps stands for a part of a car. Each changes color and contrast
# over large areas.

# %% [markdown]
# ## The price of a skip connection
#
# A U-Net for *segmentation* hands its feature maps across to the decoder. In a codec, encoder and
# decoder are two programs on two machines: what crosses over must be sent. With skips this
# encoder returns five tensors, and all of them count.

# %%
with_skips = zoo.network("cifar10-unet-skips")
for shape in with_skips.latent_shapes:
    print(f"{'×'.join(map(str, shape)):>10} = {np.prod(shape):6,} numbers")
print(f"sent: {with_skips.num_latents:,} numbers for an image of {np.prod(cifar10.image_shape):,}")
assert with_skips.num_latents > np.prod(cifar10.image_shape)

# %% [markdown]
# PCA for comparison needs hardly any training; it is fitted on all training images.

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
names = {"unet": "no dropout", "unet-dropout": "dropout 0.1", "unet-skips": "with skips"}
for prefix, dataset in (("mnist", mnist), ("cifar10", cifar10)):
    linear = pca_errors(dataset, sizes[prefix])
    sent = {
        variant: {key: value for key, value in results[prefix][variant].items() if key != "decoded"}
        for variant in variants
    }
    points = [
        (names[v], sent[v]["num_latents"], sent[v]["test_mse"], plots.COLORS["unet"], (-9, 0))
        for v in variants
    ]
    fig = plots.error_by_size(
        {"PCA": (list(linear), list(linear.values()), plots.COLORS["pca"])},
        points,
        title=f"{dataset.name}: what is sent, and what it is worth",
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
def fewest(linear, error):
    """Returns the fewest of the measured numbers with which PCA is as good, to within 2 %."""
    return min((size for size, mse in linear.items() if mse <= 1.02 * error), default=None)


# %%
skips = results["cifar10"]["unet-skips"]
Markdown(
    f"With skips the U-Net sends {skips['num_latents'] / np.prod(cifar10.image_shape):.0f} times "
    f"as many numbers as the image has, for an MSE of {skips['test_mse']:.5f}; PCA is as good with "
    f"{fewest(linear, skips['test_mse'])}. Without skips 512 numbers reach {without:.4f}; PCA is "
    f"as good with {fewest(linear, without)}, and with 512 it reaches "
    f"**{linear.get(512, np.nan):.4f}**. A deep code need not be better than a linear one."
)

# %% [markdown]
# ## And in bytes?
#
# 512 numbers of one byte each would be 512 bytes for a photograph. Here are real files of the same
# images, headers and all, from the JPEG encoder of Pillow.

# %%
import io

from PIL import Image

files, decoded = [], []
for image in cifar10.test.images[:1000]:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=10, optimize=True)
    files.append(file.getvalue())
    decoded.append(np.asarray(Image.open(file)))

# %%
jpeg_mse = metrics.mse(cifar10.test.images[:1000], np.array(decoded)).mean()
jpeg_bytes = np.mean([len(file) for file in files])
print(f"JPEG, quality 10: {jpeg_bytes:.0f} bytes, MSE {jpeg_mse:.4f}; U-Net: MSE {without:.4f}")
assert metrics.bits_per_pixel(files, decoded).mean() == 8 * jpeg_bytes / 32**2

# %% [markdown]
# A code of fixed size spends the same on fog and on a frog. To win, a learned codec must round its
# numbers, write frequent values with few bits, and be trained on the sum of error and size.

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
# - What crosses from encoder to decoder is the code, whatever the drawing calls it.
# - Always draw the linear baseline. Here it wins.
#
# ## Next
#
# [05 Quantization](05_quantization.ipynb): from numbers to bits, beginning with rounding, which has
# no gradient to learn from.
