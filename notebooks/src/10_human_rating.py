# %% [markdown]
# # 10 Human rating
#
# *Time: 1 minute, and 20 more to rate. You learn to ask people which of two reconstructions is
# closer to the original, at equal bytes, and to say how sure their answer is.*
#
# ## The question
#
# The report names three measures of a compressor: the compression ratio, the loss, and "human
# perceptual rating". It calls the third the ultimate goal, doubts that any metric can replace it,
# and never measures it. How is it measured, and how far do MSE, PSNR, SSIM and MS-SSIM agree with
# people?

# %% [markdown]
# ## What you will see
#
# Pairs of files of the same size, and a page that asks which is closer to the original, here or for
# a whole class. Then the answers: which raters looked at the pictures, scores with intervals, how
# often each codec was preferred to each other one, whether raters agree with each other, and
# whether metrics agree with raters.
#
# **Until people have rated, all answers are simulated**, by a program that prefers what SSIM
# prefers, with noise. They show how the analysis works and say nothing about people. Every figure
# says whose answers it shows.
#
# ![scores of five codecs at three sizes](../figures/10_scores.png)

# %%
import itertools

import numpy as np
from IPython.display import Markdown

from kerascomp import datasets, plots, rating
from kerascomp.codecs import classical
from kerascomp.course import exercises, figures, runs, studies

run = runs.start("10_human_rating")
cifar10 = datasets.cifar10(run.limit)

# %% [markdown]
# ## A fair comparison
#
# "How good is this picture, from one to five?" Everybody uses such a scale differently. A
# <dfn>paired comparison</dfn> asks which of two versions is closer to the original; that is easier
# to answer, and means the same to all. It is fair if both files have the same size. So every codec
# has many settings, and for each image the file nearest to the wanted size is taken. `make_study`
# leaves out pairs that differ by more than 5 % in bytes. Which version is on the left, and the
# order of the trials, are random.

# %%
families = {
    "WebP": [classical.WebP(quality) for quality in range(0, 60, 2)],
    "wavelet": studies.wavelets(cifar10.train.images[:1000], np.geomspace(0.6, 0.1, 20)),
}
small = rating.make_study(families, cifar10.test.images[:60], target_bytes=[140], num_trials=10)
for name, _, left, right in small.trials:
    print(name, *(f"{side.codec} ({side.num_bytes})".ljust(16) for side in (left, right)))

# %% [markdown]
# What to notice: in brackets are the bytes of the real files. One line is different. A <dfn>catch
# trial</dfn> has an answer that is known beforehand: it shows the same picture twice, or the
# original itself beside a copy of which only the means of 8×8 pixels are left. One trial in ten is
# of this kind, and whoever looks can answer it. The check: all other pairs are within 5 %.

# %%
for trial in small.comparisons:  # without catch trials
    sizes = trial.left.num_bytes, trial.right.num_bytes
    assert abs(sizes[0] - sizes[1]) <= 0.05 * max(sizes)

# %% [markdown]
# ## The course's study
#
# It ships with the course: test images of CIFAR-10 at three sizes, by five codecs. They are the
# entropy bottleneck of lesson 08 trained on CIFAR-10, the report's U-Net with such a bottleneck,
# the KLT code of lesson 01 (PCA as the transform), the wavelets of lesson 06, and WebP. The pixels
# are stored, so that everybody rates the same ones. Where a codec has no file of a size, its pairs
# are left out.

# %%
study = studies.load()
print(f"study {study.name}: {len(study.trials)} trials, {len(study.comparisons)} comparisons")
print("not compared:", "; ".join(study.left_out))

# %%
shown = study.comparisons[:6]
views = study.views(shown).swapaxes(0, 1)  # (6 trials, 3 pictures, H, W, C)
names = [[str(trial.left.item), "", str(trial.right.item)] for trial in shown]
fig = plots.distortions(
    views.reshape(3, 6, 32, 32, 3),  # two trials in a row
    ["A", "original", "B"] * 2,
    [[name.replace(" at ", "\n") for name in row] for row in np.reshape(names, (3, 6))],
    title="Six trials; raters do not see the names",
)
caption = "Six comparisons of the study: the original between two reconstructions of the same size."
figures.save(
    run,
    fig,
    "10_trials",
    caption=caption,
    values={"study": study.name, "trials": [trial.name for trial in shown]},
)

