"""Importing TensorFlow writes nothing to stderr, and hides nothing but its remarks."""

import os
import subprocess
import sys

ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}


def stderr_of(code):
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_tensorflow_is_imported_without_a_word():
    assert stderr_of("import kerascomp, tensorflow, keras; assert tensorflow.__spec__") == (0, "")


def test_only_remarks_are_left_out(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        "import os; os.write(2, b'I0000 00:00:17 port.cc:153] oneDNN is on\\nE: no space\\n')\n"
        "raise ImportError('broken')\n",
        encoding="utf-8",
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import kerascomp\n"
        "try:\n    import tensorflow\nexcept ImportError as error:\n    "
        "print(error, file=sys.stderr)"
    )
    assert stderr_of(code) == (0, "E: no space\nbroken\n")


def test_a_missing_tensorflow_is_missed_as_always():
    code = (
        "import sys; sys.path[:] = [path for path in sys.path if 'site-packages' not in path]\n"
        "import kerascomp.quiet\n"
        "try:\n    import tensorflow\nexcept ModuleNotFoundError as error:\n    "
        "print(error, file=sys.stderr)"
    )
    assert stderr_of(code) == (0, "No module named 'tensorflow'\n")
