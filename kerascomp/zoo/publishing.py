"""Training for the zoo: train a network, store its weights, measure it, write its card.

    make train MODEL=cifar10-unet
    kerascomp course train cifar10-unet

A training that was interrupted continues after its last finished epoch.
"""

import dataclasses
import functools
import json
from collections.abc import Sequence

import keras
import numpy as np

from kerascomp import codecs, datasets, files, metrics
from kerascomp.codecs.factorized import Factorized
from kerascomp.networks import training
from kerascomp.zoo import cards, loading, packing, recipes

# The first test images, measured again by a test of this project.
NUM_CHECKED, NUM_PHOTOGRAPHS_CHECKED = 500, 2


def train_all(names: Sequence[str] | None) -> None:
    """Trains networks one after another, and says beforehand how long each took when published.

    Args:
        names: of the networks; all when there are none.

    Raises:
        ValueError: a name is not known; nothing is trained then.
        Diverged: an error became infinite.
    """
    entries = {name: recipes.entry(name) for name in names or recipes.ENTRIES}
    for name, entry in entries.items():
        took = ""
        if cards.path(name, "json").exists():
            minutes = max(1, round(cards.card(name)["wall_seconds"] / 60))
            took = f", {minutes} minutes when it was published"
        print(f"training {name}: {entry.recipe.epochs} epochs{took}", flush=True)
        test = train(name)["test"]
        print(f"{name}: test MSE {test['mse']:.5f}, {cards.quality(test)}", flush=True)


def train(name: str) -> dict:
    """Trains the network `name` and publishes weights and card; resumes what was interrupted.

    Returns:
        The card.

    Raises:
        ValueError: there is no such network, or its data set is only a stand-in.
        OSError: the package was installed without a checkout.
    """
    files.require_checkout()
    entry = recipes.entry(name)
    dataset = datasets.BY_NAME[entry.dataset]()
    if dataset.is_stand_in:
        raise ValueError(f"{name} is trained on {entry.dataset}, which could not be found")
    checkpoint = files.cache_folder() / "zoo" / f"{name}.npz"
    with training.precision(entry.precision):
        build = functools.partial(_started, entry)
        trained, history = training.fit(build, dataset, entry.recipe, checkpoint=checkpoint)
    publish(name, trained, dataset, history)
    checkpoint.unlink(missing_ok=True)  # the next training of this network is a new one
    return cards.card(name)


def publish(name: str, trained: keras.Model, dataset: datasets.Dataset, history: dict) -> None:
    """Stores the weights of the network `name`, and its card, measured with what was stored.

    Args:
        name: of an entry.
        trained: what `training.fit` returned.
        dataset: it was trained on.
        history: what `training.fit` returned.
    """
    entry = recipes.entry(name)
    network = trained.autoencoder if entry.kind == "factorized" else trained
    stored = packing.pack(training.model_arrays(network), entry.weight_bits)
    model = entry.build()
    loading.assign(model, stored)
    codec = _with_coder(entry, model, trained, dataset.train.images)
    whole = model if hasattr(model, "reconstruct") else codec
    card = {
        "name": name,
        "summary": entry.summary,
        "command": f"make train MODEL={name}",
        "num_parameters": model.count_params(),
        "latent_shapes": model.latent_shapes,
        "num_latents": model.num_latents,
        "architecture": _architecture(model),
        "dataset": dataset.name,
        "dataset_digest": dataset.digest,
        "recipe": dataclasses.asdict(entry.recipe) | {"precision": entry.precision},
        "wall_seconds": round(sum(history["seconds"])),
        "history": {
            key: [round(value, 6) for value in values]
            for key, values in history.items()
            if key != "seconds"
        },
        "test": measure(whole, dataset.test.images),
        "check": measure(whole, checked(dataset.test.images)),
        "versions": files.versions(),
    }
    if entry.note:
        card["note"] = entry.note
    if codec:
        stored |= {f"{loading.TABLES}{key}": array for key, array in codec.tables().items()}
    card["sha256"] = card["version"] = files.save_arrays(cards.path(name, "npz"), stored)
    _write_card(name, card)
    cards.register(name, _num_levels(codec))
    if codec:  # the rate, by the codec that anyone can load now
        point = codecs.measure(loading.codec(name), dataset.test.images)
        _write_card(name, card | {"rate": dataclasses.asdict(point)})


def measure(network, images: np.ndarray | list[np.ndarray]) -> dict[str, float]:
    """Returns what a card says of a network: mean errors of its uint8 reconstructions.

    Args:
        network: anything with `reconstruct`: an autoencoder, or a codec of rows.
        images: uint8, shape (N, H, W, C), or a list of (H, W, C).
    """
    if isinstance(images, list):
        each = [measure(network.for_shape(image.shape), image[None]) for image in images]
        means = {name: float(np.mean([one[name] for one in each])) for name in each[0]}
        return means | {"num_images": len(images)}
    return errors(images, network.reconstruct(images))


def checked(images: np.ndarray | list[np.ndarray]) -> np.ndarray | list[np.ndarray]:
    """Returns those of the test images that a card's "check" is about: the first ones."""
    return images[: NUM_PHOTOGRAPHS_CHECKED if isinstance(images, list) else NUM_CHECKED]


def errors(images, reconstructions):
    """Returns the mean errors of uint8 reconstructions (N, H, W, C), a dict as in a card."""
    mean_squared_error = float(metrics.mse(images, reconstructions).mean())
    is_exact = mean_squared_error == 0
    return {
        "num_images": len(images),
        "mse": mean_squared_error,
        "mae": float(metrics.mae(images, reconstructions).mean()),
        "psnr_db": None if is_exact else float(metrics.mse_to_psnr_db(mean_squared_error)),
        "ssim": float(metrics.ssim(images, reconstructions).mean()),
    }


def _started(entry):
    """Returns the network of an entry as its training begins."""
    model = entry.build()
    if entry.kind == "factorized":
        return Factorized(model, entry.lmbda)
    if entry.start:
        begun = loading.network(entry.start)
        # The weights of an encoder come first in an analysis, and there are no others.
        for part, source in ((model.analysis, begun.encoder), (model.synthesis, begun.decoder)):
            part.set_weights(source.get_weights())
    return model


def _with_coder(entry, model, trained, images):
    """Returns the codec of a network with its stored weights, None for one without a quantizer."""
    if entry.kind == "autoencoder":
        return None
    if entry.kind == "factorized":
        return codecs.FactorizedCodec.of(trained, autoencoder=model)
    if entry.kind == "quantized":
        return codecs.LatentCodec.fit(model, images, recipes.QUANTIZED_STEP)
    return loading.CODECS[entry.kind].of(model)


def _num_levels(codec):
    if codec is None:
        return 0
    return None if codec.level is None else len(codec.family())


def _write_card(name, content):
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    files.write_atomically(cards.path(name, "json"), text.encode())


def _architecture(model):
    """Returns one line for every layer that has weights: its name, kind and output shape."""
    lines = []
    for layer in training.leaves(model):
        if layer.weights:
            shape = getattr(layer, "output_shape", (None,))[1:]  # not all layers know theirs
            lines.append(f"{layer.name}: {layer.__class__.__name__} → {'×'.join(map(str, shape))}")
    return lines
