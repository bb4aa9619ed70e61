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
# Batch sizes, and what the networks are trained in.
NETWORKS = speed.NETWORKS | {"unet": (64, "mixed_bfloat16"), "recurrent": (32, "float32")}


def build(network):
    """Returns a network of the course, and the shape of its images."""
    from kerascomp.codecs.recurrent import systems
    from kerascomp.networks import training

    with training.precision(NETWORKS[network][1]):
        model = systems.digits() if network == "recurrent" else speed.build(network)
    return model, (32, 32, 3) if network == "unet" else (28, 28, 1)


def milliseconds(network):
    """Returns the time of a training step, compiled and fed as `training.fit` does it."""
    import keras
    import numpy as np

    from kerascomp.networks import optimizer, training

    (model, shape), (batch_size, _) = build(network), NETWORKS[network]
    number = batch_size * (WARM_UP + STEPS)
    images = np.random.default_rng(0).integers(0, 256, (number, *shape), np.uint8)
    recipe = training.Recipe(epochs=1, batch_size=batch_size)
    model.compile(optimizer.FusedAdamW(1e-3), "mse", steps_per_execution=1)
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
    for network in NETWORKS:
        speed.compare(network, ("modern", "classic"), "ms", measure)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(milliseconds(sys.argv[1]))
    else:
        main()
