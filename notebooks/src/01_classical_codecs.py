# %% [markdown]
# # 01 Classical codecs
#
# *Time: 2 minutes. You learn what a file is made of, what headers cost, and how near a linear code
# comes to its limit.*
#
# ## The question
#
# A JPEG of a handwritten digit has about as many bytes as three lines of text. What is in them?
# Before anything is learned, we measure what JPEG, PNG and their successors need, because a
# learned codec has to need less.

# %% [markdown]
# ## What you will see
#
# How much of a file every image costs, and how much this image adds; one digit at equal bytes from
# every format; quality against rate for every format; and beside them a code of one matrix, the
# KLT, that at low rates is better than all of these formats on images this small.
#
# ![the plane of MNIST](../figures/01_plane_mnist.png)

# %%
import numpy as np
from IPython.display import Markdown, display

from kerascomp import codecs, datasets, limits, pca, plots
from kerascomp.codecs import classical, transform
from kerascomp.course import exercises, figures, results, runs

run = runs.start("01_classical_codecs")
mnist, cifar10 = datasets.mnist(run.limit), datasets.cifar10(run.limit)
num_images = run.choose(full=200, fast=20)

# %% [markdown]
# ## Everything is a codec
#
# A codec of this course has two methods: `encode` gives one byte string for each image, `decode`
# gives the images back. `codecs.measure` calls both and counts bytes and errors. Every rate of this
# course comes from it. A codec is <dfn>lossless</dfn> if it always decodes exactly the image that
# was encoded, else lossy.

# %%
digits, photographs = mnist.test.images[:num_images], cifar10.test.images[:num_images]
jpeg = classical.JPEG(quality=20)
files = jpeg.encode(digits)
print(f"the first file has {len(files[0])} bytes and begins {files[0][:10]}")
point = codecs.measure(jpeg, digits)
print(f"on average: {point.bytes_per_image:.1f} bytes, {point.psnr_db:.1f} dB")

# %% [markdown]
# ## A file, taken apart
#
# The <dfn>header</dfn> is the part of a file that says how to read the rest: magic numbers, sizes,
# tables of the coder. Every file of a format has one, and the file of a *black* image has hardly
# anything else.
#
# JPEG 2000 is set by the PSNR to reach, the other lossy formats by a quality, which means something
# else in each of them; so compare bytes together with decibels.

# %%
parts = [classical.JPEG(20), classical.JPEG2000(20), classical.WebP(10), classical.AVIF(30),
         classical.JPEGXL(30), *classical.lossless()]
points = codecs.sweep(parts, digits)
blank = [classical.blank_bytes(codec, mnist.image_shape) for codec in parts]
quality = [f"{point.psnr_db:.1f} dB" if point.psnr_db else "lossless" for point in points]

# %%
labels = [f"{codec.name} {codec.setting}".strip() for codec in parts]
rows = list(zip(labels, blank, [p.bytes_per_image for p in points], quality, strict=True))
title = (
    "A large part of a small file is in a black image's file too\n"
    "MNIST, the first 200 test digits"
)
fig = plots.file_parts(rows, title=title, raw_bytes=784)
caption = (
    "Mean bytes of a digit's file in each format, and the bytes of a black image's file "
    "(the first 200 test digits)."
)
figures.save(run, fig, "01_file_parts", caption=caption, dataset=mnist)

# %%
share = blank[0] / points[0].bytes_per_image
Markdown(
    f"**A black image's JPEG has {share:.0%} of the bytes of a digit's.** For a photograph of a "
    "million pixels a hundred bytes hardly matter; for a digit they do."
)

# %% [markdown]
# ## Sharing the header
#
# There are two ways to be fair to a format on tiny images. The *header-free* rate leaves out the
# bytes of a black image; no such file exists, so it is always marked. A <dfn>mosaic</dfn> is a real
# file of many images side by side: they share one header, and the coder can adapt to all of them.

# %%
free = codecs.header_free(point, classical.blank_bytes(jpeg, mnist.image_shape))
joint = codecs.measure(classical.Mosaic(jpeg), digits)
for p in (point, free, joint):
    print(f"{p.rate_kind:12} {p.bytes_per_image:6.1f} bytes  {p.bpp:.3f} bits per pixel")
assert max(free.bytes_per_image, joint.bytes_per_image) < point.bytes_per_image

