"""The commands `kerascomp course …`: lessons, networks, rate points and the rating study.

TensorFlow and Jupyter are imported by the commands that need them.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from kerascomp.command.errors import ResumableGroup
from kerascomp.command.terminal import say

app = typer.Typer(
    cls=ResumableGroup,
    help="What the course is made with; the Makefile calls it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Names = Annotated[
    list[str] | None, typer.Argument(help="which; all when not given", metavar="NAME")
]


@app.callback()
def use_absolute_paths() -> None:
    """What the course is made with; the Makefile calls it."""
    # Folders in the environment must mean the same here and in the lessons' processes.
    for name in ("KERASCOMP_DATA", "KERASCOMP_CACHE", "KERASCOMP_OUTPUT"):
        folder = os.environ.pop(name, "")
        if folder:
            os.environ[name] = str(Path(folder).resolve())


@app.command()
def run(
    names: Names = None,
    force: Annotated[bool, typer.Option("--force", help="even if nothing has changed")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="fast profile, publishes nothing")] = False,
) -> None:
    """Execute lessons and rebuild the gallery."""
    from kerascomp.course import changes, claims, execution, glossary, pages, sources

    names = names or sources.names()
    for name in names:
        sources.source_path(name)
    sources.build_all()
    glossary.build_page()
    if fast:
        with tempfile.TemporaryDirectory(prefix="kerascomp-") as folder:
            os.environ.update(KERASCOMP_PROFILE="fast", KERASCOMP_OUTPUT=folder)
            for name in names:
                execution.execute(name, folder=Path(folder))
        return
    if os.environ.pop("KERASCOMP_OUTPUT", None):
        say("KERASCOMP_OUTPUT is ignored: make figures publishes into figures/")
    os.environ["KERASCOMP_PROFILE"] = "full"
    before = {record["figure"]: record for record in pages.records()}
    executed = execution.run(names, force=force)
    pages.build_pages()
    claims.build_page()
    drawn = [record for record in pages.records() if record["lesson"] in executed]
    if drawn:
        say(changes.table(before, {record["figure"]: record for record in drawn}))
    say("figures and gallery are in figures/, executed lessons in executed/")


@app.command()
def book() -> None:
    """Build the site of the executed lessons, and print its sizes."""
    from kerascomp.course import book, sources, stamps

    started = time.perf_counter()
    if old := [name for name in sources.names() if not stamps.is_current(name)]:
        say(f"not executed since the last change (make figures): {', '.join(old)}")
    book.build(book.FOLDER, stamps.EXECUTED)
    whole, first = book.sizes(book.FOLDER)
    say(
        f"{book.FOLDER / 'index.html'}: {whole / 1e6:.1f} MB of {book.MOST_BYTES / 1e6:.0f}, the "
        f"first page {first / 1e3:.0f} kB of {book.MOST_BYTES_AT_FIRST / 1e3:.0f}, built in "
        f"{time.perf_counter() - started:.0f} s"
    )


@app.command()
def pictures() -> None:
    """Decode the pictures of the interactive planes again, with every codec of lesson 12."""
    from kerascomp.course.interactive import pictures

    for name in pictures.NUM_SHOWN:
        say(f"{name}: {pictures.make(name):,} bytes")


@app.command()
def build() -> None:
    """Build the notebooks and the glossary from the lessons' sources."""
    from kerascomp.course import glossary, sources

    for path in [*sources.build_all(), *glossary.build_page()]:
        say(f"built {path.name}")


@app.command()
def check() -> None:
    """Check the lessons and the glossary: print every problem, fail if there is one."""
    from kerascomp.course import glossary, sources

    problems = sources.check_all() + glossary.problems()
    say("\n".join(problems) or f"{len(sources.names())} lessons, all in shape")
    raise typer.Exit(1 if problems else 0)


@app.command()
def train(names: Names = None) -> None:
    """Train networks again, and publish them; continues a training that was stopped."""
    from kerascomp.zoo import publishing

    publishing.train_all(names)


@app.command()
def networks() -> None:
    """List the published networks, with their errors on the test set."""
    from kerascomp import zoo
    from kerascomp.zoo import cards

    for name in zoo.names():
        card = zoo.card(name)
        test = card["test"]
        error = f"MSE {test['mse']:.4f}  {cards.quality(test)}"
        say(f"{name:29} {error}  {card['summary']}")


@app.command()
def measure(
    dataset: Annotated[
        str | None, typer.Argument(help="mnist, cifar10 or photographs; all when not given")
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Argument(
            help="families of codecs; what is not stored when not given", metavar="LABEL"
        ),
    ] = None,
) -> None:
    """Measure codecs on a whole test set, and store their rate points."""
    from kerascomp.course import families, results

    if dataset not in (None, *families.DATASETS):
        known = ", ".join(families.DATASETS)
        raise typer.BadParameter(f"expected {known}, received {dataset!r}", param_hint="DATASET")
    for name in [dataset] if dataset else families.DATASETS:
        stored = results.load(name)
        missing = [label for label in families.families(name) if label not in stored]
        for label in labels or missing:
            say(f"{name}: {label}")
            results.measure(name, label)


@app.command()
def experiment(name: str) -> None:
    """Do an experiment again that a lesson shows; continues one that was stopped."""
    from kerascomp.course import experiments

    experiments.run(name)


@app.command()
def study() -> None:
    """Make the rating study and its simulated answers again, over the ones that ship."""
    from kerascomp.course import studies

    made = studies.make()
    path = studies.STUDY
    say(f"{path.name}: {len(made.trials)} trials, {path.stat().st_size:,} bytes")
    say(f"not compared: {'; '.join(made.left_out) or 'nothing'}")
