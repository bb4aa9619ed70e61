"""Experiments that take too long for a lesson: done once, stored, shown where they belong.

kerascomp course experiment one_for_all
"""

import dataclasses
import json
from collections.abc import Sequence

from tqdm.auto import tqdm

from kerascomp import codecs, datasets, files
from kerascomp.codecs import RatePoint
from kerascomp.course.results import FOLDER

LMBDAS = (10, 40, 160, 640)
QUALITIES = (0.1, 0.3, 0.5, 0.7, 0.9)


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
        OSError: the package was installed without a checkout.
    """
    path = _path(name)
    files.require_checkout()
    text = json.dumps(EXPERIMENTS[name](), indent=1) + "\n"
    files.write_atomically(path, text.encode())


def _path(name):
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment is called {name!r}; there are {', '.join(EXPERIMENTS)}")
    return FOLDER / f"{name}.json"


def curves(trial: dict) -> list[list[RatePoint]]:
    """Returns the points of the networks for one rate each, and those of the one for all."""
    return [[RatePoint(**point) for point in trial[kind]] for kind in ("apart", "together")]


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


EXPERIMENTS = {"one_for_all": one_for_all}