# %% [markdown]
# ## The KLT: a code of one matrix
#
# The <dfn>DCT</dfn> (discrete cosine transform) writes a block of pixels as a weighted sum of
# cosines. JPEG applies it to blocks of 8×8 pixels, because cosines suit most photographs. For
# images of one kind there is something better. <dfn>PCA</dfn> (principal component analysis) finds
# orthogonal directions in which the images of a set vary most. The <dfn>KLT</dfn> (Karhunen–Loève
# transform) is PCA used as the transform of a codec: an image becomes its coordinates in the
# directions that PCA found.
#
# <dfn>Quantization</dfn> is the rounding of a number to the nearest of a few values, mostly the
# multiples of a step. The <dfn>step</dfn> is the distance between neighboring values of a
# quantizer; a larger one costs fewer bits and makes larger errors.
#
# The code subtracts the mean image, multiplies by the matrix of these directions, divides by the
# step, rounds, and writes the integers with an arithmetic coder (lesson 06), which spends few bits
# on values that are frequent in the training set. The file has only the integers; the matrix, the
# step and the histograms belong to the codec, as weights belong to a network.

# %%
principal = pca.fit(mnist.train.images, min(len(mnist.train), 784))
klt = transform.KLT(principal, mnist.train.images, step=0.8)
symbols, file = klt.to_symbols(digits[:1]), klt.encode(digits[:1])[0]
print(f"{(symbols != 0).sum()} of {symbols.size} integers are not zero; the file: {file.hex()}")

# %%
one, all_in_one = codecs.measure(klt, digits), codecs.measure(klt.joined(num_images), digits)
Markdown(
    f"A digit costs **{one.bytes_per_image:.1f} bytes** in a file of its own and "
    f"{all_in_one.bytes_per_image:.1f} in a stream of {num_images}: these files have no header, "
    "but each must end on a whole byte."
)

# %% [markdown]
# ## The same bytes, the same digit
#
# For every codec we search for the setting at which its files come nearest to a size: once 220
# bytes, with a file for each digit, and once 50 bytes a digit, in a mosaic of all of them. Only the
# KLT code needs no mosaic: its files have no headers to share. With `rounding=0.4` it rounds
# magnitudes up from a fraction of 0.6 instead of 0.5, so that more integers are zero.

# %%
def at_equal_bytes(families, target):
    """Returns {label: (decoded digits, note)}, each family at the setting nearest to a size."""
    decoded = {}
    for label, family in families.items():
        codec, size = codecs.nearest_in_bytes(family, digits, target)
        pictures, note = np.full_like(digits, 235), f"smallest: {size:.0f} bytes"  # light gray
        if abs(size - target) < 0.06 * target:
            pictures = codec.decode(codec.encode(digits))
            note = f"{size:.0f} bytes, {codecs.measure(codec, digits).psnr_db:.1f} dB"
        decoded[label] = pictures, note
    return decoded


# %%
qualities, klt_steps = range(1, 96), (0.35, 0.33, 0.31, 0.048, 0.045, 0.042)
alone = {"JPEG": [classical.JPEG(q) for q in qualities],
         "JPEG 2000": [classical.JPEG2000(db) for db in np.arange(10, 45, 0.5)],
         "WebP": [classical.WebP(q) for q in qualities],
         "AVIF": [classical.AVIF(q) for q in qualities],
         "JPEG XL": [classical.JPEGXL(q) for q in qualities]}

# %%
mosaics = {label: [classical.Mosaic(codec) for codec in family] for label, family in alone.items()}
alone["KLT"] = mosaics["KLT"] = [
    transform.KLT(principal, mnist.train.images[:10000], step, rounding=0.4) for step in klt_steps
]
rows = [at_equal_bytes(alone, 220), at_equal_bytes(mosaics, 50)]

# %%
shown = min(8, num_images - 1)
pictures = np.stack(
    [[digits[shown], *(images[shown] for images, _ in row.values())] for row in rows]
)
notes = [["784 bytes", *(note for _, note in row.values())] for row in rows]

