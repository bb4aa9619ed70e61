# %% [markdown]
# # 00 Start here
#
# *Time: 1 minute. You learn what an image is in numbers and bits, how its damage is measured, and
# how a network learns to compress.*
#
# ## The question
#
# An image is an array of numbers. A <dfn>codec</dfn> turns an image into fewer bytes (encoding),
# and these into nearly the same image again (decoding). A <dfn>bit</dfn> is a 0 or a 1, and eight
# bits are a byte. This course asks two questions throughout: **how many bits did it take**, and
# **how far is the result from the original**? Both are measured, never guessed.
#
# *The report* is that of a student project on learned image compression (Stanford, EE 276). The
# course rebuilds its networks and measures what it claims; [REPORT.md](../REPORT.md) lists both.

# %% [markdown]
# ## What you will see
#
# The two data sets; two images damaged in four ways, with the same error but not equally good to
# look at; and the pipeline that every learned codec follows (the report's figure 1).
#
# Every lesson starts in the same way: `runs.start` prints the versions and fixes the seed. Tests
# run the lessons on a few images, in a profile called "fast"; `run.limit` and `run.choose` set what
# differs.

# %%
import numpy as np

from kerascomp import datasets, metrics, plots
from kerascomp.course import exercises, figures, runs
from kerascomp.networks import autoencoders, training

run = runs.start("00_start_here")

# %% [markdown]
# ## The images
#
# MNIST (handwritten digits, 28×28 gray) comes with this package. CIFAR-10 (32×32 color
# photographs of ten kinds of things) is downloaded once. Both are cut in the same way: the last
# 5,000 training images are the *validation* set, which decides when to stop and what to choose;
# nothing is ever trained or chosen on the *test* set.

# %%
mnist = datasets.mnist(run.limit)
cifar10 = datasets.cifar10(run.limit)
for dataset in (mnist, cifar10):
    sizes = [len(split) for split in (dataset.train, dataset.validation, dataset.test)]
    print(f"{dataset.name}: {sizes} images of shape {dataset.image_shape}")

# %%
fig = plots.sample_grids({f"{d.name}: test images": d.test.images[:100] for d in (mnist, cifar10)})
caption = "The first hundred test images of the two data sets."
figures.save(run, fig, "00_data", caption=caption, dataset=[mnist, cifar10])

# %% [markdown]
# ## Bits per pixel
#
# Outside of networks our images are `uint8`: whole numbers from 0 to 255, one byte each. Inside,
# they are `float32` from 0 to 1. Only `datasets.to_float` and `datasets.to_uint8` convert.
#
# The <dfn>rate</dfn> of a codec is the number of bits that it spends on an image, on average. The
# rate in <dfn>bits per pixel</dfn> (bpp) is the length of a file in bits, divided by the number of
# pixels of the image. A pixel of a color image has three numbers, yet it is one pixel: raw CIFAR-10
# has 24 bits per pixel.

# %%
for dataset in (mnist, cifar10):
    images = dataset.test.images[:10]
    files = [image.tobytes() for image in images]
    print(dataset.name, "raw:", len(files[0]), "bytes =",
          metrics.bits_per_pixel(files, images).mean(), "bits per pixel")

assert (datasets.to_uint8(datasets.to_float(images)) == images).all()  # nothing is lost

# %% [markdown]
# ## How far from the original?
#
# The <dfn>distortion</dfn> of a reconstruction is a number that says how far it is from the
# original. The report measures it with $L_p$ norms. The <dfn>mean squared error (MSE)</dfn>, or L2
# loss, is the mean of the squared differences between the pixels of two images. The <dfn>mean
# absolute error (MAE)</dfn>, or L1 loss, is the mean of the absolute differences between the pixels
# of two images. The <dfn>PSNR</dfn> (peak signal-to-noise ratio) is the MSE in decibels, $-10
# \log_{10} \text{MSE}$ for pixels from 0 to 1. The <dfn>SSIM</dfn> (structural similarity) compares
# small windows of two images by their brightness, contrast and structure, and is 1 if the images
# are equal. With the mean $\mu$ and the variance $\sigma^2$ of the pixels of each window, and the
# covariance $\sigma_{x\hat x}$ of the two (all weighted by a Gaussian around the middle of the
# window),
#
# $$\text{SSIM} = \frac{2\mu_x\mu_{\hat x} + c_1}{\mu_x^2 + \mu_{\hat x}^2 + c_1} \cdot
# \frac{2\sigma_{x\hat x} + c_2}{\sigma_x^2 + \sigma_{\hat x}^2 + c_2}.$$
#
# The first factor compares brightness, the second contrast and structure; both are 1 if the windows
# are equal. The small constants $c_1 = 0.01^2$ and $c_2 = 0.03^2$ keep the factors finite where a
# window is black. The SSIM of an image is the mean over all windows of 11×11 pixels.
#
# Here are two images, each damaged in four ways. The strength of each damage is chosen so that all
# have the same MSE.

