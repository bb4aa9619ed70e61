"""Drawing: arrays in, a matplotlib `Figure` out; nothing is computed or saved here."""

from kerascomp.plots.curves import error_by_size, horizontal_bars, training_curves
from kerascomp.plots.diagrams import pipeline, unet
from kerascomp.plots.images import distortions, reconstructions, sample_grids, traversals
from kerascomp.plots.planes import file_parts, rate_distortion
from kerascomp.plots.style import COLORS

__all__ = [
    "COLORS",
    "distortions",
    "error_by_size",
    "file_parts",
    "horizontal_bars",
    "pipeline",
    "rate_distortion",
    "reconstructions",
    "sample_grids",
    "training_curves",
    "traversals",
    "unet",
]
