"""The rating study that ships with the course, and the answers to it.

    studies.load()                        the study: 200 trials on CIFAR-10
    studies.answers()                     people's answers, or simulated ones before there are any
    python -m kerascomp.studies make      make both again

A study holds pixels, not codecs: a network's last gray level may differ on another computer, and
everybody shall rate the same pictures.
"""

import sys
import warnings
from collections import Counter

import numpy as np

from kerascomp import datasets, files, pca, rating
from kerascomp.codecs import classical, transform

STUDY = files.DATA / "rating_study.json"
SIMULATED = files.DATA / "rating_simulated.csv"
CLASS = files.WORKPLACE / "answers"  # CSV files of those who have rated, one each
TARGET_BYTES = (60, 90, 140)
NUM_IMAGES, NUM_TRIALS = 40, 200
NUM_LEARNED = 10_000  # training images that a transform's histograms are learned on
STEPS = tuple(np.geomspace(0.8, 0.2, 24))
NUM_RATERS, NUM_CARELESS = 12, 1


def load():
    """Returns the `rating.Study` of the course.

    Raises:
        StudyError, OSError: its file was changed, or is missing.
    """
    return rating.Study.load(STUDY)


def answers():
    """Returns all answers to the course's study: people's, or simulated ones before there are any.

    People's answers are the CSV files in the folder answers/; answers to other studies are left
    out, with a warning. They count, all of them, as soon as somebody has answered every trial and
    has not failed the catch trials (`rating.screen`).

    Returns:
        List of `rating.Answer`.

    Raises:
        ValueError: a CSV file in the folder holds no answers.
    """
    everything = rating.read_answers(CLASS) if list(CLASS.glob("*.csv")) else []
    trials = {trial.name for trial in load().trials}
    found = [each for each in everything if each.trial in trials]
    if len(found) < len(everything):
        warnings.warn(
            f"{len(everything) - len(found)} answers in {CLASS} are to another study and do not "
            "count; take their files out",
            rating.AnswersWarning,
            stacklevel=2,
        )
    left_out = rating.screen(found).left_out
    counts = Counter(each.rater for each in found if each.rater not in left_out)
    if max(counts.values(), default=0) < len(trials):
        return rating.read_answers(SIMULATED)
    return found


def raters(answers):
    """Returns who has answered, for figures, as text.

    Example:
        >>> raters([rating.Answer("anna", "t", "a", "b", "left", 900, "2026-01-01T10:00:00Z")])
        '1 rater'
    """
    number = len({each.rater for each in answers})
    plural = "" if number == 1 else "s"
    if rating.are_simulated(answers):
        return f"{number} simulated rater{plural}, not people"
    return f"{number} rater{plural}"


def wavelets(images, steps):
    """Returns wavelet codes learned on `images`, from small files to large ones."""
    return [transform.Wavelet(images, step, rounding=0.4) for step in steps]


def codecs():
    """Returns {name: codecs from small files to large ones} that the study compares.

    Raises:
        ValueError: CIFAR-10 could not be found.
    """
    from kerascomp import zoo

    images = _cifar10().train.images[:NUM_LEARNED]
    principal = pca.fit(images, images[0].size)
    networks = {name: zoo.codec(f"cifar10-{name}bottleneck") for name in ("", "unet-")}
    return {
        "bottleneck": networks[""].family(),
        "U-Net, bottleneck": networks["unet-"].family(),
        "KLT": [transform.KLT(principal, images, step, rounding=0.4) for step in STEPS],
        "wavelet": wavelets(images, STEPS),
        "WebP": [classical.WebP(quality) for quality in range(60)],
    }


def make():
    """Makes study and simulated answers, and writes both over the ones that ship.

    Returns:
        The `rating.Study`.

    Raises:
        ValueError: CIFAR-10 could not be found.
    """
    images = _cifar10().test.images[:NUM_IMAGES]
    study = rating.make_study(codecs(), images, target_bytes=TARGET_BYTES, num_trials=NUM_TRIALS)
    study.save(STUDY)
    found = rating.simulate(study, NUM_RATERS, num_careless=NUM_CARELESS)
    rating.write_answers(SIMULATED, found)
    return study


def _cifar10():
    dataset = datasets.cifar10()
    if dataset.is_stand_in:
        raise ValueError("the course's study needs CIFAR-10, which could not be found")
    return dataset


def main():
    """Runs `python -m kerascomp.studies make`."""
    if sys.argv[1:] != ["make"]:
        sys.exit("usage: python -m kerascomp.studies make")
    try:
        study = make()
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    print(f"{STUDY.name}: {len(study.trials)} trials, {STUDY.stat().st_size:,} bytes")
    print("not compared:", "; ".join(study.left_out) or "nothing")


if __name__ == "__main__":
    main()
