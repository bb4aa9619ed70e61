"""The command `kerascomp`: images to .kc files and back, by the published codecs.

    kerascomp compress digit.png digit.kc --model mnist-bottleneck --quality 0.3
    kerascomp compress digit.png digit.kc --model mnist-bottleneck --target-bytes 20
    kerascomp compress photo.png photo.kc --model cifar10-recurrent --iterations 6
    kerascomp decompress digit.kc digit.png
    kerascomp info digit.kc
    kerascomp models
    kerascomp rating page study.json rating.html

Several inputs go into a folder, given last. A file that exists is not replaced without --force.
"""

import functools
import inspect
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from tqdm.auto import tqdm

from kerascomp.command import container, pictures

TOLERANCE = 0.05  # how far a file may be from --target-bytes, or one byte
OPTIONS = {  # what chooses the quality: arguments of a codec's `at`, and for all a size
    "quality": "--quality",
    "num_iterations": "--iterations",
    "target_psnr": "--target-psnr",
    "target_bytes": "--target-bytes",
}

app = typer.Typer(
    help="Learned image compression: images to .kc files and back.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
rating_app = typer.Typer(
    help="Human rating of compressed images.", no_args_is_help=True, pretty_exceptions_enable=False
)
app.add_typer(rating_app, name="rating")
Paths = Annotated[
    list[Path], typer.Argument(help="files, and last where to write", metavar="IN... OUT")
]
Force = Annotated[bool, typer.Option("--force", help="replace files that exist")]


@app.command()
def compress(
    paths: Paths,
    model: Annotated[str, typer.Option(help="a name that `kerascomp models` lists")],
    quality: Annotated[
        float | None, typer.Option(help="0 (smallest files) to 1 (best images)", min=0, max=1)
    ] = None,
    target_bytes: Annotated[
        int | None, typer.Option(help="choose the quality for files of this size", min=1)
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(help="bit-planes of a recurrent model's file", min=1, max=16)
    ] = None,
    target_psnr: Annotated[
        float | None, typer.Option(help="as many bit-planes as reach this PSNR in dB", min=1)
    ] = None,
    force: Force = False,
):
    """Compress images (PNG and whatever Pillow reads) to .kc files, each on its own."""
    from kerascomp import zoo

    values = quality, iterations, target_psnr, target_bytes
    chosen = {name: value for name, value in zip(OPTIONS, values, strict=True) if value is not None}
    if len(chosen) > 1:
        found = " and ".join(OPTIONS[name] for name in chosen)
        raise ValueError(f"{found} all choose the quality; give one of them")
    pairs = pictures.pairs(paths, ".kc", force)
    images = [pictures.read_image(source) for source, _ in pairs]
    codec = _codec(model)
    if chosen and not hasattr(codec, "at"):
        raise ValueError(f"{model} has one quality only; those with several: {_several()}")
    if chosen and target_bytes is None:
        codec = _at(codec, model, chosen)
    for image, (source, target) in zip(images, tqdm(pairs, disable=len(pairs) < 2), strict=True):
        try:
            codec = _for_shape(codec, image.shape)
            if target_bytes is not None:
                codec = _for_size(codec, image, target_bytes)
            files = codec.encode(image[None])
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
        name = _name_in_file(codec)
        size = container.write(
            target, files, model=name, image_shape=image.shape, version=zoo.version(name),
            progressive=pictures.is_progressive(codec),
        )  # fmt: skip
        _say(f"{target}: {size} bytes, {8 * size / image[..., 0].size:.3f} bits per pixel")


@app.command()
def decompress(paths: Paths, force: Force = False):
    """Decompress .kc files to PNG images."""
    pairs = pictures.pairs(paths, ".png", force)
    contents = [pictures.contents(source) for source, _ in pairs]
    for (name, found), (source, target) in zip(
        contents, tqdm(pairs, disable=len(pairs) < 2), strict=True
    ):
        codec = _for_shape(_codec(name), found.image_shape)
        if len(found.files) != 1 or tuple(found.image_shape) != codec.image_shape:
            raise ValueError(
                f"{source} holds {len(found.files)} images of {found.image_shape}, expected one of "
                f"{codec.image_shape}"
            )
        image, rest = pictures.decoded(codec, found, source)
        pictures.write_image(target, image)
        _say(f"{target}: {image.shape[0]}×{image.shape[1]} pixels{rest}")


@app.command()
def info(files: Annotated[list[Path], typer.Argument(help=".kc files")]):
    """Say what is in .kc files: model, size, bytes, and what the model expected them to be."""
    for path in files:
        name, found = pictures.contents(path)
        height, width, channels = found.image_shape
        codec = _for_shape(_codec(name), found.image_shape)
        estimated = codec.estimated_bytes(found.files)
        size, coded = path.stat().st_size, sum(map(len, found.files))
        bpp = 8 * size / (len(found.files) * height * width)
        _say(f"{path}")
        _say(f"  model             {name}")
        mode = pictures.MODES[channels]
        _say(f"  images            {len(found.files)} of {height}×{width}, {mode}")
        _say(f"  file              {size} bytes, {bpp:.3f} bits per pixel")
        _say(f"  coded             {coded} bytes, estimated by the model {estimated:.1f}")
        if not found.is_whole:
            _say(f"  cut               {found.missing_bytes} bytes are missing, not verified")


@app.command()
def models():
    """List the published codecs, with their mean bytes and quality on the test set."""
    from kerascomp import zoo
    from kerascomp.zoo import recipes

    _say(f"{'model':32} {'images':22} {'bytes':>7} {'PSNR':>8}")
    for name in zoo.names():
        card = zoo.card(name)
        if "rate" in card:
            rate, shape = card["rate"], recipes.IMAGE_SHAPES[zoo.ENTRIES[name].dataset]
            images = f"{card['dataset']} {'×'.join(map(str, shape))}"
            _say(f"{name:32} {images:22} {rate['bytes_per_image']:7.1f} {rate['psnr_db']:5.1f} dB")


@rating_app.command()
def page(
    study: Annotated[
        Path, typer.Argument(help="a study, such as kerascomp/data/rating_study.json")
    ],
    output: Annotated[Path, typer.Argument(help="the HTML file to write", metavar="OUT.html")],
    force: Force = False,
):
    """Write the page on which people rate a study: one file, without Python and network."""
    from kerascomp import rating

    if output.exists() and not force:
        raise ValueError(f"{output} exists; --force replaces it")
    loaded = rating.Study.load(study)
    size = rating.write_page(loaded, output)
    _say(f"{output}: {len(loaded.trials)} trials, {size:,} bytes")


def _at(codec, model, chosen):
    """Returns a codec at what one option chooses.

    Raises:
        ValueError: this model's quality is not chosen like that.
    """
    ((name, _),) = chosen.items()
    known = inspect.signature(codec.at).parameters
    if name not in known:
        found = ", ".join(OPTIONS[each] for each in known)
        raise ValueError(f"{model} has no {OPTIONS[name]}; its quality is chosen by {found}")
    return codec.at(**chosen)


def _for_shape(codec, image_shape):
    """Returns the codec for images of a shape, if it is one for images of any size."""
    return codec.of_shape(image_shape) if hasattr(codec, "of_shape") else codec


def _for_size(codec, image, target_bytes):
    """Returns the same codec at the quality whose .kc file is nearest to a size.

    Raises:
        ValueError: no quality comes near it.
    """
    around = container.overhead(image.shape, progressive=pictures.is_progressive(codec))
    nearest, coded_bytes = codec.at_bytes(image[None], target_bytes - around)
    size = coded_bytes + around
    if abs(size - target_bytes) > max(1, TOLERANCE * target_bytes):
        raise ValueError(
            f"no quality gives a file of {target_bytes} bytes; the nearest has {size:.0f}"
        )
    return nearest


def _name_in_file(codec):
    """Returns the name under which a file says how it was written: model, and quality if any."""
    return f"{codec.name}:{codec.level}" if hasattr(codec, "level") else codec.name


def _several():
    """Returns the names of the models that have several qualities, as text."""
    from kerascomp import zoo

    return ", ".join(name for name in zoo.names() if zoo.ENTRIES[name].has_rates)


def _codec(name):
    """Returns a published codec; a network is loaded once, whatever its qualities."""
    from kerascomp import zoo

    network, level = zoo.split_name(name)
    codec = _network_codec(network)
    return codec if level is None else codec.at_level(level)


@functools.lru_cache(maxsize=4)
def _network_codec(network):
    from kerascomp import zoo

    return zoo.codec(network)


def _say(text):
    tqdm.write(text)


def main():
    """Runs the command; errors that a user can mend are one line, exit code 1."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        app()
    except (ValueError, OSError) as error:
        sys.exit(f"kerascomp: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
