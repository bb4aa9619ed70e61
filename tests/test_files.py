import errno
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from kerascomp import files
from kerascomp.files import ArrayFileError


def test_round_trip_and_same_bytes(tmp_path):
    values = {"a/b": np.arange(6, dtype=np.float16).reshape(2, 3), "c": np.array("text")}
    digest = files.save_arrays(tmp_path / "one.npz", values)
    assert digest == files.save_arrays(tmp_path / "two.npz", values)
    arrays = files.load_arrays(tmp_path / "one.npz", sha256=digest)
    assert set(arrays) == {"a/b", "c"}
    np.testing.assert_array_equal(arrays["a/b"], values["a/b"])
    assert arrays["a/b"].dtype == np.float16


def test_every_changed_byte_is_noticed(tmp_path):
    path = tmp_path / "weights.npz"
    digest = files.save_arrays(path, {"a": np.arange(10)})
    content = path.read_bytes()
    for position in range(0, len(content), 7):
        changed = bytearray(content)
        changed[position] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ArrayFileError, match="was changed or damaged"):
            files.load_arrays(path, sha256=digest)


def test_truncated_files_are_noticed_without_a_digest(tmp_path):
    path = tmp_path / "data.npz"
    files.save_arrays(path, {"a": np.arange(1000)})
    content = path.read_bytes()
    for length in (0, 1, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(ArrayFileError, match="damaged or no .npz file"):
            files.load_arrays(path)


def test_a_long_reason_is_cut(tmp_path):
    """Python quotes the names of both lists of an archive, which may be all of its bytes."""
    path, name = tmp_path / "data.npz", "x" * 5000
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.npy", b"")
    path.write_bytes(path.read_bytes().replace(name.encode(), name.upper().encode(), 1))
    with pytest.raises(ArrayFileError, match="differ|File name in directory") as caught:
        files.load_arrays(path)
    assert len(str(caught.value)) < 500


def test_nothing_is_unpickled(tmp_path):
    path = tmp_path / "objects.npz"
    np.savez(path, a=np.array([{"an": "object"}], dtype=object))
    with pytest.raises(ArrayFileError, match="allow_pickle|Object arrays"):
        files.load_arrays(path)


def test_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(ArrayFileError, match="is missing; buy a new one"):
        files.load_arrays(tmp_path / "none.npz", advice="buy a new one")


def test_whatever_is_damaged_is_one_kind_of_error(tmp_path):
    path = tmp_path / "data.npz"
    files.save_arrays(path, {"a": np.arange(100), "b": np.zeros((3, 3))})
    content = path.read_bytes()
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 0xFF
        path.write_bytes(changed)
        try:
            files.load_arrays(path)
        except ArrayFileError as error:
            assert str(path) in str(error)


def test_an_npy_file_and_a_folder_are_no_npz(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    with pytest.raises(ArrayFileError, match="no .npz file"):
        files.load_arrays(tmp_path / "a.npy")
    with pytest.raises(ArrayFileError, match="cannot be read"):
        files.load_arrays(tmp_path)


STEPS = ["pathlib.Path.mkdir", "pathlib.Path.open", "os.fsync", "pathlib.Path.stat"]
STEPS += ["pathlib.Path.chmod", "pathlib.Path.replace"]
REASONS = {
    errno.ENOSPC: "No space left on device); free some space",
    errno.EACCES: "Permission denied); make ",
    errno.EROFS: "Read-only file system); make ",
    errno.EIO: "Input/output error); make ",
}


class Full:
    """A file to which half of the content can be written."""

    def __init__(self, file, number):
        self.file, self.number = file, number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("number", REASONS, ids=errno.errorcode.get)
@pytest.mark.parametrize("step", [*STEPS, "write", "unlink too"])
@pytest.mark.parametrize("is_there", [True, False])
def test_whatever_fails_the_old_content_stays(monkeypatch, tmp_path, step, number, is_there):
    path = tmp_path / "file"
    if is_there:
        path.write_bytes(b"old")
    open_file = Path.open

    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    def open_full(self, mode="r", *arguments):
        file = open_file(self, mode, *arguments)
        return Full(file, number) if "x" in mode else file

    with monkeypatch.context() as patch:
        if step == "write":
            patch.setattr("pathlib.Path.open", open_full)
        elif step == "unlink too":
            patch.setattr("pathlib.Path.replace", fail)
            patch.setattr("pathlib.Path.unlink", fail)
        elif step == "pathlib.Path.stat":
            patch.setattr("kerascomp.files.is_stream", lambda path: False)
            patch.setattr(step, fail)
        else:
            patch.setattr(step, fail)
        if step == "pathlib.Path.chmod" and not is_there:  # nothing to keep
            files.write_atomically(path, b"new")
            is_there, content = True, b"new"
        else:
            content = b"old"
            with pytest.raises(OSError) as caught:
                files.write_atomically(path, b"new content")
            assert f"cannot write {path} ({REASONS[number]}" in str(caught.value)
            assert type(caught.value) is type(OSError(number, ""))
    leftovers = [other for other in tmp_path.iterdir() if other != path]
    assert not leftovers or step == "unlink too"
    assert path.exists() == is_there and (not is_there or path.read_bytes() == content)


def test_a_limit_of_the_system_in_the_middle_of_a_write(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    code = (
        "import resource; from kerascomp import files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "try: files.write_atomically('file', bytes(9000))\n"
        "except OSError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "cannot write file (File too large); choose another disk\n"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "figures").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(OSError, match=r"cannot write .*a\.png .*; make .*figures writable"):
        files.write_atomically(tmp_path / "figures" / "a.png", b"")


def test_long_names(tmp_path):
    longest = tmp_path / ("n" * 255)
    files.write_atomically(longest, b"new")
    assert longest.read_bytes() == b"new"
    with pytest.raises(OSError, match=r"File name too long\); choose a shorter name"):
        files.write_atomically(tmp_path / ("n" * 256), b"new")


def test_links_stay_and_permissions_too(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to("target")
    files.write_atomically(link, b"1")
    target.chmod(0o604)
    files.write_atomically(link, b"2")
    assert link.is_symlink() and target.read_bytes() == b"2"
    assert target.stat().st_mode & 0o777 == 0o604
    files.write_atomically("/dev/null", b"3")
    assert Path("/dev/null").is_char_device()


# What a header claims


def claiming(path, shape, *, dtype="|u1", content=b"", name="x_train.npy", version=(1, 0)):
    """Writes an .npz file with one array whose header claims a shape."""
    header = io.BytesIO()
    description = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, description)
    start = header.getvalue()
    start = start[:6] + bytes(version) + start[8:]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, start + content)


@pytest.mark.parametrize("shape", [(1 << 40,), (1 << 20, 1 << 20), (0, 5), (4,), (-3, -1), ()])
def test_a_shape_that_the_file_is_too_short_or_too_long_for(tmp_path, shape):
    claiming(tmp_path / "a.npz", shape, content=b"abc")
    with pytest.raises(ArrayFileError, match="another length|damaged"):
        files.load_arrays(tmp_path / "a.npz")


def test_arrays_of_another_shape_are_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    claiming(path, (1 << 27,), content=bytes(1 << 27))
    assert path.stat().st_size < 200_000
    monkeypatch.setattr("numpy.load", None)
    with pytest.raises(
        ArrayFileError, match=r"x_train is uint8 \(134217728,\); expected uint8 \(2,"
    ):
        files.load_arrays(path, shapes={"x_train": (2, 28, 28)})
    with pytest.raises(ArrayFileError, match="y_train is missing"):
        files.load_arrays(path, shapes={"y_train": (2,)})
    monkeypatch.setattr(files, "LARGEST_ARRAYS", 1 << 20)
    with pytest.raises(ArrayFileError, match="134,217,8.. bytes, expected at most 1,048,576"):
        files.load_arrays(path)


def test_arrays_of_versions_that_nobody_writes(tmp_path):
    for version in ((3, 0), (9, 9)):
        claiming(tmp_path / "a.npz", (3,), content=b"abc", version=version)
        with pytest.raises(ArrayFileError, match="damaged or no .npz"):
            files.load_arrays(tmp_path / "a.npz")
