# The level is 4: the second component is not sent, its error is its variance, 1; 4 are left for
# the first one, which costs ½ log2(16/4) bits.
a = 1.0


# Mean bytes, less the blank file's, in bits, for each pixel.
def b(files, blank, num_pixels):
    mean_bytes = sum(len(file) for file in files) / len(files)
    return 8 * (mean_bytes - len(blank)) / num_pixels


# AVIF has the largest header, 297 bytes of a black digit's file. A mosaic needs a fifth.
c = "AVIF"