# %% [markdown]
# What to notice: cover the names, and decide. It is hard, and not only because the pictures are
# tiny: is a lost color worse than a lost edge?

# %% [markdown]
# ## Rate
#
# Type a name or a code word into the page below, and begin: click a picture, or use ← → and space.
# The browser keeps every answer; the page goes on where you stopped, also after this notebook was
# closed. *Download answers* gives them as a file at any time.

# %%
rating.frame(study)

# %% [markdown]
# For a class: the same page as a file with everything in it, below 2 MB. It needs neither Python
# nor a connection, and works on a phone. The same from a shell:
#
#     kerascomp rating page kerascomp/data/rating_study.json rating.html

# %%
page = run.cache / "rating.html"
size = rating.write_page(study, page)
print(f"{page}: {size:,} bytes")
assert size < 2_000_000

# %% [markdown]
# To replace the simulated answers by your own:
#
# 1. send `rating.html` to everybody; let each rate all trials under a code word of their own (20
#    minutes at six seconds each) and return the downloaded CSV file;
# 2. put the files into the folder `answers/` beside `notebooks/`, and yours too; it is not under
#    version control, because answers are personal;
# 3. run this notebook again. As soon as somebody has finished all trials and passed the rule
#    below, the answers of people replace the simulated ones, and every figure says so.
#
# A browser keeps answers for the address of a page. Jupyter at another port is another address, and
# a private window keeps nothing: download your answers before you close the page for long.
#
# ## The answers

# %%
answers = studies.answers()
everybody, simulated = studies.raters(answers), rating.are_simulated(answers)
first = answers[0]
text = f"{len(answers):,} answers of **{everybody}**. The first:"
Markdown(f"{text} {first.left} or {first.right}? `{first.answer}`")

# %% [markdown]
# ## Who has looked?
#
# The rule was fixed before anybody rated: whoever fails more than a quarter of the catch trials is
# left out. The right answer is "not sure" for an identical pair, else the original. One may fail a
# few by mistake; whoever answers at random fails two in three.

# %%
screening = rating.screen(answers)
raters = studies.raters(screening.answers)
origin = {"study": study.name, "answers_of": raters, "simulated": simulated}
fig = plots.catch_trials(screening.catches, limit=rating.MAX_FAILED, note=everybody)
caption = (
    f"Share of catch trials that each rater failed, and who is left out. Answers of {everybody}."
)
figures.save(
    run, fig, "10_catch_trials", caption=caption, values=origin | {"left_out": screening.left_out}
)

# %% [markdown]
# What to notice: a rule like this must be written down before the answers are seen. If raters are
# left out afterwards, because of what they prefer, any result is possible.
#
# ## Scores
#
# The <dfn>Bradley–Terry model</dfn> gives every version $i$ a score $s_i$ and says that $i$ is
# found closer than $j$ with odds $e^{s_i - s_j}$. A difference of 1 is odds of 2.7 to 1 among those
# who decide. <dfn>Davidson's model</dfn> is the Bradley–Terry model with a third answer, "not
# sure", which is the more probable the nearer two scores are. The three answers about $i$ and $j$
# have probabilities in the ratio
#
# $$P(i \text{ closer}) : P(j \text{ closer}) : P(\text{not sure}) =
# e^{s_i} : e^{s_j} : \nu\, e^{(s_i + s_j)/2}.$$
#
# The number $\nu$ says how readily raters answer "not sure". It is one number for all pairs; with
# equal scores the share of this answer is largest, $\nu / (2 + \nu)$, and it falls as the scores
# move apart. The scores and $\nu$ are those under which the answers are most probable. A weak prior
# keeps them finite: without it, the score of a version that was always preferred would be infinite.
#
# A 95 % <dfn>confidence interval</dfn> is computed by a rule that covers the true value in 95 % of
# all repetitions of an experiment. The <dfn>bootstrap</dfn> finds a confidence interval by drawing
# new data sets from the data at hand, with replacement. Ours draws raters *and* trials. Versions
# were compared at the same size only, so each size has a scale of its own, with mean zero.

