# %% [markdown]
# # 12 Rate and distortion
#
# *Time: 1 minute. You learn to read one plot of every codec of the course, and to compare two
# codecs by one number.*
#
# ## The question
#
# Which codec is best? The question has no answer until it says at what rate, on which images, and
# which bytes count. Here every codec of the course is measured in the same way and drawn on one
# plane.

# %% [markdown]
# ## What you will see
#
# The formats under three ways to count; all codecs on the planes of MNIST and CIFAR-10, with a
# rate–distortion function; what each saves against the others at equal quality; the bits of
# lossless codecs; and how long some codecs take.
#
# ![all codecs on MNIST](../figures/12_plane_mnist.png)

# %%
import numpy as np
from IPython.display import Markdown, display

from kerascomp import codecs, datasets, limits, metrics, plots, zoo
from kerascomp.course import exercises, figures, interactive, results, runs
from kerascomp.statistics import signed

run = runs.start("12_rate_and_distortion")
mnist, cifar10 = datasets.mnist(run.limit), datasets.cifar10(run.limit)
sets = {"mnist": mnist, "cifar10": cifar10}
stored = {name: results.load(name) for name in sets}

# %% [markdown]
# ## Points that were measured before
#
# Nothing is trained here. Every point was measured once by `codecs.measure`, on all 10,000 test
# images: encoded, decoded, counted. As a check, one of them is measured again.

# %%
number = run.choose(full=10_000, fast=500)
now = codecs.measure(codecs.classical.JPEG(quality=25), mnist.test.images[:number])
before = stored["mnist"]["JPEG"][2]  # the third quality, 25
for name, point in (("stored", before), ("now", now)):
    size = f"{point.bytes_per_image:.2f} bytes, {point.psnr_db:.2f} dB"
    print(f"{name + ':':7} {size}, {point.num_images:,} digits")
assert abs(now.bytes_per_image / before.bytes_per_image - 1) < run.choose(full=0.001, fast=0.03)

# %% [markdown]
# ## Three ways to count
#
# Every byte of a file counts, also its header (left). A file without header (middle) does not
# exist, but shows how formats compare as coders. A mosaic (right) is a real file again: 1,024
# images share one header, and the coder may adapt from one image to the next.

# %%
FORMATS = ("JPEG", "JPEG 2000", "WebP", "AVIF", "JPEG XL")
FORMATS = [name for name in FORMATS if name in stored["mnist"]]
WAYS = {
    "every byte of a file": "",
    "header-free": ", header-free",
    "mosaics of 1,024": ", mosaic",
}


def curve(name, label):
    """Returns (bpp, PSNRs) of a stored family."""
    return [p.bpp for p in stored[name][label]], [p.psnr_db for p in stored[name][label]]


# %%
psnr_db = np.linspace(12, 47, 71)
bound_bpp = {
    name: limits.gaussian_rate_bpp(dataset.train.images, psnr_db) for name, dataset in sets.items()
}
BEYOND = "below the\nrate–distortion function\nof a Gaussian source"

# %%
for name, dataset in sets.items():
    panels = {
        way: {label: curve(name, label + suffix) for label in FORMATS}
        for way, suffix in WAYS.items()
    }
    bound = BEYOND, bound_bpp[name], psnr_db
    title = f"The order depends on the bytes that count\n{dataset.name}, 10,000 test images"
    fig = plots.rate_distortion_panels(
        panels, title=title, limits=(0.06, 9, 14, 40), bound=bound
    )
    caption = (
        f"{dataset.name}, 10,000 test images: five formats counted as whole files, without "
        "headers, and as mosaics."
    )
    display(figures.save(run, fig, f"12_three_rates_{name}", caption=caption, dataset=dataset))

# %% [markdown]
# What to notice: the order of the formats changes with the way to count. On digits AVIF is next to
# last if whole files count, and first without headers: its header has about 300 bytes, and its
# coder is the best of the five. So "codec A beats codec B" is incomplete without the way to count.

