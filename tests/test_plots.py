import inspect
import itertools
import json
import re

import matplotlib as mpl
import numpy as np
import pytest
from helpers import blobs
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from kerascomp import files, plots
from kerascomp.course import figures
from kerascomp.course.figures import render
from kerascomp.plots import colors
from kerascomp.plots.labels import moved_apart

HOSTILE = {  # what a user's matplotlibrc may hold
    "text.usetex": True,
    "font.size": 30,
    "font.family": ["monospace"],
    "axes.facecolor": "black",
    "axes.prop_cycle": mpl.cycler(color=["red"]),
    "axes.unicode_minus": False,
    "axes.xmargin": 0.4,
    "image.cmap": "jet",
    "image.interpolation": "bicubic",
    "lines.linestyle": ":",
    "legend.loc": "center",
    "savefig.bbox": "tight",
    "savefig.transparent": True,
    "savefig.facecolor": "red",
    "xtick.bottom": False,
}
HISTORY = {"loss": [0.1, 0.05, 0.02], "val_loss": [0.1, 0.06, 0.03]}
IMAGES = blobs(30)
POINTS = np.random.default_rng(0).random((30, 2))
LABELS = np.arange(30) % 10


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
        "compared": lambda: plots.compared(
            {"2017": {"GRU, additive": ([0.2, 0.4], [20, 22]), "LSTM, one-shot": ([0.2], [19])}},
            title="t",
        ),
        "unrolled": lambda: plots.unrolled(IMAGES[0], IMAGES[1:4], IMAGES[4:7], ["1", "2", "3"]),
        "stages": lambda: plots.stages(
            [IMAGES[:3], blobs(3, 40, 3)], "abc", [["1", "2", "3"]] * 2, title="t"
        ),
        "bits_by_iteration": lambda: plots.bits_by_iteration(
            {"a": (64, [40, 50, 60], [0.3, 0.2, 0.1]), "b": (64, [60, 50], [0.1, 0.2])}, title="t"
        ),
        "bits_over_image": lambda: plots.bits_over_image(
            blobs(1, 40, 3)[0],
            np.arange(25.0).reshape(5, 5),
            {"a": [1, 2, 2], "b": [3, 4, 3]},
            title="t",
        ),
        "maps": lambda: plots.maps({"a": POINTS, "b": -POINTS}, LABELS, title="t\nn"),
        "zoomed_map": lambda: plots.zoomed_map(
            POINTS, LABELS, IMAGES, window=(0, 0, 1), title="t", num_cells=4
        ),
        "digit_card": lambda: plots.digit_card(
            IMAGES[0], IMAGES[1], np.arange(8.0), IMAGES[:6], place=(POINTS, LABELS, 3), title="t"
        ),
        "scores": lambda: plots.scores(
            {"a": {"m": (0.5, 0.4, 0.6), "n": (1, 1, 1)}, "b": {"m": (0.2, 0, 1), "n": (0, 0, 1)}},
            {"m": "title", "n": "other"},
            title="t",
            marked=["b"],
        ),
        "score_by_bits": lambda: plots.score_by_bits(
            {"a": ([10, 20], [(0.5, 0.4, 0.6), (0.8, 0.7, 0.9)])},
            title="t",
            ylabel="y",
            references={"r": 0.9},
        ),
        "training_curves": lambda: plots.training_curves(
            {"t": {"a": (HISTORY, "black")}}, title="t", references={"t": {"r": 0.01}}
        ),
        "error_by_size": lambda: plots.error_by_size(
            {"a": ([1, 2], [0.1, 0.05], "black")},
            [("p", 4, 0.02, "red", (6, 0))],
            title="t",
            references={"r": 0.03},
            raw_size=3,
        ),
        "horizontal_bars": lambda: plots.horizontal_bars(
            [("a", 1.0, "black"), ("b", 2.0, "red")], title="t", xlabel="x", reference=("r", 1.5)
        ),
        "file_parts": lambda: plots.file_parts(
            [("a", 50, 80.0, "n"), ("b", 90, 80.0, "")], title="t", raw_bytes=100
        ),
        "rate_distortion": lambda: plots.rate_distortion(
            {"JPEG": ([1, 2], [20, 30]), "JPEG, mosaic": ([0.5, 1], [20, 30])},
            title="t",
            bound=("b", [0.1, 0.3], [20, 30]),
            limits=(0.05, 5, 15, 35),
        ),
        "photograph_plane": lambda: plots.photograph_plane(
            {"JPEG": ([0.1, 2], [20, 30]), "bottleneck": ([0.05, 1], [20, 30])},
            {"others": ([0.5], [26])},
            limits=(0.04, 5, 15, 35),
            title="t",
            ylabel="PSNR (dB)",
        ),
        "quality_by_cost": lambda: plots.quality_by_cost(
            {"a": (3.0, 30.0), "ours": (29.0, 32.0)}, ours="ours", title="t", ylabel="PSNR (dB)"
        ),
        "maps_of": lambda: plots.maps_of(
            blobs(1, 32, 3)[0], {"m": np.arange(4.0).reshape(2, 2)}, title="t"
        ),
        "rate_distortion_panels": lambda: plots.rate_distortion_panels(
            {"a": {"JPEG": ([1, 2], [20, 30])}, "b": {"WebP": ([1, 2], [20, 30])}},
            title="t",
            bound=("b", [0.1, 0.3], [20, 30]),
            limits=(0.05, 5, 15, 35),
        ),
        "error_panels": lambda: plots.error_panels(
            [("t", {"a": ([1, 2], [0.1, 0.05], "black")}, "x"), ("u", {}, "y")], title="t"
        ),
        "pairs": lambda: plots.pairs(
            {"a": (10.0, 200.0), "b": (30.0, 20.0)},
            title="t",
            xlabel="x",
            names=("one", "other"),
            reference=("r", 40),
        ),
        "staircases": lambda: plots.staircases(
            np.linspace(-1, 1, 9),
            np.rint(np.linspace(-1, 1, 9)),
            {
                "a": (np.zeros((1, 9)), np.ones(9)),
                "b": (np.random.default_rng(0).random((3, 9)), np.ones(9)),
            },
            title="t",
        ),
        "histograms": lambda: plots.histograms(
            [("a", [0, 1], [0.5, 0.5], 1.0), ("b", [-1, 0], [0.1, 0.9], 0.5)], title="t", xlabel="x"
        ),
        "huffman_tree": lambda: plots.huffman_tree(
            {0: "0", -1: "10", 1: "11"}, {0: 0.6, -1: 0.3999, 1: 0.0001}, title="t"
        ),
        "interval": lambda: plots.interval(
            [
                ("a", "then a", {"a": 0.5, "b": 0.5}, 0.0, 1.0),
                ("b", "then b", {"a": 0.5, "b": 0.5}, 0.0, 0.5),
            ],
            title="t",
        ),
        "coefficient_maps": lambda: plots.coefficient_maps(
            [("t", IMAGES[0], np.arange(9).reshape(3, 3), np.ones((3, 3)))], title="t"
        ),
        "bits_by_skew": lambda: plots.bits_by_skew(
            [0.5, 1.0],
            {"Huffman": [1, 1], "Huffman, pairs": [1, 0.5], "entropy": [1, 0]},
            title="t",
        ),
        "pipeline": lambda: plots.pipeline(IMAGES[0], IMAGES[1]),
        "bits_at_arrows": lambda: plots.bits_at_arrows(IMAGES[0], IMAGES[1], [8, 32.0, 4, 1]),
        "loss_terms": lambda: plots.loss_terms(
            [("a", [0.2, 0.1], [0.2, 0.15]), ("b", [2, 1], [2, 1.5])], title="t"
        ),
        "priors": lambda: plots.priors(
            [("a", [-1, 0, 1], [0.2, 0.5, 0.3], [0.3, 0.4, 0.3], 1.5, 1.6)] * 5, title="t"
        ),
        "estimated_and_written": lambda: plots.estimated_and_written(
            np.arange(20.0), np.arange(20.0) + np.linspace(0, 8, 20), title="t"
        ),
        "bits_spent": lambda: plots.bits_spent(
            np.arange(5.0),
            [np.arange(k, k + 9) for k in range(10)],
            [("a", IMAGES[:20]), ("b", IMAGES[10:])],
            title="t",
        ),
        "catch_trials": lambda: plots.catch_trials(
            {"anna": (1, 20), "bert": (17, 20), "new": (0, 0)}, limit=0.25, note="3 raters"
        ),
        "rated_scores": lambda: plots.rated_scores(
            {"60 bytes": {"a": (0.5, 0, 1), "b": (-0.5, -1, 0)}, "90 bytes": {"a": (0, 0, 0)}},
            note="3 raters",
        ),
        "preference_matrices": lambda: plots.preference_matrices(
            {"60 bytes": (["a", "b"], np.array([[np.nan, 0.9], [0.1, np.nan]]))}, note="3 raters"
        ),
        "metrics_and_people": lambda: plots.metrics_and_people(
            {
                "SSIM": (np.linspace(-1, 1, 9), np.linspace(-1, 1, 9), 1.0),
                "MSE": (np.zeros(9), np.zeros(9), 0.0),
            },
            note="3 raters",
        ),
        "unet": lambda: plots.unet((16, 32, 64, 128), (32, 32, 3), title="t"),
    }


