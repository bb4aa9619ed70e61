"""Everything is a codec, and a rate is the length of bytes that were written and decoded.

    files = codec.encode(images)     one independent byte string for each image
    images = codec.decode(files)     the same shape and dtype as went in

`measure` is the only place where a rate is born.
"""

import dataclasses
import json
import time
from typing import Protocol

import numpy as np
from tqdm.auto import tqdm

from kerascomp import metrics

NORMAL_975 = 1.959964  # quantile of the normal distribution, for 95 % intervals


class CodecError(ValueError):
    """A codec did not give back what it was given."""


class Codec(Protocol):
    """What every codec is.

    Attributes:
        name: as written on plots, without its setting.
        setting: what makes this one of a family, such as "quality 10"; "" if there is nothing.
        images_per_file: 1, unless the codec says that it joins several images into one file.
    """

    name: str
    setting: str
    images_per_file: int = 1

    def encode(self, images):
        """Returns one byte string for each uint8 image of (N, H, W, C), C being 1 or 3."""

    def decode(self, files):
        """Returns the uint8 images (N, H, W, C) of byte strings that `encode` wrote."""


@dataclasses.dataclass(frozen=True)
class RatePoint:
    """A codec's place on the rate–distortion plane, measured on real bytes.

    Attributes:
        codec, setting, num_images: what was measured, and on how many images.
        rate_kind: "file" (every byte counts), "header-free" (a blank image's bytes do not), or
            "joint" (several images in one file).
        bytes_per_image: mean number of bytes that count.
        bytes_interval: half width of its 95 % confidence interval; None for a single file.
        bpp: bits per pixel, not per channel.
        mse, mae: means over the images, pixels in [0, 1].
        psnr_db: of the mean MSE; None where every image was decoded exactly.
        ssim, ms_ssim: means over the images; None for images smaller than their windows.
        encode_seconds, decode_seconds: for all images together.
    """

    codec: str
    setting: str
    num_images: int
    rate_kind: str
    bytes_per_image: float
    bytes_interval: float | None
    bpp: float
    mse: float
    mae: float
    psnr_db: float | None
    ssim: float | None
    ms_ssim: float | None
    encode_seconds: float
    decode_seconds: float

    def to_json(self):
        """Returns the point as a JSON string."""
        return json.dumps(dataclasses.asdict(self), allow_nan=False)

    @classmethod
    def from_json(cls, text):
        """Returns the point that `to_json` wrote.

        Raises:
            ValueError: the text is no such point; says which fields are missing or unknown.
        """
        found = json.loads(text)
        expected = {field.name for field in dataclasses.fields(cls)}
        received = set(found) if isinstance(found, dict) else set()
        if received != expected:
            raise ValueError(f"no RatePoint: missing or unknown are {sorted(received ^ expected)}")
        return cls(**found)


