"""Do raters agree with each other?"""

from collections import defaultdict

import numpy as np

from kerascomp.rating.answers import LEFT, RIGHT
from kerascomp.rating.study import is_catch


def as_number(answer):
    """Returns 1 for "left", −1 for "right" and 0 for "not sure"."""
    return {LEFT: 1, RIGHT: -1}.get(answer.answer, 0)


def krippendorff(answers):
    """Returns Krippendorff's alpha of raters' answers: 1 if all agree, 0 as by chance.

    "Left", "not sure" and "right" are 1, 0 and −1, so that "not sure" is half a disagreement with
    both. Catch trials do not count, and neither do trials that only one rater has answered.

    Args:
        answers: list of `Answer`.

    Raises:
        ValueError: no trial has two answers, or all answers are the same, so that nothing could
            have disagreed.

    Reference:
        K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, with the interval
        metric.
    """
    units = defaultdict(list)
    for each in answers:
        if not is_catch(each.left, each.right):
            units[each.trial].append(as_number(each))
    return alpha([np.array(values) for values in units.values()])


def alpha(units):
    """Returns Krippendorff's alpha of numbers, interval metric.

    Args:
        units: list of arrays, the numbers that raters gave to each unit.

    Raises:
        ValueError: no unit has two numbers, or all numbers are the same.
    """
    units = [values for values in units if len(values) > 1]
    if not units:
        raise ValueError("agreement needs trials that two raters have answered, received none")
    everything = np.concatenate(units)
    if (everything == everything[0]).all():
        raise ValueError("all answers are the same; agreement needs answers that could differ")
    within = sum(len(values) * values.var(ddof=1) for values in units)
    return float(1 - within / len(everything) / everything.var(ddof=1))


def preference(answers):
    """Returns {trial: mean answer}, from −1 (all right) to 1 (all left).

    Args:
        answers: list of `Answer`; catch trials do not count.
    """
    found = defaultdict(list)
    for each in answers:
        if not is_catch(each.left, each.right):
            found[each.trial].append(as_number(each))
    return {trial: float(np.mean(values)) for trial, values in found.items()}
