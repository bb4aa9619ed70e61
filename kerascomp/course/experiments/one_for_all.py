"""What one network for every rate costs: against one for each rate, trained alike."""

from collections.abc import Sequence

from tqdm.auto import tqdm

from kerascomp import datasets
from kerascomp.codecs import bottleneck
from kerascomp.course.experiments import trials
from kerascomp.networks import autoencoders, training

LMBDAS = (10, 40, 160, 640)
QUALITIES = (0.1, 0.3, 0.5, 0.7, 0.9)


def run(*, seeds: Sequence[int] = range(5), num_images: int = 20_000, epochs: int = 5) -> dict:
    """Returns {"trials": [{"apart": points, "together": points}, …], …}.

    Args:
        seeds: of the trainings; each is one trial.
        num_images: training digits.
        epochs: passes over them.
    """
    mnist, test_images = datasets.mnist(num_images), datasets.mnist().test.images

    def trained(lmbdas, seed):
        name = f"one_for_all-{seed}-{lmbdas[0]}-{lmbdas[1]}"
        recipe = training.Recipe(epochs=epochs, learning_rate=2e-3, seed=seed)

        def build():
            return bottleneck.of_autoencoder(autoencoders.dense(), lmbdas)

        return bottleneck.BottleneckCodec.of(trials.fit(name, build, mnist, recipe)[0])

    done = []
    for seed in tqdm(seeds, desc="seeds"):
        apart = [trained((lmbda, lmbda), seed) for lmbda in LMBDAS]
        every_rate = trained((3, 1000), seed)
        together = [every_rate.at(quality=quality) for quality in QUALITIES]
        families = {"apart": apart, "together": together}
        done.append({kind: trials.points(each, test_images) for kind, each in families.items()})
    return {"epochs": epochs, "num_images": len(mnist.train), "trials": done}
