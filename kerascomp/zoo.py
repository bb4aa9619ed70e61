"""Published networks by name: load them in a second, or train them again with the same code.

    zoo.load("cifar10-unet")                      the network, verified
    zoo.load("mnist-bottleneck")                  an entropy bottleneck: a codec with `at(quality=)`
    zoo.codec("cifar10-unet-noise")               a rounded one with its coder, a `Codec`
    zoo.card("cifar10-unet")                      what it is and how well it does
    python -m kerascomp.zoo train cifar10-unet    train it again

Weights are stored as integers of 8 or 10 bits (`packing`), which changes no reconstruction visibly;
the cards' numbers are measured after that rounding.
"""

import argparse
import dataclasses
import functools
import json
import sys
from pathlib import Path

from kerascomp import (
    arrays,
    codecs,
    datasets,
    metrics,
    packing,
    runs,
    training,
)
from kerascomp.codecs.bottleneck.integers import NUM_LEVELS
from kerascomp.codecs.latent import LatentCodec
from kerascomp.networks import ENTRIES, QUANTIZED_STEP

FOLDER = Path(__file__).resolve().parent / "weights"
TABLES = "tables/"  # what the names of a coder's arrays begin with
NUM_CHECKED = 500  # the first test images, measured again by a test of this project


def names():
    """Returns the names of all published networks."""
    return tuple(ENTRIES)


def load(name):
    """Returns the published network `name`, ready to use.

    A network with an entropy bottleneck is a codec for every rate, a
    `codecs.bottleneck.codec.BottleneckCodec` at its middle quality; the others are
    `autoencoders.Autoencoder`.

    Raises:
        ValueError: there is no such network.
        ArrayFileError: its weights are missing or were changed.
    """
    if _entry(name).kind == "bottleneck":
        return codec(name)
    model = _entry(name).build()
    _assign(model, _stored(name))
    return model


def codec(name):
    """Returns the published network `name` with its coder, a `Codec`.

    Args:
        name: of a network; behind an entropy bottleneck's, ":" and a level from 0 to 64 choose
            the quality, as in "mnist-bottleneck:20".

    Raises:
        ValueError: there is no such network, or it has no quantizer (`LatentCodec.fit` gives it
            one).
        ArrayFileError: its weights are missing or were changed.
    """
    network, _, level = name.partition(":")
    kind = _entry(network).kind
    if name not in codec_names():
        if kind == "autoencoder":
            raise ValueError(
                f"{name} was trained without a quantizer and has no coder; LatentCodec.fit("
                f'zoo.load("{name}"), training_images, step) learns one'
            )
        raise ValueError(f"{network} has no quality {level!r}")
    model, stored = ENTRIES[network].build(), _stored(network)
    _assign(model, stored)
    tables = {
        key.removeprefix(TABLES): array for key, array in stored.items() if key.startswith(TABLES)
    }
    if kind == "quantized":
        return LatentCodec.from_tables(model, tables, QUANTIZED_STEP, name=name)
    found = _bottleneck_codec().from_tables(model, tables)
    return found.at_level(int(level)) if level else found


def codec_names():
    """Returns the names that `codec` knows, a tuple: what a .kc file may have been written with."""
    found = [name for name in names() if ENTRIES[name].kind != "autoencoder"]
    for name in names():
        if ENTRIES[name].kind == "bottleneck":
            found += [f"{name}:{level}" for level in range(NUM_LEVELS)]
    return tuple(found)


def card(name):
    """Returns the card of the network `name`: what it is, how it was trained, how well it does.

    Raises:
        ValueError: there is no such network, or it was not trained yet.
    """
    _entry(name)
    path = _path(name, "json")
    if not path.exists():
        raise ValueError(f"{name} was not trained yet; train it: make train MODEL={name}")
    return json.loads(path.read_text(encoding="utf-8"))


def train(name):
    """Trains the network `name` and publishes weights and card; resumes what was interrupted.

    Returns:
        The card.

    Raises:
        ValueError: there is no such network, or its data set is only a stand-in.
    """
    entry = _entry(name)
    dataset = getattr(datasets, entry.dataset)()
    if dataset.is_stand_in:
        raise ValueError(f"{name} is trained on {entry.dataset}, which could not be found")
    checkpoint = runs.cache_folder() / "zoo" / f"{name}.npz"
    with training.precision(entry.precision):
        build = functools.partial(_started, entry)
        trained, history = training.fit(build, dataset, entry.recipe, checkpoint=checkpoint)

    stored = packing.pack(training.model_arrays(trained), entry.weight_bits)
    model = entry.build()
    _assign(model, stored)
    coded = _with_coder(entry, model, dataset.train.images)
    whole = coded if entry.kind == "bottleneck" else model  # what has the reconstructions
    new_card = {
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
            key: [round(v, 6) for v in values]
            for key, values in history.items()
            if key != "seconds"
        },
        "test": measure(whole, dataset.test.images),
        "check": measure(whole, dataset.test.images[:NUM_CHECKED]),
        "versions": runs.versions(),
    }
    if coded:
        stored |= {f"{TABLES}{key}": array for key, array in coded.tables().items()}
    new_card["sha256"] = arrays.save(_path(name, "npz"), stored)
    _write_card(name, new_card)
    if coded:  # the rate, by the codec that anyone can load now
        point = codecs.measure(codec(name), dataset.test.images)
        _write_card(name, new_card | {"rate": dataclasses.asdict(point)})
    checkpoint.unlink(missing_ok=True)  # the next training of this network is a new one
    return card(name)


