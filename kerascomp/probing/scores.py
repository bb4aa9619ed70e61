"""Numbers that say how well vectors tell classes apart, and how true a map is.

Those that are means over the vectors return one value for each when asked to (`each=True`), for
the bootstrap.
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


def neighbors(vectors, num_neighbors=NUM_NEIGHBORS):
    """Returns the nearest other vectors of each, indices (N, num_neighbors), nearest first.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        num_neighbors: how many.

    Example:
        >>> neighbors([[0.0], [1.0], [5.0]], 1).tolist()
        [[1], [0], [1]]

    Raises:
        ValueError: there are not so many others.
    """
    vectors = as_vectors(vectors)
    if num_neighbors >= len(vectors):
        raise ValueError(f"expected more than {num_neighbors} vectors, received {len(vectors)}")
    search = NearestNeighbors(n_neighbors=num_neighbors, algorithm="brute").fit(vectors)
    return search.kneighbors(return_distance=False)  # without the vector itself


def knn_accuracy(vectors, labels, *, num_neighbors=NUM_NEIGHBORS, each=False):
    """Returns the share of vectors whose nearest others have their label, by majority.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        labels: (N,).
        num_neighbors: how many vote; of several labels with as many votes the smallest wins.
        each: return (N,) zeros and ones instead of their mean.

    Raises:
        ValueError: too few vectors, or a single class.
    """
    labels = as_labels(labels, len(vectors))
    classes, codes = np.unique(labels, return_inverse=True)
    votes = codes[neighbors(vectors, num_neighbors)]  # (N, num_neighbors)
    counts = (votes[..., None] == np.arange(len(classes))).sum(axis=1)
    hits = (counts.argmax(axis=1) == codes).astype(float)
    return hits if each else float(hits.mean())


def linear_probe(vectors, labels, *, seed=0, each=False):
    """Returns the accuracy of a linear classifier (logistic regression), cross-validated.

    Args:
        vectors: (N, K) or images (N, H, W, C); each of the K numbers is standardized.
        labels: (N,), at least five of each class.
        seed: of the five folds.
        each: return (N,) zeros and ones instead of their mean.

    Raises:
        ValueError: a single class, or one with fewer than five vectors.
    """
    vectors, labels = as_vectors(vectors), as_labels(labels, len(vectors))
    smallest = np.unique(labels, return_counts=True)[1].min()
    if smallest < NUM_FOLDS:
        raise ValueError(
            f"a linear probe with {NUM_FOLDS} folds needs as many vectors of each class; the "
            f"smallest has {smallest}"
        )
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, tol=1e-3, max_iter=500))
    folds = StratifiedKFold(NUM_FOLDS, shuffle=True, random_state=seed)
    hits = (cross_val_predict(classifier, vectors, labels, cv=folds) == labels).astype(float)
    return hits if each else float(hits.mean())


def silhouette(vectors, labels, *, each=False):
    """Returns how much nearer the own class is than the next, from -1 to 1.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        labels: (N,).
        each: return (N,) values instead of their mean.

    Raises:
        ValueError: a single class.

    Reference:
        P. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
        analysis", 1987.
    """
    vectors, labels = as_vectors(vectors), as_labels(labels, len(vectors))
    values = silhouette_samples(vectors, labels)
    return values if each else float(values.mean())


def clusters(vectors, num_clusters, *, seed=0):
    """Returns the k-means cluster of each vector, integers (N,), which no label has helped to find.

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


def nmi(vectors, labels, *, seed=0, each=False):
    """Returns how much k-means clusters, as many as classes, say of the labels: 0 to 1.

    This is the mutual information of clusters and labels over the mean of their entropies.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        labels: (N,).
        seed: of k-means.
        each: return what each vector adds to the mutual information, (N,), instead of the mean.

    Raises:
        ValueError: a single class, or fewer different vectors than classes.
    """
    classes, labels = np.unique(as_labels(labels, len(vectors)), return_inverse=True)
    found = clusters(vectors, len(classes), seed=seed)
    joint = np.histogram2d(labels, found, bins=len(classes))[0] / len(labels)
    of_class, of_cluster = joint.sum(axis=1), joint.sum(axis=0)
    entropies = [-(p * np.log(p)).sum() for p in (of_class, of_cluster)]
    surprise = np.log(joint[labels, found] / (of_class[labels] * of_cluster[found]))
    values = surprise / np.mean(entropies)
    return values if each else float(values.mean())


def trustworthiness(vectors, points, *, num_neighbors=NUM_NEIGHBORS, each=False):
    """Returns how far a map's neighbors are neighbors in truth: 1 if all are.

    Args:
        vectors: what was mapped, (N, K) or images (N, H, W, C).
        points: its map, (N, 2).
        num_neighbors: how many count; fewer than N / 2.
        each: return (N,) values instead of their mean.

    Raises:
        ValueError: not as many points as vectors, or too few of both.

    Reference:
        J. Venna and S. Kaski, "Neighborhood preservation in nonlinear projection methods", 2001.
    """
    _check_map(vectors, points, num_neighbors)
    return _preserved(vectors, points, num_neighbors, each)


def continuity(vectors, points, *, num_neighbors=NUM_NEIGHBORS, each=False):
    """Returns how far true neighbors stay neighbors on a map; as `trustworthiness`, reversed."""
    _check_map(vectors, points, num_neighbors)
    return _preserved(points, vectors, num_neighbors, each)


def _check_map(vectors, points, num_neighbors):
    if len(points) != len(vectors) or num_neighbors >= len(vectors) / 2:
        raise ValueError(
            f"expected as many points as vectors, more than {2 * num_neighbors}, received "
            f"{len(points)} points and {len(vectors)} vectors"
        )


def _preserved(truth, claim, num_neighbors, each):
    """Returns how far neighbors in `claim` are near in `truth`, by their ranks there."""
    truth, claim = as_vectors(truth), as_vectors(claim)
    number = len(truth)
    order = neighbors(truth, number - 1)
    ranks = np.zeros((number, number), np.int32)
    np.put_along_axis(ranks, order, np.arange(1, number, dtype=np.int32)[None], axis=1)
    claimed = np.take_along_axis(ranks, neighbors(claim, num_neighbors), axis=1)
    too_far = np.maximum(claimed - num_neighbors, 0).sum(axis=1)
    # As far as all neighbors of a vector can be: the last ranks, so that the worst map has 0.
    largest = num_neighbors * (2 * number - 3 * num_neighbors - 1) / 2
    values = 1 - too_far / largest
    return values if each else float(values.mean())
