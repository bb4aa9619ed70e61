"""Rates and distortions, measured: a rate is the length of bytes that were written and decoded.

`measure` is the only place where a rate is born.
"""

import dataclasses
import json
import time
from collections.abc import Sequence

import numpy as np
from tqdm.auto import tqdm

from kerascomp import metrics
from kerascomp.codecs.base import Codec, CodecError, check_batch, described
from kerascomp.statistics import NORMAL_975


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
        psnr_db: of the mean MSE, or, of photographs measured one by one, the mean of their PSNRs,
            as their literature has it; None where an image was decoded exactly.
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

    def to_json(self) -> str:
        """Returns the point as a JSON string."""
        return json.dumps(dataclasses.asdict(self), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "RatePoint":
        """Returns the point that `to_json` wrote.

        Raises:
            ValueError: the text is no such point; says which fields are missing or unknown.
        """
        values = json.loads(text)
        expected = {field.name for field in dataclasses.fields(cls)}
        received = set(values) if isinstance(values, dict) else set()
        if received != expected:
            raise ValueError(f"no RatePoint: missing or unknown are {sorted(received ^ expected)}")
        return cls(**values)


def measure(codec: Codec, images: np.ndarray | list[np.ndarray]) -> RatePoint:
    """Encodes images, decodes the files, and returns what it cost and what it damaged.

    Args:
        codec: a `Codec`.
        images: uint8, shape (N, H, W, C); or a list of (H, W, C), each of a size of its own, whose
            point has the means of theirs.

    Returns:
        `RatePoint`.

    Raises:
        ValueError: `images` is no such batch.
        CodecError: the codec did not write bytes, one file for each image (or for each
            `images_per_file`), or decoded other images than it was given in count, shape or dtype.
    """
    if not isinstance(images, list):
        return _measured(codec, images)
    if not images or not all(isinstance(image, np.ndarray) for image in images):
        check_batch(images)
    return _mean([_measured(codec.for_shape(image.shape), image[None]) for image in images])


def _measured(codec, images: np.ndarray) -> RatePoint:
    check_batch(images)
    started = time.perf_counter()
    files = codec.encode(images)
    encoded = time.perf_counter()
    group = codec.images_per_file
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


def header_free(point: RatePoint, free_bytes: float) -> RatePoint:
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


def sweep(codecs: Sequence[Codec], images: np.ndarray | list[np.ndarray]) -> list[RatePoint]:
    """Measures several codecs on the same images, with a progress bar.

    Args:
        codecs: list of `Codec`s.
        images: as `measure` takes them.

    Returns:
        One `RatePoint` for each codec.
    """
    bar = tqdm(codecs, desc="measuring", unit="codec")
    points = []
    for codec in bar:
        bar.set_postfix_str(f"{codec.name} {codec.setting}")
        points.append(measure(codec, images))
    return points


def _mean(points):
    """Returns the means of points of single images; seconds are added."""
    values = {
        name: [getattr(point, name) for point in points]
        for name in ("bytes_per_image", "bpp", "mse", "mae", "psnr_db", "ssim", "ms_ssim")
    }
    means = {
        name: None if None in numbers else float(np.mean(numbers))
        for name, numbers in values.items()
    }
    sizes = np.array(values["bytes_per_image"])
    return dataclasses.replace(
        points[0],
        **means,
        num_images=len(points),
        bytes_interval=_interval(sizes - sizes.mean(), len(points)),
        encode_seconds=sum(point.encode_seconds for point in points),
        decode_seconds=sum(point.decode_seconds for point in points),
    )


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


def _check_files(codec, files, expected):
    if not isinstance(files, list) or not all(isinstance(file, bytes) for file in files):
        raise CodecError(f"{codec.name} must encode to a list of bytes, not {type(files).__name__}")
    if len(files) != expected:
        raise CodecError(f"{codec.name} wrote {len(files)} files, expected {expected}")


def _check_decoded(codec, decoded, images):
    if described(decoded) != described(images):
        raise CodecError(f"{codec.name} decoded {described(decoded)}, expected {described(images)}")
