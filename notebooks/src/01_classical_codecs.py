# %% [markdown]
# # 01 Classical codecs
#
# *Time: 2 minutes. You learn what a file is made of, what headers cost, and how near a linear code
# comes to its limit.*
#
# ## The question
#
# A JPEG of a handwritten digit has about as many bytes as three lines of text. What is in them?
# Before anything is learned, we measure what JPEG, PNG and their successors need: they are what a
# learned codec has to beat, byte by byte.

# %% [markdown]
# ## What you will see
#
# Files taken apart into what every image costs and what this image costs; one digit at equal bytes
# from every format; the first rate–distortion planes of the course; and on them a code of one
# matrix, the KLT (Karhunen–Loève transform: PCA used as the transform of a codec), that at low
# rates beats all of these formats on images this small.
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
# course comes from it, and only what was decoded again is counted. A codec is <dfn>lossless</dfn>
# if it always decodes exactly the image that was encoded, else lossy.

# %%
digits, photographs = mnist.test.images[:num_images], cifar10.test.images[:num_images]
jpeg = classical.JPEG(quality=20)
files = jpeg.encode(digits)
print(f"the first file has {len(files[0])} bytes and begins {files[0][:10]}")
codecs.measure(jpeg, digits)

# %% [markdown]
# ## A file, taken apart
#
# The <dfn>header</dfn> is the part of a file that says how to read the rest: magic numbers, sizes,
# tables of the coder. What does a *black* image cost? Hardly more than the header, which says
# nothing about a digit. Every file of the format has one.

# %%
parts = [classical.JPEG(20), classical.JPEG2000(20), classical.WebP(10), classical.AVIF(30),
         classical.JPEGXL(30), *classical.lossless()]
points = codecs.sweep(parts, digits)
blank = [classical.blank_bytes(codec, mnist.image_shape) for codec in parts]
lossy = [f"{point.psnr_db:.1f} dB" if point.psnr_db else "lossless" for point in points]

# %%
labels = [f"{codec.name} {codec.setting}".strip() for codec in parts]
rows = list(zip(labels, blank, [p.bytes_per_image for p in points], lossy, strict=True))
fig = plots.file_parts(rows, title="A digit's file, taken apart", raw_bytes=784)
caption = (
    "Mean bytes of a digit's file in each format, and the bytes of a black image's file "
    "(the first 200 test digits)."
)
figures.save(run, fig, "01_file_parts", caption=caption, dataset=mnist)

# %%
share = blank[0] / points[0].bytes_per_image
Markdown(
    f"**{share:.0%} of a digit's JPEG would be there if the image were black.** Formats made for "
    "photographs of a million pixels can afford a hundred bytes; a digit cannot."
)

# %% [markdown]
# ## Sharing the header
#
# Two ways to be fair to a format on tiny images. The *header-free* rate leaves out the bytes of a
# black image; no such file exists, so it is always marked. A <dfn>mosaic</dfn> is a real file of
# many images side by side: they share one header, and the coder can learn from one image for the
# next.

# %%
alone = codecs.measure(jpeg, digits)
free = codecs.header_free(alone, classical.blank_bytes(jpeg, mnist.image_shape))
joint = codecs.measure(classical.Mosaic(jpeg), digits)
for point in (alone, free, joint):
    rates = f"{point.bytes_per_image:6.1f} bytes  {point.bpp:.3f} bits per pixel"
    print(f"{point.rate_kind:12} {rates}")
assert max(free.bytes_per_image, joint.bytes_per_image) < alone.bytes_per_image

# %% [markdown]
# ## One matrix
#
# The <dfn>DCT</dfn> (discrete cosine transform) writes a block of pixels as a weighted sum of
# cosines. JPEG applies it to blocks of 8×8 pixels, because cosines suit most photographs. For
# digits alone there is something better. <dfn>PCA</dfn> (principal component analysis) finds
# orthogonal directions in which the images of a set vary most. The <dfn>KLT</dfn> (Karhunen–Loève
# transform) is PCA used as the transform of a codec: an image becomes its coordinates in the
# directions that PCA found. <dfn>Quantization</dfn> is the rounding of a number to the nearest of a
# few values, mostly the multiples of a step. The <dfn>step</dfn> is the distance between
# neighboring values of a quantizer; a larger one costs fewer bits and makes larger errors. Rotate,
# divide by the step, round, and write the integers with an arithmetic coder, which spends few bits
# on what is frequent. The file has only the integers; the matrix, the step and the histograms
# belong to the codec, as weights belong to a network.

# %%
principal = pca.fit(mnist.train.images, min(len(mnist.train), 784))
klt = transform.KLT(principal, mnist.train.images, step=0.8)
symbols, file = klt.to_symbols(digits[:1]), klt.encode(digits[:1])[0]
print(f"{(symbols != 0).sum()} of {symbols.size} integers are not zero; the file: {file.hex()}")

# %%
one, all_in_one = codecs.measure(klt, digits), codecs.measure(klt.joined(num_images), digits)
overhead = one.bytes_per_image - all_in_one.bytes_per_image
Markdown(
    f"A digit costs **{one.bytes_per_image:.1f} bytes** in a file of its own and "
    f"{all_in_one.bytes_per_image:.1f} in a stream of {num_images}: a file without any header "
    f"loses {overhead:.1f} bytes, because it must end on a whole byte."
)

