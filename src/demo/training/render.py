"""From a body and a contrast to what the network gets: a field of view, rendered, normalised, fitted to the patch."""
from dataclasses import dataclass

import numpy as np

from contrast import Contrast
from phantoms import FINE


@dataclass
class View:
    """A box of the training grid in network voxels, [low, high) per axis; y and x may reach beyond the grid."""

    low: tuple[int, int, int]
    high: tuple[int, int, int]


def random_view(labels: np.ndarray, top: int, spacing: float, rng: np.random.Generator) -> View:
    """A field of view as abdominal scans have it: most of the body across, any part of it along z, air around."""
    length = min(top, int(rng.uniform(150, 560) / spacing))
    if rng.random() < 0.15:
        length = top
    z = int(rng.integers(0, top - length + 1))
    planes = labels.any(axis=0)
    ys, xs = np.flatnonzero(planes.any(1)), np.flatnonzero(planes.any(0))
    # The labelled structures end some 25 mm inside the skin; a negative margin cuts into the body.
    margin = rng.uniform(10, 70, 4) if rng.random() < 0.7 else rng.uniform(-15, 40, 4)
    m = (margin / spacing).astype(int)
    return View((z, int(ys[0] - m[0]), int(xs[0] - m[2])), (z + length, int(ys[-1] + 1 + m[1]), int(xs[-1] + 1 + m[3])))


def cut(array: np.ndarray, view: View, fill: int, factor: int = 1) -> np.ndarray:
    """The box of a view from a map that has `factor` voxels per network voxel, filled where it reaches beyond."""
    low, high = np.array(view.low) * factor, np.array(view.high) * factor
    inner = tuple(slice(max(a, 0), min(b, n)) for a, b, n in zip(low, high, array.shape))
    pad = [(max(-a, 0), max(b - n, 0)) for a, b, n in zip(low, high, array.shape)]
    return np.pad(array[inner], pad, constant_values=fill)


def image(tissue: np.ndarray, contrast: Contrast, rng: np.random.Generator) -> np.ndarray:
    """Render a fine tissue map at network resolution with partial volume, texture, shading and noise; z-scored."""
    sharp = [_pair_weights(rng) if rng.random() < 0.5 else np.full(FINE, 1 / FINE) for _ in range(2)]
    mean = _blocks(contrast.mean.astype(np.float32)[tissue], sharp)
    if rng.random() < 0.4:  # slices thicker than a network voxel
        w = np.float32(rng.uniform(0, 0.25))
        padded = np.pad(mean, ((1, 1), (0, 0), (0, 0)), 'edge')
        mean = (1 - 2 * w) * mean + w * (padded[:-2] + padded[2:])
    texture = contrast.texture.astype(np.float32)[tissue[FINE // 2::FINE, FINE // 2::FINE, FINE // 2::FINE]]
    volume = expose(mean, texture, contrast, rng)
    return (volume - volume.mean()) / max(float(volume.std()), 1e-8)


def expose(mean: np.ndarray, texture: np.ndarray, contrast: Contrast, rng: np.random.Generator) -> np.ndarray:
    """What the scanner makes of the mean signal of every voxel: texture, shading and noise are added."""
    volume = mean + texture * _normal(mean.shape, rng)
    if contrast.scan == 'ct_abdomen':
        return np.maximum(volume + np.float32(contrast.noise) * _normal(mean.shape, rng), -1024)
    volume = volume * _shading(mean.shape, rng) + np.float32(contrast.noise) * _normal(mean.shape, rng)
    return np.hypot(volume, np.float32(contrast.noise) * _normal(mean.shape, rng))


def fit(volume: np.ndarray, labels: np.ndarray, patch: tuple[int, int, int],
        rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pad with zeros to the patch as nnU-Net does, or take one of the windows that its tiling could take."""
    slices, pad = [], []
    for n, p in zip(volume.shape, patch):
        start = 0
        if n > p:
            start = int(rng.choice([0, n - p])) if rng.random() < 0.5 else int(rng.integers(0, n - p + 1))
        slices.append(slice(start, start + p))
        missing = max(p - n, 0)
        pad.append((missing // 2, missing - missing // 2))
    return np.pad(volume[tuple(slices)], pad), np.pad(labels[tuple(slices)], pad)


def _blocks(fine: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """Weighted mean of every block: plain along z, with the given weights along y and x."""
    z, y, x = (n // FINE for n in fine.shape)
    f = fine.reshape(z, FINE, y * FINE, x * FINE).mean(1)
    f = np.einsum('zybw,b->zyw', f.reshape(z, y, FINE, x * FINE), weights[0].astype(np.float32))
    return np.ascontiguousarray(f.reshape(z, y, x, FINE) @ weights[1].astype(np.float32))


def _pair_weights(rng: np.random.Generator) -> np.ndarray:
    """Uneven weights of a pair: what sampling a finer scan between its voxels does."""
    w = rng.random()
    return np.array([w, 1 - w])


def _normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(shape, np.float32)


def _shading(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Smooth receive and transmit inhomogeneity: a product of a quadratic along each axis and a tilted plane."""
    axes = [np.linspace(-1, 1, n, dtype=np.float32) for n in shape]
    logs = [rng.normal(0, 0.15) * a + rng.normal(0, 0.15) * a ** 2 for a in axes]
    field = logs[0][:, None, None] + logs[1][:, None] + logs[2]
    field += np.float32(rng.normal(0, 0.15)) * (axes[0][:, None, None] * axes[1][:, None])
    field += np.float32(rng.normal(0, 0.15)) * (axes[1][:, None] * axes[2])
    return np.exp(field, dtype=np.float32)
