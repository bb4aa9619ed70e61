# %% [markdown]
# # 11 t-SNE probing
#
# *Time: 2 minutes. You learn to draw a map of a code, to distrust it, and to test with numbers and
# controls what a compressor knows of its images.*
#
# ## The question
#
# The report claims that compressed digits are better clustered than raw ones, and so are their
# reconstructions: the network, trained without labels, has learned the ten classes and uses them to
# compress. It shows two pictures. Do the pictures prove it?

# %% [markdown]
# ## What you will see
#
# The report's figures 6 and 7, side by side and aligned; the same for every kind of network in this
# course; then what a picture cannot give: scores with intervals, for codes, for reconstructions,
# and for controls that are no networks, or were not trained; and at how many bits the class can be
# read from a code.
#
# ![maps of raw digits, codes and reconstructions](../figures/11_maps.png)

# %%
import itertools

import numpy as np
from IPython.display import Markdown
from scipy.ndimage import gaussian_filter
from tqdm.auto import tqdm

from kerascomp import codecs, datasets, metrics, pca, plots, probing, zoo
from kerascomp.course import exercises, explorer, families, figures, results, runs
from kerascomp.networks import autoencoders, training
from kerascomp.statistics import signed

run = runs.start("11_tsne_probing")
mnist = datasets.mnist(run.limit)
num_digits, on_maps = run.choose(full=(5000, 2500), fast=(200, 120))  # how many have points
digits, labels = mnist.test.images[:num_digits], mnist.test.labels[:num_digits]

# %% [markdown]
# ## Three kinds of vectors
#
# A digit is 784 numbers, its pixels. The dense network of lesson 02 makes 32 numbers of them, and
# 784 again of those. The labels are not used by anything in this lesson but colors and scores.

# %%
dense = zoo.network("mnist-dense")
code = codecs.latents(dense, digits)  # (N, 32)
decoded = dense.reconstruct(digits)  # (N, 28, 28, 1)
vectors = {"raw digits": digits, "codes of 32 numbers": code, "reconstructions": decoded}

# %% [markdown]
# The method <dfn>t-SNE</dfn> lays vectors $x_i$ out as points $y_i$ in the plane so that neighbors
# stay neighbors. It turns distances into probabilities of pairs, $p_{ij}$ between vectors and
# $q_{ij}$ between points, and moves the points to lower the divergence of the two (lesson 07):
#
# $$\sum_{i \ne j} p_{ij} \log \frac{p_{ij}}{q_{ij}}, \qquad
# p_{j|i} \propto e^{-\|x_i - x_j\|^2 / 2\sigma_i^2}, \quad
# p_{ij} = \frac{p_{j|i} + p_{i|j}}{2N}, \quad q_{ij} \propto \frac{1}{1 + \|y_i - y_j\|^2}.$$
#
# A pair that is near in space (large $p_{ij}$) and far on the map (small $q_{ij}$) costs much, the
# opposite little. The <dfn>perplexity</dfn> is $2^H$, where $H$ is the entropy in bits of the
# probabilities $p_{j|i}$ of a vector's neighbors: about how many of them count. The width
# $\sigma_i$ is chosen for each vector so that it is 30 for all.
#
# The map of the raw digits starts from their two main directions (PCA). The maps of codes and
# reconstructions start from the finished map of the raw digits, so that you can look for the same
# digits in the same corner.
#
# What t-SNE does not keep: distances between far groups, sizes of groups, densities. And points
# would move even if the vectors were the same: the start is shrunk almost to a point, and in the
# first iterations neighbors are pulled together much harder than later. A gap on the map is a hint,
# not a finding.

# %%
maps = {}
for name, values in tqdm(vectors.items(), desc="maps"):
    start = maps.get("raw digits")
    maps[name] = probing.embed_once(run.cache, values[:on_maps], start=start)

# %%
shown_labels = labels[:on_maps]
on_the_map = {name: probing.knn_accuracy(points, shown_labels) for name, points in maps.items()}
fig = plots.maps(maps, shown_labels)
caption = (
    f"Maps by t-SNE (perplexity {probing.PERPLEXITY}) of {on_maps:,} raw test digits, of "
    "their codes in the dense network, and of its reconstructions; the last two start from "
    "the first."
)
figures.save(run, fig, "11_maps", caption=caption, values={"knn": on_the_map}, dataset=mnist)

