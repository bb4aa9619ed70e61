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


def test_nothing_is_unpickled(tmp_path):
    path = tmp_path / "objects.npz"
    np.savez(path, a=np.array([{"an": "object"}], dtype=object))
    with pytest.raises(ArrayFileError, match="allow_pickle"):
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


def test_a_failed_write_keeps_the_old_file(monkeypatch, tmp_path):
    path = tmp_path / "file"
    files.write_atomically(path, b"old")

    def no_space(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", no_space)
    with pytest.raises(OSError, match=r"cannot write .*file \(No space left on device\)"):
        files.write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "figures").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(OSError, match=r"cannot write .*a\.png .*; make .*figures writable"):
        files.write_atomically(tmp_path / "figures" / "a.png", b"")
