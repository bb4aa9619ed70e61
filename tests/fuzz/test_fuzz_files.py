"""Damaged, foreign and hostile files: refused with a sentence, in bounded time and memory.

Each test changes a few good files at random, KERASCOMP_FUZZ_SECONDS long, and says how many it
tried (`-rP` shows it). KERASCOMP_FUZZ_SEED, a number, chooses others.
"""

import functools
import io

import numpy as np
import pytest
from fuzzing import changed, examine, resealed
from helpers import random_images, run_command
from hypothesis import strategies as st
from PIL import Image

from kerascomp import codecs, coders, datasets, files, zoo
from kerascomp.command import container, pictures
from kerascomp.zoo import cards

READING = pictures.Reading(1 << 20)
pytestmark = pytest.mark.slow


# Containers


def containers():
    header = {"number": 7, "image_shape": (28, 28, 1), "version": "a"}
    color = header | {"image_shape": (300, 4000, 3)}
    return [
        container.to_bytes([b"one image"], **header),
        container.to_bytes([b"", b"a", bytes(200)], **header),
        container.to_bytes([bytes(range(150))], **color, progressive=True),
    ]


def test_containers():
    def check(pair):
        original, content = pair
        for data, is_sealed in ((content, False), (resealed(content, "a"), True)):
            try:
                contents = container.from_bytes(data, {7: "a"}.__getitem__)
            except (container.DamagedFile, zoo.UnknownModel) as error:
                assert len(str(error)) > 20
            except KeyError:  # of another model
                assert data[2:4] != b"\0\x07"
            else:
                assert is_sealed or data == original or not contents.is_whole
                assert sum(map(len, contents.files)) <= len(data)

    examine(changed(containers()), check)


# Decoders


@functools.cache
def codec(name):
    digits = datasets.mnist(200).train.images
    if name == "huffman":
        network = zoo.network("mnist-dense")
        return codecs.LatentCodec.fit(network, digits, 0.5, coder=coders.HuffmanRows)
    if name == "klt":
        return codecs.transform.KLT.fit(digits, 0.2)
    name, _, number = name.partition(" ")
    return zoo.codec(name).joined(int(number)) if number else zoo.codec(name)


KINDS = {
    "mnist-dense-noise": (28, 28, 1),
    "mnist-dense-noise 3": (28, 28, 1),
    "mnist-dense-factorized-40": (28, 28, 1),
    "mnist-bottleneck": (28, 28, 1),
    "mnist-bottleneck 3": (28, 28, 1),
    "cifar10-bottleneck": (32, 32, 3),
    "mnist-recurrent": (28, 28, 1),
    "cifar10-recurrent": (17, 40, 3),
    "huffman": (28, 28, 1),
    "klt": (28, 28, 1),
}


@pytest.mark.parametrize("name", KINDS)
def test_decoders(name):
    shape = KINDS[name]
    decoder = codec(name).for_shape(shape)
    images = [datasets.mnist(3).test.images] if shape[2] == 1 and shape[0] == 28 else []
    images.append(random_images(3, *shape))
    originals = [file for some in images for file in decoder.encode(some)]

    def check(pairs):
        contents = [content for _, content in pairs]
        try:
            decoded = decoder.decode(contents)
            estimated = decoder.estimated_bytes(contents) if " " not in name else 0
        except ValueError as error:
            assert len(str(error)) > 20
        else:
            assert decoded.dtype == np.uint8 and decoded.shape[1:] == shape
            assert np.isfinite(estimated)

    decoder.decode(originals[:1])  # what it loads is no memory of an input
    # Of some, any bytes decode: many at once take hardly longer than one.
    number = 1 if decoder.is_progressive or " " in name or name == "huffman" else 20
    pairs = changed([*originals, b""])
    examine(st.lists(pairs, min_size=number, max_size=number), check)


def test_files_of_the_command(tmp_path, capsys):
    path, target = tmp_path / "a.kc", tmp_path / "a.png"
    digit, originals = datasets.mnist(1).test.images[:1], []
    for name in ("mnist-dense-noise", "mnist-recurrent", "mnist-bottleneck"):
        options = {"number": cards.number(name), "version": cards.version(name)}
        options["progressive"] = codec(name).is_progressive
        file = codec(name).encode(digit)
        originals.append(container.to_bytes(file, image_shape=(28, 28, 1), **options))
        path.write_bytes(originals[-1])
        assert run_command("decompress", str(path), str(target), "--force") == 0

    def check(pair):
        _, content = pair
        try:
            number = int.from_bytes(content[2:4], "big")
            content = resealed(content, cards.version(cards.by_number(number)[0]))
        except zoo.UnknownModel:
            pass
        path.write_bytes(content)
        check_commands(path, target)
        capsys.readouterr()

    examine(changed(originals), check)


