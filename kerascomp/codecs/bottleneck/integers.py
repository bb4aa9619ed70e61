"""The prior in integers: the same tables on every computer, to the last bit.

A decoder must build exactly the encoder's tables. Floating point does not promise that: a sum in
another order ends in another digit, one table in a million differs, and everything behind it is
noise. So the prior's networks are computed in fixed point, as Ballé et al. propose ("Integer
networks for data compression", 2019): all numbers are integers. They are kept in float64, where
sums of integers below 2 ** 53 are exact in any order, so that matrix products stay fast.
"""

import copy

import numpy as np

NUM_LEVELS = 65  # qualities 0, 1/64, …, 1
NUM_CONDITIONS = 6
LOWEST, HIGHEST = -512, 511  # symbols beyond are clipped by the encoder
NUM_SYMBOLS = HIGHEST - LOWEST + 1

# Binary places behind the point.
STEP_BITS = 12  # of quantization steps and of latents
WEIGHT_BITS = 10
UNIT_BITS = 10  # of what a hidden layer returns
LOG_BITS = 5  # of logarithms: one part in 32 of a factor e
EXP_BITS = 20
SHARE_BITS = 16  # of a mixture's weights
INDEX_BITS = 10  # of the argument of the logistic function
LOGISTIC_BITS = 24  # of its value
TOTAL = 1 << 24  # the sizes of all intervals of a table

LARGEST_EXACT = 2**53
SMALLEST_LOG, LARGEST_LOG = -6 << LOG_BITS, 11 << LOG_BITS  # of a scale
REACH = 16 << INDEX_BITS  # beyond ±16 the logistic function is 0 or 1


# The functions that need more than integers, as tables. No exact value is within a millionth
# of a half, so every library's exponential rounds to the same integers (a test looks).
_LOGS = np.arange(SMALLEST_LOG, LARGEST_LOG + 1)
_ARGUMENTS = np.arange(-REACH, REACH + 1) / (1 << INDEX_BITS)
EXACT_EXP = np.exp(-_LOGS / (1 << LOG_BITS)) * (1 << EXP_BITS)
EXACT_LOGISTIC = (1 << LOGISTIC_BITS) / (1 + np.exp(-_ARGUMENTS))
EXACT_CONDITION = np.cos(
    np.pi * np.outer(np.linspace(0, 1, NUM_LEVELS), np.arange(1, NUM_CONDITIONS + 1))
) * (1 << UNIT_BITS)
CONDITION = np.round(EXACT_CONDITION).astype(np.int64)  # see `transforms.condition`
EXP = np.round(EXACT_EXP).astype(np.int64)
LOGISTIC = np.round(EXACT_LOGISTIC).astype(np.int64)


class IntegerPrior:
    """`prior.Prior` in fixed point.

    Args:
        plan: `plan.Plan`, the order of decoding.
        arrays: {name: integer array}, what `Prior.to_integers` returned.

    Raises:
        ValueError: a sum might exceed 2 ** 53, where float64 is no longer exact.
    """

    def __init__(self, plan, arrays):
        self.plan = plan
        self.arrays = {name: np.asarray(array, np.int64) for name, array in arrays.items()}
        self._floats = {name: array.astype(np.float64) for name, array in self.arrays.items()}
        self._check_range()

    def steps(self, level):
        """Returns the quantization steps (K,) of a level, float32, exact multiples of 2 ** -12."""
        return (self.arrays["steps"][level] / (1 << STEP_BITS)).astype(np.float32)

    def tables(self, index, symbols, level):
        """Returns the `MixtureTables` of a group's latents.

        Args:
            index: of the group.
            symbols: integers (N, h, w, K); only those of groups before this one are looked at.
            level: of the quality.

        Returns:
            Tables for (N, M) symbols: M latents of the group, in the order of its mask.
        """
        group, mask = self.plan.groups[index], self.plan.masks[index]
        outputs = self._outputs(index, symbols, level)  # (N, h, w, channels · 3 · components)
        channels = group.last - group.first
        outputs = np.broadcast_to(outputs, (len(symbols), *mask.shape[:2], outputs.shape[-1]))
        outputs = outputs.reshape(*outputs.shape[:3], channels, 3, -1)
        here = mask[..., group.first : group.last]
        location, log_scale, logit = np.moveaxis(outputs[:, here], 2, 0)  # (N, M, components)
        steps = np.broadcast_to(self.arrays["steps"][level], mask.shape)[mask]
        return MixtureTables(steps, location, log_scale, logit)

    def _outputs(self, index, symbols, level):
        """Returns a group's network's outputs, integers with WEIGHT_BITS + UNIT_BITS places."""
        bias = self._bias(index, "output", level)
        if index == 0:
            return bias[None, None, None]
        read, floats = self.plan.num_read[index], self._floats
        known = self.plan.known[index][..., :read]
        latents = symbols[..., :read] * known * self.arrays["steps"][level, :read]
        h = windows(latents, self.plan.window) @ floats[f"{index}/input"]
        h = rectified(h + self._bias(index, "input", level), STEP_BITS)
        h = rectified(h @ floats[f"{index}/middle"] + self._bias(index, "middle", level), UNIT_BITS)
        outputs = (h @ floats[f"{index}/output"]).astype(np.int64) + bias
        return outputs.reshape(*symbols.shape[:3], -1)

    def _bias(self, index, layer, level):
        """Returns what a layer adds to its sums; in some layers the quality has a say."""
        bias, told = (self.arrays.get(f"{index}/{layer}_{name}") for name in ("bias", "told"))
        return bias if told is None else CONDITION[level] @ told + bias

    def _check_range(self):
        arrays = {name: np.abs(array) for name, array in self.arrays.items()}
        for index in range(1, len(self.plan.groups)):
            read = self.plan.num_read[index]
            largest = -LOWEST * np.tile(arrays["steps"].max(0)[:read], self.plan.window**2)
            for layer, places in (("input", STEP_BITS), ("middle", UNIT_BITS), ("output", 0)):
                told = arrays.get(f"{index}/{layer}_told", np.zeros((1, 1), np.int64))
                bias = arrays[f"{index}/{layer}_bias"] + (told.sum(axis=0) << UNIT_BITS)
                sums = largest @ arrays[f"{index}/{layer}"].astype(float) + bias
                if sums.max() >= LARGEST_EXACT:
                    raise ValueError(
                        f"the sums of the prior's group {index}, {layer} layer, may reach "
                        f"{sums.max():.3g}; above 2 ** 53 they would not be exact. Its weights "
                        "are too large: train with weight decay"
                    )
                largest = sums / (1 << places)


