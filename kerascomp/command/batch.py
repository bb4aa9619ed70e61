"""Work on many files: what fails is said and left out, and the others are done."""

from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

from kerascomp.command.errors import MENDABLE, sentence
from kerascomp.command.terminal import say

MOST_NAMES = 20  # of files that failed; all of them are named where they fail


class Batch:
    """Jobs that are done one by one; the error of a single one is raised at once.

    Args:
        jobs: arguments of the functions that work on them.

    Attributes:
        jobs: those that are left.
        failed: what the others were to work on, their first arguments.
    """

    def __init__(self, jobs: Sequence[tuple]):
        self.jobs, self.number = list(jobs), len(jobs)
        self.failed = []

    def each(self, work: Callable[..., Any], *, bar: bool = True) -> None:
        """Calls a function with each of the jobs that are left; those where it fails are not.

        Args:
            work: takes the arguments of a job.
            bar: whether a progress bar is shown, if there are several.
        """
        left, hidden = [], None if bar and len(self.jobs) > 1 else True  # None: on a terminal
        for job in tqdm(self.jobs, disable=hidden, unit="file"):
            try:
                work(*job)
            except MENDABLE as error:
                if self.number == 1:
                    raise
                say(f"kerascomp: {sentence(error)}", error=True)
                self.failed.append(str(job[0]))
            else:
                left.append(job)
        self.jobs = left

    def finish(self, advice: str = "") -> None:
        """Raises a ValueError that names the files of failed jobs, with what to do about them."""
        if num_failed := len(self.failed):
            names = ", ".join(self.failed[:MOST_NAMES])
            rest = f" and {num_failed - MOST_NAMES} others" if num_failed > MOST_NAMES else ""
            raise ValueError(f"{num_failed} of {self.number} files failed: {names}{rest}{advice}")
