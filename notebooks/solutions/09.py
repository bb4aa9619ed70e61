# 21 · 21 blocks, 24 bits, four iterations: 42,336 bits; 4 · 24 bits for 64 pixels are 1.5 bpp.
a = [21 * 21 * 24 * 4 / 8, 4 * 24 / 64]


# The sum of the corrections is a binary number: each iteration halves the interval of x.
def b(x, num_iterations):
    x_hat = 0.0
    for t in range(1, num_iterations + 1):
        x_hat += 2.0**-t if x - x_hat >= 0 else -(2.0**-t)
    return x_hat


# 625.3 bytes instead of 768, 19 % against 30 %: later bit-planes are harder to predict.
c = 1 - 625.3 / (16 * 384 / 8)
