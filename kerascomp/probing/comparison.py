"""Differences of scores between representations, image by image."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from kerascomp.probing.report import METRICS
from kerascomp.statistics import Interval, interval

Samples = Mapping[str, Mapping[str, Sequence[np.ndarray]]]


def difference(samples: Samples, name: str, other: str, metric: str) -> Interval:
    """Returns by how much a score is higher than that of another representation.

    Both were computed on the same images, so the interval is that of the differences: images that
    are hard for every representation do not widen it.

    Args:
        samples: what `probe` returned.
        name, other: two of its representations.
        metric: one of `METRICS`.
    """
    pairs = zip(samples[name][metric], samples[other][metric], strict=True)
    return interval([values - reference for values, reference in pairs])


def difference_table(
    samples: Samples, pairs: Iterable[tuple[str, str]], metrics: Sequence[str]
) -> str:
    """Returns a table in Markdown: a row for each pair (name, other), a column for each metric."""
    head = ["difference", *(METRICS[metric] for metric in metrics)]
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for name, other in pairs:
        gaps = (difference(samples, name, other, metric) for metric in metrics)
        cells = " | ".join(f"{gap.signed(3)}, {_verdict(gap)}" for gap in gaps)
        lines.append(f"| {name} − {other} | {cells} |")
    return "\n".join(lines)


def _verdict(gap):
    return "**higher**" if gap.low > 0 else "**lower**" if gap.high < 0 else "not decided"
