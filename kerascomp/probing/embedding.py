"""Maps: t-SNE, from many dimensions to two."""

import hashlib

import numpy as np
import openTSNE

from kerascomp import files
from kerascomp.probing.vectors import as_vectors

PERPLEXITY = 30
NUM_THREADS = 2  # not as many as there are cores: a map depends on their number


def embed(vectors, seed=0, *, perplexity=PERPLEXITY, start=None, num_threads=NUM_THREADS):
    """Returns a map of vectors, float64 (N, 2): neighbors stay neighbors, distances mean little.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        seed: int; the same vectors and seed always give the same map (with as many threads).
        perplexity: how many neighbors a point cares for, about; N must be above three times it.
        start: where the points are before the first step, (N, 2): the map of other vectors of the
            same images, so that a reader can compare the two. PCA when not given.
        num_threads: how many threads share the work.

    Raises:
        ValueError: too few vectors, numbers that are not finite, all vectors the same, or a
            `start` of another shape.

    Reference:
        L. van der Maaten and G. Hinton, "Visualizing data using t-SNE", 2008; initialized as
        D. Kobak and P. Berens advise, "The art of using t-SNE for single-cell transcriptomics",
        2019.
    """
    vectors = as_vectors(vectors)
    if len(vectors) <= 3 * perplexity:
        raise ValueError(
            f"a perplexity of {perplexity} needs more than {3 * perplexity} vectors, received "
            f"{len(vectors)}; choose a smaller perplexity"
        )
    if start is None:
        start = openTSNE.initialization.pca(vectors, random_state=seed)
    elif np.shape(start) != (len(vectors), 2):
        raise ValueError(f"expected a start of {(len(vectors), 2)}, received {np.shape(start)}")
    else:
        start = openTSNE.initialization.rescale(np.array(start, np.float64))
    tsne = openTSNE.TSNE(
        perplexity=perplexity,
        initialization=start,
        negative_gradient_method="bh",
        n_jobs=num_threads,
        random_state=seed,
    )
    return np.asarray(tsne.fit(vectors))


def embed_once(folder, vectors, seed=0, **options):
    """Returns `embed(vectors, seed, **options)`, from a file in `folder` if it was computed before.

    Args:
        folder: where maps are kept, by the SHA-256 of what they are made from.
        vectors, seed, options: as for `embed`.
    """
    start = options.get("start")
    parts = [np.asarray(vectors), *([] if start is None else [np.asarray(start)])]
    kinds = [(part.shape, str(part.dtype)) for part in parts]
    numbers = options.get("perplexity", PERPLEXITY), options.get("num_threads", NUM_THREADS)
    text = f"{openTSNE.__version__} {seed} {numbers} {kinds}"
    digest = hashlib.sha256(text.encode())
    for part in parts:
        digest.update(np.ascontiguousarray(part))
    path = folder / "maps" / f"{digest.hexdigest()[:32]}.npz"
    if path.exists():
        return files.load_arrays(path, advice="delete it: the map is computed again")["points"]
    points = embed(vectors, seed, **options)
    files.save_arrays(path, {"points": points})
    return points
