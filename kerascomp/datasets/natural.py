"""32×32 patches of the photographs in scikit-image, which replace CIFAR-10 where it is missing."""

import numpy as np

from kerascomp.datasets.base import Dataset, Split

# No photograph is in two splits, so that a test patch was never seen in training.
PHOTOGRAPHS = {
    "train": ("astronaut", "coffee", "stereo_motorcycle"),
    "validation": ("rocket",),
    "test": ("chelsea",),
}
STEPS = {"train": 8, "validation": 16, "test": 16}  # pixels between two patches
SIZE = 32


def natural_patches(limit: int | None = None) -> Dataset:
    """Returns patches of photographs, shaped like CIFAR-10 and marked as a stand-in.

    Args:
        limit: keep only the first `limit` images of each split; None keeps all.

    Example:
        >>> natural_patches(2).train.images.shape
        (2, 32, 32, 3)
    """
    names = [name for group in PHOTOGRAPHS.values() for name in group]
    splits = {}
    for split, photographs in PHOTOGRAPHS.items():
        patches = [_patches(name, STEPS[split]) for name in photographs]
        labels = [
            np.full(len(group), names.index(name), np.uint8)
            for name, group in zip(photographs, patches, strict=True)
        ]
        order = np.random.default_rng(0).permutation(sum(map(len, patches)))
        splits[split] = Split(np.concatenate(patches)[order], np.concatenate(labels)[order])
    dataset = Dataset("photograph patches", **splits, class_names=tuple(names), is_stand_in=True)
    return dataset.head(limit)


def photograph(name: str = "chelsea") -> np.ndarray:
    """Returns a photograph that scikit-image ships, uint8 (H, W, 3).

    Args:
        name: one of `PHOTOGRAPHS`.

    Example:
        >>> photograph().shape
        (300, 451, 3)
    """
    from skimage import data  # imported here: it costs half a second

    images = getattr(data, name)()
    return images[0] if isinstance(images, tuple) else images  # of a stereo pair the left image


def _patches(name, step):
    """Returns (N, 32, 32, 3) patches of one photograph, `step` pixels apart."""
    windows = np.lib.stride_tricks.sliding_window_view(photograph(name), (SIZE, SIZE), axis=(0, 1))
    patches = windows[::step, ::step].transpose(0, 1, 3, 4, 2)
    return np.ascontiguousarray(patches.reshape(-1, SIZE, SIZE, 3))