# %% [markdown]
# ## Every codec, one plane
#
# The formats are gray, each in its strongest real form, the mosaic. In color
# is what this course builds, each image in a file of its own:
#
# - linear transforms with an arithmetic coder: the KLT (PCA as the transform of a codec), the DCT
#   (a cosine transform) and wavelets;
# - autoencoders whose codes are rounded and coded (dashed: trained with a rate term, lesson 07;
#   dashed and dotted: with an entropy bottleneck, lesson 08);
# - a recurrent network whose files can be cut anywhere (lesson 09);
# - one network with an entropy bottleneck for every rate (lesson 08; dashed: all digits in one
#   stream).
#
# White marks are published results. A <dfn>hyperprior</dfn> is a second latent, sent first, that
# sets the prior of the others.
#
# The edge of the gray area is a **rate–distortion function**: no code of a source $X$, however
# complex, that reaches a mean distortion of at most $D$ needs fewer bits on average than
#
# $$R(D) = \min_{p(\hat x | x):\ \mathbb{E}\, d(X, \hat X) \le D} I(X; \hat X).$$
#
# The mutual information $I$ is what the reconstruction tells about the image, in bits; $d$ is here
# the squared error; the minimum is over all random ways to map images to reconstructions. For a
# Gaussian source it is known: reverse water-filling (lesson 01) gives it from the covariances. No
# source with the same covariances needs more, so for digits and photographs the edge is only an
# upper bound of their own $R(D)$, and a codec may cross it. The white marks on the plane of MNIST
# are an estimate of the digits' own $R(D)$.

# %%
TRANSFORMS, STREAM = ["KLT", "DCT", "wavelet"], "bottleneck, one stream"
OURS = {"mnist": [*TRANSFORMS, "dense", "dense, factorized", "CNN", "recurrent", "bottleneck",
                  STREAM],
        "cifar10": [*TRANSFORMS, "U-Net", "U-Net, factorized", "U-Net, bottleneck", "recurrent",
                    "bottleneck"]}
OTHERS = {"mnist": {"R(D), estimated by Lei et al.": limits.mnist_estimate()},
          "cifar10": {name: tuple(zip(*points, strict=True))
                      for name, points in limits.CIFAR10_PUBLISHED.items()}}

# %%
LIMITS = {"mnist": (0.0015, 3, 11.5, 46), "cifar10": (0.02, 5, 14, 36)}


def plane(name):
    """Returns the figure of all codecs on one data set."""
    formats = [f"{label}, mosaic" for label in FORMATS]
    return plots.rate_distortion(
        {label: curve(name, label) for label in (*formats, *OURS[name])},
        quiet=formats,
        points=OTHERS[name],
        limits=LIMITS[name],
        bound=(BEYOND, bound_bpp[name], psnr_db),
        title=f"The bottleneck leads our codecs\n{sets[name].name}, 10,000 test images",
    )


# %%
for name, dataset in sets.items():
    caption = (
        f"{dataset.name}, 10,000 test images: PSNR against bits per pixel of every codec of "
        "the course, with the Gaussian bound and published results."
    )
    display(figures.save(run, plane(name), f"12_plane_{name}", caption=caption, dataset=dataset))

# %% [markdown]
# The same planes to try: point at a codec to read its setting and its bytes; click to see what it
# makes of the first test images.

# %%
for name in sets:
    labels = [*(f"{label}, mosaic" for label in FORMATS), *OURS[name]]
    bound = bound_bpp[name], psnr_db
    display(interactive.plane(name, labels, limits=LIMITS[name], bound=bound))

# %%
def psnr_at(name, label, bpp):
    """Returns a codec's PSNR at a rate, interpolated, or None outside its points."""
    rates, qualities = curve(name, label)
    return float(np.interp(bpp, rates, qualities)) if rates[0] <= bpp <= rates[-1] else None


# %%
print("at 0.1 bits per pixel, 10 bytes a digit:")
for label in OURS["mnist"]:
    if db := psnr_at("mnist", label, 0.1):
        print(f"{label:22} {db:.1f} dB")

# %% [markdown]
# What to notice on MNIST: the dense autoencoder is far inside the gray area. Its edge holds for a
# Gaussian source; digits are much simpler than that, and a network trained on them makes use of it.
# But the PSNR of each autoencoder has a ceiling: with finer steps the bits grow, but the network's
# own error remains. The linear codes have no ceiling, and are better above it.
#
# On CIFAR-10 the report's U-Net, trained without a rate term, does not even reach the KLT; lesson
# 07 measures what a rate term is worth to the same network. The entropy bottleneck of lesson 08
# leads on both planes. By how much, over its rates, and what is published:

