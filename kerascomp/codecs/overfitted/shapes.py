"""The shapes of the weights of both networks: what a decoder has to know before it reads them."""

import itertools

from kerascomp.codecs.overfitted.latents import NUM_GRIDS, known_places

UNITS, CONTEXT_UNITS = 18, 18
NUM_FILTERS = 2
NUM_KNOWN = len(known_places())
Shapes = dict[str, tuple[int, ...]]


def weight_shapes(channels: int) -> tuple[Shapes, Shapes]:
    """Returns {name: shape} of the weights of both networks, synthesis and context."""
    synthesis: Shapes = {"enlarge": (4, 4, 1, 1)}
    widths = NUM_GRIDS, UNITS, UNITS, channels
    for index, shape in enumerate(itertools.pairwise(widths)):
        synthesis |= {f"synthesis{index}": shape, f"synthesis{index}_bias": shape[1:]}
    for index in range(NUM_FILTERS):
        shape = (3, 3, channels, channels)
        synthesis |= {f"filter{index}": shape, f"filter{index}_bias": shape[3:]}
    units, context = CONTEXT_UNITS, Shapes()
    for index, shape in enumerate([(NUM_KNOWN, units), (units, units), (units, 2)]):
        bias = (NUM_GRIDS, units) if index == 0 else shape[1:]
        context |= {f"context{index}": shape, f"context{index}_bias": bias}
    return synthesis, context
