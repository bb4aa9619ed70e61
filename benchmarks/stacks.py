"""A training step on both software stacks, in turn: the modern one against the classic one.

    make bench-stacks

Each measurement is a process of its own, in the environment of its stack; what counts is the ratio.
"""

import subprocess
import sys
import time

import speed

WARM_UP, STEPS = 10, 40
ENVIRONMENTS = {"classic": ".venv/bin/python", "modern": ".venv-modern/bin/python"}
BATCH_SIZES = {"dense": 128, "unet": 64, "bottleneck": 128, "recurrent": 32}


def build(network):
    """Returns a network of the course, and the shape of its images."""
    from kerascomp.codecs.bottleneck import systems as bottlenecks
    from kerascomp.codecs.recurrent import systems as recurrent
    from kerascomp.networks import autoencoders, training

    if network == "unet":
        with training.precision("mixed_bfloat16"):
            return autoencoders.unet(dropout=0.0), (32, 32, 3)
    builders = {
        "dense": autoencoders.dense,
        "bottleneck": bottlenecks.digits,
        "recurrent": recurrent.digits,
    }
    return builders[network](), (28, 28, 1)


def milliseconds(network):
    """Returns the time of a training step, compiled and fed as `training.fit` does it."""
    import keras
    import numpy as np

    from kerascomp.networks import training

    model, shape = build(network)
    number = BATCH_SIZES[network] * (WARM_UP + STEPS)
    images = np.random.default_rng(0).integers(0, 256, (number, *shape), np.uint8)
    recipe = training.Recipe(epochs=1, batch_size=BATCH_SIZES[network])
    model.compile(keras.optimizers.AdamW(1e-3), "mse", steps_per_execution=1)
    times = []
    clock = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs=None: times.append(time.perf_counter())
    )
    data = training.batches(images, recipe)
    model.fit(data, steps_per_epoch=WARM_UP + STEPS, callbacks=[clock], verbose=0, shuffle=False)
    return 1000 * (times[-1] - times[WARM_UP - 1]) / STEPS


def measure(stack, network):
    """Returns the milliseconds of a step in a process of its own."""
    command = [ENVIRONMENTS[stack], __file__, network]
    return float(subprocess.run(command, check=True, capture_output=True).stdout)


def main():
    """Prints the milliseconds of a step on both stacks, and their ratio, for each network."""
    for network in BATCH_SIZES:
        speed.compare(network, ("modern", "classic"), "ms", measure)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(milliseconds(sys.argv[1]))
    else:
        main()
