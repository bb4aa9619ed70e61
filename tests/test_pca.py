import numpy as np
import pytest
from helpers import blobs

from kerascomp import datasets, metrics, pca


def test_against_the_singular_value_decomposition():
    images = blobs(200, 12)
    x = datasets.to_float(images).reshape(200, -1).astype(np.float64)
    mean = x.mean(axis=0)
    left, scales, right = np.linalg.svd(x - mean, full_matrices=False)
    expected = datasets.to_uint8((left[:, :7] * scales[:7]) @ right[:7] + mean)
    decoded = pca.reconstruct(pca.fit(images, 10), images, 7)
    difference = decoded.astype(int) - expected.reshape(images.shape)
    assert np.abs(difference).max() <= 1  # float32 against float64


def test_more_numbers_never_hurt():
    images = blobs(100, 12)
    components = pca.fit(images, 50)
    errors = [
        metrics.mse(images, pca.reconstruct(components, images, size)).mean()
        for size in (1, 2, 5, 10, 50)
    ]
    assert errors == sorted(errors, reverse=True)


def test_more_numbers_than_components():
    images = blobs(20, 12)
    with pytest.raises(ValueError, match="at most the 5 components of this PCA, received 6"):
        pca.reconstruct(pca.fit(images, 5), images, 6)
