"""The report, claim by claim: what it says, where the course treats it, what was measured.

`page` builds REPORT.md from the cards of the published networks and the stored rate points.
"""

from collections.abc import Callable
from typing import NamedTuple

from kerascomp import files, metrics, zoo
from kerascomp.course import figures, results, sources
from kerascomp.statistics import signed

PATH = files.WORKPLACE / "REPORT.md"
HOLDS, IN_PART, FAILS, DONE = "holds", "holds in part", "does not hold", "done here"
UNDECIDED = "not decided"
TOLERANCE = 1.1  # what "around 0.01" may mean


class Claim(NamedTuple):
    """A sentence of the report, and how it is answered.

    Attributes:
        text: what the report says.
        lessons: where the course treats it.
        measure: returns (what was measured, verdict).
    """

    text: str
    lessons: str
    measure: Callable[[], tuple[str, str]]


def page() -> str:
    """Returns REPORT.md."""
    parts = [
        "# The report, claim by claim",
        "",
        "Built by `make figures` from the cards of the networks and the stored rate points: every "
        'number was measured here, and a lesson says how. "Done here" marks what the report '
        "names without a number that could be compared.",
    ]
    for heading, claims in SECTIONS.items():
        parts += ["", f"## {heading}", "", "| the report says | lesson | measured | verdict |"]
        parts += ["| --- | --- | --- | --- |"]
        for claim in claims:
            measured, verdict = claim.measure()
            links = ", ".join(map(_link, claim.lessons.split()))
            parts.append(f"| {claim.text} | {links} | {measured} | **{verdict}** |")
    parts += ["", "## Its figures and references", ""]
    parts += ["| of the report | lesson |", "| --- | --- |"]
    parts += [f"| {item} | {', '.join(map(_link, of.split()))} |" for item, of in ITEMS.items()]
    return "\n".join(parts) + "\n"


def build_page() -> None:
    """Writes REPORT.md."""
    files.write_atomically(PATH, page().encode())


def _link(number):
    name = next(name for name in sources.names() if name.startswith(number))
    return f"[{number}](notebooks/{name}.ipynb)"


def _size(name, num_parameters, num_latents):
    """Compares a network's numbers with the report's."""
    card = zoo.card(name)
    measured = card["num_parameters"], card["num_latents"]
    text = f"{measured[0]:,} parameters, {measured[1]} numbers"
    return text, HOLDS if measured == (num_parameters, num_latents) else FAILS


def _training_losses():
    """Compares the training losses of the dense network and of the CNN with 0.01."""
    losses = {name: zoo.card(f"mnist-{name}")["history"]["loss"][-1] for name in ("dense", "cnn")}
    good = [loss < 0.01 * TOLERANCE for loss in losses.values()]
    text = f"dense {losses['dense']:.4f}, CNN {losses['cnn']:.4f}"
    return text, HOLDS if all(good) else IN_PART if any(good) else FAILS


def _unet_loss():
    """Compares the U-Net's training loss on photographs with 0.008, with dropout and without."""
    losses = [
        zoo.card(f"cifar10-{name}")["history"]["loss"][-1] for name in ("unet-dropout", "unet")
    ]
    text = f"with dropout {losses[0]:.4f}, without {losses[1]:.4f}"
    good = [loss < 0.008 * TOLERANCE for loss in losses]
    return text, HOLDS if good[0] else IN_PART if good[1] else FAILS


def _dropout():
    """Compares the U-Net's test errors with dropout and without."""
    with_it, without = (
        zoo.card(f"cifar10-{name}")["test"]["mse"] for name in ("unet-dropout", "unet")
    )
    text = f"test MSE {with_it:.4f} with it, {without:.4f} without"
    return text, HOLDS if with_it < without else FAILS


def _ratio(dataset, label, ratio, raw_bytes):
    """Says what a ratio of counts is in bytes, at the finest step that was measured."""
    point = results.load(dataset)[label][-1]
    share = raw_bytes / point.bytes_per_image
    text = f"{point.bytes_per_image:.1f} bytes at MSE {point.mse:.4f}: {share:.1f} to 1 in bytes"
    return text, HOLDS if share >= ratio else FAILS


