"""Lessons as text: notebooks/src/NN_name.py is written by hand, notebooks/NN_name.ipynb is built.

The same source always builds the same bytes: no outputs, fixed metadata, and each cell's id is a
hash of what the cell says.
"""

import hashlib
import re
import statistics

import jupytext
import nbformat

from kerascomp import files

FOLDER = files.WORKPLACE / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
TIME_AND_AIM = re.compile(r"^\*Time: ([^.*]+)\. You learn (.+)\.\*$", re.M)
SECTIONS = ("## The question", "## What you will see", "## What to take away", "## Next")


def names():
    """Returns the names of all lessons in their order."""
    return sorted(path.stem for path in (FOLDER / "src").glob("[0-9][0-9]_*.py"))


def source_path(name):
    """Returns the path of a lesson's source.

    Raises:
        ValueError: there is no such lesson.
    """
    path = FOLDER / "src" / f"{name}.py"
    if not path.exists():
        raise ValueError(f"no lesson is called {name!r}; there are {', '.join(names())}")
    return path


def notebook_path(name):
    """Returns the path of a lesson's built notebook."""
    return FOLDER / f"{name}.ipynb"


def build(name):
    """Returns the notebook of a lesson as bytes."""
    notebook = jupytext.reads(source_path(name).read_text(encoding="utf-8"), fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen = {}
    for cell in notebook.cells:
        text = f"{cell.cell_type}\n{cell.source}"
        seen[text] = seen.get(text, 0) + 1  # two equal cells still need two ids
        cell.id = hashlib.sha256(f"{text}\n{seen[text]}".encode()).hexdigest()[:12]
        cell.metadata = {}
    nbformat.validate(notebook)
    return (nbformat.writes(notebook, indent=1) + "\n").encode()


def build_all():
    """Writes every lesson's notebook; returns the paths that changed."""
    changed = []
    for name in names():
        path, content = notebook_path(name), build(name)
        if not path.exists() or path.read_bytes() != content:
            files.write_atomically(path, content)
            changed.append(path)
    return changed


def problems(name):
    """Returns what is wrong with a lesson: a list of sentences, empty when all is well.

    A lesson has one shape: title, time, question, what you will see, short cells with text
    between them, checks, what to take away, next.
    """
    cells = nbformat.reads(build(name).decode(), as_version=4).cells
    text = [cell.source for cell in cells if cell.cell_type == "markdown"]
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    lengths = [len(cell.splitlines()) for cell in code]
    prose = "\n".join(text)
    found = []

    def expect(condition, sentence):
        if not condition:
            found.append(f"{name}: {sentence}")

    number = name[:2]
    expect(text and text[0].startswith(f"# {number} "), f"must begin with '# {number} title'")
    expect(
        re.search(TIME_AND_AIM, prose),
        "needs a line '*Time: … minutes. You learn ….*'",
    )
    positions = [prose.find(section) for section in SECTIONS]
    expect(min(positions) >= 0 and positions == sorted(positions), f"needs {SECTIONS} in order")
    expect(code and f'runs.start("{name}")' in code[0], f'must start with runs.start("{name}")')
    expect(any("assert " in cell for cell in code), "checks nothing (no assert)")
    expect(statistics.median(lengths) <= 8, "has long cells: the median is over 8 lines")
    expect(max(lengths) <= 30, "has a cell of over 30 lines")
    expect(len(text) >= 0.7 * len(code), "has less than 0.7 text cells for each code cell")
    return found


def defined_functions(name):
    """Returns the names of the functions and classes that a lesson defines itself."""
    return set(re.findall(r"^(?:def|class) (\w+)", source_path(name).read_text("utf-8"), re.M))


def check_all():
    """Returns all problems: of shape, of stale notebooks, of a function defined in two lessons."""
    found = [problem for name in names() for problem in problems(name)]
    owners = {}
    for name in names():
        path = notebook_path(name)
        if not path.exists() or path.read_bytes() != build(name):
            found.append(f"{name}: the notebook is not what its source builds; run: make notebooks")
        for function in defined_functions(name):
            if function in owners:
                found.append(f"{function} is defined in {owners[function]} and in {name}")
            owners[function] = name
    orphans = {path.stem for path in FOLDER.glob("*.ipynb")} - set(names())
    found += [f"{name}.ipynb has no source" for name in sorted(orphans)]
    return found
