"""Images deformed a little or flipped, so that a training does not learn its images by heart."""

import tensorflow as tf

LARGEST = {"turn": 0.12, "scale": 0.08, "shear": 0.12, "shift": 0.3}  # radians, shares, pixels
# Interpolation blurs, and blurred digits are easier: 10 % fewer bits. This much more contrast gives
# them the gray levels of digits again.
CONTRAST = 1.33
SMALLEST = 0.6  # size of photographs that are made smaller


def deformed(images: tf.Tensor, share: float, *, seed) -> tf.Tensor:
    """Returns images (N, H, W, C), the first of them turned, scaled, sheared and shifted.

    Args:
        images: float32.
        share: of the images that are deformed.
        seed: two integers; the same seed deforms the same images alike.
    """
    number = tf.cast(share * tf.cast(tf.shape(images)[0], tf.float32), tf.int32)
    height, width = images.shape[1:3]
    random = tf.random.stateless_uniform([6, number], seed, -1.0, 1.0)
    turn, shear = random[0] * LARGEST["turn"], random[1] * LARGEST["shear"]
    wide, high = 1 + random[2] * LARGEST["scale"], 1 + random[3] * LARGEST["scale"]
    matrix = [  # where a pixel of the deformed image is taken from: [[a, b], [c, d]] @ (x, y)
        wide * tf.cos(turn),
        wide * (shear * tf.cos(turn) - tf.sin(turn)),
        high * tf.sin(turn),
        high * (shear * tf.sin(turn) + tf.cos(turn)),
    ]
    x, y = (width - 1) / 2, (height - 1) / 2  # the center stays, but for the shift
    right = x - matrix[0] * x - matrix[1] * y + random[4] * LARGEST["shift"]
    down = y - matrix[2] * x - matrix[3] * y + random[5] * LARGEST["shift"]
    zeros = tf.zeros_like(x * turn)
    rows = [*matrix[:2], right, *matrix[2:], down, zeros, zeros]
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=images[:number],
        transforms=tf.stack(rows, axis=1),
        output_shape=[height, width],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    moved = tf.clip_by_value(0.5 + CONTRAST * (moved - 0.5), 0.0, 1.0)
    return tf.concat([moved, images[number:]], axis=0)


def flipped(images: tf.Tensor, *, seed) -> tf.Tensor:
    """Returns images (N, H, W, C), half of them flipped left to right.

    Args:
        images: of any type.
        seed: two integers; the same seed flips the same images.
    """
    draws = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed)
    return tf.where(draws < 0.5, images[:, :, ::-1], images)


def cropped(images: tf.Tensor, side: int, *, seed) -> tf.Tensor:
    """Returns squares (N, side, side, C) of large images, half of them turned over a diagonal.

    Half have the pixels as they are, the others are made smaller, by up to `SMALLEST`.

    Args:
        images: float32 (N, H, W, C).
        side: of the squares in pixels.
        seed: two integers; the same seed cuts the same squares.
    """
    number, (height, width) = tf.shape(images)[0], images.shape[1:3]
    random = tf.random.stateless_uniform([4, number], seed)
    scale = 1 - (1 - SMALLEST) * tf.maximum(2 * random[0] - 1, 0.0)
    wide = (side - 1) / scale  # from the first pixel to the last
    top = tf.floor(random[1] * (height - tf.math.ceil(wide)))
    left = tf.floor(random[2] * (width - tf.math.ceil(wide)))
    ends = [top / (height - 1), left / (width - 1)]
    ends += [(top + wide) / (height - 1), (left + wide) / (width - 1)]
    squares = tf.image.crop_and_resize(images, tf.stack(ends, 1), tf.range(number), [side, side])
    is_turned = random[3][:, None, None, None] < 0.5
    return tf.where(is_turned, tf.transpose(squares, [0, 2, 1, 3]), squares)
