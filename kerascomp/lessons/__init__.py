"""The lessons: built from their sources, checked, executed, and shown in the gallery.

python -m kerascomp.lessons build     sources -> notebooks
python -m kerascomp.lessons check     one shape, nothing stale, nothing twice
python -m kerascomp.lessons run       execute what has changed, rebuild the gallery
"""
