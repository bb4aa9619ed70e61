"""The rating page: one HTML file with a study in it, which needs neither Python nor a network.

page.html, page.css and page.js beside this file are its parts. Answers stay in the browser's
storage until the rater downloads them, in the lines that `read_answers` reads.
"""

import html
from pathlib import Path

from IPython.display import IFrame

from kerascomp import files
from kerascomp.rating.answers import HEADER, MOST_CHARACTERS, PUNCTUATION
from kerascomp.rating.study import Study


def page(study: Study) -> str:
    """Returns the HTML of a study's rating page.

    Raises:
        StudyError: a field or a picture of the study is not as it should be.
    """
    study.check_pictures()
    data = study.to_json().replace("<", "\\u003c")  # no text in it can end the script
    parts = (files.PACKAGE / "rating" / f"page.{suffix}" for suffix in ("html", "css", "js"))
    text, css, js = (part.read_text(encoding="utf-8") for part in parts)
    contents = {
        "css": css,
        "js": js,
        "header": HEADER,
        "punctuation": PUNCTUATION,
        "most_characters": str(MOST_CHARACTERS),
        "study": data,
    }
    for name, content in contents.items():
        text = text.replace("{{" + name + "}}", content)
    return text


def write_page(study: Study, path: str | Path) -> int:
    """Writes the rating page of a study, whole or not at all; returns its size in bytes."""
    content = page(study).encode()
    files.write_atomically(path, content)
    return len(content)


def frame(study: Study, *, height: int = 720) -> IFrame:
    """Returns the rating page as the output of a notebook's cell, `height` pixels high.

    The page is part of the output: there it may keep answers in the browser and give them as a
    file. A file that JupyterLab serves is in a sandbox that forbids both.
    """
    return IFrame("about:srcdoc", "100%", height, extras=[f'srcdoc="{html.escape(page(study))}"'])