# %%
ranking = rating.bradley_terry(screening.answers, num_draws=run.choose(full=1000, fast=100))
of_size = {}
for item, interval in ranking.scores.items():
    of_size.setdefault(item.target_bytes, {})[item.codec] = interval
panels = {f"{size} bytes": of_size[size] for size in sorted(of_size)}

# %%
caption = (
    "Bradley–Terry scores and 95 % intervals of codecs at equal bytes on CIFAR-10. "
    f"Answers of {raters}."
)
fig = plots.rated_scores(panels, note=raters)
figures.save(run, fig, "10_scores", caption=caption, values=origin)

# %% [markdown]
# What to notice: two scores may differ clearly although their intervals overlap. All versions were
# judged by the same raters, so an interval is computed for the difference of two scores, from its
# values in all draws of the bootstrap:

# %%
def neighbors_in_rank(size):
    """Returns lines of a table: each codec at a size against the next best one."""
    for better, worse in itertools.pairwise(of_size[size]):  # the best first
        gap = ranking.difference(rating.Item(better, size), rating.Item(worse, size))
        verdict = "**closer**" if gap.low > 0 else "not decided"
        yield f"| {size} bytes | {better} − {worse} | {gap.signed(2)} | {verdict} |"


rows = [row for size in sorted(of_size) for row in neighbors_in_rank(size)]
head = f"Answers of {raters}:\n\n| size | codecs | difference of scores | |"
Markdown("\n".join([head, "| --- | --- | --- | --- |", *rows]))

# %% [markdown]
# ## Who was preferred to whom?
#
# Scores put all versions on one scale. Whether one scale is enough shows in the raw shares: along a
# row, from the best on the left to the worst on the right, shares should grow, except by chance.
# "Not sure" counts half, so a share and that of the opposite cell add up to one, as the check says.

# %%
shares = rating.preferences(screening.answers)
matrices = {}
for size, codecs in sorted(of_size.items()):
    cells = [[shares.get(((i, size), (j, size)), np.nan) for j in codecs] for i in codecs]
    matrices[f"{size} bytes"] = list(codecs), np.array(cells)
for (one, other), share in shares.items():
    assert abs(share + shares[other, one] - 1) < 1e-9
caption = (
    "Share of answers in which the codec of a row was closer to the original than that of a "
    f"column. Answers of {raters}."
)
fig = plots.preference_matrices(matrices, note=raters)
figures.save(run, fig, "10_preferences", caption=caption, values=origin)

# %% [markdown]
# ## Do raters agree with each other?
#
# <dfn>Krippendorff's alpha</dfn>, $\alpha = 1 - D_o / D_e$, compares the disagreement $D_o$ of
# raters that was observed with the disagreement $D_e$ that is expected by chance. The answers
# "left", "not sure" and "right" are the numbers 1, 0 and −1. $D_o$ is the mean squared difference
# between two answers to the same trial, $D_e$ that between any two answers of the study. So alpha
# is 1 if all raters answer alike, 0 if they agree only as often as chance would, and negative if
# they disagree more often than that. Where raters disagree, no metric agrees with all of them.

# %%
several = len({answer.rater for answer in screening.answers}) > 1
agreement = rating.krippendorff(screening.answers) if several else None
alone = "One rater: agreement needs two."
Markdown(f"alpha = **{agreement:.2f}**, answers of {raters}" if several else alone)

# %% [markdown]
# ## Do metrics agree with raters?
#
# For every comparison, each metric finds one side better by some amount, and the raters prefer one
# side more or less clearly. <dfn>Spearman's correlation</dfn> of two quantities is the correlation
# of their ranks: 1 if both put the same things in the same order, 0 if the orders have nothing in
# common, −1 if they are opposite. MSE and PSNR always prefer the same side, but they differ in
# which comparisons have the larger differences. The intervals come from a bootstrap over
# comparisons, not over raters.

# %%
differences = rating.metric_differences(study)  # {metric: {trial: by how much A is better}}
preferred = rating.preference(screening.answers)  # {trial: mean answer, 1 for A, −1 for B}
num_draws = run.choose(full=1000, fast=100)
estimates = rating.metric_agreement(study, screening.answers, num_draws=num_draws)
units = {"MSE": "MSE (pixels in [0, 1])", "PSNR": "PSNR (dB)"}
people = np.array(list(preferred.values()))
clouds = {}
for metric, interval in estimates.intervals.items():
    better = np.array([differences[metric][trial] for trial in preferred])
    clouds[units.get(metric, metric)] = better, people, interval.value

