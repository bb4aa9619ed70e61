"""The exercises of the lessons, three each, and what checks the answers.

    exercises.check("05a", 0.5)      prints "05a: right" or a hint
    exercises.check("05a", ...)      prints "05a: not answered yet"

Exercise a is calculated by hand, b is coded, c is predicted first and then measured. What can be
computed is computed; exercises c are compared with stored rate points, cards of networks or the
numbers of published figures. Solutions are in notebooks/solutions.
"""

from types import EllipsisType

from kerascomp.course.exercises import autoencoders, bits, images, judging, photographs, rates
from kerascomp.course.exercises.kinds import Exercise

__all__ = ["EXERCISES", "check"]

EXERCISES: dict[str, Exercise] = {
    **images.EXERCISES,
    **autoencoders.EXERCISES,
    **bits.EXERCISES,
    **rates.EXERCISES,
    **judging.EXERCISES,
    **photographs.EXERCISES,
}


def check(name: str, answer: object | EllipsisType) -> None:
    """Prints whether the answer to an exercise is right, or else a hint.

    Args:
        name: number of the lesson and letter of the exercise, such as "05a".
        answer: what the exercise asks for; `...` as long as there is no answer.

    Raises:
        ValueError: there is no such exercise.
    """
    if name not in list(EXERCISES):
        known = ", ".join(sorted(EXERCISES))
        raise ValueError(f"no exercise is called {name!r}; there are {known}")
    if answer is ...:
        print(f"{name}: not answered yet")
    else:
        print(f"{name}: {EXERCISES[name].remark(answer) or 'right'}")
