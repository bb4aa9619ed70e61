import numpy as np

# 0.05 + 0.1 = 0.15, with 0.15 it is 0.3, with 0.3 it is 0.6, with 0.4 it is 1: words of 1, 2, 3, 4
# and 4 bits. The Kraft sum is 1, because no word of the tree is unused.
a = [0.4 * 1 + 0.3 * 2 + 0.15 * 3 + 0.1 * 4 + 0.05 * 4, 1 / 2 + 1 / 4 + 1 / 8 + 1 / 16 + 1 / 16]


# Symbols that never came have no logarithm, and cost nothing.
def b(counts):
    p = counts[counts > 0] / counts.sum()
    return -(p * np.log2(p)).sum()


# Huffman: a bit each. Pairs: words of 1, 2, 3 and 3 bits, (0.81 + 0.18 + 0.27 + 0.03) / 2.
# Arithmetic: the entropy, 0.469 for exactly 0.9; the message that is drawn has a little less.
c = [1.0, 0.645, 0.469]
