"""The commands `kerascomp rating …`."""

from typing import Annotated

import typer

from kerascomp.command.options import Force

app = typer.Typer(
    help="Human rating of compressed images.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def rating() -> None:
    """Human rating of compressed images."""


@app.command()
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