def measure(network, images):
    """Returns what a card says of a network: mean errors of its uint8 reconstructions.

    Args:
        network: anything with `reconstruct`: an autoencoder, or a codec of rows.
        images: uint8, shape (N, H, W, C).
    """
    reconstructions = network.reconstruct(images)
    mean_squared_error = float(metrics.mse(images, reconstructions).mean())
    return {
        "num_images": len(images),
        "mse": mean_squared_error,
        "mae": float(metrics.mae(images, reconstructions).mean()),
        "psnr_db": float(metrics.mse_to_psnr_db(mean_squared_error)),
        "ssim": float(metrics.ssim(images, reconstructions).mean()),
    }


def _entry(name):
    if name not in ENTRIES:
        raise ValueError(f"no network is called {name!r}; there are {', '.join(ENTRIES)}")
    return ENTRIES[name]


def _stored(name):
    """Returns the arrays of a network's file, verified."""
    advice = f"get the file again, or train it: make train MODEL={name}"
    return arrays.load(_path(name, "npz"), sha256=card(name)["sha256"], advice=advice)


def _started(entry):
    """Returns the network of an entry as its training begins."""
    model = entry.build()
    if entry.start:
        begun = load(entry.start)
        # The weights of an encoder come first in an analysis, and there are no others.
        for part, source in ((model.analysis, begun.encoder), (model.synthesis, begun.decoder)):
            part.set_weights(source.get_weights())
    return model


def _assign(model, stored):
    """Sets a network's weights from the arrays of its file."""
    weights = {name: array for name, array in stored.items() if not name.startswith(TABLES)}
    training.assign(model, packing.unpack(weights))


def _with_coder(entry, model, images):
    """Returns a network's codec as it is published, None for one without a quantizer."""
    if entry.kind == "autoencoder":
        return None
    if entry.kind == "bottleneck":
        return _bottleneck_codec().of(model)
    return LatentCodec.fit(model, images, QUANTIZED_STEP)


def _bottleneck_codec():
    from kerascomp.codecs.bottleneck.codec import BottleneckCodec  # imports tensorflow-compression

    return BottleneckCodec


def _write_card(name, content):
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    runs.write_atomically(_path(name, "json"), text.encode())


def _path(name, suffix):
    return FOLDER / f"{name}.{suffix}"


def _architecture(model):
    """Returns one line for every layer that has weights: its name, kind and output shape."""
    lines = []
    for layer in training.leaves(model):
        if layer.weights:
            shape = getattr(layer, "output_shape", (None,))[1:]
            lines.append(f"{layer.name}: {layer.__class__.__name__} → {'×'.join(map(str, shape))}")
    return lines


def main():
    """Runs `python -m kerascomp.zoo list` or `... train NAME ...` (no name: all)."""
    parser = argparse.ArgumentParser(prog="python -m kerascomp.zoo")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="a line for each network")
    trainer = commands.add_parser("train", help="train networks again, and publish them")
    trainer.add_argument("names", nargs="*", metavar="NAME", help="which; all when not given")
    options = parser.parse_args()
    try:
        if options.command == "list":
            _print_list()
        else:
            _train_all(options.names or names())
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nstopped; the same command continues after the last finished epoch")


def _print_list():
    for name in names():
        test, summary = card(name)["test"], _entry(name).summary
        print(f"{name:22} MSE {test['mse']:.4f}  {test['psnr_db']:.1f} dB  {summary}")


def _train_all(chosen):
    """Trains networks one after another, and says beforehand how long each took when published."""
    entries = [_entry(name) for name in chosen]  # an unknown name is an error before hours of work
    for name, entry in zip(chosen, entries, strict=True):
        took = ""
        if _path(name, "json").exists():
            minutes = max(1, round(card(name)["wall_seconds"] / 60))
            took = f", {minutes} minutes when it was published"
        print(f"training {name}: {entry.recipe.epochs} epochs{took}", flush=True)
        test = train(name)["test"]
        print(f"{name}: test MSE {test['mse']:.5f}, {test['psnr_db']:.2f} dB", flush=True)


if __name__ == "__main__":
    main()
