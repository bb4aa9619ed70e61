"""Human rating: which of two reconstructions is closer to the original? Asked, and analyzed.

study = make_study(codecs, images, target_bytes=[90])     pairs of files of the same size
write_page(study, "rating.html")                          to rate in a browser, without Python
app.RatingApp(study, "answers.csv", "anna")               to rate in a notebook
screening = screen(read_answers("answers.csv"))           who has looked?
bradley_terry(screening.answers).scores                   scores with intervals
"""

from kerascomp.rating.agreement import krippendorff, preference
from kerascomp.rating.answers import (
    Answer,
    AnswersWarning,
    append_answer,
    read_answers,
    write_answers,
)
from kerascomp.rating.correlation import METRICS, metric_agreement, metric_differences
from kerascomp.rating.intervals import Estimates, Interval
from kerascomp.rating.making import make_study
from kerascomp.rating.page import write_page
from kerascomp.rating.screening import MAX_FAILED, Screening, screen
from kerascomp.rating.session import Session
from kerascomp.rating.simulation import are_simulated, simulate
from kerascomp.rating.strengths import Ranking, bradley_terry, preferences
from kerascomp.rating.study import Study, StudyError, is_catch, label, split_label

__all__ = [
    "MAX_FAILED",
    "METRICS",
    "Answer",
    "AnswersWarning",
    "Estimates",
    "Interval",
    "Ranking",
    "Screening",
    "Session",
    "Study",
    "StudyError",
    "append_answer",
    "are_simulated",
    "bradley_terry",
    "is_catch",
    "krippendorff",
    "label",
    "make_study",
    "metric_agreement",
    "metric_differences",
    "preference",
    "preferences",
    "read_answers",
    "screen",
    "simulate",
    "split_label",
    "write_answers",
    "write_page",
]
