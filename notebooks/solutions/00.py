import numpy as np

# 8 · 98 bits for 784 pixels; 8 · 256 bits for 1,024 pixels, each of which has three numbers.
a = [8 * 98 / 28**2, 8 * 256 / 32**2]


# Converted to floats first: uint8 has no negative numbers, so 3 - 5 would be 254.
def b(x, x_hat):
    difference = x / 255 - x_hat / 255
    return -10 * np.log10(np.mean(difference**2))


# The MAE is at most the root of the MSE, 0.1, and reaches it if all errors are equally large.
# A brighter picture has the same error everywhere, but for pixels that were nearly white.
c = "brighter"