# %%
caption = (
    "What four metrics say of each comparison against what raters said, and Spearman's rank "
    f"correlation. Answers of {raters}."
)
fig = plots.metrics_and_people(clouds, note=raters)
figures.save(run, fig, "10_metrics", caption=caption, values=origin | estimates.intervals)

# %%
lines = [f"| {metric} | {value:.3f} ({low:.3f} to {high:.3f}) |"
         for metric, (value, low, high) in estimates.intervals.items()]
gap = estimates.difference("SSIM", "MSE")
head = ["| metric | rank correlation with raters |", "| --- | --- |"]
text = f"SSIM − MSE: {gap.signed(3)}."
if simulated:
    text += " The simulated raters were made to prefer what SSIM prefers. **It is no finding.**"
    assert estimates.labels[estimates.values.argmax()] == "SSIM"
Markdown("\n".join([*head, *lines, "", text]))

# %% [markdown]
# ## Exercises
#
# **10a.** *By hand.* One version has the score 1.5, another has 0.4. With what probability is the
# first one found closer, among those who decide? Give two decimals.
#
# **10b.** *In code.* Write `spearman(a, b)`: Spearman's rank correlation of two arrays of N
# numbers, where no number comes twice. Use NumPy only.
#
# **10c.** *Predict, then measure.* Compute from the scores at 60 bytes, `of_size[60]["bottleneck"]`
# and `of_size[60]["KLT"]` (each has a `.value`), with what probability the bottleneck is found
# closer among those who decide. Then look up the share of answers, `shares[("bottleneck", 60),
# ("KLT", 60)]`, and explain the difference. Answer with the share, to two decimals.
#
# Solutions are in [solutions/10.py](solutions/10.py).

# %%
exercises.check("10a", ...)
exercises.check("10b", ...)
exercises.check("10c", ...)

# %% [markdown]
# ## What to take away
#
# - Ask for a choice between two, at equal bytes, with random sides, and allow "not sure".
# - Check who has looked by a rule that was written down before.
# - A score needs an interval that takes into account that other people, and other pairs, would have
#   given other answers; with one rater, it does so for pairs only.
# - A metric is as good as its agreement with people, on the distortions at hand. Simulated answers
#   do not show which metric is best; those of a class do, after 20 minutes.
# - "Which is closer to the original?" and "Which is more pleasant?" are different questions, and
#   may have different answers.
#
# ## References
#
# - [R. Bradley, M. Terry, *Rank analysis of incomplete block designs*,
#   1952](https://doi.org/10.1093/biomet/39.3-4.324): scores from paired comparisons.
# - [R. Davidson, *On extending the Bradley–Terry model to accommodate ties in paired comparison
#   experiments*, 1970](https://doi.org/10.1080/01621459.1970.10481082): the answer "not sure".
# - [K. Krippendorff, *Computing Krippendorff's alpha-reliability*,
#   2011](https://repository.upenn.edu/asc_papers/43): alpha, also for numbers and missing answers.
# - [A. Owen, *The pigeonhole bootstrap*, 2007](https://doi.org/10.1214/07-AOAS122): a bootstrap
#   over raters and trials at once.
# - [C. Spearman, *The proof and measurement of association between two things*,
#   1904](https://doi.org/10.2307/1412159): the rank correlation.
# - [Z. Wang, E. Simoncelli, A. Bovik, *Multi-scale structural similarity for image quality
#   assessment*, 2003](https://doi.org/10.1109/ACSSC.2003.1292216), section 3: MS-SSIM.
# - [ITU-R BT.500, *Methodologies for the subjective assessment of the quality of television
#   images*](https://www.itu.int/rec/R-REC-BT.500): how laboratories let people rate.
# - [*Workshop and Challenge on Learned Image Compression*](https://www.compression.cc/): a yearly
#   competition in which people choose between codecs at equal rates (the report's [1]).
#
# ## Next
#
# [11 t-SNE probing](11_tsne_probing.ipynb): can the class of an image be read from its code?