# %%
title = (
    "A digit at 220 bytes in its own file, and at 50 bytes in a mosaic\n"
    "MNIST: one test digit, and the mean PSNR of the first 200"
)
fig = plots.distortions(pictures, ["original", *rows[0]], notes, title=title)
caption = (
    "The same digit at equal mean bytes from every codec: 220 bytes in files of their own, "
    "50 bytes in a mosaic of 200 (KLT: in files of their own); mean PSNR of the first 200 "
    "test digits."
)
figures.save(run, fig, "01_equal_bytes", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: AVIF cannot reach 220 bytes, because the file of a black image is larger already.
# In a mosaic, where the header is shared, its PSNR at 50 bytes is the second highest.

# %% [markdown]
# ## The rate–distortion plane
#
# The plane shows the rate to the right and the PSNR upwards. Each setting of a codec is a point,
# and the points of a better codec lie further up and to the left. The <dfn>rate–distortion
# function</dfn> of a source is, for each distortion, the smallest rate with which a code can reach
# it on average. The edge of the gray area is that of a *Gaussian* source with the covariances of
# these images. Digits are not Gaussian, and a codec that uses more than covariances may cross it.
# Even the KLT code does, by a little: it uses the histogram of each coefficient.
#
# Every format was measured once, on all 10,000 test images, and its points are stored
# (`make results`). On the left a file for each image counts, on the right a mosaic of 1,024; the
# KLT code has a file for each image on both sides.

# %%
stored = {name: results.load(name) for name in ("mnist", "cifar10")}
formats = [label for label in alone if label in stored["mnist"]]
ways = {"a file for each image": "", "mosaics of 1,024 images": ", mosaic"}


def panels_of(name):
    """Returns {way to count: {format: (bpp, PSNRs)}} of a data set's stored points."""
    panels = {}
    for way, suffix in ways.items():
        families = {label: stored[name][label + suffix] for label in formats if label != "KLT"}
        families["KLT"] = stored[name]["KLT"]
        panels[way] = {
            label: ([p.bpp for p in points], [p.psnr_db for p in points])
            for label, points in families.items()
        }
    return panels


# %% [markdown]
# The edge is computed by reverse water-filling. One Gaussian number of variance $\sigma^2$
# needs $\frac12 \log_2 (\sigma^2 / D)$ bits for a mean squared error $D \le \sigma^2$, and none for
# a larger one: each halving of the error (3 dB) costs half a bit. The $K$ principal components of
# an image (784 for a digit), with variances $\sigma_k^2$, are independent if the source is
# Gaussian. <dfn>Reverse water-filling</dfn> gives each component of a Gaussian source the same
# distortion $\theta$, the water level, but does not send those with less variance, whose distortion
# is their variance. In all:
#
# $$D(\theta) = \frac1K \sum_k \min(\theta, \sigma_k^2), \qquad
# R(\theta) = \sum_k \max\left(0, \tfrac12 \log_2 \frac{\sigma_k^2}{\theta}\right).$$
#
# For each PSNR, `limits.gaussian_rate_bpp` finds the $\theta$ that gives this $D$, and divides $R$
# by the number of pixels.

# %%
psnr_db = np.linspace(12, 40, 57)
meaning = "below the\nrate–distortion function\nof a Gaussian source"
for name, dataset in {"mnist": mnist, "cifar10": cifar10}.items():
    bound_bpp = limits.gaussian_rate_bpp(dataset.train.images, psnr_db)
    fig = plots.rate_distortion_panels(
        panels_of(name),
        title=f"In a mosaic the formats save their headers\n{dataset.name}, 10,000 test images",
        bound=(meaning, bound_bpp, psnr_db),
        limits=(0.04, 9, 12, 40),
    )
    caption = (
        f"{dataset.name}, 10,000 test images: five formats as files and as mosaics, the KLT code, "
        "and the rate–distortion function of a Gaussian source."
    )
    display(figures.save(run, fig, f"01_plane_{name}", caption=caption, dataset=dataset))

# %%
def bytes_at(points, psnr_db):
    """Returns the bytes that a codec needs for a PSNR, interpolated between its points."""
    curve = sorted((p.psnr_db, p.bytes_per_image) for p in points)
    return float(np.interp(psnr_db, *zip(*curve, strict=True), left=np.nan, right=np.nan))


labels = [*formats, *(f"{label}, mosaic" for label in formats if label != "KLT")]
needed = {label: bytes_at(stored["cifar10"][label], 25) for label in labels}
Markdown("At 25 dB an image of CIFAR-10 costs: " + ", ".join(
    f"{label} {needed[label]:.0f} bytes" for label in sorted(needed, key=needed.get)
    if np.isfinite(needed[label])) + ".")

# %%
def overtaken_db(name):
    """Returns the PSNR from which on mosaics of some format need fewer bytes than the KLT code."""
    mosaics = [stored[name][f"{label}, mosaic"] for label in formats if label != "KLT"]
    for psnr_db in np.arange(18, 34, 0.5):
        best = np.nanmin([bytes_at(points, psnr_db) for points in mosaics])
        if best < bytes_at(stored[name]["KLT"], psnr_db):
            return psnr_db
    return np.inf


Markdown(f"The KLT code needs the fewest bytes below **{overtaken_db('mnist'):.1f} dB** on digits "
         f"and below **{overtaken_db('cifar10'):.1f} dB** on photographs.")

# %% [markdown]
# What to notice: on images this small the header decides where the curve of a format lies, and a
# mosaic moves it far to the left. On digits the mosaics of all formats but JPEG even cross the
# gray area at a high PSNR: digits are not Gaussian, and these formats make use of flat areas and
# edges. The KLT code is only a matrix and an arithmetic coder, but at low rates it needs fewer
# bytes than all formats, because it was *fitted to images of the same kind*. That is the idea of
# learned compression, without a network yet.

# %% [markdown]
# ## Exercises
#
# **01a.** *By hand.* A Gaussian source has two independent components with the variances 16 and 1.
# Their squared errors may add up to 5. A component of variance σ² with the squared error D ≤ σ²
# needs ½ log2(σ²/D) bits. How many bits does the source need, to two decimals? Reverse
# water-filling is described above.
#
# **01b.** *In code.* Write `header_free_bpp(files, blank, num_pixels)`: the mean rate in bits per
# pixel of a list of byte strings, without the bytes of a black image's file `blank` (a byte
# string); each image has `num_pixels` pixels.
#
# **01c.** *Predict, then measure.* A mosaic needs fewer bytes than a file for each image. For
# which format is the ratio of the two largest, for digits at 33 dB: `"JPEG"`, `"JPEG 2000"`,
# `"WebP"`, `"AVIF"` or `"JPEG XL"`? Measure with `bytes_at(stored["mnist"][label], 33)`, for each
# label with and without ", mosaic".
#
# Solutions are in [solutions/01.py](solutions/01.py).

# %%
exercises.check("01a", ...)
exercises.check("01b", ...)
exercises.check("01c", ...)

# %% [markdown]
# ## What to take away
#
# - On tiny images a format's header decides its rate. Count it, share it, or say that you left it
#   out.
# - A rate is measured on bytes that were written and decoded again.
# - At low rates a simple code fitted to its images needs fewer bytes than general formats.
#
# ## References
#
# - [T. Cover, J. Thomas, *Elements of information theory*, 2nd edition,
#   2006](https://doi.org/10.1002/047174882X), section 10.3.3: reverse water-filling.
# - [C. E. Shannon, *Coding theorems for a discrete source with a fidelity criterion*,
#   1959](https://doi.org/10.1109/9780470544242.ch21): the rate–distortion function.
# - [H. Hotelling, *Analysis of a complex of statistical variables into principal components*,
#   1933](https://doi.org/10.1037/h0071325): PCA.
# - [V. Goyal, *Theoretical foundations of transform coding*,
#   2001](https://doi.org/10.1109/79.952802): why the KLT is the best transform of a Gaussian
#   source.
# - [G. Wallace, *The JPEG still picture compression standard*,
#   1992](https://doi.org/10.1109/30.125072): its blocks, tables and Huffman codes.
# - [A. Skodras, C. Christopoulos, T. Ebrahimi, *The JPEG 2000 still image compression standard*,
#   2001](https://doi.org/10.1109/79.952804): wavelets and the coder of their bit-planes.
# - [W3C, *Portable network graphics (PNG) specification*](https://www.w3.org/TR/png-3/), sections 9
#   and 10: filters and deflate.
# - [*WebP image format*, RFC 9649, 2024](https://www.rfc-editor.org/rfc/rfc9649): the file, and its
#   lossless coder.
# - [Alliance for Open Media, *AV1 image file format
#   (AVIF)*](https://aomediacodec.github.io/av1-avif/): what is in an AVIF file besides the image.
# - [J. Alakuijala et al., *JPEG XL next-generation image compression architecture and coding
#   tools*, 2019](https://doi.org/10.1117/12.2529237): its coding tools.
#
# ## Next
#
# [02 Dense autoencoder](02_dense_autoencoder.ipynb): a network in place of the matrix.
