"""Imports go in one direction, and TensorFlow stays out of what does not need it."""

import ast
import itertools
import subprocess
import sys

import pytest

from kerascomp import files

PACKAGE = files.PACKAGE
# From the top: a module may import from the lines below its own, and within its own package.
LAYERS = (
    {"__main__"},
    {"command"},
    {"course"},
    {"zoo"},
    {"codecs"},
    {"networks", "coders"},
    {"pca", "limits", "probing", "rating"},
    {"plots", "metrics", "statistics"},
    {"datasets"},
    {"files", "setup"},
    {"quiet", "pythons"},
)
WITH_TENSORFLOW = {"networks", "zoo"}
CODECS = PACKAGE / "codecs"
OPTIONAL = CODECS / "entropy.py"  # the only one that imports tensorflow-compression
LEARNED = {CODECS / "bottleneck", CODECS / "recurrent"}
LEARNED |= {CODECS / "factorized.py", CODECS / "lossless.py", OPTIONAL}
LEARNED |= {CODECS / "context" / name for name in ("network.py", "masked.py", "features.py")}
LEARNED |= {CODECS / "overfitted" / name for name in ("network.py", "training.py")}
LEARNED |= {PACKAGE / "course" / "experiments"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def unit(path):
    """Returns the name of the module or subpackage that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_units(path):
    """Returns (units of kerascomp, top-level names of other packages) that a file imports."""
    own, others = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "kerascomp":
                own.update(parts[1:2])
            else:
                others.add(parts[0])
    return own, others


def layer(name):
    """Returns the number of the layer of a unit, 0 at the top."""
    return next(index for index, names in enumerate(LAYERS) if name in names)


def test_every_module_has_a_layer():
    assert {unit(path) for path in MODULES} == set().union(*LAYERS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path):
    own, others = imported_units(path)
    for name in own - {unit(path), "__version__"}:
        assert layer(name) > layer(unit(path)), f"{path.name} imports {name}"
    if unit(path) not in WITH_TENSORFLOW and not LEARNED & {path, path.parent}:
        assert not others & {"tensorflow", "keras"}
    if path != OPTIONAL:
        assert "tensorflow_compression" not in others
    assert not others & {"pickle", "dill", "joblib", "cloudpickle"}


def test_users_of_the_context_model_are_strangers():
    for user, other in itertools.permutations(("bottleneck", "recurrent"), 2):
        for path in [*(CODECS / user).glob("*.py"), *(CODECS / "context").glob("*.py")]:
            assert f"codecs.{other}" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize(
    "module",
    [
        "",
        ".datasets",
        ".metrics",
        ".plots",
        ".course.figures",
        ".pca",
        ".codecs",
        ".coders",
        ".command.container",
        ".course.results",
        ".command.app",
        ".command.models",
        ".command.course",
        ".probing",
        ".rating",
        ".course.experiments",
        ".course.studies",
        ".course.explorer",
        ".course.exercises",
    ],
)
def test_tensorflow_is_not_imported(module):
    code = f"import sys, kerascomp{module}; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_text_of_help_needs_no_numpy():
    code = "import sys, kerascomp.command.app; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_codec_is_loaded_without_what_only_its_training_needs_and_leaves_loggers_alone():
    code = (
        "import logging, sys; from kerascomp import zoo; zoo.codec('mnist-bottleneck'); "
        "zoo.codec('mnist-dense-factorized-40'); "
        "from kerascomp.networks import stack; needless = {'tensorflow_compression'}; "
        "needless |= {'sklearn'} if stack.IS_CLASSIC else set(); "  # Keras 3 imports it
        "assert not needless & set(sys.modules); "
        "assert not logging.getLogger('tensorflow').filters"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_datasets_knows_how_large_a_byte_is():
    for path in MODULES:
        if unit(path) not in {"datasets", "plots"}:
            assert "255" not in path.read_text(encoding="utf-8"), path
