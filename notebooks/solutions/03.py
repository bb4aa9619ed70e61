# Weights for 3×3 pixels, each input and each output channel, and a bias for each output channel:
# the small dense layer has more parameters than both convolutions.
a = [9 * 1 * 16 + 16, 9 * 16 * 8 + 8, 128 * 32 + 32]


# The maximum over all images is zero only if a unit never was positive.
def b(values):
    return (values.max(axis=0) == 0).mean()


# 0.0170 / 0.0227: 16.5 times the parameters remove a quarter of the error.
c = 0.75
