"""What large pictures cost: seconds a megapixel and peak memory, against AVIF in the same run.

    make bench

A photograph of scikit-image is repeated until it has so many pixels; each size has a process of
its own, whose peak memory is measured with TensorFlow in it.
"""

import resource
import subprocess
import sys
import time

import numpy as np

MEGAPIXELS = 0.1, 0.4, 1.6, 6.0, 24.0
QUALITY = 0.4


def measured(megapixels: float) -> str:
    """Returns a line of the table, measured in this process."""
    from kerascomp import datasets, zoo
    from kerascomp.codecs import classical

    side = round((megapixels * 1e6) ** 0.5)
    photograph = datasets.photograph()
    repeats = [-(-side // size) for size in photograph.shape[:2]]
    picture = np.tile(photograph, (*repeats, 1))[None, :side, :side]
    codec = zoo.codec("photo-bottleneck").at(quality=QUALITY)
    small = codec.for_shape((64, 64, 3))  # what TensorFlow does once is not counted
    small.decode(small.encode(picture[:, :64, :64]))
    ours = _seconds(codec.for_shape(picture.shape[1:]), picture)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # GiB on Linux
    rival = _seconds(classical.AVIF(60), picture)
    cells = [f"{seconds / megapixels:8.2f}" for seconds in (*ours, *rival)]
    return f"{megapixels:10.1f}{''.join(cells)}{peak:10.2f}"


def _seconds(codec, picture):
    started = time.perf_counter()
    files = codec.encode(picture)
    encoded = time.perf_counter()
    codec.decode(files)
    return encoded - started, time.perf_counter() - encoded


def main() -> None:
    """Prints the table."""
    print("seconds a megapixel                  AVIF            peak memory")
    print("megapixels  encode  decode  encode  decode   of ours (GiB)", flush=True)
    for megapixels in MEGAPIXELS:
        subprocess.run([sys.executable, __file__, str(megapixels)], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measured(float(sys.argv[1])), flush=True)
    else:
        main()