def _rate_term():
    """Says what the rate term is worth to each of the report's networks."""
    gains = {}
    for label, name in (("dense", "mnist"), ("CNN", "mnist"), ("U-Net", "cifar10")):
        stored = results.load(name)
        before, after = stored[f"{label}, rounded afterwards"], stored[f"{label}, factorized"]
        gains[label] = metrics.bd_rate(before, after)
    text = "bits at equal PSNR: " + ", ".join(f"{k} {signed(v)} %" for k, v in gains.items())
    fewer = [gain < 0 for gain in gains.values()]
    return text, HOLDS if all(fewer) else IN_PART if any(fewer) else FAILS


def _recurrent():
    """Compares the recurrent codec with JPEG on photographs of 32×32 pixels."""
    stored = results.load("cifar10")
    gain = metrics.bd_rate(stored["JPEG, header-free"], stored["recurrent"])
    return f"{signed(gain)} % bits at equal PSNR against JPEG without its headers", (
        HOLDS if gain < 0 else FAILS
    )


def _clusters(kind):
    """Repeats the verdicts of the probing lesson for the three networks."""
    verdicts = figures.record("11_card")["values"]["claim"]
    text = ", ".join(f"{name}: {of[kind]}" for name, of in verdicts.items())
    answers = {of[kind].split(" ")[0] for of in verdicts.values()}
    if "yes" in answers:
        return text, HOLDS if answers == {"yes"} else IN_PART
    return text, FAILS if answers == {"no"} else UNDECIDED


def _done(text):
    return lambda: (text, DONE)


SECTIONS = {
    "Networks": [
        Claim("dense network: 222,384 parameters, 32 numbers", "02",
              lambda: _size("mnist-dense", 222_384, 32)),
        Claim("CNN: 13,289 parameters, 8 numbers", "03", lambda: _size("mnist-cnn", 13_289, 8)),
        Claim("U-Net: 16, 32, 64, 128 channels; a ratio of 6 on CIFAR-10", "04",
              lambda: _size("cifar10-unet-dropout", 342_339, 512)),
        Claim("dropout of 0.1 on every layer reduces overfitting", "04", _dropout),
        Claim("weights are initialized as He et al. propose", "03", _done("four starts compared")),
    ],
    "Errors and ratios": [
        Claim("both networks for MNIST reach a training loss of around 0.01", "02 03",
              _training_losses),
        Claim("the U-Net's loss on CIFAR-10 converges to 0.008", "04", _unet_loss),
        Claim("the dense network compresses 784 to 32", "02 05",
              lambda: _ratio("mnist", "dense, rounded afterwards", 784 / 32, 784)),
        Claim("the CNN compresses 784 to 8", "03 05",
              lambda: _ratio("mnist", "CNN, rounded afterwards", 784 / 8, 784)),
        Claim("the U-Net compresses by a ratio of 6", "04 05",
              lambda: _ratio("cifar10", "U-Net, rounded afterwards", 6, 3072)),
    ],
    "Rate": [
        Claim("a second term of the loss penalizes the size of the compressed image", "07 08",
              _rate_term),
        Claim("rounding can be trained through in three ways", "05", _done("four ways compared")),
        Claim("entropy coding: Huffman, arithmetic; wavelets", "06", _done("written and decoded")),
        Claim("a recurrent network serves several rates, and beats JPEG", "09", _recurrent),
    ],
    "Evaluation and discussion": [
        Claim("bits per pixel, L_p losses", "00 12", _done("of every codec, on real files")),
        Claim("human rating", "10", _done("a study for you to answer; its answers are simulated")),
        Claim("codes are better clustered than raw digits", "11", lambda: _clusters("codes")),
        Claim("reconstructions are better clustered than raw digits", "11",
              lambda: _clusters("reconstructions")),
    ],
}  # fmt: skip
ITEMS = {
    "figure 1, the pipeline": "00",
    "figure 3, the U-Net": "04",
    "figures 4 and 5, reconstructed digits": "02 03",
    "reconstructed photographs of CIFAR-10": "04",
    "figures 6 and 7, maps by t-SNE": "11",
    "[1] Workshop and Challenge on Learned Image Compression": "10 13",
    "[2] Toderici et al. 2016, variable rate compression with recurrent networks": "09",
    "[3] Theis et al. 2017, compressive autoencoders": "05 13",
    "[4] Song 2007, entropy encoding in wavelet image compression": "06",
    "[5] Mwiti 2019, a guide to learned image compression": "00",
    "[6] the MNIST database": "00",
    "[7] Toderici et al. 2017, full resolution compression": "09 13",
    "[8] Ronneberger et al. 2015, U-Net": "04",
}