# %%
from scipy import ndimage


def damage(x, kind, strength):
    """Returns x (H, W, C) in [0, 1] damaged in one way; more strength does more damage."""
    noise = np.random.default_rng(run.seed).normal(size=(*x.shape[:2], 1))
    return {
        "noise": x + strength * noise,
        "brighter": x + strength,
        "blurred": ndimage.gaussian_filter(x, (5 * strength, 5 * strength, 0)),
        "shifted": ndimage.shift(x, (0, 10 * strength, 0), order=1, mode="nearest"),
    }[kind]


# %% [markdown]
# The strength is found by bisection: the interval is halved 24 times, and the image with the
# nearest MSE is kept.

# %%
def damaged_to(image, kind, target_mse):
    """Returns the uint8 image damaged so that its MSE is as near as possible to `target_mse`."""
    low, high, tried = 0.0, 1.0, {}
    for _ in range(24):
        middle = (low + high) / 2
        damaged = datasets.to_uint8(damage(datasets.to_float(image), kind, middle))
        error = metrics.mse(image[None], damaged[None])[0]
        tried[abs(error - target_mse)] = damaged
        low, high = (low, middle) if error > target_mse else (middle, high)
    return tried[min(tried)]


# %%
kinds = ("noise", "brighter", "blurred", "shifted")
digit = np.pad(mnist.test.images[0].repeat(3, axis=-1), ((2, 2), (2, 2), (0, 0)))  # (32, 32, 3)
rows = np.array([
    [image, *(damaged_to(image, kind, 0.01) for kind in kinds)]
    for image in (digit, cifar10.test.images[3])
])  # (2 images, 5 versions, 32, 32, 3)

# %%
notes = []
for original, *versions in rows:
    notes.append([""])
    for damaged in versions:
        pair = original[None], damaged[None]  # metrics compare batches
        mse, mae, ssim = (f(*pair)[0] for f in (metrics.mse, metrics.mae, metrics.ssim))
        notes[-1].append(f"MSE {mse:.3f}   MAE {mae:.3f}\nSSIM {ssim:.2f}")
title = "The same MSE, four kinds of damage"
fig = plots.distortions(rows, ("original", *kinds), notes, title=title)
caption = "Noise, brightness, blur and a shift with equal MSE are not equally visible."
figures.save(run, fig, "00_distortions", caption=caption, dataset=[mnist, cifar10])

# %% [markdown]
# What to notice: all four columns have an MSE near 0.01 (20 dB), but they do not look equally good.
# The brighter and the shifted pictures look hardly damaged. SSIM is high for the brighter
# photograph, but as low for the brighter digit as for the noisy one: neither formula agrees with
# the eye everywhere. A network trained on MSE blurs: where several images are possible, their mean
# has the smallest expected squared error, and a mean of sharp images is blurred.

# %% [markdown]
# ## The error at zero bits
#
# A codec that sends no bits can still decode every image to the mean training image. A network has
# learned something only if its error is below that of the mean image.

# %%
for dataset in (mnist, cifar10):
    mean_image = datasets.to_uint8(datasets.to_float(dataset.train.images).mean(axis=0))
    decoded = np.broadcast_to(mean_image, dataset.test.images.shape)
    print(f"{dataset.name}: 0 bits, MSE {metrics.mse(dataset.test.images, decoded).mean():.5f}")

