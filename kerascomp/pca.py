"""Principal components: the best linear code, with which autoencoders are compared.

H. Hotelling, "Analysis of a complex of statistical variables into principal components", 1933.
"""

from typing import TYPE_CHECKING

import numpy as np

from kerascomp.datasets import to_float, to_uint8

if TYPE_CHECKING:
    from sklearn.decomposition import PCA


def fit(images: np.ndarray, num_values: int) -> "PCA":
    """Returns scikit-learn's `PCA` of uint8 images (N, H, W, C) with `num_values` components."""
    from sklearn.decomposition import PCA  # imported here: it costs a second

    x = to_float(images).reshape(len(images), -1)
    solver = "covariance_eigh" if len(x) > x.shape[1] else "full"  # the quicker one
    return PCA(num_values, svd_solver=solver).fit(x)


def reconstruct(pca: "PCA", images: np.ndarray, num_values: int) -> np.ndarray:
    """Returns uint8 images decoded from their first `num_values` principal components.

    Args:
        pca: what `fit` returned.
        images: uint8, shape (N, H, W, C).
        num_values: numbers kept per image, at most those of `pca`.

    Raises:
        ValueError: `num_values` is more than `pca` has.
    """
    if num_values > pca.n_components_:
        raise ValueError(
            f"expected at most the {pca.n_components_} components of this PCA, "
            f"received {num_values}"
        )
    components = pca.components_[:num_values].astype(np.float32)  # (K, H·W·C)
    mean = pca.mean_.astype(np.float32)
    centered = to_float(images).reshape(len(images), -1) - mean
    return to_uint8(centered @ components.T @ components + mean).reshape(images.shape)
