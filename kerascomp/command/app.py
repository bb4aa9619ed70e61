"""The command `kerascomp`: images to .kc files and back, and the tools of the course.

    kerascomp compress photo.jpg photo.kc
    kerascomp compress digit.png digit.kc --model mnist-bottleneck --quality 0.3
    kerascomp compress photos/ compressed/ --target-psnr 25
    kerascomp compress digit.png digit.kc --effort 500
    kerascomp compare photo.jpg -o photo.html
    kerascomp decompress digit.kc digit.png
    kerascomp info digit.kc
    kerascomp models
    kerascomp rating page study.json rating.html
    kerascomp course --help

Several inputs, or a folder of them, go into a folder, given last. A file that exists is not
replaced without --force, an input or a file of another kind not even with it.
"""

from pathlib import Path
from typing import Annotated

import typer

from kerascomp.command import course, rating, terminal
from kerascomp.command.errors import Group
from kerascomp.command.options import (
    LARGEST,
    Background,
    DropAlpha,
    Effort,
    Force,
    Iterations,
    MaxPixels,
    Model,
    Paths,
    Quality,
    Skip,
    TargetBytes,
    TargetPSNR,
    To8Bit,
)
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
app.add_typer(rating.app, name="rating")
app.add_typer(course.app, name="course")
RERUN = "; the same command with --skip-existing does only what is missing"


@app.callback()
def main_group() -> None:
    """Learned image compression: images to .kc files and back."""


@app.command()
def compress(
    paths: Paths,
    model: Model = None,
    quality: Quality = None,
    target_bytes: TargetBytes = None,
    iterations: Iterations = None,
    target_psnr: TargetPSNR = None,
    effort: Effort = 0,
    drop_alpha: DropAlpha = False,
    background: Background = None,
    to_8_bit: To8Bit = False,
    force: Force = False,
    skip_existing: Skip = False,
    max_pixels: MaxPixels = LARGEST,
) -> None:
    """Compress the pixels of images to .kc files, each on its own.

    Of a folder, all images in it. They are turned upright, their colors become sRGB, of several
    frames the first is taken. Transparency and more than 8 bits are refused unless an option says
    what becomes of them.
    """
    from kerascomp.command import batch, models, pictures, targets

    rate = models.chosen(quality, iterations, target_psnr, target_bytes)
    reading = pictures.Reading(max_pixels, drop_alpha, background, to_8_bit).checked()
    existing = targets.Existing(force, skip_existing)
    jobs = targets.jobs(paths, targets.KC, existing, suffixes=pictures.suffixes())
    images, with_metadata = batch.Batch(jobs), []

    def work(source: Path, target: Path) -> None:
        picture = pictures.read(source, reading)
        if picture.changes:
            say(f"{source}: {picture.changes}", error=True)
        try:
            codec = models.for_image(model, picture.pixels, rate, effort)
            size = models.write(target, codec, picture.pixels)
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
        if picture.has_metadata:
            with_metadata.append(source)
        bpp = 8 * size / picture.pixels[..., 0].size
        name = "" if model else f", {codec.name}"
        targets.report(target, f"{size} bytes, {bpp:.3f} bits per pixel{name}")

    images.each(lambda source, _: pictures.check(source, reading), bar=False)
    if images.jobs and model:
        models.at(models.codec(model), rate, effort)  # what is wrong with it is said once
    images.each(work)
    if with_metadata:
        say("metadata, such as when and where a photograph was taken, was left out", error=True)
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
    jobs = targets.jobs(paths, targets.PNG, existing, suffixes=[targets.KC.suffix])
    images = batch.Batch(jobs)
    images.each(lambda source, _: models.read(source, max_pixels), bar=False)
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


@app.command()
def compare(
    picture: Annotated[str, typer.Argument(help="an image")],
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", help="the page", metavar="OUT.html", show_default="beside the image"
        ),
    ] = None,
    model: Model = None,
    quality: Quality = None,
    target_bytes: TargetBytes = None,
    iterations: Iterations = None,
    target_psnr: TargetPSNR = None,
    effort: Effort = 0,
    drop_alpha: DropAlpha = False,
    background: Background = None,
    to_8_bit: To8Bit = False,
    force: Force = False,
    max_pixels: MaxPixels = LARGEST,
) -> None:
    """Write a page that compares an image's .kc file with JPEG, WebP and AVIF at equal bytes.

    One file that a browser opens without a network. A slider sweeps between the original and what
    a format made of it; a table holds bytes, bits per pixel, PSNR and MS-SSIM.
    """
    from kerascomp.command import comparison, models, pictures, targets
    from kerascomp.files import write_atomically

    rate = models.chosen(quality, iterations, target_psnr, target_bytes)
    reading = pictures.Reading(max_pixels, drop_alpha, background, to_8_bit).checked()
    paths = [picture, output or str(Path(picture).with_suffix(targets.PAGE.suffix))]
    for source, target in targets.jobs(paths, targets.PAGE, targets.Existing(force)):
        original = pictures.read(source, reading)
        if original.changes:
            say(f"{source}: {original.changes}", error=True)
        codec = models.for_image(model, original.pixels, rate, effort)
        versions = comparison.versions(codec, original.pixels)
        page = comparison.page(source, original.pixels, versions)
        write_atomically(target, page)
        targets.report(target, f"{len(versions)} versions, {len(page):,} bytes")


@app.command("models")
def list_models() -> None:
    """List the published codecs, with their mean bytes and quality on the test set."""
    from kerascomp import zoo
    from kerascomp.zoo import cards

    say(f"{'model':32} {'images':22} {'bytes':>7} {'PSNR':>8}")
    for name in filter(zoo.has_codec, zoo.names()):
        card = zoo.card(name)
        rate, shape = card["rate"], cards.image_shape(name)
        images = f"{card['dataset']} {'×'.join(str(side or 'any') for side in shape)}"
        say(f"{name:32} {images:22} {rate['bytes_per_image']:7.1f} {cards.quality(rate):>8}")


def main() -> None:
    """Runs the command."""
    terminal.prepare()
    try:
        app()
    finally:
        terminal.finish()


if __name__ == "__main__":
    main()
