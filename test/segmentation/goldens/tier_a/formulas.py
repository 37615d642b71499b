"""Numbers that TypeScript makes again bit by bit (`test/segmentation/support/tier-a-formulas.ts`), so that large inputs need
not be stored."""

import numpy as np


def hashed(seed: int, count: int) -> np.ndarray:
    """u32 that look random: an integer hash of the index."""
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed * 0x85EBCA77 & 0xFFFFFFFF)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x7FEB352D)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x846CA68B)
        x ^= x >> np.uint32(16)
    return x


def noise(seed: int, shape, scale: float, offset: float = 0.0) -> np.ndarray:
    """binary64 between offset ± scale."""
    count = int(np.prod(shape))
    return ((hashed(seed, count) / 2.0**31 - 1.0) * scale + offset).reshape(shape)


def noise32(seed: int, shape, scale: float, offset: float = 0.0) -> np.ndarray:
    return noise(seed, shape, scale, offset).astype(np.float32)


def noise16(seed: int, shape, scale: float, offset: float = 0.0) -> np.ndarray:
    return noise(seed, shape, scale, offset).astype(np.float16)


def halves_near(seed: int, shape, base: int, spread: int) -> np.ndarray:
    """Halves whose bits are base … base + spread - 1: neighbours in binary16."""
    count = int(np.prod(shape))
    bits = (base + (hashed(seed, count) >> np.uint32(8)) % np.uint32(spread)).astype(np.uint16)
    return bits.view(np.float16).reshape(shape)


def logits_of(kind: str, seed: int, heads: int, shape) -> np.ndarray:
    """Halves [heads, shape…] of some kind, random or made to mislead shortcuts of the export."""
    full = (heads, *shape)
    count = int(np.prod(shape))
    if kind == "random":
        return noise16(seed, full, 8.0)
    if kind == "small":
        return noise16(seed, full, 0.05)
    if kind == "tiny":
        return noise16(seed, full, 2.0**-12)
    if kind == "one step apart":
        return halves_near(seed, full, 0x4800, 2)
    if kind == "ties":
        return halves_near(seed, full, 0x4500, 3)
    if kind == "leader":
        return leading(seed, heads, count, 4).reshape(full)
    if kind == "leader by one step":
        return leading(seed, heads, count, 1).reshape(full)
    if kind == "second everywhere":
        return second(seed, heads, shape)
    if kind == "organs":
        return organs(seed, heads, shape)
    raise ValueError(kind)


def leading(seed: int, heads: int, count: int, most: int) -> np.ndarray:
    """One channel leads at every sample by 1 to `most` steps: what interpolation can level to a tie, the more so as
    the samples lie on both sides of 8, where the step doubles."""
    winner = 1 + seed % (heads - 1)
    base = 0x4700 + (hashed(seed, count) >> np.uint32(8)) % np.uint32(512)
    lead = 1 + (hashed(seed + 1, heads * count) >> np.uint32(8)).reshape(heads, count) % np.uint32(most)
    lead[winner] = 0
    return (base[None] - lead).astype(np.uint16).view(np.float16)


def second(seed: int, heads: int, shape) -> np.ndarray:
    """Channels 0 and 2 win by turns, channel 1 is second at every sample and wins between them: 10/9/−10 and −10/9/10."""
    z, y, x = np.indices(shape)
    even = ((z + y + x) % 2 == 0)[None]
    values = np.full((heads, *shape), -12.0)
    values[0:1] = np.where(even, 10.0, -10.0)
    values[1:2] = 9.0
    values[2:3] = np.where(even, -10.0, 10.0)
    jitter = (hashed(seed, int(np.prod(values.shape))) % np.uint32(64)).reshape(values.shape) / 128.0
    return (values + jitter).astype(np.float16)


def organs(seed: int, heads: int, shape) -> np.ndarray:
    """Background 0, every other channel a ball whose logit falls from its centre."""
    z, y, x = np.indices(shape)
    values = np.zeros((heads, *shape))
    centres = hashed(seed, 3 * heads) / 2.0**32
    for k in range(1, heads):
        dz = z - centres[3 * k] * shape[0]
        dy = y - centres[3 * k + 1] * shape[1]
        dx = x - centres[3 * k + 2] * shape[2]
        values[k] = 6.0 - (dz * dz + dy * dy + dx * dx) * 0.5
    return values.astype(np.float16)
