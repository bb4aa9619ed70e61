# %% [markdown]
# # 06 Entropy coding
#
# *Time: 1 minute. You learn to turn integers into bits with Huffman's and with arithmetic coding,
# how near each comes to the entropy, and what a digit's latents really cost.*
#
# ## The question
#
# The rounded latents of an image are small integers. Some come often, some hardly ever. How many
# bits are needed on average, and which code comes near to that?

# %% [markdown]
# ## What you will see
#
# A Huffman tree of a real latent; an interval that narrows symbol by symbol; both codes against the
# entropy as the symbols get more predictable; wavelet coefficients with the bits that each one
# costs; and the report's 32 numbers written by every coder.
#
# ![a Huffman tree of a latent](../figures/06_huffman_tree.png)

# %%
import inspect

import numpy as np
from IPython.display import Code, Markdown, display

from kerascomp import codecs, coders, datasets, limits, plots, zoo
from kerascomp.course import exercises, figures, runs

run = runs.start("06_entropy_coding")
mnist, cifar10 = datasets.mnist(run.limit), datasets.cifar10(run.limit)
codec = zoo.codec("mnist-dense-noise")
train, test = (codec.to_symbols(split.images[:10_000]) for split in (mnist.train, mnist.test))

# %% [markdown]
# ## Surprise, and its mean
#
# A symbol of probability $p$ carries $-\log_2 p$ bits: one bit for the toss of a coin, twenty bits
# for an event of one in a million. The mean over all symbols is the entropy (lesson 05), and
# Shannon showed that no code which treats each symbol alone is shorter on average.

# %%
display(Code(inspect.getsource(limits.entropy_bits), language="python"))

# %% [markdown]
# The first of the 32 latents, then, for ten thousand digits:

# %%
latent = test[:, 0]
entropy = limits.entropy_bits(latent)
print(f"the first latent of {len(latent):,} digits: {entropy:.3f} bits each, instead of 32 a float")

# %% [markdown]
# ## Huffman: a word for each symbol
#
# A <dfn>Huffman code</dfn> gives each symbol a word of bits: the two rarest symbols are merged into
# one, again and again, until one is left. Each merge is a fork of a tree, each leaf is a symbol,
# and the zeros and ones on the way from the root to the leaf are its word. In a <dfn>prefix
# code</dfn>, such as Huffman's, no word is the beginning of another, so that a decoder knows where
# each word ends.
#
# The words of a prefix code cannot all be short. Of all long sequences of bits, the share
# $2^{-\ell}$ begins with a given word of $\ell$ bits, and no sequence begins with two words. The
# lengths $\ell_i$ of all words of a prefix code fulfill <dfn>Kraft's inequality</dfn>, $\sum_i
# 2^{-\ell_i} \le 1$. Under this constraint the mean length $\sum_i p_i \ell_i$ is smallest for
# $\ell_i = -\log_2 p_i$, where it is the entropy. Lengths are whole numbers; rounded up, they still
# fulfill the inequality and cost less than one bit more. Huffman's code is the best with whole
# lengths, so it is within one bit of the entropy.

# %%
code = coders.Huffman.fit(latent)
integers, counts = np.unique(latent, return_counts=True)
shares = dict(zip(integers.tolist(), (counts / counts.sum()).tolist(), strict=True))
title = (
    "The more frequent an integer, the shorter its word\n"
    f"Huffman's code for a rounded latent, {len(latent):,} test digits of MNIST"
)
fig = plots.huffman_tree(code.words(), shares, title=title)
caption = (
    "Huffman's tree for the first latent of the dense autoencoder: integers, their words, how "
    "often they come."
)
figures.save(run, fig, "06_huffman_tree", caption=caption, dataset=mnist)

# %% [markdown]
# To encode, the words are written one after another, and the last byte is filled up. The lengths of
# the words are all that a decoder needs to know, because the code is canonical: words of equal
# length are numbered in order. The last line below checks that the rate is within one bit of the
# entropy.

# %%
data = code.encode(latent)
assert (code.decode(data, len(latent)) == latent).all()
rate = 8 * len(data) / len(latent)
header = len(code.header())
print(f"{len(data):,} bytes, {rate:.3f} bits a symbol; lengths of the words: {header} bytes")
assert entropy <= rate < entropy + 1

# %% [markdown]
# ## Arithmetic coding: one number for everything
#
# A word has a whole number of bits, even where a symbol carries 0.02. An arithmetic coder does not
# give words to symbols. In <dfn>arithmetic coding</dfn> a message becomes one number: an interval
# is divided among the symbols by their probabilities, the part of the first symbol is divided again
# for the second one, and so on. At the end, any number in the interval identifies the message.