def measure(codec, images):
    """Encodes images, decodes the files, and returns what it cost and what it damaged.

    Args:
        codec: a `Codec`.
        images: uint8, shape (N, H, W, C).

    Returns:
        `RatePoint`.

    Raises:
        ValueError: `images` is no such batch.
        CodecError: the codec did not write bytes, one file for each image (or for each
            `images_per_file`), or decoded other images than it was given in count, shape or dtype.
    """
    check_batch(images)
    started = time.perf_counter()
    files = codec.encode(images)
    encoded = time.perf_counter()
    group = getattr(codec, "images_per_file", 1)
    _check_files(codec, files, -(-len(images) // group))
    decoded = codec.decode(files)
    finished = time.perf_counter()
    _check_decoded(codec, decoded, images)

    sizes = np.array([len(file) for file in files], np.float64)
    images_in = np.full(len(files), group)
    images_in[-1] = len(images) - group * (len(files) - 1)  # the last file may hold fewer
    bytes_per_image = float(sizes.sum() / len(images))
    error = float(metrics.mse(images, decoded).mean())
    return RatePoint(
        codec=codec.name,
        setting=codec.setting,
        num_images=len(images),
        rate_kind="joint" if group > 1 else "file",
        bytes_per_image=bytes_per_image,
        bytes_interval=_interval(sizes - bytes_per_image * images_in, len(images)),
        bpp=8 * bytes_per_image / (images.shape[1] * images.shape[2]),
        mse=error,
        mae=float(metrics.mae(images, decoded).mean()),
        psnr_db=float(metrics.mse_to_psnr_db(error)) if error else None,
        ssim=_mean_if_large_enough(metrics.ssim, images, decoded),
        ms_ssim=_mean_if_large_enough(metrics.ms_ssim, images, decoded),
        encode_seconds=encoded - started,
        decode_seconds=finished - encoded,
    )


def header_free(point, free_bytes):
    """Returns a point without the bytes of every file that say nothing about its image, marked.

    No such file exists: it is what a codec would need if its headers were known beforehand.

    Args:
        point: `RatePoint` of whole files.
        free_bytes: bytes of a file that do not count, see `classical.blank_bytes`.

    Raises:
        ValueError: the point is not of whole files of one image each.
    """
    if point.rate_kind != "file":
        raise ValueError(f"expected a point of whole files, received a {point.rate_kind} one")
    rest = point.bytes_per_image - free_bytes
    return dataclasses.replace(
        point,
        rate_kind="header-free",
        bytes_per_image=rest,
        bpp=point.bpp * rest / point.bytes_per_image,
    )


def sweep(codecs, images):
    """Measures several codecs on the same images, with a progress bar.

    Args:
        codecs: list of `Codec`s.
        images: uint8, shape (N, H, W, C).

    Returns:
        One `RatePoint` for each codec.
    """
    bar = tqdm(codecs, desc="measuring", unit="codec")
    points = []
    for codec in bar:
        bar.set_postfix_str(f"{codec.name} {codec.setting}")
        points.append(measure(codec, images))
    return points


def _interval(residuals, num_images):
    """Returns half the width of the 95 % interval of bytes an image, or None for a single file.

    Args:
        residuals: bytes of each file less what its images cost on average.
        num_images: in all files.
    """
    num_files = len(residuals)
    if num_files < 2:
        return None
    return float(NORMAL_975 * residuals.std(ddof=1) * np.sqrt(num_files) / num_images)


def _mean_if_large_enough(metric, images, decoded):
    try:
        return float(metric(images, decoded).mean())
    except metrics.WindowError:
        return None


def check_batch(images):
    """Raises a ValueError unless `images` are uint8 of shape (N, H, W, 1 or 3), N at least 1."""
    if (
        not isinstance(images, np.ndarray)
        or images.dtype != np.uint8
        or images.ndim != 4
        or images.shape[-1] not in (1, 3)
        or len(images) == 0
    ):
        received = f"{getattr(images, 'dtype', type(images).__name__)} {np.shape(images)}"
        raise ValueError(
            f"expected uint8 images of shape (N, H, W, 1 or 3), at least one, received {received}"
        )


def check_shape(name, images, image_shape):
    """Raises a ValueError unless `images` are of `image_shape`, (H, W, C)."""
    if images.shape[1:] != tuple(image_shape):
        raise ValueError(
            f"{name} takes images of {tuple(image_shape)}, received {images.shape[1:]}"
        )


def _check_files(codec, files, expected):
    if not isinstance(files, list) or not all(isinstance(file, bytes) for file in files):
        raise CodecError(f"{codec.name} must encode to a list of bytes, not {type(files).__name__}")
    if len(files) != expected:
        raise CodecError(f"{codec.name} wrote {len(files)} files, expected {expected}")


def _check_decoded(codec, decoded, images):
    received = f"{getattr(decoded, 'dtype', type(decoded).__name__)} {np.shape(decoded)}"
    if received != f"uint8 {images.shape}":
        raise CodecError(f"{codec.name} decoded {received}, expected uint8 {images.shape}")
