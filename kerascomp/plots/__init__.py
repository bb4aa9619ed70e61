"""Drawing: arrays in, a matplotlib `Figure` out that knows what it was drawn from."""

from kerascomp.plots.bottleneck import (
    bits_at_arrows,
    bits_spent,
    estimated_and_written,
    loss_terms,
    priors,
)
from kerascomp.plots.coding import (
    bits_by_skew,
    coefficient_maps,
    histograms,
    huffman_tree,
    interval,
    staircases,
)
from kerascomp.plots.colors import COLORS, TRAININGS, color_of
from kerascomp.plots.curves import (
    error_by_size,
    error_panels,
    horizontal_bars,
    pairs,
    training_curves,
)
from kerascomp.plots.diagrams import pipeline, unet
from kerascomp.plots.images import distortions, reconstructions, sample_grids, traversals
from kerascomp.plots.photographs import maps_of, photograph_plane, quality_by_cost
from kerascomp.plots.probing import digit_card, maps, score_by_bits, scores, zoomed_map
from kerascomp.plots.rates import file_parts, rate_distortion, rate_distortion_panels
from kerascomp.plots.rating import (
    catch_trials,
    metrics_and_people,
    preference_matrices,
    rated_scores,
)
from kerascomp.plots.recurrent import bits_by_iteration, bits_over_image, compared, stages, unrolled

__all__ = [
    "COLORS",
    "TRAININGS",
    "bits_at_arrows",
    "bits_by_iteration",
    "bits_by_skew",
    "bits_over_image",
    "bits_spent",
    "catch_trials",
    "coefficient_maps",
    "color_of",
    "compared",
    "digit_card",
    "distortions",
    "error_by_size",
    "error_panels",
    "estimated_and_written",
    "file_parts",
    "histograms",
    "horizontal_bars",
    "huffman_tree",
    "interval",
    "loss_terms",
    "maps",
    "maps_of",
    "metrics_and_people",
    "pairs",
    "photograph_plane",
    "pipeline",
    "preference_matrices",
    "priors",
    "quality_by_cost",
    "rate_distortion",
    "rate_distortion_panels",
    "rated_scores",
    "reconstructions",
    "sample_grids",
    "score_by_bits",
    "scores",
    "stages",
    "staircases",
    "training_curves",
    "traversals",
    "unet",
    "unrolled",
    "zoomed_map",
]
