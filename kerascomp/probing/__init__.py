"""Probing: what does a compressor know of its images? Maps by t-SNE, and numbers to check them.

    embed(latents, seed=0)             a map of the latents, (N, 2)
    knn_accuracy(latents, labels)      do neighbors have the same label?
    interval(samples)                  how sure is that?

Pure functions on arrays; where the vectors come from, pixels, latents or reconstructions, they do
not know. Vectors are (N, K) or images (N, H, W, C), labels are integers (N,).
"""

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