@pytest.mark.parametrize("name", drawings())
def test_draws_the_same_bytes_under_any_settings_and_changes_none(name):
    fig = drawings()[name]()
    assert isinstance(fig, Figure)
    with mpl.rc_context(HOSTILE):
        before = dict(mpl.rcParams)
        assert render(fig) == render(drawings()[name]())
        assert dict(mpl.rcParams) == before


def test_every_drawing_is_tested():
    assert set(drawings()) | {"COLORS", "TRAININGS", "color_of"} == set(plots.__all__)


@pytest.mark.parametrize("name", drawings())
def test_every_drawing_function_records_its_arguments(name):
    fig = drawings()[name]()
    assert fig.function == name
    json.dumps(fig.arguments, allow_nan=False)  # raises for what JSON cannot hold
    draw = getattr(plots, name)
    if hasattr(draw, "__wrapped__"):  # otherwise it selects what a decorated function draws
        assert list(fig.arguments) == list(inspect.signature(draw).parameters)


def numbers_in(value):
    """Returns the numbers in nested lists and dicts, in order."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return [number for part in parts for number in numbers_in(part)]
    return [value] if isinstance(value, int | float) else []


@pytest.mark.parametrize(
    "name",
    [
        "bits_by_skew",
        "compared",
        "error_panels",
        "loss_terms",
        "photograph_plane",
        "quality_by_cost",
        "rate_distortion",
        "rate_distortion_panels",
        "score_by_bits",
        "training_curves",
    ],
)
def test_every_number_of_a_curve_is_recorded(name):
    fig = drawings()[name]()
    recorded = np.array(numbers_in(fig.arguments))
    drawn = [line.get_ydata() for axes in fig.axes for line in axes.lines]
    for number in np.concatenate(drawn).astype(float):
        assert np.isclose(recorded, number, rtol=1e-5).any()


def test_only_what_is_drawn_of_many_images_is_recorded():
    errors = drawings()["reconstructions"]().arguments["groups"]["worst"][2]
    np.testing.assert_allclose(errors, np.linspace(0, 1, 30)[:-7:-1], rtol=1e-5)
    shares = drawings()["bits_over_image"]().arguments["shares"]["a"]
    assert shares == [[1, 2], [0.333333, 0.666667]]
    draws, mean, gradients = drawings()["staircases"]().arguments["panels"]["a"]
    assert draws is None and mean == [0] * 9 and gradients == [1] * 9


@pytest.mark.parametrize("name", drawings())
def test_text_is_readable_at_a_width_of_700_pixels(name):
    fig = drawings()[name]()
    fig.draw_without_rendering()
    pixels_per_point = 700 / fig.get_figwidth() / 72
    for text in fig.findobj(Text):
        if text.get_text().strip() and text.get_visible():
            assert text.get_fontsize() * pixels_per_point >= 8, text.get_text()


def test_axes_have_units():
    for name in ("training_curves", "error_by_size"):
        axes = drawings()[name]().axes[0]
        assert axes.get_xlabel() and "MSE (pixels in [0, 1])" in axes.get_ylabel()
    axes = drawings()["rate_distortion"]().axes[0]
    assert "bits per pixel" in axes.get_xlabel() and "(dB)" in axes.get_ylabel()


@pytest.mark.parametrize(
    "name", ["catch_trials", "rated_scores", "preference_matrices", "metrics_and_people"]
)
def test_figures_of_answers_say_whose_they_are(name):
    assert drawings()[name]().get_suptitle() == "Answers of 3 raters"


def boxes_of_labels(fig, labels):
    """Returns the drawn boxes (left, bottom, right, top) of the texts that are in `labels`."""
    fig.draw_without_rendering()
    texts = [text for text in fig.axes[0].texts if text.get_text() in labels]
    return [Text.get_window_extent(text).extents for text in texts]  # without what ties it


def test_labels_of_lines_that_start_together_do_not_overlap():
    labels = ("JPEG", "JPEG 2000", "WebP", "AVIF", "JPEG XL")
    fig = plots.rate_distortion(
        {label: ([1, 2], [20 + index / 50, 30]) for index, label in enumerate(labels)},
        title="t",
        bound=("b", [0.1, 0.3], [20, 30]),
        limits=(0.05, 5, 15, 35),
    )
    boxes = boxes_of_labels(fig, labels)
    assert len(boxes) == 5
    for one, other in itertools.combinations(boxes, 2):
        apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
        assert apart


def test_a_name_hides_neither_a_line_nor_the_bound_nor_published_points():
    """Each line starts where the nearest places for its name hide the bound, or the points."""
    grid = {"points": (np.linspace(0.36, 0.5, 20), np.full(20, 26.3))}
    bound = ("b", np.geomspace(0.06, 0.2, 50), np.linspace(23.2, 23.4, 50))
    curves = {"JPEG 2000": ([0.5, 4], [25, 35]), "JPEG XL, mosaic": ([0.1, 4], [24, 24])}
    limits = (0.05, 5, 15, 35)
    fig = plots.rate_distortion(curves, title="t", bound=bound, limits=limits, points=grid)
    axes = fig.axes[0]
    for left, bottom, right, top in boxes_of_labels(fig, curves):
        for xs, ys in (*curves.values(), bound[1:], grid["points"]):
            line = axes.transData.transform(np.stack([xs, ys], axis=1))
            steps = np.linspace(0, 1, 100)[:, None, None]
            x, y = (line[:-1] + steps * np.diff(line, axis=0)).reshape(-1, 2).T
            assert not ((x > left) & (x < right) & (y > bottom) & (y < top)).any()


def test_no_two_systems_have_the_same_color():
    assert len(set(colors.SYSTEMS.values())) == len(colors.SYSTEMS)
    assert set(colors.OTHER_NAMES.values()) < set(colors.SYSTEMS)
    for one, other in itertools.combinations(colors.SYSTEMS.values(), 2):
        assert np.abs(np.subtract(to_rgb(one), to_rgb(other))).sum() > 0.15, (one, other)


def test_all_colors_are_in_one_table():
    folder = files.PACKAGE / "plots"
    for path in [*folder.glob("*.py"), *(files.WORKPLACE / "notebooks" / "src").glob("*.py")]:
        if path.name != "colors.py":
            assert not re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("plane", ["12_plane_mnist", "12_plane_cifar10", "08_sweep"])
def test_a_published_plane_has_each_system_in_its_color(plane):
    arguments = figures.record(plane)["arguments"]
    loud = [label for label in arguments["curves"] if label not in arguments["quiet"]]
    lines = plots.rate_distortion(**arguments).axes[0].lines[-len(loud) :]
    for label, line in zip(loud, lines, strict=True):
        assert line.get_color() == colors.SYSTEMS[label.split(",")[0]]


def test_places_are_moved_apart_only_where_they_are_near():
    places = np.array([[0, 0], [0, 0], [1, 0], [9, 9]])
    moved = moved_apart(places, 2)
    distances = np.hypot(*(moved[:, None] - moved).T)[np.triu_indices(4, 1)]
    assert distances.min() > 1.99 and (moved[3] == [9, 9]).all()
    assert np.allclose(moved.mean(axis=0), places.mean(axis=0))


def test_numbers_of_bars_have_a_minus_sign():
    fig = plots.horizontal_bars(
        [("U-Net", -2.5, "red"), ("b", 1.0, "red")], title="t", xlabel="x", number="{:+.1f} %"
    )
    assert [text.get_text() for text in fig.axes[0].texts] == ["−2.5 %", "+1.0 %"]
    assert fig.axes[0].get_yticklabels()[0].get_text() == "U-Net"


def test_no_peak_reaches_the_numbers_above_it():
    peak = ("name", [-1, 0, 1], [0.2, 0.6, 0.2], [0.2, 0.5, 0.3], 1.0, 1.2)
    fig = plots.priors([peak] * 4, title="t")
    fig.draw_without_rendering()
    axes = fig.axes[0]
    _, top = axes.transData.transform((0, 0.6))
    assert "entropy 1.00, spent 1.20 bits" in axes.get_title(loc="left")
    (title,) = [text for text in axes.get_children() if text is axes._left_title]
    assert title.get_window_extent().y0 > top + 5


def test_quiet_curves_are_gray_and_points_have_no_line():
    fig = plots.rate_distortion(
        {"JPEG": ([1, 2], [20, 30]), "KLT": ([0.5, 2], [20, 30])},
        quiet=["JPEG"],
        points={"others": ([0.1, 0.2], [20, 22])},
        title="t",
        bound=("b", [0.1, 0.3], [20, 30]),
        limits=(0.05, 5, 15, 35),
    )
    _, jpeg, others, klt = fig.axes[0].lines
    assert jpeg.get_color() == "#767676" and klt.get_color() == plots.COLORS["KLT"]
    assert others.get_linestyle() == "None"


def test_the_worst_image_is_shown_first_among_the_worst():
    errors = np.linspace(0, 1, 30)
    fig = plots.reconstructions(IMAGES, IMAGES, errors, title="", num_each=4)
    labels = [text.get_text() for text in fig.axes[2].get_xticklabels()]
    assert labels[0] == "MSE 1.0000" and len(labels) == 4


def test_ticks_of_a_narrow_logarithmic_axis_are_plain_numbers():
    rows = {"JPEG": (7000, 5500), "AVIF": (180, 1600)}
    fig = plots.pairs(rows, title="speed", xlabel="images", names=("encoding", "decoding"))
    fig.draw_without_rendering()
    texts = [t.get_text() for m in (False, True) for t in fig.axes[0].get_xticklabels(minor=m)]
    assert {"300", "2,000"} <= set(texts) and not any("10^" in text for text in texts)
