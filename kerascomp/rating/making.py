"""Making a study: pairs of files of the same size, random sides, catch trials."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from tqdm.auto import tqdm

from kerascomp.rating import form, study
from kerascomp.rating.study import DAMAGED, ORIGINAL, TOLERANCE, Item, StudyError, Trial, Version

BLOCK = 10  # one trial in each block is a catch trial
SIDE = 8  # pixels; a grossly damaged image is the means of such squares


def make_study(
    codecs: Mapping[str, Sequence],
    images: np.ndarray,
    *,
    target_bytes: Sequence[int],
    num_trials: int = 200,
    seed: int = 0,
) -> study.Study:
    """Returns a `Study` that compares codecs with each other at equal bytes.

    For each image and each size, every codec gives the file nearest to the size among its
    settings. Two files make a pair if both are within 5 % of the size and of each other; a pair of
    codecs that has no such image is named in the study's `left_out`. All pairs of codecs and sizes
    are shown equally often, as far as there are images. One trial in ten is a catch trial: in turn
    an identical pair, and the original itself against one in which only the means of 8×8 pixels
    are left.

    Args:
        codecs: {name: list of `Codec`s that differ in their setting}, at least two. Many settings
            help: a codec that jumps from 80 to 120 bytes has no file of 100.
        images: uint8, shape (N, H, W, C).
        target_bytes: sizes of the files.
        num_trials: how many, catch trials included.
        seed: draws images, sides and order; the same seed gives the same study.

    Raises:
        StudyError: fewer than two codecs, a name of two lines or of a catch trial's side, no pair
            of files of equal size, or fewer pairs than trials.
    """
    if len(codecs) < 2 or not all(codecs.values()):
        raise StudyError(f"expected at least two codecs with settings, received {dict(codecs)}")
    for name in codecs:
        if name in (ORIGINAL, DAMAGED) or not form.NAME.holds(name):
            raise StudyError(f"a codec cannot be called {name!r} in a study; give it another name")
    target_bytes = np.asarray(target_bytes).tolist()  # JSON holds Python's numbers only
    rng, texts = np.random.default_rng(seed), {}

    def keep(image):  # an image's key is a hash of its PNG
        text = study.to_text(image)
        key = hashlib.sha256(text.encode()).hexdigest()[:8]
        texts[key] = text
        return key

    sizes, decoded = _nearest(codecs, images, target_bytes)
    candidates, left_out = _pairs(sizes, target_bytes)
    num_catches = num_trials // BLOCK
    shown = []  # (original, version, version)
    for pair, index in _draw(candidates, num_trials - num_catches, rng):
        versions = [
            Version(
                name, target, keep(decoded[name, target][index]), int(sizes[name, target][index])
            )
            for name, target in pair
        ]
        shown.append((keep(images[index]), *versions))
    catches = _catches(shown, images, num_catches, keep)
    shown = [shown[index] for index in rng.permutation(len(shown))]
    for block, index in enumerate(rng.permutation(num_catches)):
        shown.insert(block * BLOCK + int(rng.integers(BLOCK)), catches[index])
    trials = [
        Trial("", original, *((one, other) if rng.random() < 0.5 else (other, one)))
        for original, one, other in shown
    ]
    return study.Study(study.named(trials), texts, seed, tuple(left_out))


def _nearest(codecs, images, target_bytes):
    """Returns {`Item`: (N,)}, sizes of the files nearest to it, and {`Item`: (N, H, W, C)}."""
    sizes, decoded = {}, {}
    for name, family in tqdm(codecs.items(), desc="encoding", unit="codec", leave=False):
        files = [codec.encode(images) for codec in family]
        lengths = np.array([[len(file) for file in of_codec] for of_codec in files])  # (S, N)
        for target in target_bytes:
            item, nearest = Item(name, target), abs(lengths - target).argmin(axis=0)
            sizes[item] = lengths[nearest, np.arange(len(images))]
            decoded[item] = np.empty_like(images)
            for setting in np.unique(nearest):
                (indices,) = np.nonzero(nearest == setting)
                pixels = family[setting].decode([files[setting][index] for index in indices])
                if (shape := pixels.shape[1:]) != images.shape[1:]:
                    raise StudyError(f"{name} decoded {shape}, expected {images.shape[1:]}")
                decoded[item][indices] = pixels
    return sizes, decoded


def _pairs(sizes, target_bytes):
    """Returns ({(item, item): indices of images}, texts about pairs without any)."""
    candidates, left_out = {}, []
    for target in target_bytes:
        items = [item for item in sizes if item.target_bytes == target]
        for one, other in itertools.combinations(items, 2):
            both = np.stack([sizes[one], sizes[other]])
            near = (abs(both - target) <= TOLERANCE * target).all(axis=0)
            equal = np.ptp(both, axis=0) <= TOLERANCE * both.max(axis=0)
            if (near & equal).any():
                candidates[one, other] = np.flatnonzero(near & equal)
            else:
                left_out.append(f"{one.codec} and {other}")
    if not candidates:
        raise StudyError(
            f"no image has two files within {TOLERANCE:.0%} of {list(target_bytes)} bytes and of "
            "each other; choose other sizes, or give each codec more settings"
        )
    return candidates, left_out


def _draw(candidates, number, rng):
    """Returns `number` random (pair, index of an image): none twice, all pairs equally often."""
    possible = sum(map(len, candidates.values()))
    if possible < number:
        raise StudyError(
            f"{number} comparisons are wanted, but only {possible} pairs of files have the same "
            "size; give more images, or ask for fewer trials"
        )
    waiting = {pair: list(rng.permutation(indices)) for pair, indices in candidates.items()}
    drawn = []
    while len(drawn) < number:
        drawn += [(pair, indices.pop()) for pair, indices in waiting.items() if indices]
    return [drawn[index] for index in sorted(rng.permutation(len(drawn))[:number])]


def _catches(shown, images, number, keep):
    """Returns identical pairs and, in turn, gross differences of the images that lose the most."""
    damaged = _block_means(images)
    damage = np.abs(images.astype(float) - damaged).mean(axis=(1, 2, 3))
    most_damaged = np.argsort(-damage, kind="stable")
    catches = []
    for count in range(number):
        original, one, _ = shown[count % len(shown)]
        other = one
        if count % 2:
            index = most_damaged[count // 2 % len(images)]
            original = keep(images[index])
            one = Version(ORIGINAL, None, original, None)
            other = Version(DAMAGED, None, keep(damaged[index]), None)
        catches.append((original, one, other))
    return catches


def _block_means(images):
    """Returns uint8 images (N, H, W, C) in which squares of `SIDE` pixels have one color."""
    means = images.copy()
    for top, left in itertools.product(*(range(0, size, SIDE) for size in images.shape[1:3])):
        square = (slice(None), slice(top, top + SIDE), slice(left, left + SIDE))
        means[square] = images[square].mean(axis=(1, 2), keepdims=True).astype(np.uint8)
    return means
