"""Rating in a notebook, with buttons and, where the browser lets them through, with keys.

    RatingApp(study, "answers.csv", "anna")      as the last line of a notebook's cell

ipywidgets have no keyboard events. A strip below the pictures holds a few words of HTML that press
the app's own buttons when it has the focus: click it, then ← → and space answer and backspace takes
an answer back. That works where widgets may bring HTML with handlers (tried in JupyterLab 4.6); the
buttons work everywhere.
"""

import ipywidgets as widgets

from kerascomp.rating.answers import LEFT, RIGHT, UNSURE
from kerascomp.rating.pictures import enlarged, to_png
from kerascomp.rating.session import Session

SCALE = 8  # each pixel becomes so many, squared
ROOT = "kerascomp-rating"
KEYS = {"ArrowLeft": LEFT, "ArrowRight": RIGHT, " ": UNSURE, "Backspace": "undo"}
STRIP = """<div tabindex="0" role="application" aria-label="Keys for rating"
  style="padding: 10px; border: 1px solid #767676; border-radius: 6px; text-align: center"
  onkeydown="const names = {names}; const name = names[event.key];
    if (!name || event.repeat) return; event.preventDefault(); event.stopPropagation();
    this.closest('.{root}').querySelector('.{root}-' + name).click();"
  >Click here, then: ← A, → B, space not sure, backspace undo</div>"""


class RatingApp(widgets.VBox):
    """A widget that shows one trial at a time and writes each answer down at once.

    Args:
        study: `Study`.
        path: CSV file of answers; the app goes on where the rater has stopped.
        rater: the rater's name.

    Attributes:
        session: the `Session`.
        buttons: {"left", "not sure", "right" and "undo": button}.
        pictures: {"left", "original" and "right": PNG of what is shown}.
        progress: bar of answered trials.
        message: text beside the bar.
    """

    def __init__(self, study, path, rater):
        self.session = Session(study, path, rater)
        names = {LEFT: "← A is closer", UNSURE: "not sure", RIGHT: "B is closer →", "undo": "undo"}
        self.buttons = {key: widgets.Button(description=name) for key, name in names.items()}
        for key, button in self.buttons.items():
            button.add_class(f"{ROOT}-{_class(key)}")
            button.on_click(lambda _, key=key: self.press(key))
        self.pictures = {side: widgets.Image(format="png") for side in (LEFT, "original", RIGHT)}
        self.progress = widgets.IntProgress(max=len(study.trials), layout={"width": "20em"})
        self.message = widgets.Label()
        strip = widgets.HTML(STRIP.format(root=ROOT, names=_names()), layout={"width": "44em"})
        titles = {LEFT: "A", "original": "original", RIGHT: "B"}
        columns = [
            widgets.VBox([widgets.Label(titles[side]), picture], layout={"align_items": "center"})
            for side, picture in self.pictures.items()
        ]
        rows = [columns, list(self.buttons.values()), [self.progress, self.message]]
        super().__init__([*(widgets.HBox(row) for row in rows), strip])
        self.add_class(ROOT)
        self.show()

    def press(self, key):
        """Answers "left", "right" or "not sure", or takes the last answer back: "undo"."""
        if key == "undo":
            self.session.undo()
        elif self.session.trial is not None:
            self.session.answer(key)
        self.show()

    def show(self):
        """Shows the current trial, or that there is none left."""
        done, total = self.session.progress
        trial = self.session.trial
        self.progress.value = done
        for key, button in self.buttons.items():
            button.disabled = done == 0 if key == "undo" else trial is None
        if trial is None:
            self.message.value = (
                f"All {total} are answered, thank you. They are in {self.session.path}"
            )
            return
        self.message.value = f"{done + 1} of {total}. {self.session.problem}"
        keys = {LEFT: trial.left.image, "original": trial.original, RIGHT: trial.right.image}
        for side, key in keys.items():
            self.pictures[side].value = to_png(enlarged(self.session.study.pixels(key), SCALE))
        self.session.show()


def _class(key):
    """Returns a key's name as CSS wants it."""
    return key.replace(" ", "-")


def _names():
    """Returns the names of keys and buttons as a JavaScript object in an HTML attribute."""
    return "{" + ", ".join(f"'{key}': '{_class(name)}'" for key, name in KEYS.items()) + "}"