# %%
def lead(name):
    """Returns how many dB the bottleneck is ahead of the best other codec, at each of its rates."""
    curves = {label: points for label, points in stored[name].items() if len(points) > 1}
    others = [label for label in curves if "bottleneck" not in label]
    gains_db = []
    for point in curves["bottleneck"]:
        rivals = [psnr_at(name, label, point.bpp) for label in others]
        gains_db.append(point.psnr_db - max(db for db in rivals if db))
    return gains_db


for name, dataset in sets.items():
    low, high = min(lead(name)), max(lead(name))
    print(f"{dataset.name}: ahead by {low:.1f} to {high:.1f} dB of the best other codec")
    assert low > 0

for label, points in limits.CIFAR10_PUBLISHED.items():
    ours = {bpp: psnr_at("cifar10", "bottleneck", bpp) for bpp, _ in points}
    gaps = [f"{signed(db - ours[bpp], 1)} dB at {bpp:.2f} bpp" for bpp, db in points if ours[bpp]]
    print(f"published {label} against the bottleneck: {', '.join(gaps)}")

# %% [markdown]
# ## In one number
#
# Bjøntegaard's difference, the <dfn>BD-rate</dfn>, is the mean difference in rate of two codecs at
# equal PSNR, where their curves overlap. Let $r_1(q)$ and $r_2(q)$ be the logarithms of two codecs'
# rates at the PSNR $q$, interpolated between the measured points, and let both have points from $a$
# to $b$ dB:
#
# $$\text{BD-rate} = 10^{\,\delta} - 1, \qquad
# \delta = \frac{1}{b - a} \int_a^b \big(r_2(q) - r_1(q)\big)\, dq,
# \qquad r = \log_{10} \text{rate}.$$
#
# $\delta$ is the area between the curves divided by its height in dB. The mean is of logarithms, so
# low and high rates have the same weight: −50 % means half the bits, everywhere or on (geometric)
# average. One number does not show where the curves cross, so look at the plane first.
#
# Against the KLT code, whose curve has PSNRs in common with all others (gray: mosaics of formats):

# %%
def savings(name):
    """Returns [(label, BD-rate in percent against the KLT code, color)] of all other codecs."""
    reference, rows = stored[name]["KLT"], []
    for label in (*OURS[name], *(f"{label}, mosaic" for label in FORMATS)):
        color = plots.color_of("mosaic" if "mosaic" in label else label)
        rows.append((label, metrics.bd_rate(reference, stored[name][label]), color))
    return sorted((row for row in rows if row[0] != "KLT"), key=lambda row: row[1])


# %%
for name, dataset in sets.items():
    fig = plots.horizontal_bars(
        savings(name),
        title="The bottleneck needs the fewest bits\n"
        f"{dataset.name}, 10,000 test images: rate at equal PSNR, against the KLT code",
        xlabel="BD-rate (%), less is better",
        number="{:+.0f} %",
    )
    caption = (
        f"{dataset.name}: BD-rate of the codecs against the KLT code, where their curves overlap."
    )
    display(figures.save(run, fig, f"12_bd_rate_{name}", caption=caption, dataset=dataset))

# %% [markdown]
# And what the entropy bottleneck saves, each image in a file of its own, against each other codec
# in every way to count:

# %%
def saved(name):
    """Returns {baseline: BD-rate in percent of the bottleneck against it}, None without overlap."""
    ours, rows = stored[name]["bottleneck"], {}
    for label, points in stored[name].items():
        if len(points) > 1 and not label.startswith("bottleneck"):
            try:
                rows[label] = metrics.bd_rate(points, ours)
            except ValueError:
                rows[label] = None
    return rows


# %%
for name in sets:
    rows = saved(name)
    lines = [f"| {label} | " + ("no PSNR in common |" if value is None else f"{signed(value)} % |")
             for label, value in sorted(rows.items(), key=lambda row: row[1] or 0)]
    display(Markdown(f"| {sets[name].name}: against | BD-rate |\n|---|---:|\n" + "\n".join(lines)))

