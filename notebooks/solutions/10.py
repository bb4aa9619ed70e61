import numpy as np

# Odds of e^1.1 = 3 to 1.
a = 0.75


# argsort of argsort gives the rank of each number.
def b(x, y):
    ranks = [np.argsort(np.argsort(row)) for row in (x, y)]
    return np.corrcoef(*ranks)[0, 1]


# The scores differ by 0.95: odds of 2.6 to 1, 0.72 among those who decide. In the shares "not sure"
# counts half, and brings them nearer to 0.5.
c = 0.565
