# %% [markdown]
# # 11 t-SNE probing
#
# *Time: 2 minutes. You learn to draw a map of a code, to test with scores and controls what it
# seems to show, and in how many bits the class of a digit can be kept.*
#
# ## The question
#
# The report claims that compressed digits are better clustered than raw ones, and so are their
# reconstructions: the network, trained without labels, has learned the ten classes and uses them to
# compress. It shows two pictures. Do they prove the claim?

# %% [markdown]
# ## What you will see
#
# The report's figures 6 and 7, side by side and aligned; scores with intervals, for codes, for
# reconstructions, and for controls that are no networks, or were not trained; the maps of other
# networks; and at how many bits the class can be read from a code.
#
# ![maps of raw digits, codes and reconstructions](../figures/11_maps.png)

# %%
import numpy as np
from IPython.display import Markdown
from scipy.ndimage import gaussian_filter
from tqdm.auto import tqdm

from kerascomp import codecs, datasets, metrics, pca, plots, probing, zoo
from kerascomp.course import exercises, explorer, families, figures, interactive, results, runs
from kerascomp.networks import autoencoders, training
from kerascomp.statistics import signed

run = runs.start("11_tsne_probing")
mnist = datasets.mnist(run.limit)
num_digits, on_maps = run.choose(full=(5000, 2500), fast=(200, 120))  # how many have points
digits, labels = mnist.test.images[:num_digits], mnist.test.labels[:num_digits]

# %% [markdown]
# ## Three kinds of vectors
#
# A digit is 784 numbers, its pixels. The dense network of lesson 02 encodes them as 32 numbers, and
# decodes these to 784 again. Labels are used for colors and scores only.

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
# A pair that is near in space (large $p_{ij}$) and far on the map (small $q_{ij}$) adds much to the
# sum; a pair that is far in space and near on the map adds little. The <dfn>perplexity</dfn> is
# $2^H$, where $H$ is the entropy in bits of the probabilities $p_{j|i}$ of a vector's neighbors:
# about how many of them count. The width $\sigma_i$ is chosen for each vector so that the
# perplexity is 30 for all.
#
# The map of the raw digits starts from their two main directions (PCA). The maps of codes and
# reconstructions start from the finished map of the raw digits, so that the same digits are mostly
# in the same place.
#
# t-SNE does not keep distances between far groups, sizes of groups, or densities. And points would
# move even if the vectors were the same: the start is shrunk almost to a point, and in the first
# iterations the $p_{ij}$ are multiplied by a large factor. A gap on the map is a hint, not a
# finding.

# %%
maps = {}
for name, values in tqdm(vectors.items(), desc="maps"):
    start = maps.get("raw digits")
    maps[name] = probing.embed_once(run.cache, values[:on_maps], start=start)

# %%
shown_labels = labels[:on_maps]
panels = {
    f"{name}\nk-NN {probing.knn_accuracy(points, shown_labels):.2f}": points
    for name, points in maps.items()
}
title = (
    "Raw digits are clustered before any network has seen them\n"
    f"{on_maps:,} test digits of MNIST; k-NN: accuracy of the nearest points' labels"
)
fig = plots.maps(panels, shown_labels, title=title)
caption = (
    f"Maps by t-SNE (perplexity {probing.PERPLEXITY}) of {on_maps:,} raw test digits, of "
    "their codes in the dense network, and of its reconstructions; the last two start from "
    "the first."
)
figures.save(run, fig, "11_maps", caption=caption, dataset=mnist)

# %% [markdown]
# The same maps to try: point at a digit to see it, and where it is on the other maps.

# %%
interactive.maps(maps, shown_labels, digits[:on_maps])

# %% [markdown]
# What to notice: the raw digits, on the left, are clustered already, without any network. The
# report's figure 6 does not say so. Whether the codes are clustered *better*, the eye cannot tell.
#
# ## Look at the digits themselves
#
# Where does the map of the codes mix classes most? There, its points are replaced by the digits.

