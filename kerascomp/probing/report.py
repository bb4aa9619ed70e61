"""All scores of several representations, on several samples of the images."""

from multiprocessing.pool import ThreadPool
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

NUM_THREADS = 2
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
    the same for all representations; the number of a sample is also the seed of its clusters and
    its folds. Maps take longest: only the first sample has one, so the scores of maps have one
    array. Two threads share the work.

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
    with threadpool_limits(1), ThreadPool(NUM_THREADS) as pool:  # one core for each thread
        results = pool.imap(_examine, jobs)
        results = list(tqdm(results, total=len(jobs), desc="probing", unit="sample"))
    return {
        name: {
            metric: [
                scores[metric]
                for scores in results[start : start + num_samples]
                if metric in scores
            ]
            for metric in METRICS
        }
        for start, name in zip(range(0, len(jobs), num_samples), representations, strict=True)
    }


def _examine(job):
    """Returns {metric: values (N,)} of one sample."""
    vectors, labels, folder, seed = job
    scores = {
        "knn": knn_accuracy(vectors, labels, per_vector=True),
        "linear": linear_probe(vectors, labels, seed=seed, per_vector=True),
        "silhouette": silhouette(vectors, labels, per_vector=True),
        "nmi": nmi(vectors, labels, seed=seed, per_vector=True),
    }
    if seed == 0:
        points = embed_once(folder, vectors)
        scores |= {
            "knn_map": knn_accuracy(points, labels, per_vector=True),
            "trustworthiness": trustworthiness(vectors, points, per_vector=True),
            "continuity": continuity(vectors, points, per_vector=True),
        }
    return scores
