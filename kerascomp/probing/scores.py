"""Scores of how well vectors separate classes, and of how faithful a map is.

Scores are means over the vectors; with `per_vector=True` the functions return the values of all
vectors instead, for the bootstrap.
"""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_samples
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerascomp.probing.vectors import as_labels, as_vectors

NUM_NEIGHBORS = 10
NUM_FOLDS = 5

Score = float | np.ndarray  # an array with `per_vector=True`


def neighbors(vectors: np.ndarray, num_neighbors: int = NUM_NEIGHBORS) -> np.ndarray:
    """Returns every vector's nearest others, indices (N, num_neighbors), nearest first.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        num_neighbors: how many.

    Example:
        >>> neighbors([[0.0], [1.0], [5.0]], 1).tolist()
        [[1], [0], [1]]

    Raises:
        ValueError: there are fewer others.
    """
    vectors = as_vectors(vectors)
    if num_neighbors >= len(vectors):
        raise ValueError(f"expected more than {num_neighbors} vectors, received {len(vectors)}")
    search = NearestNeighbors(n_neighbors=num_neighbors, algorithm="brute").fit(vectors)
    return search.kneighbors(return_distance=False)  # without the vector itself


def knn_accuracy(
    vectors: np.ndarray,
    labels: np.ndarray,
    *,
    num_neighbors: int = NUM_NEIGHBORS,
    per_vector: bool = False,
) -> Score:
    """Returns the share of vectors whose label is the most frequent one among their neighbors.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        labels: (N,).
        num_neighbors: how many vote; of equally frequent labels the smallest wins.
        per_vector: return (N,) zeros and ones instead of their mean.

    Raises:
        ValueError: too few vectors, or a single class.
    """
    labels = as_labels(labels, len(vectors))
    classes, codes = np.unique(labels, return_inverse=True)
    votes = codes[neighbors(vectors, num_neighbors)]  # (N, num_neighbors)
    counts = (votes[..., None] == np.arange(len(classes))).sum(axis=1)
    hits = (counts.argmax(axis=1) == codes).astype(float)
    return hits if per_vector else float(hits.mean())


def linear_probe(
    vectors: np.ndarray, labels: np.ndarray, *, seed: int = 0, per_vector: bool = False
) -> Score:
    """Returns the accuracy of a linear classifier (logistic regression), cross-validated.

    Args:
        vectors: (N, K) or images (N, H, W, C); every column is standardized.
        labels: (N,), at least five of every class.
        seed: of the five folds.
        per_vector: return (N,) zeros and ones instead of their mean.

    Raises:
        ValueError: a single class, or one with fewer than five vectors.
    """
    vectors, labels = as_vectors(vectors), as_labels(labels, len(vectors))
    smallest = np.unique(labels, return_counts=True)[1].min()
    if smallest < NUM_FOLDS:
        raise ValueError(
            f"expected at least {NUM_FOLDS} vectors of every class, one a fold, received a class "
            f"with {smallest}"
        )
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-3, max_iter=500))
    folds = StratifiedKFold(NUM_FOLDS, shuffle=True, random_state=seed)
    hits = (cross_val_predict(classifier, vectors, labels, cv=folds) == labels).astype(float)
    return hits if per_vector else float(hits.mean())


def silhouette(vectors: np.ndarray, labels: np.ndarray, *, per_vector: bool = False) -> Score:
    """Returns the silhouette: how much nearer the own class is than the next one, from −1 to 1.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        labels: (N,).
        per_vector: return (N,) values instead of their mean.

    Raises:
        ValueError: a single class.

    Reference:
        P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
        analysis", 1987.
    """
    vectors, labels = as_vectors(vectors), as_labels(labels, len(vectors))
    values = silhouette_samples(vectors, labels)
    return values if per_vector else float(values.mean())


def clusters(vectors: np.ndarray, num_clusters: int, *, seed: int = 0) -> np.ndarray:
    """Returns the k-means cluster of each vector, integers (N,); no labels are used.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        num_clusters: how many.
        seed: of the ten starts, of which the best is kept.

    Raises:
        ValueError: fewer different vectors than clusters.
    """
    vectors = as_vectors(vectors)
    different = len(np.unique(vectors, axis=0))
    if different < num_clusters:
        raise ValueError(f"{different} different vectors do not make {num_clusters} clusters")
    return KMeans(num_clusters, n_init=10, random_state=seed).fit_predict(vectors)


def nmi(
    vectors: np.ndarray, labels: np.ndarray, *, seed: int = 0, per_vector: bool = False
) -> Score:
    """Returns the normalized mutual information of the labels and as many k-means clusters, 0 to 1.

    It is the mutual information divided by the mean of the two entropies.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        labels: (N,).
        seed: of k-means.
        per_vector: return the vectors' contributions (N,) instead of their mean.

    Raises:
        ValueError: a single class, or fewer different vectors than classes.
    """
    classes, labels = np.unique(as_labels(labels, len(vectors)), return_inverse=True)
    assigned = clusters(vectors, len(classes), seed=seed)
    joint = np.histogram2d(labels, assigned, bins=len(classes))[0] / len(labels)
    of_class, of_cluster = joint.sum(axis=1), joint.sum(axis=0)
    entropies = [-(p * np.log(p)).sum() for p in (of_class, of_cluster)]
    information = np.log(joint[labels, assigned] / (of_class[labels] * of_cluster[assigned]))
    values = information / np.mean(entropies)
    return values if per_vector else float(values.mean())


def trustworthiness(vectors: np.ndarray, points: np.ndarray, *, per_vector: bool = False) -> Score:
    """Returns how near a map's neighbors are in the original space: 1 if all are neighbors there.

    Args:
        vectors: what was mapped, (N, K) or images (N, H, W, C).
        points: its map, (N, 2).
        per_vector: return (N,) values instead of their mean.

    Raises:
        ValueError: not as many points as vectors, or too few of both.

    Reference:
        J. Venna and S. Kaski, "Neighborhood preservation in nonlinear projection methods", 2001.
    """
    return _nearness(vectors, points, per_vector)


def continuity(vectors: np.ndarray, points: np.ndarray, *, per_vector: bool = False) -> Score:
    """Returns how near original neighbors are on the map: `trustworthiness` with roles swapped."""
    return _nearness(points, vectors, per_vector)


def _nearness(space, other, per_vector):
    """Returns how near neighbors in `other` are in `space`, by their ranks there."""
    number, num_neighbors = len(space), NUM_NEIGHBORS
    if len(other) != number or num_neighbors >= number / 2:
        raise ValueError(
            f"expected as many vectors as points, more than {2 * num_neighbors}, received "
            f"{number} and {len(other)}"
        )
    space, other = as_vectors(space), as_vectors(other)
    order = neighbors(space, number - 1)
    ranks = np.zeros((number, number), np.int32)
    np.put_along_axis(ranks, order, np.arange(1, number, dtype=np.int32)[None], axis=1)
    ranks = np.take_along_axis(ranks, neighbors(other, num_neighbors), axis=1)
    too_far = np.maximum(ranks - num_neighbors, 0).sum(axis=1)
    # The largest possible sum: all neighbors have the last ranks; the worst map has a score of 0.
    largest = num_neighbors * (2 * number - 3 * num_neighbors - 1) / 2
    values = 1 - too_far / largest
    return values if per_vector else float(values.mean())
