"""The entropy bottleneck of tensorflow-compression: training, strings, tables, codec."""

import json
import subprocess
import sys

import numpy as np
import pytest
from helpers import blobs, small_dataset

from kerascomp import codecs, datasets, zoo
from kerascomp.codecs.entropy import tables_of
from kerascomp.codecs.factorized import Factorized, FactorizedCodec
from kerascomp.networks import autoencoders, training

LMBDA = 100


def build():
    return Factorized(autoencoders.rounded(autoencoders.dense(4, widths=(16,))), LMBDA)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    recipe = training.Recipe(epochs=6, batch_size=32, learning_rate=1e-2)
    path = tmp_path_factory.mktemp("trained") / "factorized.npz"
    return training.fit(build, small_dataset(), recipe, checkpoint=path)


@pytest.fixture(scope="module")
def images():
    return blobs(200, seed=9)


@pytest.fixture(scope="module")
def entropy_model(trained):
    """The one with tables; to compute them takes seconds."""
    return trained[0].entropy_model(compression=True)


@pytest.fixture(scope="module")
def codec(trained, entropy_model):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Factorized, "entropy_model", lambda *_, **__: entropy_model)
        return FactorizedCodec.of(trained[0])


def test_training_lowers_the_loss_that_it_says(trained):
    _, history = trained
    assert history["val_loss"][-1] < history["val_loss"][0]
    final = {name: values[-1] for name, values in history.items()}
    expected = final["val_bpp"] + LMBDA * final["val_distortion"]
    assert final["val_loss"] == pytest.approx(expected, rel=1e-4)


def test_strings_and_files_hold_the_same_integers(trained, entropy_model, codec, images):
    model, _ = trained
    y = model.autoencoder.encoder(datasets.to_float(images))
    strings = entropy_model.compress(y)
    integers = entropy_model.decompress(strings, []).numpy()
    files = codec.encode(images)
    np.testing.assert_array_equal(codec.coder.decode_each(files), integers)
    sizes = [np.mean([len(data) for data in written]) for written in (strings.numpy(), files)]
    _, bits = model.entropy_model(compression=False)(y, training=False)
    assert sizes == pytest.approx([float(np.mean(bits)) / 8] * 2, abs=2)


def test_estimates_are_those_of_the_prior(trained, codec, images):
    symbols = codec.to_symbols(images)
    bits = -np.log2(trained[0].prior.prob(np.float32(symbols)).numpy()).sum(axis=1)
    assert codec.coder.estimated_bits(symbols).sum(axis=1).mean() == pytest.approx(
        bits.mean(), rel=0.02
    )


def test_tables_are_those_of_tensorflow_compression(trained, entropy_model):
    lowest, counts = tables_of(entropy_model)
    assert len(lowest) == len(counts) == 4
    for channel, (first, column) in enumerate(zip(lowest, counts, strict=True)):
        assert (column > 0).all() and column.sum() < 2**12  # the rest is the escape
        integers = np.arange(first, first + len(column), dtype=np.float32)
        probabilities = trained[0].prior.prob(np.repeat(integers[:, None], 4, 1)).numpy()
        np.testing.assert_allclose(column / 2**12, probabilities[:, channel], atol=2e-3)


def test_tables_that_were_stored_make_the_same_codec(codec, images):
    again = FactorizedCodec.from_tables(codec.autoencoder, codec.tables())
    assert again.setting == codec.setting == f"lambda {LMBDA}"
    assert again.encode(images) == codec.encode(images)


@pytest.mark.slow
def test_strings_are_read_by_another_process(trained, entropy_model, images, tmp_path):
    """From nothing but its tables."""
    y = trained[0].autoencoder.encoder(datasets.to_float(images))
    strings = entropy_model.compress(y).numpy()
    integers = entropy_model.decompress(strings, []).numpy()
    (tmp_path / "strings.json").write_text(
        json.dumps([string.hex() for string in strings]), encoding="utf-8"
    )
    np.save(tmp_path / "cdf.npy", entropy_model.cdf.numpy())
    np.save(tmp_path / "cdf_offset.npy", entropy_model.cdf_offset.numpy())
    code = (
        "import json, numpy as np, tensorflow_compression as tfc\n"
        "model = tfc.ContinuousBatchedEntropyModel(\n"
        "    prior_shape=[4], coding_rank=1, compression=True, offset_heuristic=False,\n"
        "    cdf=np.load('cdf.npy'), cdf_offset=np.load('cdf_offset.npy'), stateless=True)\n"
        "strings = [bytes.fromhex(text) for text in json.load(open('strings.json'))]\n"
        "np.save('integers.npy', model.decompress(strings, []).numpy())\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    np.testing.assert_array_equal(np.load(tmp_path / "integers.npy"), integers)


def test_the_published_codec_decodes_its_files():
    codec = zoo.codec("mnist-dense-factorized-40")
    assert isinstance(codec, codecs.FactorizedCodec) and codec.setting == "lambda 40"
    digits = datasets.mnist().test.images[:50]
    np.testing.assert_array_equal(codec.decode(codec.encode(digits)), codec.reconstruct(digits))
