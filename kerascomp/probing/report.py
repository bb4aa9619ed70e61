"""All scores of several representations, on several samples of the images."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from kerascomp.probing.embedding import embed_once
from kerascomp.probing.scores import (
    continuity,
    knn_accuracy,
    linear_probe,
    nmi,
    silhouette,
    trustworthiness,
)

NUM_PROCESSES = 2
METRICS = {
    "knn": "k-NN accuracy",
    "knn_map": "k-NN on the map",
    "linear": "linear probe",
    "silhouette": "silhouette",
    "nmi": "NMI of k-means",
    "trustworthiness": "trustworthiness of the map",
    "continuity": "continuity of the map",
}


def probe(
    representations: dict[str, np.ndarray],
    labels: np.ndarray,
    folder: Path,
    *,
    num_samples: int = 3,
    num_each: int = 800,
) -> dict[str, dict[str, list[np.ndarray]]]:
    """Returns {name: {metric: samples}} of several representations, see `METRICS`.

    `samples` are arrays (num_each,), for `interval`. The samples have no image in common, and are
    the same for all representations; the number of a sample is also the seed of its map, its
    clusters and its folds. Two processes share the work.

    Args:
        representations: {name: vectors (N, K) or images (N, H, W, C)}, of the same N images.
        labels: (N,).
        folder: where maps are kept, see `embed_once`.
        num_samples: number of samples.
        num_each: images in a sample.

    Raises:
        ValueError: fewer images than the samples need, or not as many vectors as labels.
    """
    if not 0 < num_samples * num_each <= len(labels):
        raise ValueError(f"expected {num_samples * num_each} images, received {len(labels)}")
    for name, vectors in representations.items():
        if len(vectors) != len(labels):
            raise ValueError(f"{name} has {len(vectors)} vectors for {len(labels)} labels")
    order = np.random.default_rng(0).permutation(len(labels))
    samples = np.split(order[: num_samples * num_each], num_samples)
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
        name: {
            metric: [result[metric] for result in results[start : start + num_samples]]
            for metric in METRICS
        }
        for start, name in zip(range(0, len(jobs), num_samples), representations, strict=True)
    }


def _examine(vectors, labels, folder, seed):
    """Returns {metric: values (N,)} of one sample."""
    with threadpool_limits(1):  # one core for each process
        points = embed_once(folder, vectors, seed, num_threads=1)
        return {
            "knn": knn_accuracy(vectors, labels, per_vector=True),
            "knn_map": knn_accuracy(points, labels, per_vector=True),
            "linear": linear_probe(vectors, labels, seed=seed, per_vector=True),
            "silhouette": silhouette(vectors, labels, per_vector=True),
            "nmi": nmi(vectors, labels, seed=seed, per_vector=True),
            "trustworthiness": trustworthiness(vectors, points, per_vector=True),
            "continuity": continuity(vectors, points, per_vector=True),
        }
