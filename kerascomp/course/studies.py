"""The rating study that ships with the course, and the answers to it.

    studies.load()         the study: 200 trials on CIFAR-10
    studies.answers()      people's answers, or simulated ones before there are any
    studies.make()         makes both again, as `kerascomp course study` does

A study holds pixels, not codecs: a network's last gray level may differ on another computer, and
everybody shall rate the same pictures.
"""

import warnings
from collections import Counter
from collections.abc import Iterable

import numpy as np

from kerascomp import datasets, files, pca, rating, zoo
from kerascomp.codecs import classical, transform

STUDY = files.DATA / "rating_study.json"
SIMULATED = files.DATA / "rating_simulated.csv"
CLASS = files.WORKPLACE / "answers"  # CSV files of those who have rated, one each
TARGET_BYTES = (60, 90, 140)
NUM_IMAGES, NUM_TRIALS = 40, 200
NUM_LEARNED = 10_000  # training images that a transform's histograms are learned on
STEPS = tuple(np.geomspace(0.8, 0.2, 24))
NUM_RATERS, NUM_CARELESS = 12, 1


def load() -> rating.Study:
    """Returns the course's study."""
    return rating.Study.load(STUDY)


def answers() -> list[rating.Answer]:
    """Returns all answers to the course's study: people's, or simulated ones before there are any.

    People's answers are the CSV files in the folder answers/; answers to other studies are left
    out, with a warning. They count, all of them, as soon as somebody has answered every trial and
    has not failed the catch trials (`rating.screen`).

    Raises:
        ValueError: a CSV file in the folder holds no answers.
    """
    everything = rating.read_answers(CLASS) if list(CLASS.glob("*.csv")) else []
    trials = {trial.name for trial in load().trials}
    of_class = [answer for answer in everything if answer.trial in trials]
    if len(of_class) < len(everything):
        warnings.warn(
            f"{len(everything) - len(of_class)} answers in {CLASS} are to another study and do not "
            "count; take their files out",
            rating.AnswersWarning,
            stacklevel=2,
        )
    counts = Counter(answer.rater for answer in rating.screen(of_class).answers)
    if max(counts.values(), default=0) < len(trials):
        return rating.read_answers(SIMULATED)
    return of_class


def raters(answers: Iterable[rating.Answer]) -> str:
    """Returns who has answered, for figures: "2 raters", "12 simulated raters, not people"."""
    number = len({answer.rater for answer in answers})
    kind, note = ("simulated ", ", not people") if rating.are_simulated(answers) else ("", "")
    return f"{number} {kind}rater{'' if number == 1 else 's'}{note}"


def wavelets(images: np.ndarray, steps: Iterable[float]) -> list[transform.Wavelet]:
    """Returns wavelet codecs learned on `images`, from small files to large ones."""
    return [transform.Wavelet(images, step, rounding=0.4) for step in steps]


def codecs() -> dict[str, list]:
    """Returns {name: codecs from small files to large ones} that the study compares."""
    images = _cifar10().train.images[:NUM_LEARNED]
    principal = pca.fit(images, images[0].size)
    networks = {"bottleneck": "cifar10-bottleneck", "U-Net, bottleneck": "cifar10-unet-bottleneck"}
    return {
        **{label: zoo.codec(name).family() for label, name in networks.items()},
        "KLT": [transform.KLT(principal, images, step, rounding=0.4) for step in STEPS],
        "wavelet": wavelets(images, STEPS),
        "WebP": [classical.WebP(quality) for quality in range(60)],
    }


def make() -> rating.Study:
    """Makes study and simulated answers, writes both over the ones that ship; returns the study.

    Raises:
        ValueError: CIFAR-10 could not be found.
        OSError: the package was installed without a checkout.
    """
    files.require_checkout()
    images = _cifar10().test.images[:NUM_IMAGES]
    study = rating.make_study(codecs(), images, target_bytes=TARGET_BYTES, num_trials=NUM_TRIALS)
    study.save(STUDY)
    rating.write_answers(SIMULATED, rating.simulate(study, NUM_RATERS, num_careless=NUM_CARELESS))
    return study


def _cifar10():
    dataset = datasets.cifar10()
    if dataset.is_stand_in:
        raise ValueError("the course's study needs CIFAR-10, which could not be found")
    return dataset
