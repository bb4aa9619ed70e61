import functools
import importlib
import io
import os
import pickletools
import tarfile
import urllib.error

import numpy as np
import pytest
from helpers import NEEDS_CIFAR10, random_images

from kerascomp import datasets, files
from kerascomp.files import ArrayFileError

cifar10_module = importlib.import_module("kerascomp.datasets.cifar10")
mnist_module = importlib.import_module("kerascomp.datasets.mnist")


def sizes(dataset):
    return [len(split) for split in (dataset.train, dataset.validation, dataset.test)]


def test_mnist_is_the_real_one():
    mnist = datasets.mnist()
    assert sizes(mnist) == [55000, 5000, 10000]
    assert mnist.image_shape == (28, 28, 1) and not mnist.is_stand_in
    everything = np.concatenate([mnist.train.images, mnist.validation.images])
    assert everything.mean() / 255 == pytest.approx(0.1306604762738429, abs=1e-12)
    counts = np.bincount(mnist.test.labels).tolist()
    assert counts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.slow
@NEEDS_CIFAR10
def test_cifar10_is_the_real_one():
    cifar10 = datasets.cifar10()
    assert sizes(cifar10) == [45000, 5000, 10000]
    everything = np.concatenate([cifar10.train.images, cifar10.validation.images])
    means = everything.mean(axis=(0, 1, 2)) / 255
    assert means == pytest.approx([0.49139968, 0.48215841, 0.44653091], abs=1e-7)
    assert np.bincount(cifar10.test.labels).tolist() == [1000] * 10


def test_limits():
    mnist = datasets.mnist(7)
    assert sizes(mnist) == [7, 7, 7]


def test_stand_in_shares_no_photograph_between_splits():
    patches = datasets.natural_patches()
    labels = [set(split.labels) for split in (patches.train, patches.validation, patches.test)]
    assert patches.is_stand_in and patches.image_shape == (32, 32, 3)
    assert not labels[0] & labels[1] and not labels[1] & labels[2] and not labels[0] & labels[2]
    assert len(patches.class_names) == len(set.union(*labels))


def test_conversions_are_inverse():
    every_byte = np.arange(256, dtype=np.uint8)
    x = datasets.to_float(every_byte)
    assert x.dtype == np.float32 and x.min() == 0 and x.max() == 1
    np.testing.assert_array_equal(datasets.to_uint8(x), every_byte)


@pytest.mark.parametrize("bad", [np.zeros(3), np.zeros(3, np.int64)])
def test_to_float_takes_bytes_only(bad):
    with pytest.raises(ValueError, match=f"expected uint8 images, received {bad.dtype}"):
        datasets.to_float(bad)


def test_to_uint8_refuses_bytes_and_nan():
    with pytest.raises(ValueError, match="received uint8"):
        datasets.to_uint8(np.zeros(3, np.uint8))
    with pytest.raises(ValueError, match="NaN"):
        datasets.to_uint8(np.array([np.nan]))


