"""Raters that do not exist: they prefer what SSIM prefers, with noise.

They show what the analysis looks like before a class has rated, and test it. They say nothing about
people: what they prefer was put in. Their names begin with "simulated", by which every figure
recognizes them.
"""

import datetime
from collections.abc import Iterable

import numpy as np

from kerascomp import metrics
from kerascomp.rating.answers import ANSWERS, LEFT, RIGHT, UNSURE, Answer
from kerascomp.rating.study import Study

PREFIX = "simulated"
TIME = "%Y-%m-%dT%H:%M:%SZ"
START = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
DISCRIMINATION = 10.0  # units of sensation in a difference of SSIM of 1
UNSURE_BELOW = 0.8  # units of sensation
LAPSES = 0.03  # share of answers that are given at random


def simulate(
    study: Study, num_raters: int = 12, *, num_careless: int = 0, seed: int = 0
) -> list[Answer]:
    """Returns answers of simulated raters to all trials of a study.

    A rater feels the difference of SSIM between left and right, plus normal noise of one unit where
    the sides differ; says "not sure" if it is small; and answers at random once in a while. Raters
    differ in how much of a difference they need. Careless ones, who come last, press at random.
    """
    left, original, right = study.views(study.trials)
    felt = DISCRIMINATION * (metrics.ssim(original, left) - metrics.ssim(original, right))
    answers = []
    for number in range(num_raters + num_careless):
        rng = np.random.default_rng((seed, number))
        threshold = UNSURE_BELOW * rng.uniform(0.6, 1.4)
        lapses = LAPSES if number < num_raters else 1.0
        sensations = felt + rng.standard_normal(len(felt)) * (felt != 0)
        rater, moment = f"{PREFIX}-{number + 1:02d}", START + datetime.timedelta(days=number)
        for trial, sensation in zip(study.trials, sensations, strict=True):
            answer = LEFT if sensation > threshold else RIGHT if sensation < -threshold else UNSURE
            if rng.random() < lapses:
                answer = str(rng.choice(ANSWERS))
            milliseconds = int(rng.lognormal(7.6, 0.5))
            moment += datetime.timedelta(milliseconds=milliseconds)
            sides, when = (trial.left.item, trial.right.item), moment.strftime(TIME)
            answers.append(Answer(rater, trial.name, *sides, answer, milliseconds, when))
    return answers


def are_simulated(answers: Iterable[Answer]) -> bool:
    """Returns whether any of the answers is a simulated rater's."""
    return any(answer.rater.startswith(PREFIX) for answer in answers)