# %% [markdown]
# ## The same bytes, the same digit
#
# For every codec we search the quality at which its files come nearest to a size: once 220 bytes, a
# file for each digit, and once 50 bytes a digit, in a mosaic of all of them. Only the KLT code
# needs no mosaic: its files have no headers to share.

# %%
def at_equal_bytes(families, target):
    """Returns {label: (decoded digits, note)}, each family at the quality nearest to a size."""
    decoded = {}
    for label, family in families.items():
        codec, size = codecs.nearest_in_bytes(family, digits, target)
        pictures, note = np.full_like(digits, 235), f"smallest: {size:.0f} bytes"
        if abs(size - target) < 0.06 * target:
            pictures = codec.decode(codec.encode(digits))
            note = f"{size:.0f} bytes, {codecs.measure(codec, digits).psnr_db:.1f} dB"
        decoded[label] = pictures, note
    return decoded


# %%
qualities, klt_steps = range(1, 96), (0.35, 0.33, 0.31, 0.048, 0.045, 0.042)
fine = {"JPEG": [classical.JPEG(q) for q in qualities],
        "JPEG 2000": [classical.JPEG2000(db) for db in np.arange(10, 45, 0.5)],
        "WebP": [classical.WebP(q) for q in qualities],
        "AVIF": [classical.AVIF(q) for q in qualities],
        "JPEG XL": [classical.JPEGXL(q) for q in qualities]}

# %%
mosaics = {label: [classical.Mosaic(codec) for codec in family] for label, family in fine.items()}
learned = mnist.train.images[:10000]
fine["KLT"] = mosaics["KLT"] = [
    transform.KLT(principal, learned, step, rounding=0.4) for step in klt_steps]
rows = [at_equal_bytes(fine, 220), at_equal_bytes(mosaics, 50)]

# %%
shown = min(8, num_images - 1)
pictures = np.stack(
    [[digits[shown], *(images[shown] for images, _ in row.values())] for row in rows]
)
notes = [["784 bytes", *(note for _, note in row.values())] for row in rows]

# %%
title = "A digit at 220 bytes in its own file, and at 50 bytes in a mosaic"
fig = plots.distortions(pictures, ["original", *rows[0]], notes, title=title)
caption = (
    "The same digit at equal mean bytes from every codec: 220 bytes in files of their own, "
    "50 bytes in a mosaic of 200 (KLT: in files of their own); mean PSNR of the first 200 "
    "test digits."
)
figures.save(run, fig, "01_equal_bytes", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: AVIF cannot reach 220 bytes, because its empty file is larger. With a shared
# header it is among the best, at a fifth of the bytes.

# %% [markdown]
# ## The plane
#
# Rate to the right, quality upwards: a codec is a curve, and better is up and to the left. The
# <dfn>rate–distortion function</dfn> of a source is, for each distortion, the smallest rate with
# which a code can reach it on average. The black line is that of a *Gaussian* source with the
# covariances of these images. Digits are not Gaussian, and a codec that uses more than covariances
# may cross it. Even the KLT code does, by a little: it uses the histogram of each coefficient.
#
# Every format was measured like this once, on all 10,000 test images, and its points are stored
# (`make results`). On the left a file for each image counts, on the right a mosaic of 1,024; the
# KLT code has a file for each image on both sides.

# %%
stored = {name: results.load(name) for name in ("mnist", "cifar10")}
formats = [label for label in fine if label in stored["mnist"]]
ways = {"a file for each image": "", "mosaics of 1,024 images": ", mosaic"}


def panels_of(name, title):
    """Returns {title of a panel: {format: (bpp, PSNRs)}} of a data set's stored points."""
    panels = {}
    for way, suffix in ways.items():
        families = {label: stored[name][label + suffix] for label in formats if label != "KLT"}
        families["KLT"] = stored[name]["KLT"]
        panels[f"{title}, {way}"] = {
            label: ([p.bpp for p in points], [p.psnr_db for p in points])
            for label, points in families.items()
        }
    return panels


# %% [markdown]
# The bound is computed by reverse water-filling. One Gaussian number of variance $\sigma^2$ needs
# $\frac12 \log_2 (\sigma^2 / D)$ bits for a mean squared error $D \le \sigma^2$, and none for a
# larger one: each halving of the error (3 dB) costs half a bit. The $K$ principal components of an
# image (784 for a digit), with variances $\sigma_k^2$, are independent if the source is Gaussian.
# <dfn>Reverse water-filling</dfn> gives each component of a Gaussian source the same distortion
# $\theta$, the water level, but does not send those with less variance, whose distortion is their
# variance. In all:
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
        panels_of(name, dataset.name),
        bound=(meaning, bound_bpp, psnr_db),
        limits=(0.04, 9, 12, 40),
    )
    caption = (
        f"{dataset.name}, 10,000 test images: five formats as files and as mosaics, and the KLT "
        "code, against a bound of linear codes."
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
# What to notice: on images this small the headers decide where the whole-file curves lie. A mosaic
# moves a format far to the left. On digits those of AVIF and WebP even cross the black line: digits
# are not Gaussian, and a good format makes use of flat areas and edges. The KLT code, a matrix and
# a coder that would fit on one page, needs fewer bytes than all of them at low rates, because it
# was *fitted to these images*. That is the idea of learned compression, without a network yet.

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
# - On tiny images a format's header decides. Count it, share it, or say that you did not.
# - A rate counts if the bytes were written and decoded again.
# - At low rates a code fitted to its images beats better-engineered ones that were not.
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
# [02 Dense autoencoder](02_dense_autoencoder.ipynb): now with layers.
