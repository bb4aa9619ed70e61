"""Who has looked? Catch trials have a right answer, and who fails too many of them is left out.

The rule, fixed before anybody has rated: a rater is left out who fails more than a quarter of the
catch trials that he or she has answered. Right is "not sure" for an identical pair, and the
original itself where the difference is gross; every other answer is a failure. Who presses at
random fails two in three.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from kerascomp.rating.answers import LEFT, RIGHT, UNSURE, Answer
from kerascomp.rating.study import ORIGINAL

MAX_FAILED = 0.25  # of a rater's catch trials


class Screening(NamedTuple):
    """What the rule has decided."""

    answers: list[Answer]  # of raters who stay; analyses leave the catch trials in them out
    catches: dict[str, tuple[int, int]]  # of every rater: catch trials failed and answered
    left_out: tuple[str, ...]  # raters who failed too many
    unjudged: tuple[str, ...]  # raters who have answered no catch trial; they stay


def screen(answers: Sequence[Answer]) -> Screening:
    """Returns the `Screening` of answers by the rule above."""
    failures = defaultdict(list)  # of each rater, whether each catch trial was failed
    for answer in answers:
        failures[answer.rater] += [not is_right(answer)] if answer.is_catch else []
    catches = {rater: (sum(failed), len(failed)) for rater, failed in failures.items()}
    left_out = tuple(
        rater for rater, (failed, number) in catches.items() if failed > MAX_FAILED * number
    )
    kept = [answer for answer in answers if answer.rater not in left_out]
    unjudged = tuple(rater for rater, (_, number) in catches.items() if not number)
    return Screening(kept, catches, left_out, unjudged)


def is_right(answer: Answer) -> bool:
    """Returns whether the answer to a catch trial is the right one."""
    if answer.left == answer.right:
        return answer.answer == UNSURE
    return answer.answer == (LEFT if answer.left.codec == ORIGINAL else RIGHT)
