"""A pool of deformed bodies on disk that a background process keeps renewing while the network trains."""
import itertools
import os
import time
from pathlib import Path

import numpy as np

from phantoms import FINE, Body, deform, load, phantom_files


class Pool:
    """Slots with one body each, in memory-mapped files shared by the renewing and the training process."""

    def __init__(self, folder: Path, slots: int, grid: tuple[int, int, int], fresh: bool = False):
        folder.mkdir(parents=True, exist_ok=True)
        mode = 'w+' if fresh else 'r+'
        self.tissue = np.memmap(folder / 'tissue.u8', np.uint8, mode, shape=(slots, *(n * FINE for n in grid)))
        self.labels = np.memmap(folder / 'labels.u8', np.uint8, mode, shape=(slots, *grid))
        self.top = np.memmap(folder / 'top.i32', np.int32, mode, shape=(slots,))
        """Rows of each slot that hold anatomy; 0 where the slot is still empty."""

    def put(self, slot: int, body: Body) -> None:
        """Replace a slot. A reader that meets a half-written one gets a mixture of two bodies for one step; harmless."""
        self.tissue[slot], self.labels[slot] = body.tissue, body.labels
        self.top[slot] = body.top

    def filled(self) -> np.ndarray:
        """Numbers of the slots that hold a body."""
        return np.flatnonzero(self.top)

    def get(self, slot: int) -> Body:
        """The body in a slot, as views of the shared files."""
        return Body(self.tissue[slot], self.labels[slot], int(self.top[slot]))


def renew(folder: Path, slots: int, grid: tuple[int, int, int], phantoms: Path, spacing: float, seed: int,
          rest: float = 20.0) -> None:
    """Fill the slots from first to last and over again, with phantoms that may still be arriving in the folder.

    Once every slot is filled, each deformation is followed by a rest of `rest` times its duration.
    """
    os.nice(5)
    pool = Pool(folder, slots, grid)
    rng = np.random.default_rng(seed)
    queue: list[Path] = []
    for turn in itertools.count():
        began = time.monotonic()
        if not queue:
            queue = list(rng.permutation(np.array(phantom_files(phantoms), object)))
        pool.put(turn % slots, deform(load(queue.pop()), grid, spacing, rng))
        if turn >= slots:
            time.sleep(rest * (time.monotonic() - began))
