"""Human rating: which of two reconstructions is closer to the original? Asked, and analyzed.

study = make_study(codecs, images, target_bytes=[90])     pairs of files of the same size
write_page(study, "rating.html")                          to rate in a browser, without Python
frame(study)                                              the same page in a notebook
screening = screen(read_answers("answers.csv"))           who has looked?
bradley_terry(screening.answers).scores                   scores with intervals
"""

from kerascomp.rating.agreement import (
    METRICS,
    krippendorff,
    metric_agreement,
    metric_differences,
    preference,
)
from kerascomp.rating.answers import Answer, AnswersWarning, read_answers, write_answers
from kerascomp.rating.making import make_study
from kerascomp.rating.page import frame, write_page
from kerascomp.rating.scores import bradley_terry, preferences
from kerascomp.rating.screening import MAX_FAILED, screen
from kerascomp.rating.simulation import are_simulated, simulate
from kerascomp.rating.study import Item, Study, StudyError

__all__ = [
    "MAX_FAILED",
    "METRICS",
    "Answer",
    "AnswersWarning",
    "Item",
    "Study",
    "StudyError",
    "are_simulated",
    "bradley_terry",
    "frame",
    "krippendorff",
    "make_study",
    "metric_agreement",
    "metric_differences",
    "preference",
    "preferences",
    "read_answers",
    "screen",
    "simulate",
    "write_answers",
    "write_page",
]