# %%
points = maps["codes of 32 numbers"]
around = probing.neighbors(points, run.choose(full=60, fast=20))  # indices (N, 60)
purity = (labels[around] == shown_labels[:, None]).mean(axis=1)  # share with the same label
center = points[purity[around].mean(axis=1).argmin()]  # where that is low all around
side = 0.16 * np.ptp(points, axis=0).max()
window = (*(center - side / 2), side)

# %%
title = "Where the codes mix classes most, the digits look alike\ntest digits of MNIST"
fig = plots.zoomed_map(points, shown_labels, digits[:on_maps], window=window, title=title)
caption = (
    "The map of the dense network's codes, and the part of it where neighbors agree least, "
    "made of the digits."
)
figures.save(run, fig, "11_zoom", caption=caption, dataset=mnist)

# %% [markdown]
# What to notice: neighbors of different classes are often alike in slant, size or thickness of the
# stroke. The class is only one of the things that a code keeps.
#
# ## Numbers instead of islands
#
# | score | question |
# | --- | --- |
# | k-NN accuracy | is the most frequent label of the ten nearest vectors (or points) its own? |
# | linear probe | can a linear classifier trained on a few hundred vectors predict the label? |
# | silhouette | how much nearer is the own class than the next one? From −1 to 1 |
# | NMI of k-means | do ten clusters, found without labels, match the classes? |
#
# <dfn>NMI</dfn> (normalized mutual information) is the information that clusters give about
# classes, divided by the mean of both entropies: 0 if they are independent, 1 if they are the same.
# A <dfn>linear probe</dfn> is a linear classifier that is trained to predict a label from a code.
# The <dfn>trustworthiness</dfn> of a map is 1 if the nearest points on it are nearest vectors too,
# and lower the farther away their vectors are.
#
# All scores but the probe depend on distances: they change when a number of a code is scaled,
# although no information is lost. So one control is the same code with all numbers scaled to the
# same deviation. The other controls: if a code of 32 numbers scores better than pixels, perhaps any
# 32 numbers do: PCA, random projections, the same network before training. If reconstructions do,
# perhaps any damage of the same MSE does: noise, JPEG, a blur, a reconstruction by PCA. Each kind
# of damage is tuned until its error is about the network's.

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


# %%
ways = {
    "noise": (lambda strength: datasets.to_uint8(x + strength * noise), np.arange(0.06, 0.2, 0.01)),
    "JPEG": (jpeg, range(4, 16)),
    "blur": (blur, np.arange(0.3, 1, 0.05)),
    "PCA decoded": (lambda k: pca.reconstruct(components, digits, k), range(40, 121, 8)),
}
damaged = {name: nearest_in_error(*way) for name, way in ways.items()}
errors = {name: metrics.mse(digits, images).mean() for name, images in damaged.items()}
print(f"dense {error:.4f}", {name: round(float(mse), 4) for name, mse in errors.items()})
assert max(abs(mse / error - 1) for mse in errors.values()) < 0.25, "about the same MSE"

# %%
training.seed_everything(0)
flat = x.reshape(len(x), -1)
alive = code.std(axis=0) > 0  # without dead units (lesson 02), which are always zero
controls = {
    "dense code, equal scales": code[:, alive] / code[:, alive].std(axis=0),
    "dense code, untrained": codecs.latents(autoencoders.dense(32), digits),
    "PCA, 32 numbers": components.transform(flat)[:, :32],
    "random projection, 32": flat @ rng.standard_normal((784, 32)),
} | {f"{name}, same MSE": images for name, images in damaged.items()}

# %% [markdown]
# And the other networks: the CNN with its 8 numbers, the U-Net with 512, and the entropy bottleneck
# of lesson 08 at nine levels of its quality, whose latents are integers times steps. Its bits are
# those of one stream of all test digits, divided by their number.

# %%
cnn, unet = (zoo.network(f"mnist-{name}") for name in ("cnn", "unet"))
bottleneck = zoo.codec("mnist-bottleneck")
stored = results.load("mnist")["bottleneck, one stream"]
measured = zip(families.BOTTLENECKS["mnist"]["bottleneck"][1], stored, strict=True)
bits = {level: 8 * point.bytes_per_image for level, point in measured if level % 8 == 0}


