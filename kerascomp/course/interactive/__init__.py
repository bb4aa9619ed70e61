"""Figures to try: a plane of codecs, sliders and maps, in plain JavaScript and without a network.

They show what is stored or given to them, in JupyterLab, in Colab and on the pages of the book.
"""

from kerascomp.course.interactive.drawing import maps, plane, slider

__all__ = ["maps", "plane", "slider"]