def npz_bytes(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


@functools.cache
def wrong_files():
    """Returns {kind: (content, error message)}."""
    right = {key: np.zeros(shape, np.uint8) for key, shape in mnist_module.SHAPES.items()}
    whole = npz_bytes(**right)
    return {
        "text": (b"not an npz file\n", "damaged or no .npz file"),
        "empty": (b"", "damaged or no .npz file"),
        "truncated": (whole[: len(whole) // 2], "damaged or no .npz file"),
        "missing key": (npz_bytes(x_train=right["x_train"]), "y_train is missing"),
        "wrong shape": (
            npz_bytes(**right | {"x_test": np.zeros((5, 28, 28), np.uint8)}),
            r"x_test is uint8 \(5, 28, 28\); expected uint8 \(10000, 28, 28\)",
        ),
        "wrong dtype": (npz_bytes(**right | {"y_test": np.zeros(10000)}), "y_test is float64"),
        "other pixels": (whole, "does not hold MNIST"),
    }


@pytest.mark.parametrize("kind", wrong_files())
def test_wrong_mnist_files_are_named(tmp_path, kind):
    content, message = wrong_files()[kind]
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    with pytest.raises(ArrayFileError, match=message) as caught:
        datasets.mnist(path=path)
    assert str(path) in str(caught.value) and "get the file again" in str(caught.value)


def test_arrays_as_keras_has_them(tmp_path):
    path, shapes = tmp_path / "a.npz", {"x": (20, 4, 4), "y": (20,)}
    right = {"x": random_images(20, 4, 4), "y": random_images(20) % 10}
    np.savez(path, x=right["x"][..., None].astype(np.int64), y=right["y"][:, None].astype(np.int32))
    read = files.load_arrays(path, shapes=shapes, advice="")
    for key, array in right.items():
        assert read[key].dtype == np.uint8
        np.testing.assert_array_equal(read[key], array)


@pytest.mark.parametrize(("labels", "message"), [
    (np.full((20, 1), 256), r"y is int64 \(20, 1\) with numbers from 256 to 256; expected uint8"),
    (np.full((20, 1), -1), r"y is int64 \(20, 1\) with numbers from -1 to -1; expected uint8"),
    (np.zeros((1, 21), int), r"y is int64 \(1, 21\); expected uint8 \(20,\)"),
    (np.zeros((4, 5), np.uint8), r"y is uint8 \(4, 5\); expected uint8 \(20,\)"),
    (np.zeros((20, 0), np.uint8), r"y is uint8 \(20, 0\); expected uint8 \(20,\)"),
    (np.full(20, np.nan), r"y is float64 \(20,\); expected uint8 \(20,\)"),
    (np.full(20, "7"), r"y is <U1 \(20,\); expected uint8 \(20,\)"),
])  # fmt: skip
def test_arrays_that_would_lose_something(tmp_path, labels, message):
    np.savez(tmp_path / "a.npz", y=labels)
    with pytest.raises(ArrayFileError, match=message):
        files.load_arrays(tmp_path / "a.npz", shapes={"y": (20,)}, advice="")


def test_missing_cifar10_in_the_named_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("KERASCOMP_DATA", str(tmp_path))
    with pytest.raises(ArrayFileError, match=r"cifar10\.npz is missing; .*unset KERASCOMP_DATA"):
        datasets.cifar10()


def test_without_a_network_photographs_stand_in(monkeypatch, tmp_path, capsys):
    def no_network(*args, **kwargs):
        raise urllib.error.URLError("no network")

    monkeypatch.delenv("KERASCOMP_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", no_network)
    assert datasets.cifar10(5).is_stand_in
    assert "stand in" in capsys.readouterr().out
    assert not list((tmp_path / "datasets").iterdir())


class Response(io.BytesIO):
    """An HTTP response as far as the download looks at it."""

    headers = {"Content-Length": "100"}  # noqa: RUF012


def test_an_incomplete_download_is_named_and_not_kept(monkeypatch, tmp_path):
    monkeypatch.delenv("KERASCOMP_DATA", raising=False)
    monkeypatch.delenv("KERASCOMP_OFFLINE", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **kwargs: Response(b"half"))
    with pytest.raises(ArrayFileError, match="sent 4 of 100 bytes .* try again"):
        datasets.cifar10(5)
    assert not list((tmp_path / "datasets").iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, ConnectionResetError])
def test_an_interrupted_download_leaves_nothing(monkeypatch, tmp_path, error):
    class Broken(Response):
        def read(self, *args):
            raise error

    monkeypatch.delenv("KERASCOMP_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **kwargs: Broken())
    if error is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            datasets.cifar10(5)
    else:
        assert datasets.cifar10(5).is_stand_in
    assert not list((tmp_path / "datasets").iterdir())


def test_a_home_that_is_read_only(monkeypatch, tmp_path):
    def fail(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.delenv("KERASCOMP_DATA", raising=False)
    monkeypatch.delenv("KERASCOMP_OFFLINE", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("pathlib.Path.mkdir", fail)
    with pytest.raises(OSError, match=r"cannot keep CIFAR-10 in .*datasets \(Perm.*set KERAS_HOME"):
        datasets.cifar10(5)


def test_a_batch_that_claims_to_be_huge_is_not_unpacked(monkeypatch, tmp_path):
    monkeypatch.setattr(cifar10_module, "LARGEST_BATCH", 1 << 20)
    write_archive(tmp_path / "a.tar.gz", {"data_batch_1": bytes(1 << 21)})
    with pytest.raises(ArrayFileError, match="2,097,152 bytes"):
        cifar10_module.read_keras_archive(tmp_path / "a.tar.gz")


def pickled_batch(images, labels):
    """Returns a CIFAR-10 batch as Python 2 pickled it: protocol 2, byte strings."""
    pixels = images.transpose(0, 3, 1, 2).tobytes()
    numbers = b"".join(b"K" + bytes([label]) for label in labels)
    size = len(pixels).to_bytes(4, "little")
    start, end = b"\x80\x02}(", b"U\x0bbatch_labelU\x05batchK\x07u."
    return start + b"U\x06labels](" + numbers + b"e" + b"U\x04dataT" + size + pixels + end


def write_archive(path, batches):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in batches.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_keras_archive_is_read_without_unpickling(tmp_path):
    names = [*cifar10_module.TRAIN_BATCHES, "test_batch"]
    images = [random_images(400, 32, 32, 3, seed=seed) for seed in range(6)]
    labels = [random_images(400, seed=seed) % 10 for seed in range(6)]
    content = dict(zip(names, map(pickled_batch, images, labels), strict=True))
    list(pickletools.genops(content["test_batch"]))  # the test's own batch is well-formed
    path = tmp_path / "cifar.tar.gz"
    write_archive(path, content)
    arrays = cifar10_module.read_keras_archive(path)
    np.testing.assert_array_equal(arrays["x_train"], np.concatenate(images[:5]))
    np.testing.assert_array_equal(arrays["y_test"], labels[5])


def test_a_malicious_archive_does_nothing(tmp_path):
    evil = b"cos\nsystem\n(S'touch " + os.fsencode(tmp_path / "owned") + b"'\ntR."
    names = [*cifar10_module.TRAIN_BATCHES, "test_batch"]
    path = tmp_path / "cifar.tar.gz"
    write_archive(path, dict.fromkeys(names, evil))
    with pytest.raises(ArrayFileError, match="damaged or not CIFAR-10"):
        cifar10_module.read_keras_archive(path)
    assert not (tmp_path / "owned").exists()


def test_a_truncated_archive_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("KERASCOMP_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = cifar10_module.keras_archive()
    write_archive(path, {"data_batch_1": b"x" * 5000})
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(ArrayFileError, match="delete it and try again"):
        datasets.cifar10()


def test_other_images_are_not_cifar10(monkeypatch, tmp_path):
    zeros = {key: np.zeros(shape, np.uint8) for key, shape in cifar10_module.SHAPES.items()}
    np.savez_compressed(tmp_path / "cifar10.npz", **zeros)
    monkeypatch.setenv("KERASCOMP_DATA", str(tmp_path))
    with pytest.raises(ArrayFileError, match="does not hold CIFAR-10"):
        datasets.cifar10()


def test_canonical_order_is_the_same_whatever_the_source():
    images, labels = random_images(50, 4, 4, 3), random_images(50) % 10
    images[7] = images[8]  # two images alike, with labels of their own
    order = np.random.default_rng(1).permutation(50)
    first = cifar10_module.canonical_order(images, labels)
    second = cifar10_module.canonical_order(images[order], labels[order])
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    assert first[2] == second[2]
    images[0, 0, 0, 0] ^= 1
    assert cifar10_module.canonical_order(images, labels)[2] != first[2]


def test_tile_places_images_row_by_row():
    images = random_images(5, 4, 3, 1)
    canvas = datasets.tile(images, columns=2, gap=1, background=7)
    assert canvas.shape == (14, 7, 1)
    np.testing.assert_array_equal(canvas[5:9, 4:7], images[3])
    assert (canvas[10:, 4:] == 7).all() and (canvas[4] == 7).all()
