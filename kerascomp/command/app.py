"""The command `kerascomp`: images to .kc files and back, and the tools of the course.

    kerascomp compress digit.png digit.kc --model mnist-bottleneck --quality 0.3
    kerascomp compress digit.png digit.kc --model mnist-bottleneck --target-bytes 20
    kerascomp compress photo.png photo.kc --model cifar10-recurrent --iterations 6
    kerascomp decompress digit.kc digit.png
    kerascomp info digit.kc
    kerascomp models
    kerascomp rating page study.json rating.html
    kerascomp course --help

Several inputs go into a folder, given last. A file that exists is not replaced without --force,
an input or a file of another kind not even with it.
"""

from pathlib import Path
from typing import Annotated

import typer

from kerascomp.command import course, terminal
from kerascomp.command.errors import Group
from kerascomp.command.terminal import say

# Without Rich, which takes longer to import than all the rest.
app = typer.Typer(
    cls=Group,
    help="Learned image compression: images to .kc files and back.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
rating_app = typer.Typer(
    help="Human rating of compressed images.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(rating_app, name="rating")
app.add_typer(course.app, name="course")
Paths = Annotated[
    list[str], typer.Argument(help="files, and last where to write", metavar="IN... OUT")
]
Force = Annotated[bool, typer.Option("--force", help="replace files of this kind that exist")]
Skip = Annotated[bool, typer.Option("--skip-existing", help="leave out what was written before")]
MaxPixels = Annotated[int, typer.Option(help="refuse images that claim more", min=1)]
LARGEST = 1 << 26  # pixels: 8192×8192
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
RERUN = "; the same command with --skip-existing does only what is missing"


@app.callback()
def main_group() -> None:
    """Learned image compression: images to .kc files and back."""


@app.command()
def compress(
    paths: Paths,
    model: Annotated[str, typer.Option(help="a name that `kerascomp models` lists")],
    quality: Quality = None,
    target_bytes: TargetBytes = None,
    iterations: Iterations = None,
    target_psnr: TargetPSNR = None,
    force: Force = False,
    skip_existing: Skip = False,
    convert: Annotated[
        bool, typer.Option("--convert", help="make 8-bit gray or color of other pictures")
    ] = False,
    max_pixels: MaxPixels = LARGEST,
) -> None:
    """Compress the pixels of images to .kc files, each on its own.

    Transparency, more than one frame or 8 bits, and colors that are not sRGB are refused without
    --convert. Metadata is not kept; images are turned upright.
    """
    from kerascomp.command import batch, models, pictures, targets

    values = quality, iterations, target_psnr, target_bytes
    options = dict(zip(models.OPTIONS, values, strict=True))
    rate = {option: value for option, value in options.items() if value is not None}
    existing = targets.Existing(force, skip_existing)
    reading = pictures.Reading(max_pixels, convert)
    images = batch.Batch(targets.jobs(paths, targets.KC, existing))

    def work(source: Path, target: Path) -> None:
        image, converted = pictures.read(source, reading)
        if converted:
            say(converted, error=True)
        try:
            size = models.write(target, models.for_image(codec, image, target_bytes), image)
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
        bpp = 8 * size / image[..., 0].size
        targets.report(target, f"{size} bytes, {bpp:.3f} bits per pixel")

    images.each(lambda source, _: pictures.check(source, reading))
    if images.jobs:
        codec = models.at(models.codec(model), rate)
        images.each(work)
    images.finish(RERUN)


@app.command()
def decompress(
    paths: Paths, force: Force = False, skip_existing: Skip = False, max_pixels: MaxPixels = LARGEST
) -> None:
    """Decompress .kc files to PNG images."""
    from kerascomp.command import batch, models, pictures, targets

    def work(source: Path, target: Path) -> None:
        contents = models.read(source, max_pixels)
        image, rest = models.decoded(models.of_file(source, contents), contents, source)
        pictures.write(target, image)
        targets.report(target, f"{image.shape[0]}×{image.shape[1]} pixels{rest}")

    existing = targets.Existing(force, skip_existing)
    images = batch.Batch(targets.jobs(paths, targets.PNG, existing))
    images.each(lambda source, _: models.read(source, max_pixels))
    images.each(work)
    images.finish(RERUN)


@app.command()
def info(
    files: Annotated[list[Path], typer.Argument(help=".kc files")],
    estimate: Annotated[
        bool, typer.Option("--estimate", help="decode them, to say what the model expected")
    ] = False,
    max_pixels: MaxPixels = LARGEST,
) -> None:
    """Say what is in .kc files: model, size and bytes."""
    from kerascomp.command import batch, models

    def work(path: Path) -> None:
        contents = models.read(path, max_pixels)
        for line in models.described(path, contents, estimate=estimate):
            say(line)

    opened = batch.Batch([(path,) for path in files])
    opened.each(work)
    opened.finish()


@app.command("models")
def list_models() -> None:
    """List the published codecs, with their mean bytes and quality on the test set."""
    from kerascomp import zoo
    from kerascomp.zoo import cards

    say(f"{'model':32} {'images':22} {'bytes':>7} {'PSNR':>8}")
    for name in filter(zoo.has_codec, zoo.names()):
        card = zoo.card(name)
        rate, shape = card["rate"], cards.image_shape(name)
        images = f"{card['dataset']} {'×'.join(map(str, shape))}"
        say(f"{name:32} {images:22} {rate['bytes_per_image']:7.1f} {cards.quality(rate):>8}")


@rating_app.callback()
def rating() -> None:
    """Human rating of compressed images."""


@rating_app.command()
def page(
    study: Annotated[str, typer.Argument(help="a study, such as kerascomp/data/rating_study.json")],
    output: Annotated[str, typer.Argument(help="the HTML file to write", metavar="OUT.html")],
    force: Force = False,
) -> None:
    """Write the page on which people rate a study: one file, without Python and network."""
    from kerascomp import rating
    from kerascomp.command import targets

    existing = targets.Existing(force)
    for source, target in targets.jobs([study, output], targets.PAGE, existing):
        loaded = rating.Study.load(source)
        size = rating.write_page(loaded, target)
        targets.report(target, f"{len(loaded.trials)} trials, {size:,} bytes")


def main() -> None:
    """Runs the command."""
    terminal.prepare()
    try:
        app()
    finally:
        terminal.finish()


if __name__ == "__main__":
    main()