def at(level):
    """Returns the latents and the reconstructions of the bottleneck at a level."""
    codec = bottleneck.at_level(level)
    symbols = codec.to_symbols(digits)
    return symbols * codec.steps[: symbols.shape[1]], codec.to_images(symbols)


at_level = {level: at(level) for level in tqdm(bits, desc="qualities")}

# %%
smallest, largest = min(bits), max(bits)
codes, rebuilt = {"dense code, 32": code}, {"dense, decoded": decoded}
for name, network in (("CNN", cnn), ("U-Net", unet)):
    codes[f"{name} code, {network.num_latents}"] = codecs.latents(network, digits)
    rebuilt[f"{name}, decoded"] = network.reconstruct(digits)
for level in (smallest, largest):
    codes[f"bottleneck, {bits[level]:.0f} bits"] = at_level[level][0]
    rebuilt[f"decoded from {bits[level]:.0f} bits"] = at_level[level][1]

# %% [markdown]
# Each score is computed on three samples of different digits, each with seeds of its own for
# clusters and classifier; maps are drawn of one sample only. The intervals are those of a bootstrap
# over digits.

# %%
num_samples, num_each = run.choose(full=(3, 700), fast=(1, 200))
everything = {"raw digits": digits} | codes | rebuilt | controls
samples = probing.probe(
    everything, labels, run.cache, num_samples=num_samples, num_each=num_each
)  # {name: {metric: [values (num_each,) of each sample]}}
scores = {name: {metric: probing.interval(values) for metric, values in of_name.items()}
          for name, of_name in samples.items()}

# %%
names = ("knn", "knn_map", "linear", "silhouette", "nmi")
shown = {name: probing.METRICS[name] for name in names}
title = (
    "Most codes and reconstructions are clustered about as well as raw digits (dotted)\n"
    f"MNIST, mean and 95 % interval, {num_samples} samples of {num_each} test digits"
)
fig = plots.scores(scores, shown, title=title, marked=list(controls))
caption = (
    "Scores of raw digits, codes, reconstructions and controls (gray): mean and 95 % interval "
    f"over {num_samples} samples of {num_each} digits. The dotted line is the raw digits' "
    "score."
)
figures.save(run, fig, "11_scores", caption=caption, dataset=mnist)

# %% [markdown]
# The intervals above are wide because some digits are harder than others, for every code. But all
# scores were computed on the *same* digits, so `probing.difference` subtracts them digit by digit,
# and the interval of the *difference* shows what is higher, what is lower and what is not decided:

# %%
compared = ("knn", "silhouette", "nmi")
against_raw = [(name, "raw digits") for name in codes | rebuilt]
Markdown(probing.difference_table(samples, against_raw, compared))

# %% [markdown]
# And the dense network against the controls:

# %%
pairs = [("dense code, 32", "PCA, 32 numbers"), ("dense code, 32", "dense code, untrained"),
         *(("dense, decoded", f"{name}, same MSE") for name in ("blur", "PCA decoded", "JPEG"))]
Markdown(probing.difference_table(samples, pairs, compared))

# %% [markdown]
# How many scores are higher than those of the raw digits? By chance alone, one in forty would be.

# %%
clustering, reading = ("silhouette", "nmi"), ("knn", "linear")


def count_higher(names, metrics_of):
    """Returns how many scores of some representations are higher than the raw digits'."""
    gaps = [probing.difference(samples, name, "raw digits", metric)
            for name in names for metric in metrics_of]
    return f"{sum(gap.low > 0 for gap in gaps)} of {len(gaps)}"


for label, group in (("codes", codes), ("reconstructions", rebuilt), ("controls", controls)):
    print(f"{label}: {count_higher(group, clustering)} of clustering (silhouette, NMI), "
          f"{count_higher(group, reading)} of reading the label (k-NN, linear probe)")
