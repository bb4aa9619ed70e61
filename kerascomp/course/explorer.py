"""An interactive view of latents: slide through digits, jump to neighbors.

Explorer(digits, decoded, latents=latents, labels=labels, points=points)   last line of a cell
"""

import ipywidgets as widgets
import numpy as np

from kerascomp import plots, probing
from kerascomp.course import figures

NUM_NEIGHBORS = 6
ALL = "all"


class Explorer(widgets.VBox):
    """A widget that shows one digit: original, latents, reconstruction, neighbors.

    Args:
        images, decoded: uint8 (N, H, W, 1).
        latents: (N, ...).
        labels: (N,) integers.
        points: map of the latents, (N, 2).

    Attributes:
        kind: drop-down list of labels; the slider goes through the digits of one label, or all.
        slider: number of the digit among these.
        jumps: buttons, one for each of the digits with the nearest latents.
        picture: the PNG that is shown.
        index: the digit that is shown, from 0 to N − 1.
    """

    def __init__(
        self,
        images: np.ndarray,
        decoded: np.ndarray,
        *,
        latents: np.ndarray,
        labels: np.ndarray,
        points: np.ndarray,
    ):
        self._images, self._decoded = images, decoded
        self._latents = latents.reshape(len(latents), -1)
        self._labels, self._points = labels, points
        self._nearest = probing.neighbors(self._latents, NUM_NEIGHBORS)
        self._chosen = np.arange(len(images))
        self.kind = widgets.Dropdown(
            options=[ALL, *map(int, np.unique(labels))], value=ALL, description="digit"
        )
        self.slider = widgets.IntSlider(
            max=len(images) - 1, description="number", continuous_update=False
        )
        self.jumps = [widgets.Button(layout={"width": "7em"}) for _ in range(NUM_NEIGHBORS)]
        self.picture = widgets.Image(format="png", width=900)
        self.kind.observe(self._choose, "value")
        self.slider.observe(lambda _: self.show(self._chosen[self.slider.value]), "value")
        for rank, button in enumerate(self.jumps):
            button.on_click(lambda _, rank=rank: self.jump(self._nearest[self.index, rank]))
        row = widgets.HBox([widgets.Label("go to neighbor"), *self.jumps])
        super().__init__([widgets.HBox([self.kind, self.slider]), row, self.picture])
        self.show(0)

    def show(self, index: int) -> None:
        """Shows the digit `index`."""
        self.index = int(index)
        nearest = self._nearest[self.index]
        for button, other in zip(self.jumps, nearest, strict=True):
            button.description = f"{self._labels[other]} (no. {other})"
        fig = plots.digit_card(
            self._images[self.index],
            self._decoded[self.index],
            self._latents[self.index],
            self._images[nearest],
            place=(self._points, self._labels, self.index),
            title=f"Digit no. {self.index}, a {self._labels[self.index]}",
        )
        self.picture.value = figures.render(fig)

    def jump(self, index: int) -> None:
        """Goes to the digit `index`, whatever its label."""
        self.kind.value = ALL
        self.slider.value = int(index)

    def _choose(self, _):
        """Lets the slider go through the digits of one label, from the first."""
        kind = self.kind.value
        everything = np.arange(len(self._images))
        self._chosen = everything if kind == ALL else np.flatnonzero(self._labels == kind)
        self.slider.value = 0
        self.slider.max = len(self._chosen) - 1
        self.show(self._chosen[0])
