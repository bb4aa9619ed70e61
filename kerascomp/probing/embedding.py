"""Maps by t-SNE, from many dimensions to two."""

import hashlib
from pathlib import Path

import numpy as np
import openTSNE

from kerascomp import files
from kerascomp.probing.vectors import as_vectors

PERPLEXITY = 30


def embed(
    vectors: np.ndarray,
    seed: int = 0,
    *,
    perplexity: float = PERPLEXITY,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Returns a t-SNE map of vectors, float64 (N, 2), which keeps neighborhoods, not distances.

    Args:
        vectors: (N, K) or images (N, H, W, C).
        seed: int; the same vectors and seed always give the same map.
        perplexity: about how many neighbors of a point count; N must be more than three times it.
        start: initial points (N, 2), such as the map of other vectors of the same images, so that
            the two maps can be compared. PCA when not given.

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
        n_jobs=1,  # a map depends on the number of threads
        random_state=seed,
    )
    return np.asarray(tsne.fit(vectors))


def embed_once(folder: Path, vectors: np.ndarray, seed: int = 0, **options) -> np.ndarray:
    """Returns `embed(vectors, seed, **options)`, from a file in `folder` if it was computed before.

    Args:
        folder: where maps are kept, named by the SHA-256 of what they were computed from.
        vectors, seed, options: as for `embed`.
    """
    start = options.get("start")
    parts = [np.asarray(vectors), *([] if start is None else [np.asarray(start)])]
    kinds = [(part.shape, str(part.dtype)) for part in parts]
    perplexity = options.get("perplexity", PERPLEXITY)
    text = f"{openTSNE.__version__} {seed} {perplexity} {kinds}"
    digest = hashlib.sha256(text.encode())
    for part in parts:
        digest.update(np.ascontiguousarray(part).data)
    path = folder / "maps" / f"{digest.hexdigest()[:32]}.npz"
    if path.exists():
        return files.load_arrays(path, advice="delete it: the map is computed again")["points"]
    points = embed(vectors, seed, **options)
    files.save_arrays(path, {"points": points})
    return points