trust = [scores[name]["trustworthiness"].value for name in everything]
print(f"trustworthiness of the maps: {min(trust):.2f} to {max(trust):.2f}")

# %% [markdown]
# What to notice: a trustworthiness near 1 means that near points on a map are near vectors. It does
# not mean that groups on a map are groups of vectors.
#
# ## The other networks' maps
#
# All start from the map of the raw digits.

# %%
part = slice(run.choose(full=1000, fast=100))
panels = {name: values[part] for name, values in codes.items() if not name.startswith("dense")}
panels |= {name: controls[name][part] for name in ("PCA, 32 numbers", "dense code, untrained")}
start = maps["raw digits"][part]
more = {}
for name, values in tqdm(panels.items(), desc="maps"):
    more[name] = probing.embed_once(run.cache, values, start=start)

# %%
title = f"Only the untrained network's map has no clusters\n{len(start):,} test digits of MNIST"
fig = plots.maps(more, labels[part], title=title)
caption = (
    f"Maps of {len(start):,} digits' codes in the other networks, of their PCA, and of a "
    "network before training, all started from the raw digits' map."
)
figures.save(run, fig, "11_maps_networks", caption=caption, dataset=mnist)

# %% [markdown]
# ## At how many bits can the class be read from a code?
#
# Ten equally frequent classes are $\log_2 10 = 3.3$ bits. The bottleneck of lesson 08 has one
# network for many rates, so k-NN accuracy can be measured at each. For still fewer bits, the 8
# numbers of the report's CNN are rounded in coarse steps and coded, each digit in a file of its
# own.

# %%
noisy_cnn = zoo.network("mnist-cnn-noise")  # trained with uniform noise (lesson 05)
coarse_steps = (3, 2, 1.4, 1, 0.7, 0.5, 0.35)


def hits(values):
    """Returns for each digit 1 if its label is the most frequent near it, else 0."""
    return probing.knn_accuracy(values, labels, per_vector=True)


def rounded(step):
    """Returns (mean bits of a file, rounded latents) of the CNN."""
    codec = codecs.LatentCodec.fit(noisy_cnn, mnist.train.images[:10_000], step)
    bits_of_file = 8 * np.mean([len(file) for file in codec.encode(digits)])
    return bits_of_file, codec.to_symbols(digits) * codec.steps


few_bits, few_latents = zip(*map(rounded, coarse_steps), strict=True)
few_hits = [hits(values) for values in few_latents]
raw = hits(digits)
latent_hits = [hits(y_hat) for y_hat, _ in at_level.values()]
decoded_hits = [hits(x_hat) for _, x_hat in at_level.values()]

# %% [markdown]
# Each digit is a hit or a miss; the intervals are those of the mean over all digits.

# %%
sizes = list(bits.values())
lines = {
    "bottleneck, latents": (sizes, [probing.interval([row]) for row in latent_hits]),
    "bottleneck, decoded": (sizes, [probing.interval([row]) for row in decoded_hits]),
    "CNN, rounded latents": (few_bits, [probing.interval([row]) for row in few_hits]),
}
fig = plots.score_by_bits(
    lines,
    title=(
        "Some thirty bits tell the class as well as all pixels do\n"
        f"{num_digits:,} test digits of MNIST; bands: 95 % intervals"
    ),
    ylabel="k-NN accuracy",
    references={f"raw digits, {8 * digits[0].size:,} bits: {raw.mean():.3f}": raw.mean()},
)
caption = (
    "k-NN accuracy of the entropy bottleneck's latents and reconstructions, and of the CNN's "
    f"rounded latents, against bits; {num_digits:,} digits."
)
figures.save(run, fig, "11_bits", caption=caption, dataset=mnist)

# %% [markdown]
# How much accuracy is lost against raw digits, digit by digit?

# %%
rows = zip(sizes, latent_hits, decoded_hits, strict=True)
gaps = [(size, *(probing.interval([hit - raw]).signed(3) for hit in both)) for size, *both in rows]
head = ["| bits | latents − raw digits | reconstructions − raw digits |", "| --- | --- | --- |"]
Markdown("\n".join(head + [f"| {size:.0f} | {one} | {other} |" for size, one, other in gaps]))

