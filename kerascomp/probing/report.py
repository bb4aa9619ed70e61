"""All scores of several representations, on several samples of images, with intervals."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from sklearn.metrics import normalized_mutual_info_score
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from kerascomp.probing.embedding import embed_once
from kerascomp.probing.intervals import interval
from kerascomp.probing.scores import (
    clusters,
    continuity,
    knn_accuracy,
    linear_probe,
    silhouette,
    trustworthiness,
)

NUM_PROCESSES = 2
METRICS = {
    "knn": "k-NN accuracy",
    "knn_map": "k-NN accuracy after t-SNE",
    "linear": "linear probe",
    "silhouette": "silhouette",
    "nmi": "NMI of k-means",
    "trustworthiness": "trustworthiness of the map",
    "continuity": "continuity of the map",
}


def probe(representations, labels, folder, *, num_samples=3, num_each=1000):
    """Returns {name: {metric: `Interval`}} of several representations, see `METRICS`.

    Sample s has images of its own, the same for every representation; s is also the seed of its
    map, its clusters and its folds. Two processes share the work.

    Args:
        representations: {name: vectors (N, K) or images (N, H, W, C)}, all of the same N images.
        labels: (N,).
        folder: where maps are kept, see `embed_once`.
        num_samples: how many samples.
        num_each: images in a sample.

    Raises:
        ValueError: fewer images than the samples need.
    """
    if len(labels) < num_samples * num_each:
        raise ValueError(f"expected {num_samples * num_each} images, received {len(labels)}")
    order = np.random.default_rng(0).permutation(len(labels))
    samples = [order[seed * num_each : (seed + 1) * num_each] for seed in range(num_samples)]
    jobs = [
        (vectors[chosen], labels[chosen], folder, seed)
        for vectors in representations.values()
        for seed, chosen in enumerate(samples)
    ]
    spawn = multiprocessing.get_context("spawn")  # a fork would share TensorFlow's threads
    with ProcessPoolExecutor(NUM_PROCESSES, mp_context=spawn) as pool:
        results = pool.map(_examine, *zip(*jobs, strict=True))
        results = list(tqdm(results, total=len(jobs), desc="probing", unit="sample"))
    return {
        name: _intervals(results[index * num_samples : (index + 1) * num_samples])
        for index, name in enumerate(representations)
    }


def _intervals(results):
    """Returns {metric: `Interval`} of what `_examine` returned for each sample."""
    return {
        metric: interval(
            [result[metric] for result in results],
            _mutual_information if metric == "nmi" else np.mean,
        )
        for metric in METRICS
    }


def _examine(vectors, labels, folder, seed):
    """Returns {metric: (N,) values, or (N, 2) labels and clusters} of one sample."""
    with threadpool_limits(1):  # there are as many processes as cores
        points = embed_once(folder, vectors, seed)
        found = clusters(vectors, len(np.unique(labels)), seed=seed)
        return {
            "knn": knn_accuracy(vectors, labels, each=True),
            "knn_map": knn_accuracy(points, labels, each=True),
            "linear": linear_probe(vectors, labels, seed=seed, each=True),
            "silhouette": silhouette(vectors, labels, each=True),
            "nmi": np.stack([labels, found], axis=1),
            "trustworthiness": trustworthiness(vectors, points, each=True),
            "continuity": continuity(vectors, points, each=True),
        }


def _mutual_information(pairs):
    return normalized_mutual_info_score(*pairs.T)