# %% [markdown]
# What to notice: −70 % means that the bottleneck needs three bits where the other needs ten. For
# single files of formats much of that is the header; mosaics have nearly none, and the files of
# autoencoders have none at all. The length of each of our files, which a container has to store, is
# not counted (lessons 06 and 08): less than half a byte, which matters where the file of a digit
# has 7 bytes. One stream of all digits needs no lengths.

# %% [markdown]
# ## Without any loss
#
# A lossless codec has no distortion, so one number describes it: the bits for each number of an
# image, one for each pixel of a digit and three for each pixel of a photograph.
#
# Our own is what a bottleneck is without its transforms: the context model of lesson 08. Its
# latents are the pixels themselves, from coarse to fine, first one of every block of 4×4, at last
# those between four known ones. For each of the 16 a small network looks at the known pixels around
# and returns a mixture of logistic distributions. Nothing is rounded, so nothing is lost:

# %%
digits, lossless = mnist.test.images[: run.choose(full=500, fast=50)], zoo.codec("mnist-lossless")
digit_files = lossless.encode(digits)
assert np.array_equal(lossless.decode(digit_files), digits)
print(f"{len(digits)} digits, every pixel: {np.mean([len(f) for f in digit_files]):.0f} bytes each")

# %% [markdown]
# All test images, with every codec that loses nothing. Blue: a file for each image; gray: mosaics,
# or one stream of all images.

# %%
JOINT = "mosaic", "one stream"
for name, dataset in sets.items():
    numbers = int(np.prod(dataset.image_shape))
    bits = {
        label: 8 * points[0].bytes_per_image / numbers
        for label, points in stored[name].items()
        if points[0].psnr_db is None and "free" not in label
    }
    rows = [
        (label, value, plots.color_of("mosaic" if label.endswith(JOINT) else "dense"))
        for label, value in bits.items()
    ]
    rows += [
        (f"{label} (published)", value, plots.COLORS["published"])
        for label, value in limits.LOSSLESS_PUBLISHED[name].items()
    ]
    fig = plots.horizontal_bars(
        sorted(rows, key=lambda row: -row[1]),
        number="{:.2f}",
        reference=("raw", 8),
        title=f"Without loss, networks need the fewest bits\n{dataset.name}, 10,000 test images",
        xlabel="bits for each number of an image",
    )
    caption = (
        f"{dataset.name}, 10,000 test images without loss: bits for each number, files of "
        "their own, mosaics and one stream."
    )
    display(figures.save(run, fig, f"12_lossless_{name}", caption=caption, dataset=dataset))

# %% [markdown]
# What to notice: PNG is deflate behind a prediction from neighboring pixels. On photographs the
# prediction saves bits. On digits deflate alone needs fewer: mostly because PNG's header is longer
# (73 bytes against 15), for in mosaics both need the same. Deflate and LZMA need more for a
# photograph in a mosaic than for one alone: they look for repetitions, and the pixel above is
# farther away in a wide picture. Networks were trained on such images, and still need more than one
# bit for each pixel of a digit.

# %%
apart, joint = (stored["mnist"][f"context model{end}"][0] for end in ("", ", one stream"))
card, published = zoo.card("mnist-lossless"), limits.LOSSLESS_PUBLISHED["mnist"]
Markdown(
    f"Our context model needs **{apart.bpp:.3f}** bits a pixel with a file for each digit, and "
    f"**{joint.bpp:.3f}** with all digits in one stream, as the published networks have them ("
    + ", ".join(f"{name}: {bits}" for name, bits in published.items())
    + f"). It has {card['num_parameters']:,} weights. The stream also says where its parts end, in "
    "4 bytes of about a thousand; the files leave that to a container."
)

# %% [markdown]
# ## What it costs in time
#
# Measured here and now, on this machine, with all its cores: how many digits the formats, at the
# middle one of their qualities, the KLT code and the bottleneck encode and decode in a second. (The
# figure is kept in figures/speeds/, which is not published: on your machine it is another one.)