# %% [markdown]
# What to notice: where the lower end of an interval is above −0.010, less than one digit in a
# hundred is lost. Reconstructions lose less than latents, although they are computed from them. A
# linear probe also reads the label from very few bits:

# %%
part = slice(run.choose(full=2000, fast=200))
few = [(few_bits[i], few_latents[i]) for i in (0, 3)]
for size, values in (*few, (bits[smallest], at_level[smallest][0])):
    accuracy = probing.linear_probe(values[part], labels[part])
    print(f"the linear probe reads {accuracy:.1%} of the labels at {size:.0f} bits")

# %% [markdown]
# ## Does the report's claim hold?
#
# The report says that its networks compress by a *knowledge base*: that they have learned the ten
# classes without labels, so that codes and reconstructions are clustered better than raw digits.
# For each of its networks: "yes" if both differences, of silhouette and NMI, have intervals above
# zero, "no" if both have intervals below it.

# %%
def answer(name, other="raw digits"):
    """Returns whether one is clustered better than the other, by the intervals of both scores."""
    gaps = [probing.difference(samples, name, other, metric) for metric in clustering]
    all_higher, all_lower = all(gap.low > 0 for gap in gaps), all(gap.high < 0 for gap in gaps)
    verdict = "yes" if all_higher else "no" if all_lower else "not clearly"
    values = (f"{shown[metric]} {signed(gap.value, 3)}"
              for metric, gap in zip(clustering, gaps, strict=True))
    return f"{verdict} ({', '.join(values)})"


pairs = {"dense": ("dense code, 32", "dense, decoded"),
         "CNN": (f"CNN code, {cnn.num_latents}", "CNN, decoded"),
         "U-Net": (f"U-Net code, {unet.num_latents}", "U-Net, decoded")}
claim = {name: {"codes": answer(code_name), "reconstructions": answer(decoded_name)}
         for name, (code_name, decoded_name) in pairs.items()}

# %%
head = ["| network | codes better clustered than raw digits? | reconstructions? |"]
table_rows = [f"| {name} | {of['codes']} | {of['reconstructions']} |" for name, of in claim.items()]
Markdown("\n".join([*head, "| --- | --- | --- |", *table_rows]))

# %% [markdown]
# And against controls, for the network whose pictures the report shows:

# %%
print("reconstructions better clustered than a blur of the same MSE?",
      answer("dense, decoded", "blur, same MSE"))
print("codes better clustered than PCA of as many numbers?",
      answer("dense code, 32", "PCA, 32 numbers"))

# %% [markdown]
# ## Try it
#
# Choose a digit, a class, or a neighbor of the digit (widgets need a running notebook).

# %%
number = run.choose(full=2000, fast=100)
points = maps["codes of 32 numbers"][:number]
explorer.Explorer(
    digits[:number], decoded[:number], latents=code[:number], labels=labels[:number], points=points
)

# %% [markdown]
# The widget as a picture: a digit whose neighbors on the map have other classes.

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
values = {"nearest": nearest, "claim": claim}  # REPORT.md repeats the claim
figures.save(run, fig, "11_card", caption=caption, values=values, dataset=mnist)

# %% [markdown]
# ## Exercises
#
# **11a.** *By hand.* One class has the numbers 0, 2 and 4, another one 7 and 9. What is the
# silhouette of the number 4? It is $(b - a) / \max(a, b)$, where $a$ is the mean distance to the
# others of its own class and $b$ the mean distance to the other class. Give two decimals.
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
# - t-SNE shows islands for raw pixels too. A map needs the same map of a control beside it, and a
#   score with its interval.
# - "Better clustered" has several meanings. Scores do not agree on it, and networks differ.
# - If a blur of the same MSE clusters the digits as well as a network does, then better clusters do
#   not show that the network has learned classes. The control decides what a finding means.
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
