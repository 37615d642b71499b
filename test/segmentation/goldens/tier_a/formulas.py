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
