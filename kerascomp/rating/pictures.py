"""Images as PNG text, the way a study holds them and a browser shows them."""

import base64
import io

import numpy as np
from PIL import Image, UnidentifiedImageError


def to_png(image):
    """Returns the PNG of a uint8 image (H, W, C), C being 1 or 3, as bytes."""
    buffer = io.BytesIO()
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def to_text(image):
    """Returns the PNG of a uint8 image (H, W, C) as base64 text.

    Example:
        >>> to_text(np.zeros((8, 8, 3), np.uint8))[:12]
        'iVBORw0KGgoA'
    """
    return base64.b64encode(to_png(image)).decode("ascii")


def from_text(text):
    """Returns the uint8 image (H, W, C) that `to_text` wrote.

    Raises:
        ValueError: the text is no PNG in gray or color.
    """
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True))) as picture:
            pixels = np.asarray(picture)
    except (ValueError, OSError, UnidentifiedImageError) as error:
        raise ValueError(f"expected a PNG in base64, received {text[:20]!r}… ({error})") from None
    return pixels[..., None] if pixels.ndim == 2 else pixels


def enlarged(image, factor):
    """Returns a uint8 image (H, W, C) with every pixel repeated `factor` times down and right.

    Example:
        >>> enlarged(np.array([[[1], [2]]], np.uint8), 2)[..., 0].tolist()
        [[1, 1, 2, 2], [1, 1, 2, 2]]
    """
    return image.repeat(factor, axis=0).repeat(factor, axis=1)
