"""Speed of this project's training against plain Keras `fit` on the same arrays, in one run.

    make bench

Both train the same network on the same images, in turn, several times; what counts is the ratio.
"""

import statistics
import time

import keras
from tqdm import tqdm

from kerascomp import autoencoders, datasets, training

ROUNDS = 5
NETWORKS = {
    "dense": (autoencoders.dense, (28, 28, 1), 128),
    "unet": (lambda: autoencoders.unet(dropout=0.0), (32, 32, 3), 64),
}


def ours(build, images, batch_size):
    """Returns a function that trains one epoch as `training.fit` does, without checkpoints."""
    recipe = training.Recipe(epochs=ROUNDS + 1, batch_size=batch_size)
    model = build()
    model.compile(keras.optimizers.AdamW(1e-3), "mse", steps_per_execution=training.STEPS_PER_CALL)
    batches = training.batches(images, recipe)
    steps = training.num_steps(recipe, len(images))
    return lambda: model.fit(batches, steps_per_epoch=steps, verbose=0)


def plain_keras(build, images, batch_size):
    """Returns a function that trains one epoch as a Keras tutorial would."""
    model = build()
    model.compile(keras.optimizers.AdamW(1e-3), "mse")
    x = datasets.to_float(images)
    return lambda: model.fit(x, x, batch_size=batch_size, verbose=0)


def seconds(function):
    """Returns how long a call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def main():
    """Prints images per second of both, and the ratio round by round."""
    for name, (build, shape, batch_size) in NETWORKS.items():
        images = datasets.mnist().train.images[:20000]
        if shape != (28, 28, 1):
            images = datasets.natural_patches().train.images[:8192]
        pair = [make(build, images, batch_size) for make in (ours, plain_keras)]
        for warm_up in pair:
            warm_up()
        rounds = [[seconds(run) for run in pair] for _ in tqdm(range(ROUNDS), desc=name)]
        speeds = [len(images) / statistics.median(column) for column in zip(*rounds, strict=True)]
        ratios = sorted(plain / own for own, plain in rounds)
        print(
            f"{name:6} ours {speeds[0]:8,.0f} images/s   plain Keras {speeds[1]:8,.0f} images/s   "
            f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )


if __name__ == "__main__":
    main()
