"""The command `kerascomp`: images to .kc files and back, and the tools of the course.

    kerascomp compress digit.png digit.kc --model mnist-bottleneck --quality 0.3
    kerascomp compress digit.png digit.kc --model mnist-bottleneck --target-bytes 20
    kerascomp compress photo.png photo.kc --model cifar10-recurrent --iterations 6
    kerascomp decompress digit.kc digit.png
    kerascomp info digit.kc
    kerascomp models
    kerascomp rating page study.json rating.html
    kerascomp course --help

Several inputs go into a folder, given last. A file that exists is not replaced without --force.
"""

from pathlib import Path
from typing import Annotated

import typer

from kerascomp.command import course
from kerascomp.command.errors import Group

app = typer.Typer(
    cls=Group,
    help="Learned image compression: images to .kc files and back.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
rating_app = typer.Typer(help="Human rating of compressed images.", no_args_is_help=True)
app.add_typer(rating_app, name="rating")
app.add_typer(course.app, name="course")
Paths = Annotated[
    list[Path], typer.Argument(help="files, and last where to write", metavar="IN... OUT")
]
Force = Annotated[bool, typer.Option("--force", help="replace files that exist")]
Quality = Annotated[
    float | None, typer.Option(help="0 (smallest files) to 1 (best images)", min=0, max=1)
]
TargetBytes = Annotated[
    int | None, typer.Option(help="choose the quality for files of this size", min=1)
]
Iterations = Annotated[
    int | None, typer.Option(help="bit-planes of a recurrent model's file", min=1, max=16)
]
TargetPSNR = Annotated[
    float | None, typer.Option(help="as many bit-planes as reach this PSNR in dB", min=1)
]


@app.callback()
def prepare() -> None:
    """Learned image compression: images to .kc files and back."""
    from kerascomp.course import runs  # NumPy takes longer than the help text

    runs.hide_retracing()


@app.command()
def compress(
    paths: Paths,
    model: Annotated[str, typer.Option(help="a name that `kerascomp models` lists")],
    quality: Quality = None,
    target_bytes: TargetBytes = None,
    iterations: Iterations = None,
    target_psnr: TargetPSNR = None,
    force: Force = False,
) -> None:
    """Compress images (PNG and whatever Pillow reads) to .kc files, each on its own."""
    from kerascomp.command import models, pictures

    values = quality, iterations, target_psnr, target_bytes
    options = dict(zip(models.OPTIONS, values, strict=True))
    rate = {option: value for option, value in options.items() if value is not None}
    pairs = pictures.pairs(paths, ".kc", force)
    images = [pictures.read_image(source) for source, _ in pairs]
    codec = models.at(models.codec(model), rate)
    for image, (source, target) in zip(images, _progress(pairs), strict=True):
        try:
            codec = models.for_image(codec, image, target_bytes)
            size = models.write(target, codec, image)
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
        _say(f"{target}: {size} bytes, {8 * size / image[..., 0].size:.3f} bits per pixel")


@app.command()
def decompress(paths: Paths, force: Force = False) -> None:
    """Decompress .kc files to PNG images."""
    from kerascomp.command import models, pictures

    pairs = pictures.pairs(paths, ".png", force)
    opened = [models.read(source) for source, _ in pairs]
    for contents, (source, target) in zip(opened, _progress(pairs), strict=True):
        codec = models.of_file(source, contents)
        if len(contents.files) != 1:
            raise ValueError(
                f"{source} holds {len(contents.files)} images of {contents.image_shape}, expected "
                "one"
            )
        image, rest = pictures.decoded(codec, contents, source)
        pictures.write_image(target, image)
        _say(f"{target}: {image.shape[0]}×{image.shape[1]} pixels{rest}")


@app.command()
def info(files: Annotated[list[Path], typer.Argument(help=".kc files")]) -> None:
    """Say what is in .kc files: model, size, bytes, and what the model expected them to be."""
    from kerascomp.command import models, pictures

    for path in files:
        contents = models.read(path)
        codec = models.of_file(path, contents)
        height, width, channels = contents.image_shape
        size, coded = path.stat().st_size, sum(map(len, contents.files))
        bpp = 8 * size / (len(contents.files) * height * width)
        quality = "" if codec.level is None else f", {codec.setting}"
        mode = pictures.MODES[channels]
        _say(f"{path}")
        _say(f"  model             {codec.name}{quality}")
        _say(f"  images            {len(contents.files)} of {height}×{width}, {mode}")
        _say(f"  file              {size} bytes, {bpp:.3f} bits per pixel")
        estimated = codec.estimated_bytes(contents.files)
        _say(f"  coded             {coded} bytes, estimated by the model {estimated:.1f}")
        if not contents.is_whole:
            _say(f"  cut               {contents.missing_bytes} bytes are missing, not verified")


@app.command("models")
def list_models() -> None:
    """List the published codecs, with their mean bytes and quality on the test set."""
    from kerascomp import zoo
    from kerascomp.zoo import cards

    _say(f"{'model':32} {'images':22} {'bytes':>7} {'PSNR':>8}")
    for name in filter(zoo.has_codec, zoo.names()):
        card = zoo.card(name)
        rate, shape = card["rate"], cards.image_shape(name)
        images = f"{card['dataset']} {'×'.join(map(str, shape))}"
        _say(f"{name:32} {images:22} {rate['bytes_per_image']:7.1f} {rate['psnr_db']:5.1f} dB")


@rating_app.callback()
def rating() -> None:
    """Human rating of compressed images."""


@rating_app.command()
def page(
    study: Annotated[
        Path, typer.Argument(help="a study, such as kerascomp/data/rating_study.json")
    ],
    output: Annotated[Path, typer.Argument(help="the HTML file to write", metavar="OUT.html")],
    force: Force = False,
) -> None:
    """Write the page on which people rate a study: one file, without Python and network."""
    from kerascomp import rating

    if output.exists() and not force:
        raise ValueError(f"{output} exists; --force replaces it")
    loaded = rating.Study.load(study)
    size = rating.write_page(loaded, output)
    _say(f"{output}: {len(loaded.trials)} trials, {size:,} bytes")


def _progress(pairs):
    from tqdm.auto import tqdm

    return tqdm(pairs, disable=len(pairs) < 2)


def _say(text):
    from tqdm.auto import tqdm

    tqdm.write(text)


def main() -> None:
    """Runs the command."""
    app()


if __name__ == "__main__":
    main()