# %% [markdown]
# ## The pipeline
#
# A learned codec is an **encoder** network that turns the image $x$ into a short code $y$, the
# latent; a **quantizer**, which rounds the code to $\hat{y}$, and an **entropy coder**, which
# writes frequent values with few bits; and a **decoder** network that turns $\hat{y}$ into an image
# $\hat{x}$. Its loss is a sum: the size of the code (the rate) and the difference between $x$ and
# $\hat{x}$ (the distortion). The number <dfn>lambda</dfn> ($\lambda$), a Lagrange multiplier, is
# the weight of the distortion in the loss, which is the rate plus lambda times the distortion.
#
# An <dfn>autoencoder</dfn> is a network that is trained to return its input from a code of fewer
# numbers, which an encoder computes and a decoder reads. The <dfn>latent</dfn> is the code that an
# encoder network returns; each of its numbers is called a latent, too. Here is one from this
# package (lesson 02 shows its layers), trained with Keras: images are the input and the target.

# %%
training.seed_everything(run.seed)
model = autoencoders.dense(num_latents=32)
model.compile("adam", "mse")
x = datasets.to_float(mnist.train.images[:10000])
history = model.fit(x, x, batch_size=64, epochs=2, verbose=0)

# %%
x_hat = model.predict(datasets.to_float(mnist.test.images[:500]), verbose=0)
decoded = datasets.to_uint8(x_hat)
error = metrics.mse(mnist.test.images[:500], decoded).mean()
epochs = len(history.epoch)
print(f"784 pixels → 32 numbers → 784 pixels: MSE {error:.4f} after {epochs} epochs")
assert history.history["loss"][-1] < history.history["loss"][0]

# %%
fig = plots.pipeline(mnist.test.images[0], decoded[0])
caption = (
    "The training pipeline (the report's figure 1). The decoded digit shown was not quantized."
)
figures.save(
    run,
    fig,
    "00_pipeline",
    caption=caption,
    values={"test_mse_after_two_epochs": error},
    dataset=mnist,
)

# %% [markdown]
# ## Exercises
#
# **00a.** *By hand.* A codec writes a digit of 28×28 pixels into 98 bytes and a photograph of
# 32×32 pixels with three colors into 256 bytes. What are the two rates in bits per pixel? Answer
# with a list, `[digit, photograph]`.
#
# **00b.** *In code.* Write a function `psnr_db(x, x_hat)` of two `uint8` arrays of the same shape
# that returns the PSNR in dB, for pixels from 0 to 1. Use NumPy only.
#
# **00c.** *Predict, then measure.* All four damages above have the same MSE. Which of them has the
# largest MAE: `"noise"`, `"brighter"`, `"blurred"` or `"shifted"`? Decide from the formulas first,
# then read the numbers below the pictures.
#
# Replace each `...` by your answer: a check prints "right" or a hint. A function is passed by its
# name. Solutions are in [solutions/00.py](solutions/00.py).

# %%
exercises.check("00a", ...)
exercises.check("00b", ...)
exercises.check("00c", ...)

# %% [markdown]
# ## What to take away
#
# - A rate is the length of a file that was written: bits divided by pixels.
# - MSE, MAE and SSIM measure different things; none of them alone describes the damage.
# - The mean image costs zero bits; a codec is of use only if its error is smaller.
#
# ## References
#
# - [Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document
#   recognition*, 1998](https://doi.org/10.1109/5.726791), section III: how MNIST was made.
# - [Wikipedia, *MNIST database*](https://en.wikipedia.org/wiki/MNIST_database): its history and the
#   errors of classifiers on it (the report's [6]).
# - [A. Krizhevsky, *Learning multiple layers of features from tiny images*,
#   2009](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf): how CIFAR-10 was
#   collected and labeled.
# - [Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, *Image quality assessment: from error visibility
#   to structural similarity*, 2004](https://doi.org/10.1109/TIP.2003.819861), section III-B: SSIM.
# - [D. Mwiti, *A 2019 guide to deep learning-based image compression*,
#   2019
#   ](https://heartbeat.fritz.ai/a-2019-guide-to-deep-learning-based-image-compression-2f5253b4d811)
#   (the report's [5]): an overview of learned codecs.
# - [J. Ballé et al., *Nonlinear transform coding*, 2020](https://arxiv.org/abs/2007.03034): the
#   pipeline of encoder, quantizer, entropy coder and decoder, and its loss.
#
# ## Next
#
# [01 Classical codecs](01_classical_codecs.ipynb): what a JPEG of a digit is made of, and the rates
# that a learned codec has to beat.
