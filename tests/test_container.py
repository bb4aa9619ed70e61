import zlib
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerascomp.command import container
from kerascomp.command.container import DamagedFile, UnknownModel

GRAY, COLOR = (28, 28, 1), (512, 768, 3)
FILES = [b"", b"a", b"code", bytes(300)]
OURS = {"number": 7, "image_shape": GRAY, "version": "a"}
REFUSED = DamagedFile, UnknownModel


def version_of(number):
    """The version of the only model known here."""
    if number != 7:
        raise UnknownModel(f"no model {number}")
    return "a"


def resealed(body):
    """Returns a body with the checksum that belongs to it."""
    return body + zlib.crc32(body, zlib.crc32(b"a")).to_bytes(4, "little")


SIDES = st.integers(1, 70_000)


@given(
    st.lists(st.binary(max_size=200), min_size=1, max_size=20),
    st.tuples(SIDES, SIDES, st.sampled_from([1, 3])),
)
def test_what_is_written_is_read(files, image_shape):
    content = container.to_bytes(files, **OURS | {"image_shape": image_shape})
    contents = container.from_bytes(content, version_of)
    assert contents == container.Contents(7, image_shape, files)


def test_overhead():
    def overhead(files, shape):
        return len(container.to_bytes(files, **OURS | {"image_shape": shape})) - sum(
            map(len, files)
        )

    assert overhead([b"code"], GRAY) == 10
    assert overhead([bytes(20_000)], COLOR) == 12
    assert overhead([bytes(20)] * 1000, GRAY) < 1000 + 14


def test_a_file_on_disk(tmp_path):
    path = tmp_path / "new" / "digits.kc"
    size = container.write(path, FILES, **OURS)
    assert path.stat().st_size == size and container.read(path, version_of).files == FILES
    with pytest.raises(OSError):
        container.read(tmp_path / "missing.kc", version_of)


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "digits.kc"
    container.write(path, [b"old"], **OURS)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="No space left"):
        container.write(path, [b"new"], **OURS)
    assert container.read(path, version_of).files == [b"old"]
    assert [file.name for file in tmp_path.iterdir()] == ["digits.kc"]


