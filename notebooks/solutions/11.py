import numpy as np

# a = (4 + 2) / 2 = 3, b = (3 + 5) / 2 = 4.
a = (4 - 3) / 4


# All distances at once; the one to itself is made infinite.
def b(vectors, labels):
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=-1)  # (N, N)
    np.fill_diagonal(distances, np.inf)
    return (labels[distances.argmin(axis=1)] == labels).mean()


# 0.857, against 0.824 of the pixels and 0.794 of the trained code. A likely reason: PCA keeps the
# large differences between digits and leaves out the small ones, which often lie within a class.
c = "PCA, 32 numbers"
