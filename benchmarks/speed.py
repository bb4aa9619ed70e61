"""Speed against peers in the same run; what counts are the ratios.

    make bench

Training: this project's against plain Keras `fit`, the same network on the same images, in turn,
each in a process of its own (so that one's settings do not reach the other). Coders: symbols a
second against constriction, a range coder written in Rust.
"""

import itertools
import statistics
import subprocess
import sys
import time

import numpy as np

ROUNDS = 3
EPOCHS = 4  # in one process; the first one warms up and does not count
# Their batch sizes, and what they are trained in.
NETWORKS = {
    "dense": (128, "float32"),
    "unet": (64, "float32"),
    "bottleneck": (256, "mixed_bfloat16"),
}


def images_of(network):
    """Returns the training images of a network, uint8."""
    from kerascomp import datasets

    if network == "unet":
        return datasets.natural_patches().train.images[:6400]
    return datasets.mnist().train.images[: 20000 if network == "dense" else 10240]


def build(network):
    """Returns a network of the course."""
    from kerascomp.codecs.bottleneck import systems
    from kerascomp.networks import autoencoders

    if network == "unet":
        return autoencoders.unet(dropout=0.0)
    return {"dense": autoencoders.dense, "bottleneck": systems.digits}[network]()


def train(side, network):
    """Returns the seconds of each epoch after the first, of "ours" or of plain "keras"."""
    import keras

    from kerascomp import datasets
    from kerascomp.networks import optimizer, training

    images, (batch_size, precision) = images_of(network), NETWORKS[network]
    recipe = training.Recipe(epochs=EPOCHS, batch_size=batch_size)
    if side == "ours":
        training.seed_everything(0)
        with training.precision(precision):
            model = build(network)
        rate = training.learning_rate(recipe, len(images))
        model.compile(
            optimizer.FusedAdamW(rate), "mse", steps_per_execution=training.STEPS_PER_CALL
        )
        data = {"x": training.batches(images, recipe)}
        data["steps_per_epoch"] = training.num_steps(recipe, len(images))
    else:
        model = build(network)
        model.compile(keras.optimizers.AdamW(2e-3), "mse")
        x = datasets.to_float(images)
        data = {"x": x, "y": x, "batch_size": batch_size}
    ends = [time.perf_counter()]
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
    )
    model.fit(**data, epochs=EPOCHS, callbacks=[clock], verbose=0)
    return [after - before for before, after in itertools.pairwise(ends[1:])]


def measure(side, network):
    """Returns the median images per second of one process."""
    command = [sys.executable, __file__, side, network]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return len(images_of(network)) / statistics.median(map(float, output.split()))


def time_coders():
    """Prints symbols a second of each coder (medians), and the ratios to constriction."""
    import constriction

    from kerascomp.coders import AdaptiveArithmetic, Arithmetic, Huffman

    symbols = np.minimum(np.random.default_rng(0).geometric(0.3, (10_000, 20)), 30)
    flat = symbols.ravel()
    counts = np.bincount(flat).astype(np.float32)
    model = constriction.stream.model.Categorical(counts / counts.sum(), perfect=False)

    def encoded_by_constriction():
        encoder = constriction.stream.queue.RangeEncoder()
        encoder.encode(flat.astype(np.int32), model)
        return encoder.get_compressed()

    arithmetic, huffman = Arithmetic.fit(flat), Huffman.fit(flat)
    rows, adaptive = Arithmetic.fit(symbols), AdaptiveArithmetic(31)
    coders = {
        "constriction": (
            encoded_by_constriction,
            lambda data: constriction.stream.queue.RangeDecoder(data).decode(model, len(flat)),
        ),
        "Huffman": (lambda: huffman.encode(flat), lambda data: huffman.decode(data, len(flat))),
        "arithmetic": (
            lambda: arithmetic.encode(flat),
            lambda data: arithmetic.decode(data, len(flat)),
        ),
        "in lockstep": (lambda: rows.encode_each(symbols), rows.decode_each),
        "adaptive": (lambda: adaptive.encode(flat), lambda data: adaptive.decode(data, len(flat))),
    }
    times = {name: ([], []) for name in coders}
    for _ in range(ROUNDS):
        for name, (encode, decode) in coders.items():
            started = time.perf_counter()
            data = encode()
            encoded = time.perf_counter()
            assert np.array_equal(np.ravel(decode(data)), flat), name
            times[name][0].append(encoded - started)
            times[name][1].append(time.perf_counter() - encoded)
    theirs = [len(flat) / statistics.median(seconds) / 1e6 for seconds in times["constriction"]]
    for name, both in times.items():
        encoding, decoding = (len(flat) / statistics.median(seconds) / 1e6 for seconds in both)
        print(
            f"{name:13} encodes {encoding:6.2f}, decodes {decoding:6.2f} million symbols/s   "
            f"ratio {encoding / theirs[0]:.3f}, {decoding / theirs[1]:.3f}",
            flush=True,
        )


def compare(name, sides, unit, measure):
    """Measures two sides in turn; prints their medians, and the first divided by the second."""
    rounds = [[measure(side, name) for side in sides] for _ in range(ROUNDS)]
    ratios = sorted(one / other for one, other in rounds)
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    both = "   ".join(
        f"{side} {median:8,.1f} {unit}" for side, median in zip(sides, medians, strict=True)
    )
    print(
        f"{name:10} {both}   ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to "
        f"{ratios[-1]:.2f})",
        flush=True,
    )


def main():
    """Prints the coders' speeds; then images per second of both trainings, and their ratio."""
    time_coders()
    for network in NETWORKS:
        compare(network, ("ours", "keras"), "images/s", measure)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(*train(*sys.argv[1:]))
    else:
        main()