# %%
images = mnist.test.images[: run.choose(full=1000, fast=50)]
families = codecs.classical.lossy_families().values()
timed = [*(family[len(family) // 2] for family in families),
         codecs.classical.PNG(), codecs.classical.WebPLossless(),
         codecs.transform.KLT.fit(mnist.train.images[:5000], step=0.5),
         zoo.codec("mnist-bottleneck")]
points = codecs.sweep(timed, images)
speeds = {p.codec: (len(images) / p.encode_seconds, len(images) / p.decode_seconds) for p in points}

# %%
title = "Digits in a second, on the machine that drew this\nMNIST, test digits, all cores"
names = "encoding", "decoding"
fig = plots.pairs(speeds, title=title, xlabel="images in a second", names=names)
caption = (
    "Digits encoded and decoded in a second by nine codecs, on the machine that drew the figure."
)
figures.save(run, fig, "speeds/12_speed", caption=caption, dataset=mnist)

# %% [markdown]
# ## Exercises
#
# **12a.** *By hand.* Codec A needs 100 bytes at 20 dB and 400 bytes at 30 dB; between them the
# logarithm of its bytes is a linear function of the PSNR. How many bytes does it need at 25 dB?
# Codec B needs half the bytes of A at every PSNR: what is its BD-rate against A in percent? Answer
# with a list, `[bytes, percent]`, in whole numbers.
#
# **12b.** *In code.* Write `bytes_at(num_bytes, psnr_db, target_db)`: two arrays of a curve's
# points, both ascending, and a PSNR between the first and the last one. Return the bytes at that
# PSNR, interpolated linearly in the logarithm of the bytes.
#
# **12c.** *Predict, then measure.* Which codec needs the fewest bytes for a CIFAR-10 image at 33
# dB: `"bottleneck"`, `"KLT"`, `"recurrent"`, `"AVIF, mosaic"` or `"JPEG XL, mosaic"`? Predict it
# from the lesson's text, then read the plane, or use your function with the points of
# `stored["cifar10"]`.
#
# Solutions are in [solutions/12.py](solutions/12.py).

# %%
exercises.check("12a", ...)
exercises.check("12b", ...)
exercises.check("12c", ...)

# %% [markdown]
# ## What to take away
#
# - A codec is described by a curve, and a curve by the bytes that were counted.
# - A bound for Gaussian sources is no bound for digits: what a codec has learned of its images
#   saves bits.
# - An autoencoder without a rate term is better than linear codes only where its own error is small
#   against that of the rounding. A network with a rate term and a context leads at all of its rates
#   on both data sets.
#
# ## References
#
# - [T. Cover, J. Thomas, *Elements of information theory*, 2nd edition,
#   2006](https://doi.org/10.1002/047174882X), sections 10.2 and 10.3.3: the rate–distortion
#   function, and that of a Gaussian source.
# - [G. Bjøntegaard, *Calculation of average PSNR differences between RD-curves*, VCEG-M33,
#   2001](https://www.itu.int/wftp3/av-arch/video-site/0104_Aus/VCEG-M33.doc): the BD-rate.
# - [C. Herglotz et al., *The Bjøntegaard bible: why your way of comparing video codecs may be
#   wrong*, 2023](https://arxiv.org/abs/2304.12852): the interpolation that the course uses, and its
#   limits.
# - [E. Lei, H. Hassani, S. Saeedi Bidokhti, *Neural estimation of the rate-distortion function with
#   applications to operational source coding*, 2022](https://arxiv.org/abs/2204.01612): the
#   estimate of R(D) for MNIST.
# - [E. Dupont et al., *COIN++: neural compression across modalities*,
#   2022](https://arxiv.org/abs/2201.12904): the published points of CIFAR-10.
# - [J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, *Variational image compression with a
#   scale hyperprior*, 2018](https://arxiv.org/abs/1802.01436), section 3: the hyperprior among
#   these points.
# - [J. Townsend, T. Bird, D. Barber, *Practical lossless compression with latent variables using
#   bits back coding*, 2019](https://arxiv.org/abs/1901.04866): BB-ANS.
# - [F. Kingma, P. Abbeel, J. Ho, *Bit-Swap*, 2019](https://arxiv.org/abs/1905.06845): the same with
#   several layers of latents.
# - [E. Hoogeboom et al., *Integer discrete flows and lossless compression*,
#   2019](https://arxiv.org/abs/1905.07376): IDF.
# - [P. Deutsch, *DEFLATE compressed data format*, RFC 1951,
#   1996](https://www.rfc-editor.org/rfc/rfc1951): the coder of PNG.
#
# ## Next
#
# [00 Start here](00_start_here.ipynb): how these numbers are made.
