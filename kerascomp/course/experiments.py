"""Experiments that take too long for a lesson: done once, stored, shown where they belong.

kerascomp course experiment one_for_all
"""

import dataclasses
import json
from collections.abc import Sequence

import numpy as np
from tqdm.auto import tqdm

from kerascomp import codecs, datasets, files, metrics
from kerascomp.codecs import RatePoint
from kerascomp.course.results import FOLDER

LMBDAS = (10, 40, 160, 640)
QUALITIES = (0.1, 0.3, 0.5, 0.7, 0.9)
RECONSTRUCTIONS = ("additive", "one-shot")


def load(name: str) -> dict:
    """Returns what an experiment has stored.

    Raises:
        ValueError: there is no such experiment.
    """
    return json.loads(_path(name).read_text("utf-8"))


def run(name: str) -> None:
    """Does an experiment (again), and stores what `load` returns.

    Raises:
        ValueError: there is no such experiment.
    """
    path = _path(name)
    text = json.dumps(EXPERIMENTS[name](), indent=1) + "\n"
    files.write_atomically(path, text.encode())


def _path(name):
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment is called {name!r}; there are {', '.join(EXPERIMENTS)}")
    return FOLDER / f"{name}.json"


def curves(trial: dict, kinds: Sequence[str] = ("apart", "together")) -> list[list[RatePoint]]:
    """Returns the points of each kind; the kinds are those of `one_for_all` when not given."""
    return [[RatePoint(**point) for point in trial[kind]] for kind in kinds]


def one_for_all(
    *, seeds: Sequence[int] = range(5), num_images: int = 20_000, epochs: int = 5
) -> dict:
    """What one network for every rate costs: against one for each rate, trained alike.

    Args:
        seeds: of the trainings; each is one trial.
        num_images: training digits.
        epochs: passes over them.
    """
    from kerascomp.codecs import bottleneck  # these need TensorFlow
    from kerascomp.networks import autoencoders, training

    mnist, test_images = datasets.mnist(num_images), datasets.mnist().test.images

    def trained(lmbdas, seed):
        name = f"one_for_all-{seed}-{lmbdas[0]}-{lmbdas[1]}"
        recipe = training.Recipe(epochs=epochs, learning_rate=2e-3, seed=seed)

        def build():
            return bottleneck.of_autoencoder(autoencoders.dense(), lmbdas)

        checkpoint = files.cache_folder() / "training" / f"{name}.npz"
        return codecs.BottleneckCodec.of(
            training.fit(build, mnist, recipe, checkpoint=checkpoint)[0]
        )

    trials = []
    for seed in tqdm(seeds, desc="seeds"):
        apart = [trained((lmbda, lmbda), seed) for lmbda in LMBDAS]
        every_rate = trained((3, 1000), seed)
        together = [every_rate.at(quality=quality) for quality in QUALITIES]
        trials.append({
            kind: [dataclasses.asdict(point) for point in codecs.sweep(family, test_images)]
            for kind, family in (("apart", apart), ("together", together))
        })  # fmt: skip
    return {"epochs": epochs, "num_images": len(mnist.train), "trials": trials}


def equal_starts(*, seeds: Sequence[int] = (0,), num_images: int = 45_000, epochs: int = 3) -> dict:
    """Additive against one-shot: two recurrent codecs that begin with the same random weights.

    They have no linear code, which only an additive network can have in its decoder. Otherwise they
    are the small networks of the zoo, trained by its recipe.

    Args:
        seeds: of the trainings; each is one trial.
        num_images: training photographs.
        epochs: passes over them.
    """
    from kerascomp.codecs.recurrent import systems  # these need TensorFlow
    from kerascomp.networks import training
    from kerascomp.zoo import recipes

    cifar10, test_images = datasets.cifar10(num_images), datasets.cifar10().test.images

    def trained(reconstruction, seed):
        recipe = recipes.entry(f"cifar10-gru-{reconstruction}").recipe
        recipe = dataclasses.replace(recipe, epochs=epochs, seed=seed)
        name = f"equal_starts-{seed}-{reconstruction}"

        def build():
            return systems.small("gru", reconstruction, linear_code=False)

        checkpoint = files.cache_folder() / "training" / f"{name}.npz"
        model, history = training.fit(build, cifar10, recipe, checkpoint=checkpoint)
        return codecs.RecurrentCodec(model, name=name), history["val_distortion"]

    trials = []
    for seed in tqdm(seeds, desc="seeds"):
        trial = {"validation_psnr_db": {}}  # after each pass, of the last iteration
        for reconstruction in RECONSTRUCTIONS:
            codec, errors = trained(reconstruction, seed)
            family = [codec.at(number) for number in range(1, codec.num_iterations + 1)]
            points = codecs.sweep(family, test_images)
            trial[reconstruction] = [dataclasses.asdict(point) for point in points]
            psnr_db = metrics.mse_to_psnr_db(np.array(errors))
            trial["validation_psnr_db"][reconstruction] = psnr_db.tolist()
        trials.append(trial)
    return {"epochs": epochs, "num_images": len(cifar10.train), "trials": trials}


EXPERIMENTS = {"one_for_all": one_for_all, "equal_starts": equal_starts}
