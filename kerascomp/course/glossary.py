"""The glossary: every term with the sentence of a lesson that defines it.

A lesson marks the term that a sentence defines as `<dfn>term</dfn>`, HTML's element for this.
`page` builds GLOSSARY.md from these sentences, so that a definition is written once.
"""

import re
from pathlib import Path
from typing import NamedTuple

from kerascomp import files
from kerascomp.course import sources

TERM = re.compile(r"<dfn>(.+?)</dfn>")
BLOCK = re.compile(r"\n\s*\n|\n(?=- |\d\. |\|)")  # paragraphs, and items of lists and tables
SENTENCE_END = re.compile(r"(?<=[.!?])(?<!et al\.)\s+")


class Definition(NamedTuple):
    """A term and the sentence that defines it.

    Attributes:
        term: as the sentence has it.
        sentence: in Markdown, without marks of terms.
        lesson: the name of the lesson.
    """

    term: str
    sentence: str
    lesson: str


def definitions() -> list[Definition]:
    """Returns what the lessons define, in the order of the alphabet."""
    found = [definition for name in sources.names() for definition in _defined_in(name)]
    return sorted(found, key=lambda definition: definition.term.casefold())


def page() -> str:
    """Returns GLOSSARY.md."""
    lines = ["# Glossary", "", "Built by `make notebooks`: each term with the sentence that "]
    lines[-1] += "defines it, and the lesson with that sentence."
    for term, sentence, lesson in definitions():
        link = f"[{lesson[:2]}](notebooks/{lesson}.ipynb)"
        lines += ["", f"**{_capitalized(term)}** ({link}): {sentence}"]
    return "\n".join(lines) + "\n"


def path() -> Path:
    """Returns where the glossary belongs: beside the folder of the lessons."""
    return sources.FOLDER.parent / "GLOSSARY.md"


def build_page() -> list[Path]:
    """Writes GLOSSARY.md; returns its path if it changed, else nothing."""
    content = page().encode()
    if path().exists() and path().read_bytes() == content:
        return []
    files.write_atomically(path(), content)
    return [path()]


def problems() -> list[str]:
    """Returns what is wrong with the definitions and the page: a list of sentences."""
    sentences, owners = [], {}
    for term, sentence, lesson in definitions():
        if not sentence[0].isupper() or not sentence.endswith("."):
            sentences.append(f"{lesson}: {term!r} needs one full sentence, has {sentence!r}")
        if term.casefold() in owners:
            first = owners[term.casefold()]
            sentences.append(f"{term!r} is defined in {first} and in {lesson}")
        owners[term.casefold()] = lesson
    if not path().exists() or path().read_text(encoding="utf-8") != page():
        sentences.append("GLOSSARY.md is not what the lessons define: make notebooks")
    return sentences


def _defined_in(name):
    """Yields the definitions of a lesson."""
    for text in sources.texts(name):
        for block in BLOCK.split(text):
            for sentence in SENTENCE_END.split(re.sub(r"^(- |\d\. )", "", " ".join(block.split()))):
                for term in TERM.findall(sentence):
                    yield Definition(term, TERM.sub(r"\1", sentence), name)


def _capitalized(term):
    """Returns a term as it stands at the beginning of a line: t-SNE is written as it is."""
    return term[0].upper() + term[1:] if term.split()[0].islower() else term
