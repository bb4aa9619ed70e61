"""Probing: do latents separate classes? Maps by t-SNE, and scores that check what they show.

    embed(latents, seed=0)             a map of the latents, (N, 2)
    knn_accuracy(latents, labels)      do neighbors have the same label?
    interval(samples)                  how sure is that?
    difference(samples, "a", "b", …)   is it higher for a than for b?

All are functions of arrays, whether pixels, latents or reconstructions. Vectors are (N, K) or
images (N, H, W, C), labels are integers (N,).
"""

from kerascomp.probing.comparison import difference, difference_table
from kerascomp.probing.embedding import PERPLEXITY, embed, embed_once
from kerascomp.probing.report import METRICS, probe
from kerascomp.probing.scores import (
    clusters,
    continuity,
    knn_accuracy,
    linear_probe,
    neighbors,
    nmi,
    silhouette,
    trustworthiness,
)
from kerascomp.statistics import Interval, interval

__all__ = [
    "METRICS",
    "PERPLEXITY",
    "Interval",
    "clusters",
    "continuity",
    "difference",
    "difference_table",
    "embed",
    "embed_once",
    "interval",
    "knn_accuracy",
    "linear_probe",
    "neighbors",
    "nmi",
    "probe",
    "silhouette",
    "trustworthiness",
]