@pytest.mark.parametrize("files", [[b"code"], FILES], ids=["one image", "a batch"])
def test_every_cut_and_every_flipped_bit_is_noticed(files):
    content = container.to_bytes(files, **OURS)
    for length in range(len(content)):
        with pytest.raises(DamagedFile, match="truncated|no .kc file"):
            container.from_bytes(content[:length], version_of)
    for position in range(8 * len(content)):
        flipped = bytearray(content)
        flipped[position // 8] ^= 1 << position % 8
        # Nothing is known of another format or model: such a file may be one, or damaged.
        is_unknown = position in range(8, 13) or position in range(16, 32)
        with pytest.raises(UnknownModel if is_unknown else DamagedFile):
            container.from_bytes(bytes(flipped), version_of)
        if position not in range(8, 13):  # not even if another model has the same weights
            with pytest.raises(DamagedFile, match="changed|no .kc file"):
                container.from_bytes(bytes(flipped), lambda number: "a")


@given(st.sampled_from([0x01, 0x41, 0x81, 0xC1]), st.binary(max_size=60))
def test_any_bytes_with_a_right_checksum_are_read_or_refused(flags, body):
    try:
        container.from_bytes(resealed(bytes([0xCC, flags, 0, 7]) + body), version_of)
    except DamagedFile as error:
        assert "contradicts itself" in str(error)


def test_every_change_within_four_bytes_is_noticed():
    content = container.to_bytes([b"seven bytes and more"], **OURS)
    generator = np.random.default_rng(0)
    for start in range(len(content) - 3):
        for _ in range(200):
            changed = bytearray(content)
            change = generator.integers(0, 256, 4, np.uint8)
            change[0] |= 1
            for offset in range(4):
                changed[start + offset] ^= int(change[offset])
            with pytest.raises(REFUSED):
                container.from_bytes(bytes(changed), version_of)


def test_sizes_that_no_image_has():
    with pytest.raises(DamagedFile, match="more than five groups"):
        container.from_bytes(
            resealed(bytes([0xCC, 1, 0, 7]) + b"\xff" * 1000 + b"\x01\x01"), version_of
        )


def test_foreign_and_newer_files_say_what_to_do(tmp_path):
    with pytest.raises(DamagedFile, match="no .kc file: it begins with 89504e47, expected cc"):
        container.from_bytes(b"\x89PNG....................", version_of)
    content = container.to_bytes([b"x"], **OURS)
    path = tmp_path / "other.kc"
    for version in (0, 2, 31):
        path.write_bytes(resealed(bytes([0xCC, version]) + content[2:-4]))
        with pytest.raises(UnknownModel, match=f"other.kc: .*format {version}.*update kerascomp"):
            container.read(path, version_of)
    content = container.to_bytes([b"x"], **OURS | {"number": 8})
    with pytest.raises(UnknownModel, match="no model 8"):
        container.from_bytes(content, version_of)


@pytest.mark.parametrize(
    ("files", "shape"), [([], GRAY), ([b"x"], (28, 28, 2)), ([b"x"], (0, 5, 1))]
)
def test_wrong_arguments(files, shape):
    with pytest.raises(ValueError, match="expected at least one file of an image"):
        container.to_bytes(files, **OURS | {"image_shape": shape})


def test_a_file_of_another_version_is_refused():
    content = container.to_bytes([b"x"], **OURS | {"version": "1"})
    assert container.from_bytes(content, lambda number: "1").files == [b"x"]
    for version in ("0", ""):
        with pytest.raises(DamagedFile, match="was trained again since"):
            container.from_bytes(content, lambda number, version=version: version)


def test_one_version_is_looked_up(progressive):
    for content in (container.to_bytes(FILES, **OURS), progressive, progressive[:60]):
        look_up = mock.Mock(return_value="a")
        container.from_bytes(content, look_up)
        look_up.assert_called_once_with(7)


# Progressive files


@pytest.fixture(scope="module")
def progressive():
    return container.to_bytes(
        [bytes(range(200))], **OURS | {"image_shape": COLOR}, progressive=True
    )


def test_a_progressive_file_says_how_long_it_was(progressive):
    contents = container.from_bytes(progressive, version_of)
    assert contents == container.Contents(7, COLOR, [bytes(range(200))], 0, is_whole=True)
    assert len(progressive) - 200 == container.overhead(COLOR, progressive=True) + 1
    assert container.overhead(GRAY, progressive=True) == 13


def test_every_cut_behind_the_head_is_a_beginning(progressive):
    head = len(progressive) - 204
    for size in range(len(progressive)):
        if size < head:
            with pytest.raises(DamagedFile):
                container.from_bytes(progressive[:size], version_of)
            continue
        contents = container.from_bytes(progressive[:size], version_of)
        assert not contents.is_whole
        assert contents.files == [bytes(range(200))[: size - head]]
        assert contents.missing_bytes == max(0, 200 - (size - head))


def test_a_damaged_progressive_file_is_not_taken_for_a_cut_one(progressive):
    """A whole file with a flipped bit is refused, and so is a cut one with a flip in its head."""
    for position in range(8 * len(progressive)):
        damaged = bytearray(progressive)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(REFUSED):
            container.from_bytes(bytes(damaged), version_of)
        if position // 8 < len(progressive) - 204:
            with pytest.raises(REFUSED):
                container.from_bytes(bytes(damaged[:60]), version_of)
    with pytest.raises(DamagedFile, match="trained again since"):
        container.from_bytes(progressive[:60], lambda number: "another version")


def test_a_progressive_file_has_one_image():
    with pytest.raises(ValueError, match="has one image, received 2"):
        container.to_bytes([b"a", b"b"], **OURS, progressive=True)
