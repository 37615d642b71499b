"""Numbers that look random, are the same in Python and TypeScript, and need not be stored (test/segmentation/support)."""

import numpy as np

A, C = np.uint32(1664525), np.uint32(1013904223)


def noise(seed: int, count: int) -> np.ndarray:
    """s <- 1664525 s + 1013904223 (mod 2^32); s / 2^31 - 1 as f64, `count` of them."""
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(count, A, np.uint32), dtype=np.uint32)
        before = np.concatenate([np.ones(1, np.uint32), powers[:-1]])
        states = powers * np.uint32(seed) + C * np.cumsum(before, dtype=np.uint32)
    return states / 2.0**31 - 1


def seed_of(name: str, seed: int) -> int:
    """FNV-1a of the name, begun with the case's own seed."""
    value = (2166136261 ^ seed) & 0xFFFFFFFF
    for byte in name.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def weights(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Kernels uniform within sqrt(6 / inputs), norm weights 0.6 to 1.4, biases within 0.2; f32."""
    values = noise(seed_of(name, seed), int(np.prod(shape))).reshape(shape)
    if len(shape) > 1:
        inputs = shape[0] if ".transpconvs." in f".{name}" else int(np.prod(shape[1:]))
        return (values * np.sqrt(6 / inputs)).astype(np.float32)
    if name.endswith("norm.weight"):
        return (1 + 0.4 * values).astype(np.float32)
    return (0.2 * values).astype(np.float32)


def patch(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Noise on ramps, and stripes of one value, as air is after clipping; f32."""
    grid = np.indices(shape)
    ramps = (7 * grid[-3] + 3 * grid[-2] + 5 * grid[-1]) % 32 / 16 - 1
    values = 0.5 * noise(seed, int(np.prod(shape))).reshape(shape) + ramps
    return np.where(grid[-3:].sum(0) % 24 < 12, -1.0, values).astype(np.float32)
