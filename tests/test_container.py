import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascomp.command import container
from kerascomp.command.container import DamagedFile, UnknownModel

GRAY, COLOR = (28, 28, 1), (512, 768, 3)
FILES = [b"", b"a", b"code", bytes(300)]


def resealed(body):
    """Returns a body with the checksum that belongs to it."""
    return body + zlib.crc32(body).to_bytes(4, "little")


SIDES = st.integers(1, 70_000)


@given(
    st.lists(st.binary(max_size=200), min_size=1, max_size=20),
    st.tuples(SIDES, SIDES, st.sampled_from([1, 3])),
)
def test_what_is_written_is_read(files, image_shape):
    content = container.to_bytes(files, model="mnist-dense", image_shape=image_shape)
    found = container.from_bytes(content)
    assert (found.files, found.image_shape) == (files, image_shape)
    assert found.model_among(["mnist-cnn", "mnist-dense"]) == "mnist-dense"


def test_overhead():
    def overhead(files, shape):
        return len(container.to_bytes(files, model="m", image_shape=shape)) - sum(map(len, files))

    assert overhead([b"code"], GRAY) == 10
    assert overhead([bytes(20_000)], COLOR) == 12
    assert overhead([bytes(20)] * 1000, GRAY) < 1000 + 14


def test_a_file_on_disk(tmp_path):
    path = tmp_path / "new" / "digits.kc"
    size = container.write(path, FILES, model="mnist-dense", image_shape=GRAY)
    assert path.stat().st_size == size and container.read(path).files == FILES
    with pytest.raises(OSError):
        container.read(tmp_path / "missing.kc")


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "digits.kc"
    container.write(path, [b"old"], model="mnist-dense", image_shape=GRAY)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="No space left"):
        container.write(path, [b"new"], model="mnist-dense", image_shape=GRAY)
    assert container.read(path).files == [b"old"]
    assert [each.name for each in tmp_path.iterdir()] == ["digits.kc"]


@pytest.mark.parametrize("files", [[b"code"], FILES], ids=["one image", "a batch"])
def test_every_cut_and_every_flipped_bit_is_noticed(files):
    content = container.to_bytes(files, model="mnist-dense", image_shape=GRAY)
    for length in range(len(content)):
        with pytest.raises(DamagedFile, match="truncated|no .kc file"):
            container.from_bytes(content[:length])
    for position in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(DamagedFile, match="changed|no .kc file"):
            container.from_bytes(bytes(flipped))


@given(st.sampled_from([0x01, 0x41, 0x81, 0xC1]), st.binary(max_size=60))
def test_any_bytes_with_a_right_checksum_are_read_or_refused(flags, body):
    try:
        container.from_bytes(resealed(bytes([0xCC, flags, 0, 0]) + body))
    except DamagedFile as error:
        assert "contradicts itself" in str(error)


def test_every_change_within_four_bytes_is_noticed():
    content = container.to_bytes([b"seven bytes and more"], model="m", image_shape=GRAY)
    generator = np.random.default_rng(0)
    for start in range(len(content) - 3):
        for _ in range(200):
            changed = bytearray(content)
            change = generator.integers(0, 256, 4, np.uint8)
            change[0] |= 1
            for offset in range(4):
                changed[start + offset] ^= int(change[offset])
            with pytest.raises(DamagedFile):
                container.from_bytes(bytes(changed))


def test_sizes_that_no_image_has():
    with pytest.raises(DamagedFile, match="more than five groups"):
        container.from_bytes(resealed(bytes([0xCC, 1, 0, 0]) + b"\xff" * 1000 + b"\x01\x01"))


def test_foreign_and_newer_files_say_what_to_do(tmp_path):
    with pytest.raises(DamagedFile, match="no .kc file: it begins with 89504e47, expected cc"):
        container.from_bytes(b"\x89PNG....................")
    content = container.to_bytes([b"x"], model="mnist-dense", image_shape=GRAY)
    path = tmp_path / "other.kc"
    for version in (0, 2, 31):
        path.write_bytes(resealed(bytes([0xCC, version]) + content[2:-4]))
        with pytest.raises(UnknownModel, match=f"other.kc: .*format {version}.*update kerascomp"):
            container.read(path)
    with pytest.raises(UnknownModel, match="not among the 1 known here; update kerascomp"):
        container.from_bytes(content).model_among(["mnist-cnn"])


@pytest.mark.parametrize(
    ("files", "shape"), [([], GRAY), ([b"x"], (28, 28, 2)), ([b"x"], (0, 5, 1))]
)
def test_wrong_arguments(files, shape):
    with pytest.raises(ValueError, match="expected at least one file of an image"):
        container.to_bytes(files, model="mnist-dense", image_shape=shape)


def test_a_file_of_another_version_is_refused():
    content = container.to_bytes([b"x"], model="mnist-dense", image_shape=GRAY, version="1")
    assert container.from_bytes(content, ["0", "1"]).files == [b"x"]
    for versions in ([], ["0"], [""]):
        with pytest.raises(DamagedFile, match="was trained again since"):
            container.from_bytes(content, versions)


# Progressive files


@pytest.fixture(scope="module")
def progressive():
    return container.to_bytes(
        [bytes(range(200))], model="m", image_shape=COLOR, version="a", progressive=True
    )


def test_a_progressive_file_says_how_long_it_was(progressive):
    found = container.from_bytes(progressive, ["b", "a"])
    assert found.files == [bytes(range(200))] and found.image_shape == COLOR
    assert found.is_whole and found.missing_bytes == 0
    assert len(progressive) - 200 == container.overhead(COLOR, progressive=True) + 1
    assert container.overhead(GRAY, progressive=True) == 13


def test_every_cut_behind_the_head_is_a_beginning(progressive):
    head = len(progressive) - 204
    for size in range(len(progressive)):
        if size < head:
            with pytest.raises(DamagedFile):
                container.from_bytes(progressive[:size], ["a"])
            continue
        found = container.from_bytes(progressive[:size], ["a"])
        assert not found.is_whole
        assert found.files == [bytes(range(200))[: size - head]]
        assert found.missing_bytes == max(0, 200 - (size - head))


def test_a_damaged_progressive_file_is_not_taken_for_a_cut_one(progressive):
    """A whole file with a flipped bit is refused, and so is a cut one with a flip in its head."""
    for position in range(8 * len(progressive)):
        damaged = bytearray(progressive)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises((DamagedFile, UnknownModel)):
            container.from_bytes(bytes(damaged), ["a"])
        if position // 8 < len(progressive) - 204:
            with pytest.raises((DamagedFile, UnknownModel)):
                container.from_bytes(bytes(damaged[:60]), ["a"])
    with pytest.raises(DamagedFile, match="trained again since"):
        container.from_bytes(progressive[:60], ["another version"])


def test_a_progressive_file_has_one_image():
    with pytest.raises(ValueError, match="has one image, received 2"):
        container.to_bytes([b"a", b"b"], model="m", image_shape=GRAY, progressive=True)
