"""Files written on one software stack, read on another: equal integers, nearly equal pixels.

    python tests/exchange.py write FOLDER    with one environment
    python tests/exchange.py read FOLDER     with another; fails if something else comes out

Networks compute in floats, whose last digits differ from computer to computer; everything that
chooses a probability is integer. So integers must be equal, and pixels may differ by one gray level
where a value lies between two.
"""

import json
import sys
from pathlib import Path

import numpy as np

from kerascomp import datasets, files, zoo
from kerascomp.codecs import Codec, RecurrentCodec

NUM_IMAGES = 200
MOST_DIFFERENT = 1e-3  # share of pixels


def rates(name: str) -> dict[str, Codec]:
    """Returns {setting: codec} of a network: one, or several rates."""
    codec = zoo.codec(name)
    options = {"quality": (0.1, 0.5, 0.9), "num_iterations": (2, 8), "target_psnr": (22.0,)}
    chosen = {option: options[option] for option in codec.rate_options}
    if not chosen:
        return {name: codec}
    pairs = [(option, value) for option, values in chosen.items() for value in values]
    return {f"{name}, {option} {value}": codec.at(**{option: value}) for option, value in pairs}


def integers(codec: Codec, written: list[bytes]) -> np.ndarray:
    """Returns what an entropy decoder finds in files: symbols, or bits of planes."""
    if isinstance(codec, RecurrentCodec):
        return codec.coder.decode(written, codec.plane_shape)[0]
    return codec.coder.decode_each(written)


def write(folder: Path) -> None:
    """Encodes images with every published codec; stores files, integers and pixels."""
    for name in zoo.names():
        if not zoo.has_codec(name):
            continue
        dataset = datasets.BY_NAME[zoo.card(name)["dataset"].lower().replace("-", "")]()
        for setting, codec in rates(name).items():
            images = dataset.test.images
            several = images[:1] if isinstance(images, list) else images[:NUM_IMAGES]
            written = codec.encode(np.stack(several))
            arrays = {
                "bytes": np.frombuffer(b"".join(written), np.uint8),
                "sizes": np.array([len(file) for file in written]),
                "integers": integers(codec, written),
                "pixels": codec.decode(written),
            }
            files.save_arrays(folder / f"{setting}.npz", arrays)
    files.write_atomically(folder / "versions.json", json.dumps(files.versions()).encode())


def read(folder: Path) -> int:
    """Decodes what was written elsewhere; returns 0, or 1 if something else came out."""
    there = json.loads((folder / "versions.json").read_text(encoding="utf-8"))["tensorflow"]
    print(f"written with TensorFlow {there}, read with {files.versions()['tensorflow']}")
    num_settings = num_wrong = num_pixels = num_different = largest = 0
    for name in filter(zoo.has_codec, zoo.names()):
        for setting, codec in rates(name).items():
            stored = files.load_arrays(folder / f"{setting}.npz")
            ends = np.cumsum(stored["sizes"])
            parts = np.split(stored["bytes"], ends[:-1])
            written = [part.tobytes() for part in parts]
            num_settings += 1
            if not np.array_equal(integers(codec, written), stored["integers"]):
                num_wrong += 1
                print(f"{setting}: other integers")
            difference = np.abs(np.subtract(codec.decode(written), stored["pixels"], dtype=int))
            num_pixels += difference.size
            num_different += np.count_nonzero(difference)
            largest = max(largest, difference.max())
    share = num_different / num_pixels
    print(
        f"{num_settings} codecs and rates of {NUM_IMAGES} images each: integers differ in "
        f"{num_wrong}; {num_different:,} of {num_pixels:,} pixels differ ({share:.4%}), by at most "
        f"{largest} of 255"
    )
    return int(num_wrong > 0 or share > MOST_DIFFERENT or largest > 1)


if __name__ == "__main__":
    command, folder = sys.argv[1:]
    if command == "write":
        write(Path(folder))
    else:
        sys.exit(read(Path(folder)))
