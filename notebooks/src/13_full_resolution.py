# %% [markdown]
# # 13 Full resolution
#
# *Time: 2 minutes. You learn how a network for small images becomes a codec for photographs of any
# size, what padding and tiles cost, and where the bits of a photograph go.*
#
# ## The question
#
# Until now the images had 28 or 32 pixels on a side. The report's references [1], [3] and [7] are
# about photographs, and nobody wants to send thumbnails. What has to change for a photograph of
# any size? And how far is a network that was trained on two cores behind the best codecs there are?

# %% [markdown]
# ## What you will see
#
# A photograph beside JPEG, WebP and AVIF at equal bytes; what a picture costs whose sides do not
# fit; seams between tiles, and how they disappear; which places and which latents take the bits;
# what refinement buys; the plane of Kodak's 24 photographs with published codecs; and what a
# decoder's work has to do with its quality.
#
# ![codecs on Kodak's photographs](../figures/13_plane_kodak.png)

# %%
import time

import numpy as np
from IPython.display import Markdown, display

from kerascomp import datasets, limits, metrics, plots, zoo
from kerascomp.codecs import classical, tiles
from kerascomp.codecs.bottleneck import systems
from kerascomp.codecs.bottleneck.conditioning import NUM_CONDITIONS
from kerascomp.course import exercises, figures, results, runs
from kerascomp.statistics import signed

run = runs.start("13_full_resolution")
kodak = datasets.kodak()
photograph = kodak[min(22, len(kodak) - 1)]
if run.profile == "fast":
    photograph = photograph[120:216, 240:368]
codec = zoo.codec("photo-bottleneck").for_shape(photograph.shape)

# %% [markdown]
# ## A photograph in one file
#
# The codec is that of lesson 08: an analysis, quantization steps, a prior with a context, a
# synthesis, one network for every rate. But all its layers are convolutions. A
# <dfn>fully convolutional</dfn> network has no layer that depends on the size of its input, so it
# takes images of any size. It was trained on squares of 128×128 pixels, cut out of 183 photographs.
# This one, number 23 of Kodak's, was not among them:

# %%
here = codec.at(quality=0.4)
(file,) = here.encode(photograph[None])
(decoded,) = here.decode([file])
pixels = photograph[..., 0].size
psnr_db = float(metrics.psnr_db(photograph[None], decoded[None])[0])
print(f"{len(file):,} bytes, {8 * len(file) / pixels:.3f} bits per pixel, {psnr_db:.2f} dB")

# %% [markdown]
# The formats at their largest quality whose file is not larger:

# %%
versions = {"the original": (photograph, photograph.size), "bottleneck": (decoded, len(file))}
for kind in (classical.AVIF, classical.WebP, classical.JPEG):
    rival, content = classical.largest_quality(kind, photograph, len(file))
    versions[rival.name] = rival.decode([content])[0], len(content) - kind.extra_bytes

# %%
def noted(version, size):
    """Returns what stands under a version of the photograph."""
    if version is photograph:
        return f"{size:,} bytes raw"
    return f"{size:,} bytes\n{metrics.psnr_db(photograph[None], version[None])[0]:.1f} dB"

# %% [markdown]
# A part of each, the head of a parrot:

# %%
part = (slice(130, 290), slice(360, 520)) if photograph.shape[0] == 512 else ...
shown = np.stack([version[part] for version, _ in versions.values()])
notes = [noted(version, size) for version, size in versions.values()]
title = "A photograph at equal bytes\na part of number 23 of Kodak, decoded"
fig = plots.distortions(shown[None], list(versions), [notes], title=title)
caption = "A part of a photograph, decoded from files of equal size: ours, AVIF, WebP and JPEG."
figures.save(run, fig, "13_equal_bytes", caption=caption, dataset=kodak)

# %% [markdown]
# ## Sides that do not fit
#
# The latents stand for blocks of 16×16 pixels. <dfn>Padding</dfn> is what is added to an image to
# fill whole blocks, and is cut off again after decoding. Here the last row and column are repeated.
# What is added is coded like everything else. One row and one column more than whole blocks:

# %%
def num_bytes(picture):
    """Returns the bytes of a picture of any size."""
    return len(codec.at(quality=0.4).for_shape(picture.shape).encode(picture[None])[0])

