"""What Sphinx lacks for this book: formulas without a script, alternative texts, docstrings."""

import re

import nbformat
from docutils.nodes import SkipNode, image
from docutils.utils.math.latex2mathml import tex2mathml

LARGER = re.compile(r"\\[bB]igg?[lr]?(?=[^A-Za-z])")  # \big( is drawn as (
BEGINNING = re.compile(r"\w+:$|- |\d\. |>>>")
NAME_WITH_ENDING = re.compile(r"(?<!`)(`[^`\n]+`)(?=\w)")  # `RatePoint`s


def formula(translator, node):
    """Writes a formula as MathML, which browsers draw by themselves."""
    is_block = node.tagname == "math_block"
    text = tex2mathml(LARGER.sub("", node.astext()), as_block=is_block)
    translator.body.append(f'<div class="formula">{text}</div>' if is_block else text)
    raise SkipNode


def describe_pictures(app, doctree):
    """Gives the pictures among a lesson's outputs their captions as alternative texts."""
    path = str(app.env.doc2path(app.env.docname))
    if path.endswith(".ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        alternatives = [
            output.metadata.get("image/png", {}).get("alt", "a picture that the cell drew")
            for output in outputs
            if "image/png" in output.get("data", {})
        ]
        drawn = [node for node in doctree.findall(image) if "jupyter_execute" in node["uri"]]
        for node, text in zip(drawn, alternatives, strict=True):
            node["alt"] = text


def mend_docstring(app, what, name, thing, options, lines):
    """Changes what reStructuredText reads otherwise than the docstrings mean it.

    An indented paragraph is a diagram or a formula, unless it belongs to "Args:" or to an item.
    """
    mended, above, is_diagram = [], "", False
    for line in lines:
        if line and not line.startswith(" "):
            above, is_diagram = line, False
        elif line and not (mended[-1] or is_diagram or BEGINNING.match(above)):
            mended += ["::", ""]
            is_diagram = True
        if not is_diagram:
            line = NAME_WITH_ENDING.sub(r"\1\\ ", line).replace("*b", r"\*b")
        mended.append(line)
    lines[:] = mended


def setup(app):
    """Registers all of it."""
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    app.connect("doctree-read", describe_pictures)
    app.connect("autodoc-process-docstring", mend_docstring, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
