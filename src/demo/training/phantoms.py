"""Reading exported phantoms, and deforming them onto the grid that training works on."""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FINE = 2
"""Fine voxels along each side of a network voxel: a tissue map at 3 mm gives partial volumes at 6 mm."""


@dataclass
class Phantom:
    """One phantom: label and tissue of every voxel, [z, y, x] to superior, posterior, left, and the tissue table."""

    name: str
    labels: np.ndarray
    tissue: np.ndarray
    spacing: tuple[float, ...]
    tissues: list[dict]


@dataclass
class Body:
    """A phantom on the training grid: tissue at FINE times the resolution of the labels."""

    tissue: np.ndarray
    labels: np.ndarray
    top: int
    """Rows of the grid (z) from 0 that hold anatomy; what lies above was never part of the phantom."""


def phantom_files(folder: Path) -> list[Path]:
    """The descriptions of all phantoms in a folder whose maps are there too."""
    return sorted(p for p in folder.glob('*.json') if p.with_suffix('.tissue.u8').exists())


def load(description: Path) -> Phantom:
    """Read a phantom from SEED.json, SEED.labels.u8 and SEED.tissue.u8."""
    meta = json.loads(description.read_text())
    shape = tuple(meta['shape'])
    spacing = meta['spacing']
    return Phantom(
        name=description.stem,
        labels=np.fromfile(description.with_suffix('.labels.u8'), np.uint8).reshape(shape),
        tissue=np.fromfile(description.with_suffix('.tissue.u8'), np.uint8).reshape(shape),
        spacing=tuple(spacing) if isinstance(spacing, list) else (spacing,) * 3,
        tissues=meta['tissues'],
    )


def grid_for(phantoms: list[Path], spacing: float, slack: float = 1.1) -> tuple[int, int, int]:
    """A training grid, in network voxels and multiples of 8, that holds the body of the largest of the phantoms."""
    size = np.zeros(3)
    for path in phantoms:
        p = load(path)
        size = np.maximum(size, [(hi - lo) * s for (lo, hi), s in zip(_extent(p), p.spacing)])
    return tuple(int(8 * np.ceil(s * slack / spacing / 8)) for s in size)


def deform(phantom: Phantom, grid: tuple[int, int, int], spacing: float, rng: np.random.Generator,
           strength: float = 1.0) -> Body:
    """The phantom on the grid after a random rotation, scaling, stretching along the axes and shift.

    Left and right are never exchanged. Each network voxel takes the label that most of its fine voxels have.
    """
    fine = spacing / FINE
    extent = _extent(phantom)
    centre = np.array([(lo + hi - 1) / 2 for lo, hi in extent])
    size = np.array([(hi - lo) * s for (lo, hi), s in zip(extent, phantom.spacing)])
    scale = np.exp(strength * (rng.normal(0, 0.06) + rng.normal(0, 0.05, 3)))
    span = size * scale
    # Position of each fine plane along each axis in mm from the body's centre, in the deformed body. The grid starts at
    # the lowest slice of the body; in the other axes the body is centred.
    axes = [(np.arange(n * FINE) + 0.5) * fine for n in grid]
    axes[0] -= span[0] / 2 - rng.uniform(0, spacing)
    for a in (1, 2):
        axes[a] -= grid[a] * spacing / 2 + strength * rng.normal(0, 6)
    axes = [_stretch(x, s, rng, strength) / c for x, s, c in zip(axes, span, scale)]
    matrix = _rotation(strength * np.radians(rng.normal(0, 4, 3)))
    source = np.zeros([n * FINE for n in grid], np.int32)
    outside = np.zeros(source.shape, bool)
    stride = np.array([phantom.tissue.shape[1] * phantom.tissue.shape[2], phantom.tissue.shape[2], 1])
    for a in range(3):
        z, y, x = (axes[b].astype(np.float32) * np.float32(matrix[a, b] / phantom.spacing[a]) for b in range(3))
        position = (z[:, None] + y + np.float32(centre[a] + 0.5))[:, :, None] + x
        index = np.floor(position).astype(np.int32)
        limit = phantom.tissue.shape[a] - 1
        if a > 0:
            outside |= (index < 0) | (index > limit)
        source += np.clip(index, 0, limit) * np.int32(stride[a])
    air = air_index(phantom.tissues)
    tissue = np.where(outside, np.uint8(air), phantom.tissue.reshape(-1)[source])
    labels = np.where(outside, np.uint8(0), phantom.labels.reshape(-1)[source])
    top = int(np.searchsorted(axes[0], size[0] / 2) // FINE)
    return Body(tissue, majority(labels), min(top, grid[0]))


def majority(labels: np.ndarray) -> np.ndarray:
    """The most frequent label of every block of FINE**3 voxels, by voting among the block's own voxels."""
    z, y, x = (n // FINE for n in labels.shape)
    blocks = labels.reshape(z, FINE, y, FINE, x, FINE).transpose(1, 3, 5, 0, 2, 4).reshape(FINE ** 3, -1)
    votes = np.zeros(blocks.shape, np.uint8)
    for i in range(FINE ** 3):
        for j in range(FINE ** 3):
            votes[i] += blocks[i] == blocks[j]
    return np.take_along_axis(blocks, votes.argmax(0)[None], 0).reshape(z, y, x)


def air_index(tissues: list[dict]) -> int:
    """Position of air in a tissue table."""
    return next(i for i, t in enumerate(tissues) if t['name'] == 'air')


def _extent(phantom: Phantom) -> list[tuple[int, int]]:
    """First and last-plus-one plane of the body along each axis."""
    body = phantom.tissue != air_index(phantom.tissues)
    out = []
    for a in range(3):
        planes = np.flatnonzero(body.any(axis=tuple(b for b in range(3) if b != a)))
        out.append((int(planes[0]), int(planes[-1]) + 1))
    return out


def _stretch(x: np.ndarray, span: float, rng: np.random.Generator, strength: float) -> np.ndarray:
    """A smooth monotone change of the positions along one axis that keeps both ends of the body."""
    t = (x / span + 0.5) * np.pi
    shift = sum(rng.normal(0, 0.012) * np.sin(k * t) for k in (1, 2, 3))
    return x + strength * span * np.where((t > 0) & (t < np.pi), shift, 0)


def _rotation(angles: np.ndarray) -> np.ndarray:
    """Rotation about the three axes, in radians."""
    out = np.eye(3)
    for axis, angle in enumerate(angles):
        i, j = [a for a in range(3) if a != axis]
        turn = np.eye(3)
        turn[i, i] = turn[j, j] = np.cos(angle)
        turn[i, j], turn[j, i] = -np.sin(angle), np.sin(angle)
        out = out @ turn
    return out
