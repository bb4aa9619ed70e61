import numpy as np

# Columns add up to ½ and ½: 1 bit. In each row the shares are ¾ and ¼:
# ¾ · log2(4/3) + ¼ · 2 = 0.811 bits.
a = [1.0, 0.811]


# −log2 p(y2 | y1), averaged over the pairs that came.
def b(counts):
    joint = counts / counts.sum()
    conditional = joint / joint.sum(axis=1, keepdims=True)
    came = joint > 0
    return -(joint[came] * np.log2(conditional[came])).sum()


# metrics.bd_rate(stored["dense, bottleneck"], stored["bottleneck"])
c = -49