# %%
height, width = (size // 16 * 16 - 16 for size in photograph.shape[:2])
fitting, larger = photograph[:height, :width], photograph[: height + 1, : width + 1]
sizes = [num_bytes(picture) for picture in (fitting, larger)]
added = 100 * ((height + 16) * (width + 16) / (larger[..., 0].size) - 1)
print(f"{width}×{height}: {sizes[0]:,} bytes; {width + 1}×{height + 1}: {sizes[1]:,} bytes")
more = 100 * (sizes[1] / sizes[0] - 1)
print(f"{added:.1f} % more pixels are coded, for {more:.1f} % more bytes")

# %% [markdown]
# Repeated pixels are cheaper than others, but not free: most is saved across the edge, nothing
# along it. Black pixels would make an edge of their own.
#
# ## Tiles, and how far a network sees
#
# One layer of 64 channels on blocks of 4×4 pixels has 96 million numbers for a photograph of 24
# megapixels: 384 megabytes, and there are a dozen such layers. So large photographs are decoded
# part by part. A <dfn>tile</dfn> is a part of a picture that is computed by itself. But a pixel
# near the edge of a tile depends on latents beyond it. How far? The <dfn>receptive field</dfn> of
# an output is the part of the input on which it depends. It grows by two with every kernel of 3×3,
# and twice as fast on a grid that is twice as coarse. In this decoder a pixel depends on latents
# at most 104 pixels away. So tiles are exact if each is decoded with a halo of 7 blocks, 112
# pixels, of which nothing is kept:

# %%
symbols = here.coder.decode_each([file]).reshape(1, *here.coder.latent_shape)
quality = np.full(1, here.quality, np.float32)


def pixels_of(latents):
    """Returns the pixels of a part of the latents (1, h, w, K)."""
    y_hat = (latents * here.steps).astype(np.float32)
    return datasets.to_uint8(here.model.synthesize([y_hat, quality]).numpy())

# %%
in_tiles = {halo: tiles.in_tiles(pixels_of, symbols, (1, 16), halo, places=8) for halo in (0, 7)}
cut = slice(photograph.shape[0]), slice(photograph.shape[1])
seams, exact = (in_tiles[halo][0][cut] for halo in (0, 7))
others = np.count_nonzero(exact != decoded)
assert np.abs(exact.astype(int) - decoded).max() <= 1 and others < 1e-4 * decoded.size
print(f"with a halo {others} of {decoded.size:,} numbers differ, by 1: sums of floats are rounded")
error = np.abs(seams.astype(int) - decoded).max(axis=2)
print(f"without a halo {np.mean(error > 0):.0%} of the pixels are wrong, by up to {error.max()}")

# %% [markdown]
# And where they are wrong:

# %%
square = (slice(90, 300), slice(330, 540)) if photograph.shape[0] == 512 else ...
views = [exact, seams, np.repeat(np.minimum(60 * error, 255).astype(np.uint8)[..., None], 3, 2)]
titles = ["tiles with a halo", "tiles without", "the difference, 60 times"]
title = "Without a halo, tiles go wrong where they meet\ntiles of 128×128 pixels"
notes = ["as decoded at once", f"wrong by up to {error.max()} of 255", "of both"]
fig = plots.distortions(
    np.stack([view[square] for view in views])[None], titles, [notes], title=title
)
caption = "A photograph decoded in tiles with a halo, without, and the difference."
figures.save(run, fig, "13_tiles", caption=caption, dataset=kodak)

# %% [markdown]
# What to notice: the difference is largest along a grid, where tiles meet. With this network it is
# too small to see without enlarging it, for its convolutions change little. Its card says why:
# until the last seven epochs they were dead, all zeros behind a ReLU, so most of what it does is
# done by the linear transforms beside them. Look for blocks of 16×16 pixels in smooth places.
#
# ## Where the bits are
#
# The latents are decoded in groups, as in lesson 08: the first four channels in two halves, like
# the colors of a checkerboard, then four more, and so on, each with what is known already as its
# context. So the first channels do what the hyperprior of lesson 12 does: they say what to expect
# of all others, where the picture is smooth and where it is not.

# %%
bits = here.coder.estimated_bits(symbols.reshape(1, -1)).reshape(symbols.shape)[0]
values = symbols[0] * here.steps[: symbols.shape[-1]]
NUM_FIRST = 8
maps = {
    "latent 1, the brightness": values[..., 0],
    f"bits of latents 1 to {NUM_FIRST}": bits[..., :NUM_FIRST].sum(axis=2),
    f"bits of latents {NUM_FIRST + 1} to {bits.shape[-1]}": bits[..., NUM_FIRST:].sum(axis=2),
}

# %%
title = "Smooth places cost little\nblocks of 16×16 pixels of one photograph"
fig = plots.maps_of(photograph, maps, title=title)
caption = "A photograph, its first latent, and the bits of its first and of its other latents."
figures.save(run, fig, "13_bits", caption=caption, dataset=kodak)

# %% [markdown]
# What would the same integers cost without a context? Give each channel its own histogram, as in
# lesson 06, and do not even count that the decoder would have to know it:

# %%
places = symbols[0, ..., 0].size
alone = sum(places * limits.entropy_bits(symbols[..., k]) for k in range(symbols.shape[-1]))
print(f"a histogram for each channel: {alone / 8:,.0f} bytes, with the context {len(file):,}")
print(f"the context saves {1 - 8 * len(file) / alone:.0%}")
first = bits[..., :NUM_FIRST].sum() / bits.sum()
print(f"the first {NUM_FIRST} of {bits.shape[-1]} channels take {first:.0%} of the bits")

# %% [markdown]
# ## Taking time to encode
#
# The encoder answers in one pass. As in lesson 08, its answer is only a start: `with_effort(steps)`
# follows the gradient of bits + lambda · error in the latents of this one picture. The decoder does
# not change, and takes as long as before. A small part of the photograph:

# %%
small = photograph[-128:, :192]
plain, rows = codec.for_shape(small.shape).at(quality=0.4), []
lmbda = float(plain.model.lmbda(np.float32(plain.quality)))
for steps in run.choose(full=(0, 50, 200), fast=(0, 2)):
    refined = plain.with_effort(steps)
    started = time.perf_counter()
    (one,) = refined.encode(small[None])
    seconds = time.perf_counter() - started
    error = float(metrics.mse(small[None], plain.decode([one]))[0])
    bpp, db = 8 * len(one) / small[..., 0].size, metrics.mse_to_psnr_db(error)
    rows.append((steps, len(one), db, bpp + lmbda * error, seconds))

# %% [markdown]
# The loss is what the steps lower, bits per pixel + lambda · MSE:

# %%
lines = [f"| {steps} | {size:,} | {db:.2f} | {signed(100 * (loss / rows[0][3] - 1), 1)} % "
         f"| {seconds:.0f} s |" for steps, size, db, loss, seconds in rows]
header = "| steps | bytes | PSNR (dB) | loss | to encode |\n|---:|---:|---:|---:|---:|\n"
Markdown(header + "\n".join(lines))

# %% [markdown]
# ## On Kodak's plane
#
# All 24 photographs, one network, real files. Each photograph is a file of its own; the PSNRs of
# the photographs are averaged, as in most papers. White marks are published results: the recurrent
# network of the report's reference [7], the factorized prior and the hyperprior of Ballé and
# others, BPG (the still image of HEVC), VVC, and Cool-chic, whose file is a network.

# %%
stored = results.load("photographs")
SHOWN = ("JPEG", "WebP", "JPEG 2000", "JPEG XL", "AVIF", "bottleneck")
curves = {name: stored[name] for name in SHOWN if name in stored}
PUBLISHED = ("Toderici et al. 2017", "factorized prior", "hyperprior", "BPG", "VVC",
             "Cool-chic 5.0")
points = {name: (limits.KODAK_BPP, limits.KODAK_PUBLISHED[name][0]) for name in PUBLISHED}

# %%
fig = plots.photograph_plane(
    {name: ([p.bpp for p in line], [p.psnr_db for p in line]) for name, line in curves.items()},
    points,
    limits=(0.06, 2.5, 22, 42),
    title="Where the network stands among codecs for photographs\nKodak, 24 photographs",
    ylabel="PSNR, mean of the photographs (dB)",
)
caption = "Kodak's 24 photographs: PSNR against bits per pixel, with published results."
figures.save(run, fig, "13_plane_kodak", caption=caption, dataset=kodak)

# %% [markdown]
# PSNR is not all. MS-SSIM compares structures at several scales (lesson 00); near 1 it is easier to
# read in decibels, $-10 \log_{10}(1 - \text{MS-SSIM})$:

# %%
def decibels(ms_ssim):
    """Returns MS-SSIM in decibels."""
    return -10 * np.log10(1 - np.asarray(ms_ssim))

# %%
fig = plots.photograph_plane(
    {name: ([p.bpp for p in line], decibels([p.ms_ssim for p in line]))
     for name, line in curves.items()},
    {name: ([0.5], [decibels(limits.KODAK_PUBLISHED[name][1])]) for name in PUBLISHED
     if limits.KODAK_PUBLISHED[name][1]},
    limits=(0.06, 2.5, 6, 24),
    title="The same photographs, judged by structure\nKodak, 24 photographs",
    ylabel="MS-SSIM, mean of the photographs (dB)",
)
caption = "Kodak's 24 photographs: MS-SSIM in decibels against bits per pixel, and published ones."
figures.save(run, fig, "13_plane_ms_ssim", caption=caption, dataset=kodak)

# %% [markdown]
# In one number, bits at equal PSNR:

# %%
ours = stored["bottleneck"]
rows = [f"| {name} | {signed(metrics.bd_rate(line, ours))} % |" for name, line in curves.items()
        if name != "bottleneck"]
display(Markdown("| the bottleneck against | BD-rate |\n|---|---:|\n" + "\n".join(rows)))

# %% [markdown]
# And how many dB others are ahead at equal rates:

# %%
def ours_at(bpp):
    """Returns our PSNR at a rate, interpolated."""
    return float(np.interp(np.log(bpp), np.log([p.bpp for p in ours]), [p.psnr_db for p in ours]))


for name in PUBLISHED:
    gaps = [signed(db - ours_at(bpp), 1)
            for bpp, db in zip(limits.KODAK_BPP, limits.KODAK_PUBLISHED[name][0], strict=True)]
    print(f"{name} against ours: {', '.join(gaps)} dB at .25, .5 and 1 bit per pixel")

# %% [markdown]
# What to notice: about as good as WebP, better than JPEG, JPEG 2000 and JPEG XL, not as good as
# AVIF, and far from what larger networks reach. Above one bit per pixel the curve bends: 320
# latents for 768 numbers of a block leave something out. By MS-SSIM, on which neither was trained,
# the order of the formats is another one.
#
# ## What a decoder has to do
#
# One reason for what is missing is the training. Yang and Mandt's networks saw 9·10¹¹ pixels, ours:

# %%
recipe = zoo.card("photo-bottleneck")["recipe"]
seen = recipe["epochs"] * 32 * 183 * recipe["crop"] ** 2  # 32 squares of each of 183 photographs
print(f"{seen:.1e} pixels")

# %% [markdown]
# Another one is the size of the network. How many multiplications does a pixel cost? A convolution
# multiplies each weight once for each place of its output.

# %%
def multiplications(network, num_pixels):
    """Returns the multiplications of a network of convolutions for each pixel."""
    total = 0
    for layer in network.layers:
        kernels = [w.shape for w in layer.weights if len(w.shape) > 1]
        # Those that read the quality are multiplied once an image.
        sizes = [np.prod(shape) for shape in kernels if shape[0] != NUM_CONDITIONS]
        if sizes:
            total += np.prod(layer.output.shape[1:-1]) * sum(sizes)
    return total / num_pixels

# %%
side = 256
model = systems.photographs((side, side, 3))
prior = [w for w in model.prior.trainable_weights if len(w.shape) > 1]
of_prior = sum(np.prod(weight.shape) for weight in prior) / 16**2  # each at most once a block
costs = [multiplications(network, side**2) for network in (model.analysis, model.synthesis)]
decoding = costs[1] + of_prior
print(f"a pixel to encode: {costs[0]:,.0f} multiplications, and {of_prior:,.0f} of the prior")
print(f"a pixel to decode: {costs[1]:,.0f}, and those of the prior")

# %% [markdown]
# Against what is published:

# %%
cost = {name: (kmac, psnr_db[1]) for name, (psnr_db, _, kmac) in limits.KODAK_PUBLISHED.items()
        if kmac}
fig = plots.quality_by_cost(
    cost | {"ours": (decoding / 1000, ours_at(0.5))},
    ours="ours",
    title="More work helps, and so does better work\nKodak at 0.5 bits per pixel",
    ylabel="PSNR, mean of the photographs (dB)",
)
caption = "PSNR on Kodak at half a bit per pixel against the multiplications of the decoder."
figures.save(run, fig, "13_cost", caption=caption, dataset=kodak)

# %% [markdown]
# And in seconds? On this machine, now. The work grows with the pixels, no faster:

# %%
rows = []
for factor in run.choose(full=(1, 2, 3), fast=(1,)):
    large = np.tile(photograph, (factor, factor, 1))[None]
    sized = here.for_shape(large.shape[1:])
    started = time.perf_counter()
    large_files = sized.encode(large)
    encoded = time.perf_counter()
    sized.decode(large_files)
    finished = time.perf_counter()
    megapixels = large[0, ..., 0].size / 1e6
    seconds = np.array([encoded - started, finished - encoded]) / megapixels
    rows.append(f"| {megapixels:.1f} | {seconds[0]:.1f} s | {seconds[1]:.1f} s |")
header = "| megapixels | to encode one | to decode one |\n|---:|---:|---:|\n"
Markdown(header + "\n".join(rows))

# %% [markdown]
# ## Your own picture
#
# The command does all of this, with any picture:
#
#     kerascomp compress holiday.jpg holiday.kc --quality 0.4
#     kerascomp compress holiday.jpg smaller.kc --quality 0.4 --effort 100
#     kerascomp decompress holiday.kc holiday.png
#     kerascomp compare holiday.jpg -o holiday.html
#
# The last one writes a page with a slider between the original and what the formats make of it at
# equal bytes.

# %% [markdown]
# ## Exercises
#
# **13a.** *By hand.* A photograph has 1000×700 pixels, and blocks have 16×16. How many blocks are
# coded, and how many percent of pixels does padding add? Answer with a list, `[blocks, percent]`.
#
# **13b.** *In code.* Write `receptive_field(kernels, strides)`: lists of the side and the stride of
# each of several convolutions, the first one first. Return how many pixels of a side an output of
# the last one depends on.
#
# **13c.** *Predict, then measure.* How many percent more bits does JPEG need than AVIF at equal
# PSNR, on Kodak? Look at the plane, predict it, then measure it with `metrics.bd_rate` and the
# points of `stored`.
#
# Solutions are in [solutions/13.py](solutions/13.py).

# %%
exercises.check("13a", ...)
exercises.check("13b", ...)
exercises.check("13c", ...)

# %% [markdown]
# ## What to take away
#
# - A fully convolutional codec takes any size. Padding adds pixels, but cheap ones.
# - Tiles are exact if each is computed with a halo as wide as the receptive field.
# - The latents that are decoded first tell what to expect of the others, and that saves more bits
#   than anything else.
#
# ## References
#
# - [G. Toderici et al., *Full resolution image compression with recurrent neural networks*,
#   2017](https://arxiv.org/abs/1608.05148): the report's reference [7], and its points on Kodak.
# - [L. Theis, W. Shi, A. Cunningham, F. Huszár, *Lossy image compression with compressive
#   autoencoders*, 2017](https://arxiv.org/abs/1703.00395): its reference [3].
# - [J. Ballé, D. Minnen, S. Singh, S. J. Hwang, N. Johnston, *Variational image compression with a
#   scale hyperprior*, 2018](https://arxiv.org/abs/1802.01436), section 3: the hyperprior.
# - [D. Minnen, S. Singh, *Channel-wise autoregressive entropy models for learned image
#   compression*, 2020](https://arxiv.org/abs/2007.08739): groups of channels, one after the other.
# - [D. He et al., *Checkerboard context model for efficient learned image compression*,
#   2021](https://arxiv.org/abs/2103.15306): the two halves.
# - [Y. Yang, S. Mandt, *Computationally-efficient neural image compression with shallow decoders*,
#   2023](https://arxiv.org/abs/2304.06244): decoders with few multiplications.
# - [T. Ladune et al., *COOL-CHIC: coordinate-based low complexity hierarchical image codec*,
#   2023](https://arxiv.org/abs/2212.05458): the file is the network.
#
# ## Next
#
# [00 Start here](00_start_here.ipynb): how these numbers are made.
