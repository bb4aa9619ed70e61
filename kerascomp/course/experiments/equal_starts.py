"""Additive against one-shot: two recurrent codecs that begin with the same random weights."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from tqdm.auto import tqdm

from kerascomp import datasets, metrics
from kerascomp.codecs import RecurrentCodec
from kerascomp.codecs.recurrent import systems
from kerascomp.course.experiments import trials
from kerascomp.zoo import recipes

RECONSTRUCTIONS = ("additive", "one-shot")


def run(*, seeds: Sequence[int] = (0,), num_images: int = 45_000, epochs: int = 3) -> dict:
    """Returns {"trials": [{"points": {kind: points}, "validation_psnr_db": {kind: …}}, …], …}.

    The networks have no linear code, which only an additive network can have in its decoder.
    Otherwise they are the small networks of the zoo, trained by its recipe.

    Args:
        seeds: of the trainings; each is one trial.
        num_images: training photographs.
        epochs: passes over them; the validation PSNR after each is that of the last iteration.
    """
    cifar10, test_images = datasets.cifar10(num_images), datasets.cifar10().test.images

    def trained(reconstruction, seed):
        recipe = recipes.entry(f"cifar10-gru-{reconstruction}").recipe
        recipe = dataclasses.replace(recipe, epochs=epochs, seed=seed)
        name = f"equal_starts-{seed}-{reconstruction}"

        def build():
            return systems.small("gru", reconstruction, linear_code=False)

        model, history = trials.fit(name, build, cifar10, recipe)
        return RecurrentCodec(model, name=name), history["val_distortion"]

    done = []
    for seed in tqdm(seeds, desc="seeds"):
        trial = {"points": {}, "validation_psnr_db": {}}
        for reconstruction in RECONSTRUCTIONS:
            codec, errors = trained(reconstruction, seed)
            family = [codec.at(number) for number in range(1, codec.num_iterations + 1)]
            trial["points"][reconstruction] = trials.points(family, test_images)
            psnr_db = metrics.mse_to_psnr_db(np.array(errors))
            trial["validation_psnr_db"][reconstruction] = psnr_db.tolist()
        done.append(trial)
    return {"epochs": epochs, "num_images": len(cifar10.train), "trials": done}
