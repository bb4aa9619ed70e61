"""The book: the executed lessons as a static site, built by Sphinx from `book/conf.py`.

`collect` writes what Sphinx reads into one folder, where the course's own links hold. The pages of
exercises, of references and of the package are made from the lessons and the docstrings.
"""

import collections
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from kerascomp import files
from kerascomp.course import colab, pages, sources

SETTINGS = files.WORKPLACE / "book"
FOLDER = files.WORKPLACE / "build" / "book"
MOST_BYTES, MOST_BYTES_AT_FIRST = 25_000_000, 300_000  # of the book, of its first page
COPIED = ("REPORT.md", "GLOSSARY.md", "figures/*.png", "notebooks/solutions/*.py")
WIDGET = "application/vnd.jupyter.widget-view+json"  # needs a running lesson
SECTION = r"^## {}\n(.*?)(?=^## |\Z)"
LOADED = r"""<(?:link rel="(?:stylesheet|icon)"|script|img)[^>]*? (?:href|src)="([^":#?]+)"""


def build(folder: Path, executed: Path) -> None:
    """Builds the book; its collected pages stay beside it, in a folder called "…-pages".

    Args:
        folder: where the site is written, anew.
        executed: folder of the executed lessons.

    Raises:
        ValueError: Sphinx is not installed, a lesson was not executed, or Sphinx found an error.
    """
    if not importlib.util.find_spec("sphinx"):
        raise ValueError("the book needs Sphinx: make book installs it")
    collected = folder.with_name(f"{folder.name}-pages")
    for old in (collected, folder):
        shutil.rmtree(old, ignore_errors=True)
    collect(collected, executed)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "2"]
    command += ["-c", str(SETTINGS), "-d", str(collected / ".doctrees")]
    if subprocess.run([*command, str(collected), str(folder)]).returncode:
        raise ValueError("Sphinx found errors; its messages are above")


def collect(folder: Path, executed: Path) -> None:
    """Writes the pages of the book.

    Args:
        folder: where they are written.
        executed: of the executed lessons.

    Raises:
        ValueError: a lesson was not executed.
    """
    for pattern in COPIED:
        for path in files.WORKPLACE.glob(pattern):
            target = folder / path.relative_to(files.WORKPLACE)
            files.write_atomically(target, path.read_bytes())
    for name in sources.names():
        files.write_atomically(folder / "notebooks" / f"{name}.ipynb", lesson(name, executed))
        notebook = sources.notebook_path(name)
        files.write_atomically(folder / "downloads" / notebook.name, notebook.read_bytes())
    made = {"index": first_page(), "notebooks/exercises": exercises()}
    made |= {"notebooks/references": references()} | package_pages()
    for name, text in made.items():
        files.write_atomically(folder / f"{name}.md", text.encode())


def lesson(name: str, executed: Path) -> bytes:
    """Returns an executed lesson as the book shows it: with links, without what only runs need."""
    path = executed / f"{name}.ipynb"
    if not path.exists():
        raise ValueError(f"{name} has not been executed: make figures")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.source != colab.setup_cell()]
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _is_shown(output)]
    first = notebook.cells[0]
    first.source = sources.TIME_AND_AIM.sub(rf"\g<0>\n\n{_links(name)}", first.source)
    return nbformat.writes(notebook).encode()


def _is_shown(output):
    """Returns whether an output says something on a page: no progress bar, no widget."""
    return output.get("name") != "stderr" and WIDGET not in output.get("data", {})


def _links(name):
    """Returns a line of links to a lesson's notebook."""
    at = f"{colab.REPOSITORY.removeprefix('https://github.com/')}/blob/main/notebooks/{name}.ipynb"
    return (
        f"{{download}}`Download the notebook <../downloads/{name}.ipynb>` for JupyterLab · "
        f"[open in Colab](https://colab.research.google.com/github/{at}) · "
        f"[in the repository](https://github.com/{at})"
    )


def first_page() -> str:
    """Returns the first page: book/index.md with the list of lessons and the table of rates."""
    items = []
    for name in sources.names():
        time, aim = sources.time_and_aim(name)
        items.append(f"- [{pages.title(name)}](notebooks/{name}.ipynb), {time}: {aim}.")
    text = (SETTINGS / "index.md").read_text(encoding="utf-8")
    lessons = "\n".join(f"notebooks/{name}" for name in sources.names())
    return (
        text.replace("<!-- lessons -->", "\n".join(items))
        .replace("<!-- rates -->", pages.rate_table())
        .replace("<!-- names -->", lessons)
    )


def section(name: str, heading: str) -> str:
    """Returns the text of a section of a lesson, without its heading."""
    text = "\n\n".join(sources.texts(name))
    return re.findall(SECTION.format(heading), text, re.M | re.S)[0].strip()


def exercises() -> str:
    """Returns the page of all exercises."""
    parts = ["# Exercises", "Each lesson checks your answers, and gives hints."]
    for name in sources.names():
        parts += [f"## [{pages.title(name)}]({name}.ipynb)", section(name, "Exercises")]
    return "\n\n".join(parts) + "\n"


def references() -> str:
    """Returns the page of all references, by author, with what each lesson takes from them."""
    titles, uses = {}, collections.defaultdict(list)
    for name in sources.names():
        for item in re.split(r"\n(?=- )", section(name, "References")):
            text = " ".join(item.split()).removeprefix("- ").rstrip(".")
            if link := sources.LINK.search(text):
                titles.setdefault(link[2], text[: link.end()])
                uses[link[2]].append(f"[{name[:2]}]({name}.ipynb){text[link.end() :]}")
    introduction = "With the lesson, the section that it uses, and what is there."
    parts = ["# References", "", introduction, ""]
    for address in sorted(titles, key=lambda address: _surname(titles[address])):
        parts.append(f"- {titles[address]}  \n  lesson {'; '.join(uses[address])}.")
    return "\n".join(parts) + "\n"


def _surname(title):
    """Returns what a reference is sorted by: the surname of its first author."""
    return title.strip("[*").split(",")[0].removesuffix(" et al.").split()[-1].casefold()


def package_pages() -> dict[str, str]:
    """Returns the pages of the package: {name: text}, one for each subpackage, from docstrings."""
    modules = collections.defaultdict(list)
    for path in sorted(files.PACKAGE.rglob("*.py")):
        parts = path.relative_to(files.PACKAGE).with_suffix("").parts
        if parts[-1] not in ("__init__", "__main__"):
            modules[parts[0] if len(parts) > 1 else "others"].append(".".join(parts))
    made = {}
    for package, names in modules.items():
        directives = [
            f"## {name}\n\n```{{eval-rst}}\n.. automodule:: kerascomp.{name}\n```" for name in names
        ]
        title = "Other modules" if package == "others" else f"kerascomp.{package}"
        made[f"package/{package}"] = "\n\n".join([f"# {title}", *directives]) + "\n"
    listed = "\n".join(made).replace("package/", "")
    made["package/index"] = f"# The package\n\n```{{toctree}}\n:maxdepth: 2\n\n{listed}\n```\n"
    return made


def sizes(folder: Path) -> tuple[int, int]:
    """Returns the bytes of the whole book, and of its first page with all that it loads."""
    first = (folder / "index.html").read_text(encoding="utf-8")
    loaded = {"index.html", *re.findall(LOADED, first)}
    paths = [folder / name for name in loaded if (folder / name).is_file()]
    everything = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return everything, sum(path.stat().st_size for path in paths)
