"""Making a study: pairs of files of the same size, random sides, catch trials."""

import hashlib
import itertools

import numpy as np
from tqdm.auto import tqdm

from kerascomp.rating.pictures import to_text
from kerascomp.rating.study import (
    DAMAGED,
    ORIGINAL,
    TOLERANCE,
    Study,
    StudyError,
    Trial,
    Version,
    label,
    named,
)

BLOCK = 10  # one trial in each block is a catch trial
SIDE = 8  # pixels; a grossly damaged image is the means of such squares


def make_study(codecs, images, *, target_bytes, num_trials=200, seed=0):
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
        target_bytes: sizes of the files, a list of integers.
        num_trials: how many, catch trials included.
        seed: draws images, sides and order; the same seed gives the same study.

    Raises:
        StudyError: fewer than two codecs, a name that cannot be told from others in a file of
            answers, no pair of files of equal size, or fewer pairs than trials.
    """
    _check(codecs, num_trials)
    rng = np.random.default_rng(seed)
    files = _nearest_files(codecs, images, target_bytes)
    candidates, left_out = _pairs(files, target_bytes)
    num_catch = num_trials // BLOCK
    drawn = _draw(candidates, num_trials - num_catch, rng)
    pixels = _Pixels(images)
    versions = _decoded(drawn, files, pixels)
    pairs = [(index, *(versions[side, index] for side in sides)) for sides, index in drawn]
    catches = _catches(pairs, images, num_catch, pixels)
    trials = []
    for index, one, other in _mixed(pairs, catches, rng):
        left, right = (one, other) if rng.random() < 0.5 else (other, one)
        trials.append(Trial("", pixels.original(index), left, right))
    return Study(named(trials), pixels.found, seed, tuple(left_out))


class _Pixels:
    """The pixels that a study shows, each once.

    Attributes:
        found: {key: PNG in base64}.
        shape: (H, W, C) of all images.
    """

    def __init__(self, images):
        self._images = images
        self.found, self.shape = {}, images.shape[1:]

    def key(self, image):
        """Returns the key of an image, a hash, and keeps the image under it."""
        text = to_text(image)
        key = hashlib.sha256(text.encode()).hexdigest()[:8]
        self.found[key] = text
        return key

    def original(self, index):
        """Returns the key of an original."""
        return self.key(self._images[index])

    def gross(self, index):
        """Returns the two `Version`s of a gross difference."""
        image = self._images[index]
        damaged = self.key(_block_means(image[None])[0])
        return Version(ORIGINAL, self.original(index), None), Version(DAMAGED, damaged, None)


def _check(codecs, num_trials):
    if len(codecs) < 2 or not all(codecs.values()):
        raise StudyError(
            f"expected at least two codecs with a setting each, received {dict(codecs)}"
        )
    for name in codecs:
        if name in (ORIGINAL, DAMAGED) or any(each in name for each in ('"', "\n", " @ ")):
            raise StudyError(f"a codec cannot be called {name!r} in a study; give it another name")
    if num_trials < 1:
        raise StudyError(f"expected at least one trial, received {num_trials}")


def _nearest_files(codecs, images, target_bytes):
    """Returns {(name, target): [(codec, file) for each image]}, files nearest to the target."""
    found = {}
    for name, family in tqdm(codecs.items(), desc="encoding", unit="codec", leave=False):
        written = [(codec, codec.encode(images)) for codec in family]
        for target in target_bytes:
            found[name, target] = [
                min(
                    ((codec, files[index]) for codec, files in written),
                    key=lambda choice, target=target: abs(len(choice[1]) - target),
                )
                for index in range(len(images))
            ]
    return found


def _pairs(files, target_bytes):
    """Returns ({(side, side): indices of images}, texts about pairs without any).

    Args:
        files: what `_nearest_files` returns; its keys are the sides.
        target_bytes: sizes.

    Raises:
        StudyError: no pair has an image.
    """
    candidates, left_out = {}, []
    for target in target_bytes:
        names = [name for name, size in files if size == target]
        for one, other in itertools.combinations(names, 2):
            sides = (one, target), (other, target)
            sizes = np.array([[len(file) for _, file in files[side]] for side in sides])
            near = (abs(sizes - target) <= TOLERANCE * target).all(axis=0)
            equal = np.ptp(sizes, axis=0) <= TOLERANCE * sizes.max(axis=0)
            if (near & equal).any():
                candidates[sides] = np.flatnonzero(near & equal)
            else:
                left_out.append(f"{one} and {other} at {target} bytes")
    if not candidates:
        raise StudyError(
            f"no image has two files within {TOLERANCE:.0%} of {list(target_bytes)} bytes and of "
            "each other; choose other sizes, or give each codec more settings"
        )
    return candidates, left_out


def _draw(candidates, number, rng):
    """Returns `number` random (sides, index of an image): no one twice, all sides equally often."""
    possible = sum(map(len, candidates.values()))
    if possible < number:
        raise StudyError(
            f"{number} comparisons are wanted, but only {possible} pairs of files have the same "
            "size; give more images, or ask for fewer trials"
        )
    waiting = {sides: list(rng.permutation(indices)) for sides, indices in candidates.items()}
    drawn = []
    while len(drawn) < number:
        for sides in [sides for sides, indices in waiting.items() if indices]:
            drawn.append((sides, int(waiting[sides].pop())))
    return [drawn[index] for index in sorted(rng.permutation(len(drawn))[:number])]


def _decoded(drawn, files, pixels):
    """Returns {(side, index): `Version`} of all that was drawn; every codec decodes once."""
    work = {}
    for side, index in sorted({(side, index) for sides, index in drawn for side in sides}):
        codec, file = files[side][index]
        work.setdefault(id(codec), (codec, []))[1].append((side, index, file))
    versions = {}
    for codec, places in tqdm(work.values(), desc="decoding", unit="codec", leave=False):
        decoded = codec.decode([file for *_, file in places])
        for (side, index, file), image in zip(places, decoded, strict=True):
            if image.shape != pixels.shape:
                raise StudyError(f"{side[0]} decoded {image.shape}, expected {pixels.shape}")
            versions[side, index] = Version(label(*side), pixels.key(image), len(file))
    return versions


def _catches(pairs, images, number, pixels):
    """Returns catch trials: identical pairs and, in turn, gross differences where they are gross.

    Args:
        pairs: list of (index, version, version), what they are made of.
        images: uint8, shape (N, H, W, C).
        number: how many.
        pixels: `_Pixels`.
    """
    damage = np.abs(images.astype(float) - _block_means(images)).mean(axis=(1, 2, 3))
    most_damaged = np.argsort(-damage, kind="stable")
    catches = []
    for count in range(number):
        index, version, _ = pairs[count % len(pairs)]
        if count % 2:
            index = int(most_damaged[count // 2 % len(images)])
            catches.append((index, *pixels.gross(index)))
        else:
            catches.append((index, version, version))
    return catches


def _mixed(pairs, catches, rng):
    """Returns pairs and catch trials in random order, a catch trial in each block of ten."""
    pairs = [pairs[index] for index in rng.permutation(len(pairs))]
    catches = [catches[index] for index in rng.permutation(len(catches))]
    for block, catch in enumerate(catches):
        pairs.insert(block * BLOCK + int(rng.integers(BLOCK)), catch)
    return pairs


def _block_means(images):
    """Returns uint8 images (N, H, W, C) in which squares of `SIDE` pixels have one color."""
    damaged = images.copy()
    for top in range(0, images.shape[1], SIDE):
        for left in range(0, images.shape[2], SIDE):
            square = (slice(None), slice(top, top + SIDE), slice(left, left + SIDE))
            damaged[square] = images[square].mean(axis=(1, 2), keepdims=True).astype(np.uint8)
    return damaged
