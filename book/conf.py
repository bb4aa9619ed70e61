"""The book: configuration of Sphinx. `make book` collects its pages and builds it from here."""

import sys
from pathlib import Path

from kerascomp.course import colab

sys.path.insert(0, str(Path(__file__).parent))

project = "kerascomp"
author = "The kerascomp authors"
copyright = "The kerascomp authors, Apache-2.0"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "rendering"]
exclude_patterns = ["downloads"]
nb_execution_mode = "off"  # the lessons are executed already: make figures
nb_ipywidgets_js = {}  # nothing is fetched from elsewhere
myst_enable_extensions = ["dollarmath"]
default_role = "code"  # `names` in docstrings
autodoc_default_options = {"members": True, "exclude-members": "set"}
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
napoleon_use_ivar = True
python_use_unqualified_type_names = True
maximum_signature_line_length = 70
suppress_warnings = ["ref.python"]  # attributes of the same name

html_theme = "furo"
html_title = "Learned image compression"
html_favicon = "icon.svg"
html_static_path = ["book.css"]
html_css_files = ["book.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_search_summary = False  # a search does not load every page that it finds
html_theme_options = {
    "footer_icons": [{"name": "Repository", "url": colab.REPOSITORY, "html": "repository"}],
}
