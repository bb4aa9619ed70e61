import numpy as np

# ½ · 2 + ¼ · 2 + ¼ · 1 = 1.75 bits; the entropy of q is ½ · 1 + ¼ · 2 + ¼ · 2 = 1.5 bits.
a = [1.75, 0.25]


# tables[0, rows[:, 0]], tables[1, rows[:, 1]], … at once, by two arrays of indices.
def b(rows, tables):
    probabilities = tables[np.arange(rows.shape[1]), rows]  # (N, L)
    return -np.log2(probabilities).sum(axis=1).mean()


# A network at its optimum pays lambda bits per pixel for a unit of MSE: between 10 and 40.
# Measured: (0.1240 − 0.0830) / (0.00984 − 0.00757).
c = 18.2
