# A single map of 4·4·128 is four times as many numbers as the code, and the ratio falls from 6.
a = [2 * 2 * 128 + 4 * 4 * 128, 3072 / 2560]


# Axes 1 and 3 run inside a block.
def b(x):
    height, width, channels = x.shape
    return x.reshape(height // 2, 2, width // 2, 2, channels).max(axis=(1, 3))


# On digits the training loss is above, as one expects: 0.0106 / 0.0072. On photographs it is below,
# 0.0108 / 0.0148: the network is worse without the dropout that it was trained with. A likely
# reason is that maxima over blocks are larger on average if some of the values are enlarged.
c = [0.73, 1.48]