# %% [markdown]
# What to notice: the raw digits, on the left, are clustered already, without any network. That is
# the first thing the report's figure 6 does not say: t-SNE makes islands of almost everything that
# has near neighbors, and digits have. Whether the middle is *better*, the eye cannot tell.

# %% [markdown]
# ## Look at the digits themselves
#
# Where does the map of the codes mix classes most? There, its points are replaced by the digits.

# %%
points = maps["codes of 32 numbers"]
around = probing.neighbors(points, run.choose(full=60, fast=20))
purity = (labels[around] == shown_labels[:, None]).mean(axis=1)
center = points[purity[around].mean(axis=1).argmin()]
side = 0.16 * np.ptp(points, axis=0).max()
window = (*(center - side / 2), side)

# %%
title = "Where the codes mix classes most"
fig = plots.zoomed_map(points, shown_labels, digits[:on_maps], window=window, title=title)
caption = (
    "The map of the dense network's codes, and the part of it where neighbors agree least, "
    "made of the digits."
)
figures.save(run, fig, "11_zoom", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: digits of other classes lie here because they look alike in some other way. Which
# one? The class is only one of the things that a code keeps.

# %% [markdown]
# ## Numbers instead of islands
#
# | score | question |
# | --- | --- |
# | k-NN accuracy | do most of the ten nearest vectors, or points on the map, have the same label? |
# | linear probe | can a linear classifier trained on a few hundred vectors predict the label? |
# | silhouette | is the own class nearer than the next one? |
# | NMI of k-means | do ten clusters, found without labels, match the classes? |
#
# <dfn>NMI</dfn> (normalized mutual information) is the information that clusters give about
# classes, divided by the mean of both entropies: 0 if they are independent, 1 if they are the same.
# A <dfn>linear probe</dfn> is a linear classifier that is trained to predict a label from a code.
# The <dfn>trustworthiness</dfn> of a map is 1 if the nearest points on it are nearest vectors too,
# and less the farther they are from that.
#
# All but the probe judge geometry: they change when a number of a code is scaled, although no
# information is lost. So there is a control with the same code on equal scales. The other controls:
# if a code of 32 numbers scores better than pixels, perhaps any 32 numbers do: PCA, random
# projections, the same network before training. If reconstructions do, perhaps any damage of the
# same MSE does: noise, JPEG, a blur, a reconstruction by PCA.

# %%
error = metrics.mse(digits, decoded).mean()
rng = np.random.default_rng(0)
x = datasets.to_float(digits)
noise = rng.standard_normal(x.shape).astype(np.float32)
components = pca.fit(mnist.train.images[: run.choose(full=20_000, fast=300)], 120)


def nearest_in_error(damage, strengths):
    """Returns the damaged digits whose MSE is nearest to the dense network's."""
    candidates = map(damage, strengths)
    return min(candidates, key=lambda images: abs(metrics.mse(digits, images).mean() - error))


def jpeg(quality):
    """Returns the digits compressed by JPEG."""
    codec = codecs.classical.JPEG(quality)
    return codec.decode(codec.encode(digits))


def blur(deviation):
    """Returns the digits blurred by a Gaussian filter."""
    return datasets.to_uint8(gaussian_filter(x, (0, deviation, deviation, 0)))


# %% [markdown]
# Each kind of damage is tuned until its error is the network's.

# %%
ways = {
    "noise": (lambda strength: datasets.to_uint8(x + strength * noise), np.arange(0.06, 0.2, 0.01)),
    "JPEG": (jpeg, range(4, 16)),
    "blur": (blur, np.arange(0.3, 1, 0.05)),
    "PCA decoded": (lambda k: pca.reconstruct(components, digits, k), range(40, 121, 8)),
}
damaged = {name: nearest_in_error(*way) for name, way in ways.items()}

# %%
errors = {name: metrics.mse(digits, images).mean() for name, images in damaged.items()}
print(f"dense {error:.4f}", {name: round(float(mse), 4) for name, mse in errors.items()})
assert max(abs(mse / error - 1) for mse in errors.values()) < 0.25, "about the same MSE"

# %%
training.seed_everything(0)
flat = x.reshape(len(x), -1)
alive = code.std(axis=0) > 0  # a number that is always the same has no scale
controls = {
    "dense code, equal scales": code[:, alive] / code[:, alive].std(axis=0),
    "dense code, untrained": codecs.latents(autoencoders.dense(32), digits),
    "PCA, 32 numbers": components.transform(flat)[:, :32],
    "random projection, 32": flat @ rng.standard_normal((784, 32)),
} | {f"{name}, same MSE": images for name, images in damaged.items()}

# %% [markdown]
# And the other networks: the CNN with its 8 numbers, the U-Net with 512, and the entropy bottleneck
# of lesson 08 at several qualities, whose latents are integers times steps.

# %%
cnn, unet = (zoo.network(f"mnist-{name}") for name in ("cnn", "unet"))
bottleneck = zoo.codec("mnist-bottleneck")
stored = results.load("mnist")["bottleneck, one stream"]
levels = families.BOTTLENECKS["mnist"]["bottleneck"][1]
bits = {level: 8 * point.bytes_per_image for level, point in zip(levels, stored, strict=True)}


def at(level):
    """Returns the latents and the reconstructions of the bottleneck at a level."""
    codec = bottleneck.at_level(level)
    symbols = codec.to_symbols(digits)
    return symbols * codec.steps, codec.to_images(symbols)


rates = {level: at(level) for level in tqdm(levels, desc="qualities")}

# %%
smallest, largest = min(levels), max(levels)
codes, rebuilt = {"dense code, 32": code}, {"dense, decoded": decoded}
for name, network in (("CNN", cnn), ("U-Net", unet)):
    codes[f"{name} code, {network.num_latents}"] = codecs.latents(network, digits)
    rebuilt[f"{name}, decoded"] = network.reconstruct(digits)
for level in (smallest, largest):
    codes[f"bottleneck, {bits[level]:.0f} bits"] = rates[level][0]
    rebuilt[f"decoded from {bits[level]:.0f} bits"] = rates[level][1]

# %% [markdown]
# Each score is computed on three samples of different digits, each with seeds of its own for
# clusters and classifier (those of maps on one sample). The interval is that of a bootstrap over
# digits.

# %%
num_samples, num_each = run.choose(full=(3, 700), fast=(1, 200))
size = {"num_samples": num_samples, "num_each": num_each}
everything = {"raw digits": digits} | codes | rebuilt | controls
samples = probing.probe(everything, labels, run.cache, **size)
scores = {name: {metric: probing.interval(values) for metric, values in of_name.items()}
          for name, of_name in samples.items()}

# %%
names = ("knn", "knn_map", "linear", "silhouette", "nmi")
shown = {name: probing.METRICS[name] for name in names}

# %%
fig = plots.scores(scores, shown, marked=list(controls))
caption = (
    "Scores of raw digits, codes, reconstructions and controls (gray): mean and 95 % interval "
    f"over {num_samples} samples of {num_each} digits. The dotted line is the raw digits' "
    "score."
)
figures.save(run, fig, "11_scores", caption=caption, dataset=mnist)

# %% [markdown]
# The intervals above are wide because some digits are harder than others, for every code. But all
# were given the *same* digits, so the question is asked digit by digit: the interval of the
# *difference* shows what is higher and what is not decided. What holds is computed:

# %%
def difference(name, other, metric):
    """Returns the interval of how a score differs from another's on the same digits."""
    pairs = zip(samples[name][metric], samples[other][metric], strict=True)
    return probing.interval([one - reference for one, reference in pairs])


def text(gap):
    """Returns an interval of a difference, and what it decides."""
    verdict = "**higher**" if gap.low > 0 else "**lower**" if gap.high < 0 else "not decided"
    return f"{gap.signed(3)}, {verdict}"


# %% [markdown]
# In a table:

# %%
def table(rows, columns):
    """Returns a table of differences: a row a pair of representations, a column a metric."""
    head = ["against", *(shown[metric] for metric in columns)]
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for name, other in rows:
        cells = " | ".join(text(difference(name, other, metric)) for metric in columns)
        lines.append(f"| {name} − {other} | {cells} |")
    return "\n".join(lines)


# %%
Markdown(table([(name, "raw digits") for name in codes | rebuilt], ("knn", "silhouette", "nmi")))

# %% [markdown]
# And the dense network against the controls:

# %%
pairs = [("dense code, 32", "PCA, 32 numbers"), ("dense code, 32", "dense code, untrained"),
         *(("dense, decoded", f"{name}, same MSE") for name in ("blur", "PCA decoded", "JPEG"))]
Markdown(table(pairs, ("knn", "silhouette", "nmi")))

# %% [markdown]
# All of them, counted:

# %%
def higher(name, metrics_of):
    """Returns for each metric whether its score is higher than the raw digits'."""
    return [difference(name, "raw digits", metric).low > 0 for metric in metrics_of]


def count(metrics_of):
    """Returns in words how many scores of codes, reconstructions and controls are higher."""
    groups = {"codes": codes, "reconstructions": rebuilt, "controls": controls}
    counts = []
    for label, names in groups.items():
        verdicts = [verdict for name in names for verdict in higher(name, metrics_of)]
        counts.append(f"{label} **{sum(verdicts)} of {len(verdicts)}**")
    return ", ".join(counts)


# %%
clustering, reading = ("silhouette", "nmi"), ("knn", "linear")
by_both = [name for name in codes if all(higher(name, clustering))]
trust = [scores[name]["trustworthiness"].value for name in everything]
Markdown(
    f"Better *clustered* than raw digits (silhouette, NMI): {count(clustering)}. The label better "
    f"to *read* (k-NN, linear probe): {count(reading)}. "
    f"The codes clustered better by both scores: {'; '.join(by_both) or 'none'}. "
    "(One comparison in forty is called higher by chance.) The samples' maps have a "
    f"trustworthiness from {min(trust):.2f} to {max(trust):.2f}: "
    "near points were mostly near before, whatever the islands suggest."
)

# %% [markdown]
# ## The other networks' maps

# %%
part = slice(run.choose(full=1000, fast=100))
panels = {name: values[part] for name, values in codes.items() if not name.startswith("dense")}
panels |= {name: controls[name][part] for name in ("PCA, 32 numbers", "dense code, untrained")}
start = maps["raw digits"][part]
more = {}
for name, values in tqdm(panels.items(), desc="maps"):
    more[name] = probing.embed_once(run.cache, values, start=start)

# %%
on_the_map = {name: probing.knn_accuracy(points, labels[part]) for name, points in more.items()}
fig = plots.maps(more, labels[part])
caption = (
    f"Maps of {len(start):,} digits' codes in the other networks, of their PCA, and of a "
    "network before training, all started from the raw digits' map."
)
figures.save(
    run, fig, "11_maps_networks", caption=caption, values={"knn": on_the_map}, dataset=mnist
)

# %% [markdown]
# ## At how many bits can the class be read from a code?
#
# Ten classes are log2(10) = 3.3 bits. The bottleneck of lesson 08 has one network for many rates,
# so the same question can be asked at each (its numbers of bits are those of real files). Fewer
# bits are left by the report's CNN if its 8 numbers are rounded in coarse steps.

# %%
def hits(values):
    """Returns for each digit whether most of its neighbors have its label, zeros and ones."""
    return probing.knn_accuracy(values, labels, per_vector=True)


def rounded(step):
    """Returns (bits of a file, rounded latents) of the CNN that was trained through noise."""
    codec = codecs.LatentCodec.fit(noisy_cnn, mnist.train.images[:10_000], step)
    bits_of_file = 8 * np.mean([len(file) for file in codec.encode(digits)])
    return bits_of_file, codec.to_symbols(digits) * codec.steps


noisy_cnn = zoo.network("mnist-cnn-noise")
coarse_steps = (3, 2, 1.4, 1, 0.7, 0.5, 0.35)
few_bits, few_latents = zip(*map(rounded, coarse_steps), strict=True)
few_hits = [hits(values) for values in few_latents]
raw = hits(digits)
latent_hits = {level: hits(y_hat) for level, (y_hat, _) in rates.items()}
decoded_hits = {level: hits(x_hat) for level, (_, x_hat) in rates.items()}

# %% [markdown]
# Each digit is a hit or a miss; the intervals are those of the mean over all digits.

# %%
sizes = list(bits.values())
lines = {
    "bottleneck, latents": (sizes, [probing.interval([row]) for row in latent_hits.values()]),
    "bottleneck, decoded": (sizes, [probing.interval([row]) for row in decoded_hits.values()]),
    "CNN, rounded latents": (few_bits, [probing.interval([row]) for row in few_hits]),
}
fig = plots.score_by_bits(
    lines,
    title="What a code of so many bits knows of the class",
    ylabel="k-NN accuracy",
    references={f"raw digits, {8 * digits[0].size:,} bits: {raw.mean():.3f}": raw.mean()},
)
caption = (
    "k-NN accuracy of the entropy bottleneck's latents and reconstructions, and of the CNN's "
    f"rounded latents, against bits; {num_digits:,} digits."
)
figures.save(run, fig, "11_bits", caption=caption, dataset=mnist)

# %%
def from_bits(hits_at):
    """Returns the fewest bits from which on, digit by digit, at most one in a hundred is lost."""
    downwards = sorted(levels, key=bits.get, reverse=True)
    good = [bits[level] for level in itertools.takewhile(
        lambda level: probing.interval([hits_at[level] - raw]).low > -0.01, downwards)]
    return f"from **{min(good):.0f} bits** on" if good else "at **none** of these sizes"


part = slice(run.choose(full=2000, fast=200))
linear = {size: probing.linear_probe(values[part], labels[part])
          for size, values in ((few_bits[0], few_latents[0]), (few_bits[3], few_latents[3]),
                               (bits[smallest], rates[smallest][0]))}
Markdown(
    f"With the CNN's code in **{few_bits[0]:.0f} bits** the neighbors are right for "
    f"{few_hits[0].mean():.1%} of the digits, in {few_bits[3]:.0f} bits for "
    f"{few_hits[3].mean():.1%}. A linear probe reads "
    + ", ".join(f"{score:.1%} at {size:.0f} bits" for size, score in linear.items()) + ". "
    f"At **{bits[smallest]:.0f} bits**, {bits[smallest] / (8 * digits[0].size):.1%} of the raw "
    f"digit, the bottleneck's are right for {latent_hits[smallest].mean():.1%} of the latents and "
    f"{decoded_hits[smallest].mean():.1%} of the reconstructions, against {raw.mean():.1%} of the "
    "raw digits. That less than one point is lost is sure for reconstructions "
    f"{from_bits(decoded_hits)}, and for latents {from_bits(latent_hits)}."
)

# %% [markdown]
# ## Does the report's claim hold?
#
# The report says that its networks compress by a *knowledge base*: that they know the ten classes,
# although they were trained without labels, so that codes and reconstructions are clustered better
# than raw digits. For each of its networks, decided by the intervals above:

# %%
def answer(name, other="raw digits"):
    """Returns whether one is clustered better than the other: both scores, and their intervals."""
    gaps = {shown[metric]: difference(name, other, metric) for metric in clustering}
    verdict = "not clearly"
    if min(gap.low for gap in gaps.values()) > 0:
        verdict = "yes"
    elif max(gap.high for gap in gaps.values()) < 0:
        verdict = "no"
    values = ", ".join(f"{label} {signed(gap.value, 3)}" for label, gap in gaps.items())
    return f"{verdict} ({values})"


pairs = {"dense": ("dense code, 32", "dense, decoded"),
         "CNN": (f"CNN code, {cnn.num_latents}", "CNN, decoded"),
         "U-Net": (f"U-Net code, {unet.num_latents}", "U-Net, decoded")}
claim = {name: {"codes": answer(code_name), "reconstructions": answer(decoded_name)}
         for name, (code_name, decoded_name) in pairs.items()}
table_rows = [f"| {name} | {of['codes']} | {of['reconstructions']} |" for name, of in claim.items()]
Markdown(
    "| network | codes better clustered than raw digits? | reconstructions? |\n"
    "| --- | --- | --- |\n" + "\n".join(table_rows)
)

# %% [markdown]
# And what the controls say of the network whose pictures the report shows:

# %%
Markdown(
    "Are the dense network's reconstructions clustered better than a blur of the same error? "
    f"{answer('dense, decoded', 'blur, same MSE')}. Its codes better than PCA of as many numbers? "
    f"{answer('dense code, 32', 'PCA, 32 numbers')}."
)

# %% [markdown]
# ## Try it
#
# Slide through the digits, choose a class, or go to a neighbor (widgets need a running notebook;
# the picture below shows one position).

# %%
number = run.choose(full=2000, fast=100)
points = maps["codes of 32 numbers"][:number]
explorer.Explorer(
    digits[:number], decoded[:number], latents=code[:number], labels=labels[:number], points=points
)

# %% [markdown]
# One position, a digit whose code has neighbors of other classes:

# %%
index = int(purity[:number].argmin())
nearest = probing.neighbors(code[:number], 6)[index]
fig = plots.digit_card(
    digits[index],
    decoded[index],
    code[index],
    digits[nearest],
    place=(points, labels[:number], index),
    title=f"Digit no. {index}, a {labels[index]}",
)
caption = (
    "One digit of the interactive view: its place on the map, its code, what that decodes to, "
    "and the digits with the nearest codes."
)
figures.save(run, fig, "11_card", caption=caption, values={"nearest": nearest, "claim": claim},
             dataset=mnist)

# %% [markdown]
# ## Exercises
#
# **11a.** *By hand.* One class has the numbers 0, 2 and 4, another one 7 and 9. What is the
# silhouette of the number 4? It is (b − a) / max(a, b), where a is the mean distance to the others
# of its own class and b the mean distance to the other class. Give two decimals.
#
# **11b.** *In code.* Write `nearest_accuracy(vectors, labels)`: the share of vectors, rows of an
# array (N, D), whose nearest *other* vector has the same label. Distances are Euclidean.
#
# **11c.** *Predict, then measure.* Which of these has the highest k-NN accuracy: `"raw digits"`,
# `"dense code, 32"`, `"PCA, 32 numbers"` or `"dense code, untrained"`? Predict it, then look it up
# in `scores[name]["knn"]`.
#
# Solutions are in [solutions/11.py](solutions/11.py).

# %%
exercises.check("11a", ...)
exercises.check("11b", ...)
exercises.check("11c", ...)

# %% [markdown]
# ## What to take away
#
# - t-SNE shows islands for raw pixels too. Without the same picture of a control, a map proves
#   nothing; with it, one number is still missing: a score, with its interval.
# - "Better clustered" has several meanings, and they do not agree. Nor do the networks: which of
#   them hold for which is in the tables above, digit by digit.
# - That reconstructions are better clustered shows no knowledge of classes as long as a blur of the
#   same error does as well. The control decides what a finding means.
# - A code keeps what decoding needs. The class is a part of that, and takes few bits.
#
# ## References
#
# - [L. van der Maaten, G. Hinton, *Visualizing data using t-SNE*,
#   2008](https://www.jmlr.org/papers/v9/vandermaaten08a.html), sections 2 and 3: the objective and
#   the perplexity.
# - [D. Kobak, P. Berens, *The art of using t-SNE for single-cell transcriptomics*,
#   2019](https://doi.org/10.1038/s41467-019-13056-x): why a map starts from PCA.
# - [M. Wattenberg, F. Viégas, I. Johnson, *How to use t-SNE effectively*,
#   2016](https://doi.org/10.23915/distill.00002): what a map does not show.
# - [P. Rousseeuw, *Silhouettes: a graphical aid to the interpretation and validation of cluster
#   analysis*, 1987](https://doi.org/10.1016/0377-0427(87)90125-7), section 2: the silhouette.
# - [A. Strehl, J. Ghosh, *Cluster ensembles*, 2002](https://www.jmlr.org/papers/v3/strehl02a.html):
#   normalized mutual information.
# - [J. Venna, S. Kaski, *Neighborhood preservation in nonlinear projection methods*,
#   2001](https://doi.org/10.1007/3-540-44668-0_68): trustworthiness.
# - [G. Alain, Y. Bengio, *Understanding intermediate layers using linear classifier probes*,
#   2016](https://arxiv.org/abs/1610.01644): linear probes.
# - [B. Efron, R. Tibshirani, *An introduction to the bootstrap*,
#   1993](https://doi.org/10.1201/9780429246593), chapter 13: the intervals.
#
# ## Next
#
# [12 Rate and distortion](12_rate_and_distortion.ipynb): every codec of the course on one plot.