class MixtureTables:
    """Integer intervals of symbols under mixtures of logistic distributions, never empty.

    A symbol x has the mixture's share of the values from (x - 1/2) · step to (x + 1/2) · step.

    Attributes:
        total: the sum of all sizes, 2 ** 24.
    """

    total = TOTAL

    def __init__(self, steps, location, log_scale, logit):
        self._steps = steps[:, None]  # (M, 1)
        places = WEIGHT_BITS + UNIT_BITS
        self._location = rounded(location, places - STEP_BITS)
        logs = np.clip(rounded(log_scale, places - LOG_BITS), SMALLEST_LOG, LARGEST_LOG)
        self._inverse_scale = EXP[logs - SMALLEST_LOG]
        below = rounded(logit.max(axis=-1, keepdims=True) - logit, places - LOG_BITS)
        parts = EXP[np.minimum(below, LARGEST_LOG) - SMALLEST_LOG]
        self._shares = (parts << SHARE_BITS) // parts.sum(axis=-1, keepdims=True)
        self._shares[..., 0] += (1 << SHARE_BITS) - self._shares.sum(axis=-1)

    def __len__(self):
        """The number of images."""
        return len(self._location)

    def column(self, index):
        """Returns the tables of one latent of all images, for (N,) symbols."""
        return self._part((slice(None), index), index)

    def rows(self, images):
        """Returns the tables of some images, a slice."""
        return self._part(images, slice(None))

    def _part(self, key, latents):
        part = copy.copy(self)
        part._steps = self._steps[latents]
        for name in ("_location", "_inverse_scale", "_shares"):
            setattr(part, name, getattr(self, name)[key])
        return part

    def parts_of(self, symbols):
        """Returns (starts, sizes) of integers from LOWEST to HIGHEST."""
        starts = self._starts(symbols)
        return starts, self._starts(symbols + 1) - starts

    def symbols_at(self, positions):
        """Returns the symbols whose intervals hold `positions`, found by halving."""
        below = np.full(positions.shape, LOWEST, np.int64)
        size = NUM_SYMBOLS
        while size > 1:
            size //= 2
            below += size * (self._inner_starts(below + size) <= positions)
        return below

    def _starts(self, symbols):
        """Returns where the intervals of integers begin; HIGHEST + 1 begins at the total."""
        starts = self._inner_starts(symbols)
        starts = np.where(symbols == LOWEST, 0, starts)
        return np.where(symbols > HIGHEST, TOTAL, starts)

    def _inner_starts(self, symbols):
        """Returns where the intervals of integers above LOWEST begin."""
        edge = (2 * symbols[..., None] - 1) * self._steps - 2 * self._location
        index = edge * self._inverse_scale >> (STEP_BITS + 1 + EXP_BITS - INDEX_BITS)
        logistic = LOGISTIC[np.clip(index, -REACH, REACH) + REACH]
        share = np.einsum("...c,...c", logistic, self._shares) >> SHARE_BITS  # over components
        # One part of the total for each symbol, and the rest as the mixture says.
        return (share * (TOTAL - NUM_SYMBOLS) >> LOGISTIC_BITS) + symbols - LOWEST


def windows(x, size):
    """Returns the neighborhoods (N · h · w, size · size · K) of (N, h, w, K), as a convolution.

    They are rows of one matrix: one large product is much faster than N · h small ones.
    """
    margin = size // 2
    padded = np.pad(x, ((0, 0), (margin, margin), (margin, margin), (0, 0))).astype(np.float64)
    views = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return np.moveaxis(views, 3, 5).reshape(-1, size * size * x.shape[3])


def rectified(x, places):
    """A ReLU, and `places` binary places cut off."""
    return np.floor(np.maximum(x, 0) / (1 << places))


def rounded(x, places):
    """Returns integers with `places` binary places fewer, rounded."""
    return (x + (1 << (places - 1))) >> places


def fixed(values, places):
    """Returns integers: values with so many binary places behind the point."""
    return np.round(np.asarray(values, np.float64) * (1 << places)).astype(np.int64)