# %%
message = latent[:5].tolist()
rows, low, width = [], 0.0, 1.0
named = {str(symbol): share for symbol, share in shares.items()}
for symbol in message:
    rows.append((str(symbol), f"symbol {symbol}", named, low, low + width))
    low += width * sum(share for other, share in shares.items() if other < symbol)
    width *= shares[symbol]
bits = -np.log2(width)

# %%
title = f"Five symbols, one interval: {width:.2g} wide, {bits:.1f} bits"
fig = plots.interval(rows, title=title)
caption = "How an arithmetic coder's interval narrows while five latents are coded."
figures.save(
    run,
    fig,
    "06_interval",
    caption=caption,
    values={"low": low, "high": low + width, "bits": bits},
    dataset=mnist,
)

# %% [markdown]
# Each step multiplies the width by the probability of a symbol. At the end the width is the
# probability of the message, and minus its logarithm to base 2 is the number of bits. Floats would
# run out of digits, so the coder of this course computes in integers: `_low` and `_width` are the
# interval in units of $2^{-56}$ (`TOP` is $2^{56}$). When the width falls below $2^{48}$, the first
# byte of `_low` is written, and the interval becomes 256 times wider. If `_low` reaches `TOP`
# later, one is added to the bytes already written, as a carry in a sum.

# %%
display(Code(inspect.getsource(coders.ArithmeticEncoder.encode), language="python"))

# %% [markdown]
# The decoder computes the same intervals, and finds the symbol whose part contains the number. The
# last check: the stream is within 0.1 % and a few bytes of the entropy.

# %%
arithmetic = coders.Arithmetic.fit(latent)
data = arithmetic.encode(latent)
assert (arithmetic.decode(data, len(latent)) == latent).all()
rate = 8 * len(data) / len(latent)
print(f"{len(data):,} bytes, {rate:.4f} bits a symbol, entropy {entropy:.4f}")
assert 8 * len(data) < 1.001 * entropy * len(latent) + run.choose(full=50, fast=200)

# %% [markdown]
# ## When symbols are predictable
#
# Messages of 20,000 symbols of two kinds, one of them more and more probable. Huffman has to spend
# a bit on each symbol. Coded in pairs, two symbols share a word: longer groups come nearer to the
# entropy, and need a larger table. The arithmetic coder needs no groups.

# %%
probabilities = np.linspace(0.5, 0.995, run.choose(full=34, fast=4))
curves = {"entropy": [], "Huffman": [], "Huffman, pairs": [], "arithmetic": []}
uniform = np.random.default_rng(run.seed).random(20_000)


def written_bits(coder_class, message):
    """Returns how many bits a coder that was fitted to a message writes for it."""
    coder = coder_class.fit(message)
    data = coder.encode(message)
    assert (coder.decode(data, len(message)) == message).all()
    return 8 * len(data)


for probability in probabilities:
    draws = (uniform > probability).astype(int)
    pairs = 2 * draws[::2] + draws[1::2]
    curves["entropy"].append(limits.entropy_bits(draws))
    curves["Huffman"].append(written_bits(coders.Huffman, draws) / len(draws))
    curves["Huffman, pairs"].append(written_bits(coders.Huffman, pairs) / len(draws))
    curves["arithmetic"].append(written_bits(coders.Arithmetic, draws) / len(draws))

# %%
title = (
    "The more predictable the symbols, the more bits Huffman wastes\n"
    "messages of 20,000 symbols of two kinds, written and read again"
)
fig = plots.bits_by_skew(probabilities, curves, title=title)
caption = (
    "Bits of Huffman and arithmetic coding above the entropy, as two symbols get more predictable; "
    "each coder fitted to its message, its model not counted."
)
figures.save(run, fig, "06_skew", caption=caption, values={"bits_a_symbol": curves})

# %% [markdown]
# ## A model that learns while it codes
#
# Where do the probabilities come from? A static model has learned them beforehand. With an adaptive
# one, encoder and decoder start with equal probabilities and count the symbols as they are coded:
# both have seen the same symbols, so they have the same counts. A <dfn>context model</dfn> gives a
# symbol probabilities that depend on the symbols before it, its context. An example with black and
# white pixels; the last model has counts of its own for pixels after a black one and after a white
# one:

# %%
pixels = (mnist.test.images[: run.choose(full=200, fast=10)] > 127).astype(int).ravel()
models = {"static": coders.Arithmetic.fit(pixels), "adaptive": coders.AdaptiveArithmetic(2)}
models["adaptive, after the pixel before"] = coders.AdaptiveArithmetic(2, order=1)
for name, coder in models.items():
    data = coder.encode(pixels)
    assert (coder.decode(data, len(pixels)) == pixels).all()
    print(f"{name:34} {8 * len(data) / len(pixels):.3f} bits a pixel")

# %% [markdown]
# ## Wavelets, with the bits they cost
#
# The report's source for entropy coding, Song, is on wavelets. A <dfn>wavelet transform</dfn>
# splits an image into a coarse one, a quarter of the size, and details, and does so again with the
# coarse one. Most details round to zero, and a zero whose probability is near one costs nearly no
# bits. Each coefficient has the probabilities with which it had its values in 5,000 training
# images.
#
# Three levels need sides that are multiples of 8, so a digit is continued to 32×32. With
# `rounding=0.4` only what is nearer than 0.4 steps to the next multiple is rounded away from zero:
# a little more error, and more zeros. The check compares the model's bits with the file's.

# %%
pictures = []
for dataset, index in ((mnist, 18), (cifar10, 12)):
    wavelet = codecs.transform.Wavelet(dataset.train.images[:5000], step=0.2, rounding=0.4)
    image, shape = dataset.test.images[index], (32, 32, dataset.image_shape[2])
    symbols, file = wavelet.to_symbols(image[None]), wavelet.encode(image[None])[0]
    bits = wavelet.coder.estimated_bits(symbols)
    title = f"{dataset.name}: a file of {len(file)} bytes"
    maps = symbols.reshape(shape)[..., 0], bits.reshape(shape).sum(axis=2)
    pictures.append((title, image, *maps))
    assert 8 * len(file) - 16 < bits.sum() < 8 * len(file) + 8

# %%
title = (
    "Few coefficients are not zero, and these cost most of the bits\n"
    "wavelets of a test digit of MNIST and of a test image of CIFAR-10"
)
fig = plots.coefficient_maps(pictures, title=title)
caption = (
    "Wavelet coefficients of a digit and of a photograph (absolute values; first of three color "
    "components), and the bits that the arithmetic coder's model gives to each (all colors)."
)
figures.save(run, fig, "06_wavelets", caption=caption, dataset=[mnist, cifar10])

# %% [markdown]
# What to notice: the coarse image is the small square at the upper left; the details of a level lie
# to its right, below it and diagonally below. A coefficient that is mostly zero costs a fraction of
# a bit where it is zero and many bits where it is not.
#
# ## 784/32, in bytes
#
# The 32 rounded latents of every test digit, by every coder, a file for each digit. The gray bars
# store numbers of a fixed size: 32 bits, 8 bits, or as many as the range of a latent on the
# training set needs.

# %%
widths = [int(np.ceil(np.log2(np.ptp(column) + 1))) for column in train.T]
entropy_bytes = sum(limits.entropy_bits(column) for column in test.T) / 8
tables = coders.HuffmanRows.fit(train)  # a Huffman code for each latent
huffman = codecs.LatentCodec(codec.autoencoder, codec.autoencoder.quantizer, tables)
measured = {"Huffman": codecs.measure(huffman, mnist.test.images[:10_000]),
            "arithmetic": codecs.measure(codec, mnist.test.images[:10_000])}
sizes = {"float32": 128, "a byte for each": 32, "as many bits as the range needs": sum(widths) / 8}
sizes |= {label: point.bytes_per_image for label, point in measured.items()}

# %%
rows = [
    (label, size, plots.color_of("dense" if label in measured else "a fixed size"))
    for label, size in sizes.items()
]
fig = plots.horizontal_bars(
    rows,
    title=(
        "Entropy coding takes the 32 latents of a digit to 9 bytes\n"
        "MNIST, mean of 10,000 test digits; one bar is cut"
    ),
    cut=40,
    xlabel="mean bytes of a digit",
    number="{:.1f}",
    reference=(f"entropy of the latents, {entropy_bytes:.1f}", entropy_bytes),
)
caption = (
    "Mean bytes of a digit's 32 latents, rounded in steps of one deviation, by each way to "
    "write them."
)
figures.save(
    run,
    fig,
    "06_latent_bytes",
    caption=caption,
    values={"mse": measured["arithmetic"].mse},
    dataset=mnist,
)

# %% [markdown]
# And all digits in one stream, to see what it costs to end a file: less than half a byte on
# average, as the first check says.

