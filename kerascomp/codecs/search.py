"""Choosing among a codec's settings by the size of the files."""

import bisect

from kerascomp.codecs.base import check_batch


def nearest_in_bytes(family, images, target_bytes):
    """Returns the codec of a family whose files have the mean size nearest to a target.

    Args:
        family: list of `Codec`s from small files to large ones.
        images: uint8, shape (N, H, W, C).
        target_bytes: for one image.

    Returns:
        (codec, its mean bytes for an image). Whoever compares codecs at equal bytes checks that
        this is near enough.

    Raises:
        ValueError: an empty family, or no such images.
    """
    check_batch(images)
    if not family:
        raise ValueError("expected a family of at least one codec, received none")

    def mean_bytes(index):
        return sum(map(len, family[index].encode(images))) / len(images)

    above = bisect.bisect_left(range(len(family)), target_bytes, key=mean_bytes)
    candidates = [index for index in (above - 1, above) if 0 <= index < len(family)]
    best = min(candidates, key=lambda index: abs(mean_bytes(index) - target_bytes))
    return family[best], mean_bytes(best)
