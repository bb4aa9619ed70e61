"""What raters said: scores with intervals, who was preferred to whom, and metrics beside people.

Every figure takes a `note` that is written into the picture: who the raters were.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from kerascomp.plots import labels
from kerascomp.plots.axes import grid_behind, side_by_side, without_ticks
from kerascomp.plots.colors import BLUE, GRAY, INK, NEARLY_WHITE, ORANGE, SKY, VERMILION, color_of
from kerascomp.plots.style import WIDTH, Drawing, drawing, new_figure

PREFERENCE = LinearSegmentedColormap.from_list("preference", [ORANGE, NEARLY_WHITE, SKY])


@drawing
def catch_trials(failed: Mapping[str, tuple[int, int]], *, limit: float, note: str) -> Drawing:
    """Draws the share of catch trials that each rater failed, and where the rule cuts.

    Args:
        failed: {rater: (failed, answered)}.
        limit: share above which a rater is left out.
        note: string, who the raters were.
    """
    fig = _noted_figure(1.5 + 0.2 * len(failed), note)
    axes = fig.subplots()
    shares = [bad / max(seen, 1) for bad, seen in failed.values()]
    positions = np.arange(len(shares))[::-1]
    colors = [VERMILION if share > limit else BLUE for share in shares]
    axes.barh(positions, shares, color=colors, height=0.62)
    for position, share, (bad, seen) in zip(positions, shares, failed.values(), strict=True):
        text = f"{bad} of {seen}" + (", left out" if share > limit else "")
        labels.note(axes, text, (share, position), offset=(5, 0), va="center", fontsize=9)
    axes.axvline(limit, color=INK, linewidth=1.2, linestyle=":")
    text, at = f"left out above {limit:.0%}", (limit, len(shares) - 0.4)
    labels.note(axes, text, at, offset=(5, 0), fontsize=9)
    axes.set_yticks(positions, failed, fontsize=9)
    axes.set_ylim(-0.6, len(shares) + 0.2)
    axes.set(xlim=(0, 1), xlabel="share of catch trials failed", title="Who has looked?")
    axes.xaxis.set_major_formatter("{x:.0%}")
    grid_behind(axes, without="y")
    return fig


@drawing
def rated_scores(
    panels: Mapping[str, Mapping[str, tuple[float, float, float]]], *, note: str
) -> Drawing:
    """Draws scores with their intervals: a panel a size, a line a codec, the best on top.

    Args:
        panels: {title: {codec: (value, low, high)}}.
        note: string, who the raters were.
    """
    most = max(map(len, panels.values()))
    fig = _noted_figure(1.5 + 0.34 * most, note)
    for axes, (title, scores) in side_by_side(fig, panels.items(), sharex=True):
        ordered = sorted(scores.items(), key=lambda item: item[1][0])
        positions = np.arange(len(ordered)) + most - len(ordered)
        axes.axvline(0, color=GRAY, linewidth=1.0, linestyle=":")
        for position, (codec, (value, low, high)) in zip(positions, ordered, strict=True):
            color = color_of(codec)
            axes.plot([low, high], [position, position], color=color, linewidth=4, alpha=0.4)
            axes.plot([value], [position], "o", color=color)
        axes.set_yticks(positions, [codec for codec, _ in ordered], fontsize=9)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(-0.6, most - 0.4)
        axes.set_title(title, fontsize=11)
        axes.grid(False, axis="y")
        axes.locator_params(axis="x", nbins=6, integer=True)
    meaning = "score and 95 % interval, log odds; the mean of a panel is zero"
    fig.supxlabel(meaning, fontsize=10)
    return fig


@drawing
def preference_matrices(
    panels: Mapping[str, tuple[Sequence[str], np.ndarray]], *, note: str
) -> Drawing:
    """Draws in how many answers the codec of a row was closer than that of a column.

    Args:
        panels: {title: (codecs, shares (K, K), NaN where two were not compared)}.
        note: string, who the raters were.
    """
    fig = _noted_figure(WIDTH / len(panels) + 0.45, note)
    for axes, (title, (codecs, shares)) in side_by_side(fig, panels.items()):
        axes.imshow(shares, cmap=PREFERENCE, vmin=0, vmax=1)
        for (row, column), share in np.ndenumerate(shares):
            if np.isfinite(share):
                axes.text(column, row, f"{share:.0%}", ha="center", va="center", fontsize=9)
        without_ticks(axes)
        places = np.arange(len(codecs))
        axes.set_xticks(places, codecs, rotation=40, ha="right", fontsize=9)
        axes.set_yticks(places, codecs, fontsize=9)
        axes.tick_params(length=0)
        axes.set_title(title, fontsize=11)
    meaning = "share of answers in which the row is closer than the column"
    fig.supxlabel(meaning, fontsize=10)
    return fig


@drawing
def metrics_and_people(
    panels: Mapping[str, tuple[np.ndarray, np.ndarray, float]], *, note: str
) -> Drawing:
    """Draws what a metric says of each comparison against what the raters said.

    Args:
        panels: {metric with its unit: (differences (T,), mean answers (T,) from −1 to 1,
            their rank correlation)}.
        note: string, who the raters were.
    """
    fig = _noted_figure(3.5, note)
    for axes, (metric, panel) in side_by_side(fig, panels.items(), sharey=True):
        differences, answers, correlation = panel
        axes.axhline(0, color=GRAY, linewidth=0.8)
        axes.axvline(0, color=GRAY, linewidth=0.8)
        style = {"color": BLUE, "alpha": 0.45, "markersize": 4.5, "markeredgewidth": 0}
        axes.plot(differences, answers, "o", **style)
        axes.set_title(f"correlation {correlation:.2f}".replace("-", "−"), fontsize=10)
        axes.set_xlabel(metric, fontsize=10)
        axes.locator_params(axis="x", nbins=4)
        axes.tick_params(labelsize=9)
        limit = 1.08 * np.abs(differences).max() or 1
        axes.set(xlim=(-limit, limit), ylim=(-1.08, 1.08))
    fig.axes[0].set_yticks([-1, 0, 1], ["all B", "even", "all A"])
    fig.axes[0].set_ylabel("the raters' choice")
    fig.supxlabel("by how much A is better than B", fontsize=10)
    return fig


def _noted_figure(height: float, note: str) -> Drawing:
    """Returns an empty figure that says on top who the raters were."""
    fig = new_figure(height)
    style = {"ha": "right", "fontsize": 10, "fontweight": "bold", "color": VERMILION}
    fig.suptitle(f"Answers of {note}", x=0.995, **style)
    return fig