def check_commands(path, target, *options):
    """Checks that a file is described and decompressed, or refused with a sentence."""
    target.unlink(missing_ok=True)
    for command in (["info", str(path)], ["decompress", str(path), str(target)]):
        code = run_command(*command, *options)
        assert code == 0 or (code.startswith("kerascomp: ") and "\n" not in code)
    assert target.exists() == (code == 0) and {*path.parent.iterdir()} <= {path, target}


def test_whole_files_that_claim_anything(tmp_path, capsys):
    path, target = tmp_path / "a.kc", tmp_path / "a.png"
    side = st.sampled_from([1, 15, 16, 28, 32, 33, 100, 2000, 8000, 46_341, 1 << 34])
    models = ("mnist-dense-noise", "mnist-bottleneck", "mnist-recurrent", "cifar10-recurrent")

    def check(value):
        name, height, width, channels, code, progressive = value
        header = {"number": cards.number(name), "version": cards.version(name)}
        header |= {"image_shape": (height, width, channels), "progressive": progressive}
        container.write(path, [code], **header)
        check_commands(path, target)
        check_commands(path, target, "--max-pixels", "100")
        capsys.readouterr()

    for name in models:  # what a codec loads is no memory of an input
        check((name, 32, 32, 1, b"\xf0", False))
    name, code = st.sampled_from(models), st.binary(max_size=30)
    channels = st.sampled_from([1, 3])
    examine(st.tuples(name, side, side, channels, code, st.booleans()), check)


# Pictures


def saved(picture, file_format, **options):
    buffer = io.BytesIO()
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def picture_files():
    color = Image.fromarray(random_images(20, 24, 3))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a description"
    frames = {"save_all": True, "append_images": [color.rotate(90)]}
    formats = [name for name in pictures.FORMATS if name != "PPM"]
    return [
        *(saved(color, name) for name in formats),
        *(saved(color, name, exif=exif) for name in ("PNG", "JPEG", "TIFF", "WEBP", "AVIF")),
        *(saved(color, name, **frames) for name in ("GIF", "TIFF", "WEBP", "PNG", "MPO")),
        *(saved(color.convert(mode), "TIFF") for mode in ("L", "LA", "RGBA", "CMYK", "I;16")),
        *(saved(color.convert(mode), "PNG") for mode in ("1", "LA", "RGBA", "P")),
        saved(color, "TIFF", compression="tiff_lzw"),
        saved(color.convert("L"), "PPM"),
        b"P3 3 2 1023 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
    ]


def test_pictures(tmp_path):
    path = tmp_path / "picture"

    def check(value):
        (_, content), convert = value
        path.write_bytes(content)
        options = {"background": "white", "to_8_bit": True} if convert else {}
        reading = READING._replace(**options)
        try:
            pictures.check(path, reading)
            image = pictures.read(path, reading).pixels
        except pictures.PictureError as error:
            assert str(error).startswith(str(path)) and "\n" not in str(error)
        else:
            assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] in (1, 3)
            assert image.size <= 3 * READING.max_pixels

    examine(st.tuples(changed(picture_files()), st.booleans()), check)


# Arrays


def test_arrays(tmp_path):
    path, originals = tmp_path / "a.npz", []
    arrays = {"a": np.arange(300.0), "b": np.zeros((3, 5), np.uint8), "c": np.array("text")}
    for save in (np.savez, np.savez_compressed):
        save(path, **arrays)
        originals.append(path.read_bytes())

    def check(value):
        (_, content), shapes = value
        path.write_bytes(content)
        try:
            loaded = files.load_arrays(path, shapes=shapes)
        except files.ArrayFileError as error:
            assert str(path) in str(error)
        else:
            assert sum(array.nbytes for array in loaded.values()) <= files.LARGEST_ARRAYS

    examine(st.tuples(changed(originals), st.sampled_from([None, {"b": (3, 5)}])), check)
