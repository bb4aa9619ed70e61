"""Who has looked? Catch trials have a right answer, and who fails too many of them is left out.

The rule, fixed before anybody has rated: a rater is left out who fails more than a quarter of the
catch trials that he or she has answered. Right is "not sure" for an identical pair, and the
original itself where the difference is gross; every other answer is a failure. Who presses at
random fails two in three.
"""

from collections import defaultdict
from dataclasses import dataclass

from kerascomp.rating.answers import LEFT, RIGHT, UNSURE
from kerascomp.rating.study import ORIGINAL, is_catch

MAX_FAILED = 0.25  # of a rater's catch trials


@dataclass(frozen=True)
class Screening:
    """What the rule has decided.

    Attributes:
        answers: those of raters who stay, without the catch trials.
        catches: {rater: (failed, answered)}, numbers of catch trials, for every rater.
        left_out: names of raters who failed too many, a tuple.
        unjudged: names of raters who have answered no catch trial; they stay.
    """

    answers: list
    catches: dict
    left_out: tuple
    unjudged: tuple


def screen(answers):
    """Returns the `Screening` of answers by the rule above.

    Args:
        answers: list of `Answer`.
    """
    verdicts = defaultdict(list)
    for each in answers:
        verdicts[each.rater] += [not is_right(each)] if is_catch(each.left, each.right) else []
    catches = {rater: (sum(failures), len(failures)) for rater, failures in verdicts.items()}
    left_out = [rater for rater, (failed, seen) in catches.items() if failed > MAX_FAILED * seen]
    kept = [
        each
        for each in answers
        if each.rater not in left_out and not is_catch(each.left, each.right)
    ]
    unjudged = tuple(rater for rater, (_, seen) in catches.items() if not seen)
    return Screening(kept, catches, tuple(left_out), unjudged)


def is_right(answer):
    """Returns whether the answer to a catch trial is the right one."""
    if answer.left == answer.right:
        return answer.answer == UNSURE
    return answer.answer == (LEFT if answer.left == ORIGINAL else RIGHT)
