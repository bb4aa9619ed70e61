"""Lessons as text: notebooks/src/NN_name.py is written by hand, notebooks/NN_name.ipynb is built.

The same source always builds the same bytes: no outputs, fixed metadata, and the id of a cell is a
hash of its content.
"""

import collections
import hashlib
import re
import statistics
from pathlib import Path

import jupytext
import nbformat

from kerascomp import files
from kerascomp.course import colab

FOLDER = files.WORKPLACE / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TIME_AND_AIM = re.compile(r"^\*Time: ([^.*]+)\. You learn ([^*]+)\.\*$", re.M)
SECTIONS = (
    "## The question",
    "## What you will see",
    "## Exercises",
    "## What to take away",
    "## References",
    "## Next",
)
LINK = re.compile(r"\[([^\]]*)\]\(((?:[^()\s]|\([^()\s]*\))*)\)")  # [text](target); DOIs have (…)
ADDRESS = re.compile(r"https://[\w-]+(\.[\w-]+)+(/\S*)?")


def names() -> list[str]:
    """Returns the names of all lessons in their order.

    Raises:
        ValueError: there are none.
    """
    if found := sorted(path.stem for path in (FOLDER / "src").glob("[0-9][0-9]_*.py")):
        return found
    raise ValueError(
        f"no lessons in {FOLDER / 'src'}; expected 00_start_here.py and others there; start Python "
        "in a checkout of the course"
    )


def source_path(name: str) -> Path:
    """Returns the path of a lesson's source.

    Raises:
        ValueError: there is no such lesson.
    """
    path = FOLDER / "src" / f"{name}.py"
    if not path.exists():
        raise ValueError(f"no lesson is called {name!r}; there are {', '.join(names())}")
    return path


def notebook_path(name: str) -> Path:
    """Returns the path of a lesson's built notebook."""
    return FOLDER / f"{name}.ipynb"


def time_and_aim(name: str) -> tuple[str, str]:
    """Returns what a lesson says of itself: how long it takes, such as "2 minutes", and its aim."""
    text = source_path(name).read_text(encoding="utf-8")
    time, aim = TIME_AND_AIM.findall(text.replace("\n# ", "\n"))[0]
    return time, " ".join(aim.split())


def build(name: str) -> bytes:
    """Returns the notebook of a lesson as bytes: its source, and the cell that sets up Colab."""
    notebook = jupytext.reads(source_path(name).read_text(encoding="utf-8"), fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    first = [cell.cell_type for cell in notebook.cells].index("code")
    notebook.cells.insert(first, nbformat.v4.new_code_cell(colab.setup_cell()))
    copies = collections.Counter()  # two equal cells still need two ids
    for cell in notebook.cells:
        text = f"{cell.cell_type}\n{cell.source}"
        copies[text] += 1
        cell.id = hashlib.sha256(f"{text}\n{copies[text]}".encode()).hexdigest()[:12]
        cell.metadata = colab.HIDDEN if cell.source == colab.setup_cell() else {}
    nbformat.validate(notebook)
    return (nbformat.writes(notebook, indent=1) + "\n").encode()


def texts(name: str) -> list[str]:
    """Returns the text cells of a lesson, in Markdown."""
    notebook = jupytext.reads(source_path(name).read_text(encoding="utf-8"), fmt="py:percent")
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def build_all() -> list[Path]:
    """Writes every lesson's notebook; returns the paths that changed."""
    changed = []
    for name in names():
        path, content = notebook_path(name), build(name)
        if not path.exists() or path.read_bytes() != content:
            files.write_atomically(path, content)
            changed.append(path)
    return changed


def problems(name: str) -> list[str]:
    """Returns what is wrong with a lesson: a list of sentences, empty when all is well.

    All lessons have one form: title, time, question, what you will see, short cells with text
    between them, checks, exercises, what to take away, references, next. Its links have a text, and
    lead to an https address or to a file of the course.
    """
    cells = nbformat.reads(build(name).decode(), as_version=4).cells
    text = [cell.source for cell in cells if cell.cell_type == "markdown"]
    code = [cell.source for cell in cells if cell.cell_type == "code"][1:]  # the first sets up
    num_lines = [len(cell.splitlines()) for cell in code]
    prose, number = "\n".join(text), name[:2]
    positions = [prose.find(section) for section in SECTIONS]
    references, links = prose[positions[-2] : positions[-1]], LINK.findall(prose)
    rules = {
        f"must begin with '# {number} title'": prose.startswith(f"# {number} "),
        "needs a paragraph '*Time: … minutes. You learn ….*'": TIME_AND_AIM.search(prose),
        f"needs {SECTIONS} in order": min(positions) >= 0 and positions == sorted(positions),
        f'must start with runs.start("{name}")': f'runs.start("{name}")' in code[0],
        "checks nothing (no assert)": any("assert " in cell for cell in code),
        "has long cells: the median is over 8 lines": statistics.median(num_lines) <= 8,
        "has a cell of over 30 lines": max(num_lines) <= 30,
        "has less than 0.7 text cells for each code cell": len(text) >= 0.7 * len(code),
        "needs a link in '## References'": LINK.search(references),
        "has a link that does not end, or with a space": len(links) == prose.count("]("),
        "has a link without text": all(link.strip() for link, _ in links),
    }
    for _, target in links:
        rules[f"links to {target!r}: neither https nor a file of the course"] = (
            ADDRESS.fullmatch(target) or (FOLDER / target).is_file()
        )
    return [f"{name}: {rule}" for rule, holds in rules.items() if not holds]


def defined_functions(name: str) -> set[str]:
    """Returns the names of the functions and classes that a lesson defines itself."""
    return set(re.findall(r"^(?:def|class) (\w+)", source_path(name).read_text("utf-8"), re.M))


def check_all() -> list[str]:
    """Returns all problems: of form, of old notebooks, of functions that two lessons define."""
    sentences = [sentence for name in names() for sentence in problems(name)]
    owners = {}
    for name in names():
        path = notebook_path(name)
        if not path.exists() or path.read_bytes() != build(name):
            sentences.append(f"{name}: the notebook is not what its source builds: make notebooks")
        for function in defined_functions(name):
            if function in owners:
                sentences.append(f"{function} is defined in {owners[function]} and in {name}")
            owners[function] = name
    orphans = {path.stem for path in FOLDER.glob("*.ipynb")} - set(names())
    return sentences + [f"{name}.ipynb has no source" for name in sorted(orphans)]