# %%
joint = codecs.measure(codec.joined(10_000), mnist.test.images[:10_000]).bytes_per_image
ideal = codec.coder.estimated_bits(test).sum() / 8 / len(test)
alone = sizes["arithmetic"]
print(f"a file each {alone:.2f} bytes, one stream {joint:.3f}, the model's ideal {ideal:.3f}")
lengths = [len(file) for file in codec.encode(mnist.test.images[:10_000])]
bits = limits.entropy_bits(lengths)
print(f"files have {len(set(lengths))} lengths; their entropy is {bits:.2f} bits")
assert alone < ideal + 0.5 and joint < 1.001 * ideal + 8 / len(test)
assert entropy_bytes < alone < sizes["Huffman"]

# %% [markdown]
# What to notice: a digit's file costs a little more than its share of one long stream, because a
# file must end on a whole byte. Huffman pays for whole bits 32 times, the arithmetic coder once.
# Its files leave out zero bytes at the end, which a decoder puts back. Such files are not a prefix
# code: the decoder must know the length of each, which a container has to store. These bits are not
# counted here, nor in later lessons. On average they are the entropy of the lengths, printed above.

# %%
Markdown(
    f"**The report's ratio of 784 to 32 is {784 / alone:.0f} to 1 in bytes** at this quality "
    f"(MSE {measured['arithmetic'].mse:.4f}), and {784 / 128:.0f} to 1 if 32 floats are sent."
)

# %% [markdown]
# ## Exercises
#
# **06a.** *By hand.* Five symbols have the probabilities 0.4, 0.3, 0.15, 0.1 and 0.05. Build
# Huffman's code. What is the mean length of a word in bits (weighted by the probabilities), and
# what is the Kraft sum, the sum of $2^{-\ell}$ over the five words? Answer with a list, `[mean
# length, Kraft sum]`, to two decimals.
#
# **06b.** *In code.* Write `entropy_bits(counts)`: it takes an array of whole numbers, how often
# each symbol came, and returns the entropy in bits a symbol. Some symbols may never have come.
#
# **06c.** *Predict, then measure.* One of two symbols has the probability 0.9. How many bits a
# symbol do Huffman's code, Huffman's code for pairs, and arithmetic coding need? Predict all three,
# then measure with `written_bits` on `(uniform > 0.9).astype(int)`, and divide by the number of
# symbols. Answer with a list of three numbers, to two decimals.
#
# Solutions are in [solutions/06.py](solutions/06.py).

# %%
exercises.check("06a", ...)
exercises.check("06b", ...)
exercises.check("06c", ...)

# %% [markdown]
# ## What to take away
#
# - Entropy is the mean surprise. Huffman comes within a bit a symbol, arithmetic coding within two
#   bits a message, and then both fill up a byte.
# - The model matters more than the coder: with better predictions symbols cost fewer bits.
# - Decode what you encode: every stream in this lesson was decoded and compared.
#
# ## References
#
# - [C. E. Shannon, *A mathematical theory of communication*,
#   1948](https://doi.org/10.1002/j.1538-7305.1948.tb01338.x), sections 6 and 9: entropy, and the
#   shortest codes.
# - [T. Cover, J. Thomas, *Elements of information theory*, 2nd edition,
#   2006](https://doi.org/10.1002/047174882X), sections 5.2, 5.6 and 13.3: Kraft's inequality,
#   Huffman codes and arithmetic coding.
# - [D. Huffman, *A method for the construction of minimum-redundancy codes*,
#   1952](https://doi.org/10.1109/JRPROC.1952.273898): the tree.
# - [J. Rissanen, *Generalized Kraft inequality and arithmetic coding*,
#   1976](https://doi.org/10.1147/rd.203.0198): the first arithmetic coder with numbers of a fixed
#   length.
# - [I. Witten, R. Neal, J. Cleary, *Arithmetic coding for data compression*,
#   1987](https://doi.org/10.1145/214762.214771): a coder on integers, explained with its program,
#   and adaptive models.
# - M.-S. Song, *Entropy encoding in wavelet image compression*, in [*Representations, Wavelets, and
#   Frames*, 2007](https://doi.org/10.1007/978-0-8176-4683-7), pages 293–311, section 3: Huffman and
#   arithmetic coding (the report's [4]).
# - [S. Mallat, *A theory for multiresolution signal decomposition: the wavelet representation*,
#   1989](https://doi.org/10.1109/34.192463): the wavelet transform of an image.
#
# ## Next
#
# [07 Entropy bottleneck](07_entropy_bottleneck.ipynb): a network trained on bits and errors.
