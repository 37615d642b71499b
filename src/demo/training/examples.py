"""Training examples: a body from the pool, seen in a random scan, with the voxels whose logits will be compared."""
import queue
import threading
from dataclasses import dataclass

import numpy as np
import torch

import contrast
import loss
import render
from phantoms import FINE, Body, air_index
from pool import Pool


@dataclass
class Target:
    """What one decoder stage is compared with: flat voxel positions, their labels, how many voxels each stands for."""

    positions: torch.Tensor
    labels: torch.Tensor
    stand_for: torch.Tensor


@dataclass
class Example:
    """One input patch and the targets of the decoder stages, coarsest first."""

    x: torch.Tensor
    labels: np.ndarray
    targets: list[Target]


class Maker:
    """Makes examples; `tissues` is the table that the tissue maps of the bodies refer to."""

    def __init__(self, tissues: list[dict], spacing: float, patch: tuple[int, int, int], stages: int):
        self.tissues, self.spacing, self.patch, self.stages = tissues, spacing, patch, stages

    def make(self, body: Body, scan: str, rng: np.random.Generator, per_class: int = 3000) -> Example:
        """One example with a random field of view and contrast."""
        view = render.random_view(body.labels, body.top, self.spacing, rng)
        tissue = render.cut(body.tissue, view, air_index(self.tissues), FINE)
        truth = render.cut(body.labels, view, 0)
        volume = render.image(tissue, contrast.draw(scan, self.tissues, rng), rng)
        # Labels carry a bit for "inside the scan" through the padding.
        volume, marked = render.fit(volume, truth | np.uint8(128), self.patch, rng)
        labels, inside = marked & 127, marked > 127
        targets = []
        for stage in range(self.stages):
            step = 2 ** (self.stages - 1 - stage)
            at = (slice(None, None, step),) * 3
            positions, stand_for = loss.sample(labels[at], inside[at], per_class, rng)
            chosen = labels[at].reshape(-1)[positions].astype(np.int64)
            targets.append(Target(*(torch.from_numpy(a) for a in (positions, chosen, stand_for))))
        x = torch.from_numpy(np.ascontiguousarray(volume, np.float32))[None, None]
        return Example(x, labels, targets)


def stream(maker: Maker, pool: Pool, seed: int) -> queue.Queue:
    """Examples from random slots of the pool and all scan types in turn, made ahead by a thread."""
    out: queue.Queue = queue.Queue(3)

    def produce() -> None:
        rng = np.random.default_rng(seed)
        while True:
            for scan in rng.permutation(contrast.SCANS):
                out.put(maker.make(pool.get(int(rng.choice(pool.filled()))), scan, rng))

    threading.Thread(target=produce, daemon=True).start()
    return out
