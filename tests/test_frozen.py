"""Streams written once are written and read the same for ever: files of students must not rot.

python tests/test_frozen.py     freezes them anew, after a change of format that is meant
"""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from kerascomp import datasets, zoo
from kerascomp.coders import AdaptiveArithmetic, Arithmetic, Huffman, HuffmanRows
from kerascomp.command import container
from kerascomp.zoo import cards

CODECS = {  # in the file of streams: name in the zoo, level
    "mnist-dense-noise": ("mnist-dense-noise", None),
    "mnist-dense-factorized-40": ("mnist-dense-factorized-40", None),
    "mnist-bottleneck:20": ("mnist-bottleneck", 20),
    "mnist-lossless": ("mnist-lossless", None),
    "mnist-recurrent": ("mnist-recurrent", None),
}
PATH = Path(__file__).parent / "expected" / "streams.json"
SYMBOLS = np.array([(7 * index * index) % 11 // 3 - 1 for index in range(300)])
ROWS = SYMBOLS.reshape(100, 3)


def crc16(name):
    """Returns what the first version of this program wrote for a model of this name."""
    return zlib.crc32(name.encode()) & 0xFFFF


def published(key):
    """Returns a codec of `CODECS`."""
    name, level = CODECS[key]
    codec = zoo.codec(name)
    return codec if level is None else codec.at_level(level)


def digits():
    return datasets.mnist().test.images[:3]


def coder_streams():
    """Returns {name: hex} of streams that each coder writes."""
    return {
        "huffman": Huffman.fit(SYMBOLS).encode(SYMBOLS).hex(),
        "huffman header": Huffman.fit(SYMBOLS).header().hex(),
        "huffman rows": [file.hex() for file in HuffmanRows.fit(ROWS).encode_each(ROWS[:9])],
        "arithmetic": Arithmetic.fit(SYMBOLS).encode(SYMBOLS).hex(),
        "arithmetic, escape": Arithmetic.fit(SYMBOLS).encode([0, 1000, -5]).hex(),
        "lockstep": [file.hex() for file in Arithmetic.fit(ROWS).encode_each(ROWS[:9])],
        "adaptive": AdaptiveArithmetic(4).encode(SYMBOLS + 1).hex(),
        "context": AdaptiveArithmetic(4, order=1).encode(SYMBOLS + 1).hex(),
        "container": container.to_bytes(
            [b"a", b"bc"], number=crc16("m"), image_shape=(28, 280, 3), version=""
        ).hex(),
    }


def codec_streams(key):
    """Returns what a published codec makes of three digits: a .kc file, integers and pixels."""
    codec = published(key)
    files = codec.encode(digits()[:1] if codec.is_progressive else digits())
    symbols, pixels = read(codec, files).tolist(), codec.decode(files).tobytes().hex()
    return {"kc": kc_file(codec, files).hex(), "symbols": symbols, "pixels": pixels}


def kc_file(codec, files):
    return container.to_bytes(
        files,
        number=cards.number(codec.name, codec.level),
        image_shape=codec.image_shape,
        version="",
        progressive=codec.is_progressive,
    )


def read(codec, files):
    """Returns the integers in files."""
    if codec.is_progressive:
        return codec.coder.decode(files, codec.plane_shape)[0]
    return codec.coder.decode_each(files)


def written(codec, symbols):
    """Returns files of integers."""
    if codec.is_progressive:
        return codec.coder.encode(symbols, np.full(len(symbols), symbols.shape[1]))
    return codec.coder.encode_each(symbols)


def frozen():
    return json.loads(PATH.read_text(encoding="utf-8"))


def test_coders_write_what_they_wrote():
    assert coder_streams() == frozen()["coders"]


def test_coders_read_what_they_wrote():
    expected = frozen()["coders"]
    data = {key: bytes.fromhex(value) for key, value in expected.items() if isinstance(value, str)}
    code, _ = Huffman.from_header(data["huffman header"])
    np.testing.assert_array_equal(code.decode(data["huffman"], 300), SYMBOLS)
    coder = Arithmetic.fit(SYMBOLS)
    np.testing.assert_array_equal(coder.decode(data["arithmetic"], 300), SYMBOLS)
    assert coder.decode(data["arithmetic, escape"], 3).tolist() == [0, 1000, -5]
    for name, order in (("adaptive", 0), ("context", 1)):
        symbols = AdaptiveArithmetic(4, order=order).decode(data[name], 300)
        np.testing.assert_array_equal(symbols, SYMBOLS + 1)
    for name, coder in (
        ("huffman rows", HuffmanRows.fit(ROWS)),
        ("lockstep", Arithmetic.fit(ROWS)),
    ):
        files = [bytes.fromhex(file) for file in expected[name]]
        np.testing.assert_array_equal(coder.decode_each(files), ROWS[:9])


@pytest.mark.parametrize("key", CODECS)
def test_a_published_codec_reads_its_old_files(key):
    expected = frozen()["codecs"][key]
    contents = container.from_bytes(bytes.fromhex(expected["kc"]), lambda number: "")
    assert contents.number == crc16(key) and cards.by_number(contents.number) == CODECS[key]
    codec = published(key)
    decoded = codec.decode(contents.files)
    pixels = np.frombuffer(bytes.fromhex(expected["pixels"]), np.uint8)
    assert contents.image_shape == (28, 28, 1)
    # Integers are the same on every machine; pixels may differ by one gray level.
    np.testing.assert_array_equal(read(codec, contents.files), expected["symbols"])
    assert np.abs(decoded.ravel().astype(int) - pixels).max() <= 1
    original = digits()[: len(decoded)].ravel()
    assert np.mean((pixels / 255.0 - original / 255.0) ** 2) < 0.02


@pytest.mark.parametrize("key", CODECS)
def test_a_published_codec_writes_its_old_files(key):
    expected = frozen()["codecs"][key]
    codec = published(key)
    files = written(codec, np.array(expected["symbols"]))
    assert kc_file(codec, files).hex() == expected["kc"]


def test_model_numbers_are_unique_and_those_of_the_first_version():
    numbers = []
    for name in filter(zoo.has_codec, zoo.names()):
        levels = cards.numbers(name)
        names = [f"{name}:{level}" for level in range(len(levels))] if len(levels) > 1 else [name]
        for number, model in zip(levels, names, strict=True):
            expected = crc16(model)
            while expected in numbers:  # another one's: the next that is free
                expected = (expected + 1) % 2**16
            assert number == expected
            numbers.append(number)
    assert len(set(numbers)) == len(numbers) > 300


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    codecs = {key: codec_streams(key) for key in CODECS}
    content = {"coders": coder_streams(), "codecs": codecs}
    PATH.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
