"""One rater's way through a study, answer by answer, written down at once."""

import time
import warnings
from pathlib import Path

from kerascomp.rating.answers import (
    ANSWERS,
    Answer,
    append_answer,
    check_rater,
    now,
    read_answers,
    remove_answer,
)


class Session:
    """The trials that a rater has answered and those that are left.

    A session goes on where its file ends: the same study, path and rater continue after a pause, a
    crash or a restart of the notebook.

    Args:
        study: `Study`.
        path: CSV file of answers; may hold other raters' and need not exist.
        rater: the rater's name.

    Attributes:
        answers: the rater's answers so far, oldest first.
        problem: what is wrong with the file, if there is something; else "".

    Raises:
        ValueError: an impossible name, or a file that holds no answers.
    """

    def __init__(self, study, path, rater):
        self.study, self.path, self.rater = study, Path(path), check_rater(rater)
        names = {trial.name for trial in study.trials}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = read_answers(self.path) if self.path.exists() else []
        self.problem = "; ".join(str(each.message) for each in caught)
        self.answers = [each for each in found if each.rater == self.rater and each.trial in names]
        self.show()

    @property
    def trial(self):
        """The `Trial` to be answered, or None when all are."""
        answered = {each.trial for each in self.answers}
        return next((each for each in self.study.trials if each.name not in answered), None)

    @property
    def progress(self):
        """(answered, all), numbers of trials."""
        return len(self.answers), len(self.study.trials)

    def show(self):
        """Starts the clock: the current trial is on screen now."""
        self._shown = time.perf_counter()

    def answer(self, answer):
        """Writes the answer to the current trial into the file, and goes on to the next.

        Args:
            answer: "left", "right" or "not sure".

        Raises:
            ValueError: another answer, or all trials are answered.
        """
        if answer not in ANSWERS:
            raise ValueError(f"expected one of {', '.join(ANSWERS)}, received {answer!r}")
        trial = self.trial
        if trial is None:
            raise ValueError("all trials are answered; undo takes the last answer back")
        milliseconds = round(1000 * (time.perf_counter() - self._shown))
        sides = trial.left.label, trial.right.label
        given = Answer(self.rater, trial.name, *sides, answer, milliseconds, now())
        append_answer(self.path, given)
        self.answers.append(given)
        self.show()

    def undo(self):
        """Takes the last answer back, out of the file too; does nothing if there is none."""
        if self.answers:
            remove_answer(self.path, self.answers[-1])
            self.answers.pop()
            self.show()
