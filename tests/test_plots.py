import numpy as np
import pytest
from helpers import blobs
from matplotlib.figure import Figure

from kerascomp import plots
from kerascomp.figures import render

HISTORY = {"loss": [0.1, 0.05, 0.02], "val_loss": [0.1, 0.06, 0.03]}
IMAGES = blobs(30)


def drawings():
    return {
        "sample_grids": lambda: plots.sample_grids({"a": IMAGES, "b": blobs(7, 32, 3)}),
        "reconstructions": lambda: plots.reconstructions(
            IMAGES, IMAGES[::-1], np.linspace(0, 1, 30), title="title"
        ),
        "traversals": lambda: plots.traversals(
            IMAGES.reshape(5, 6, 28, 28, 1), list("abcde"), list("123456"), title="t", xlabel="x"
        ),
        "distortions": lambda: plots.distortions(
            IMAGES[:6].reshape(2, 3, 28, 28, 1), "abc", [["1", "2", "3"]] * 2, title="t"
        ),
        "training_curves": lambda: plots.training_curves(
            {"t": {"a": (HISTORY, "black")}}, references={"t": {"r": 0.01}}
        ),
        "error_by_size": lambda: plots.error_by_size(
            {"a": ([1, 2], [0.1, 0.05], "black")}, [("p", 4, 0.02, "red", (6, 0))],
            title="t", references={"r": 0.03}, raw_size=3,
        ),
        "horizontal_bars": lambda: plots.horizontal_bars(
            [("a", 1.0, "black"), ("b", 2.0, "red")], title="t", xlabel="x", reference=("r", 1.5)
        ),
        "file_parts": lambda: plots.file_parts(
            [("a", 50, 80.0, "n"), ("b", 90, 80.0, "")], title="t", raw_bytes=100
        ),
        "rate_distortion": lambda: plots.rate_distortion(
            {"JPEG": ([1, 2], [20, 30]), "JPEG, mosaic": ([0.5, 1], [20, 30])},
            title="t", bound=("b", [0.1, 0.3], [20, 30]), limits=(0.05, 5, 15, 35),
        ),
        "pipeline": lambda: plots.pipeline(IMAGES[0], IMAGES[1]),
        "unet": lambda: plots.unet((16, 32, 64, 128), (32, 32, 3)),
    }  # fmt: skip


@pytest.mark.parametrize("name", drawings())
def test_draws_the_same_bytes_twice_and_changes_no_global_state(name):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    fig = drawings()[name]()
    assert isinstance(fig, Figure) and render(fig) == render(drawings()[name]())
    assert dict(mpl.rcParams) == before


def test_every_drawing_is_tested():
    assert set(drawings()) | {"COLORS"} == set(plots.__all__)


def test_axes_have_units():
    for name in ("training_curves", "error_by_size"):
        axes = drawings()[name]().axes[0]
        assert axes.get_xlabel() and "MSE (pixels in [0, 1])" in axes.get_ylabel()
    axes = drawings()["rate_distortion"]().axes[0]
    assert "bits per pixel" in axes.get_xlabel() and "(dB)" in axes.get_ylabel()


def test_labels_of_lines_that_start_together_are_moved_apart():
    fig = plots.rate_distortion(
        {"JPEG": ([1, 2], [20, 30]), "WebP": ([1, 2], [20, 30.1])},
        title="t", bound=("b", [0.1, 0.3], [20, 30]), limits=(0.05, 5, 15, 35),
    )  # fmt: skip
    heights = [text.xy[1] for text in fig.axes[0].texts if text.get_text() in ("JPEG", "WebP")]
    assert abs(heights[0] - heights[1]) > 0.8


def test_the_worst_image_is_shown_first_among_the_worst():
    errors = np.linspace(0, 1, 30)
    fig = plots.reconstructions(IMAGES, IMAGES, errors, title="", num_each=4)
    labels = [text.get_text() for text in fig.axes[2].get_xticklabels()]
    assert labels[0] == "1.0000" and len(labels) == 4
