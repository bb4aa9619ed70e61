"""Progress of work on large images: a bar on the terminal, and nothing with small ones."""

import tqdm

LARGE = 1 << 15  # pixels; smaller images take a second or two at most
PIXELS_OF_A_PLACE = 16 * 16  # of a latent of photographs


def bar(total: int, description: str, num_pixels: int) -> tqdm.tqdm:
    """Returns a bar of so many steps; it is shown on a terminal if there are many pixels."""
    hidden = True if num_pixels < LARGE else None  # None: where stderr is no terminal
    return tqdm.tqdm(total=total, desc=description, leave=False, disable=hidden)
