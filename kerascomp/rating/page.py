"""The rating page: one HTML file with a study in it, which needs neither Python nor a network.

page.html, page.css and page.js beside this file are its parts. Answers stay in the browser's
storage until the rater downloads them, in the lines that `read_answers` reads.
"""

from kerascomp import files
from kerascomp.files import write_atomically
from kerascomp.rating.answers import HEADER

FOLDER = files.PACKAGE / "rating"


def write_page(study, path):
    """Writes the rating page of a study, whole or not at all.

    Args:
        study: `Study`.
        path: where the HTML file shall be.

    Returns:
        The file's size in bytes.

    Raises:
        OSError: the folder cannot be written to.
    """
    content = _page(study).encode()
    write_atomically(path, content)
    return len(content)


def _page(study):
    """Returns the HTML of a study."""
    data = study.to_json().replace("<", "\\u003c")  # no text in it can end the script
    parts = {"css": _part("page.css"), "js": _part("page.js"), "header": HEADER, "study": data}
    page = _part("page.html")
    for name, content in parts.items():
        page = page.replace("{{" + name + "}}", content)
    return page


def _part(name):
    return (FOLDER / name).read_text(encoding="utf-8")
