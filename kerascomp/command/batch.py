"""Work on many files: what fails is said and left out, and the others are done."""

from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

from kerascomp.command.errors import MENDABLE, sentence
from kerascomp.command.terminal import say


class Batch:
    """Jobs that are done one by one; the error of a single one is raised at once.

    Args:
        jobs: arguments of the functions that work on them.

    Attributes:
        jobs: those that are left.
    """

    def __init__(self, jobs: Sequence[tuple]):
        self.jobs, self.number = list(jobs), len(jobs)

    def each(self, work: Callable[..., Any]) -> None:
        """Calls a function with each of the jobs that are left; those where it fails are not."""
        left, hidden = [], True if len(self.jobs) < 2 else None  # None: where there's no terminal
        for job in tqdm(self.jobs, disable=hidden, unit="file"):
            try:
                work(*job)
            except MENDABLE as error:
                if self.number == 1:
                    raise
                say(f"kerascomp: {sentence(error)}", error=True)
            else:
                left.append(job)
        self.jobs = left

    def finish(self, advice: str = "") -> None:
        """Raises a ValueError if not all jobs are left, with what to do about it."""
        if num_failed := self.number - len(self.jobs):
            raise ValueError(f"{num_failed} of {self.number} files failed, see above{advice}")
