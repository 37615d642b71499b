"""A cheap look at how training goes: Dice on a few unseen phantoms in fixed random scans, on the network's own grid.

The figures for the model card come from evaluate.py, which goes through nnU-Net's own preprocessing and export.
"""
from pathlib import Path

import numpy as np
import torch

import contrast
import network as net
from examples import Maker
from phantoms import deform, load, phantom_files

CASES = 3


class Validation:
    """Examples of every scan type from the first phantoms of a folder."""

    def __init__(self, folder: Path, maker: Maker, grid: tuple[int, int, int]):
        self.examples = {scan: [] for scan in contrast.SCANS}
        for number, path in enumerate(phantom_files(folder)[:CASES]):
            rng = np.random.default_rng(number)
            body = deform(load(path), grid, maker.spacing, rng, strength=0)
            for scan, examples in self.examples.items():
                examples.append(maker.make(body, scan, rng))

    def score(self, network: torch.nn.Module, stages: int) -> dict[str, float]:
        """Mean Dice over the structures present, at the resolution of the last of the first `stages` decoder stages."""
        out = {}
        for scan, examples in self.examples.items():
            scores = []
            for example in examples:
                with torch.inference_mode():
                    features = net.features(network, example.x, stages)[-1]
                    found = network.decoder.seg_layers[stages - 1](features.float())[0].argmax(0).numpy()
                step = 2 ** (len(network.decoder.stages) - stages)
                scores += dice(found, example.labels[::step, ::step, ::step]).values()
            out[scan] = float(np.mean(scores)) if scores else 0.0
        return out


def dice(found: np.ndarray, truth: np.ndarray) -> dict[int, float]:
    """Dice of every label present in the truth."""
    size = np.bincount(truth.reshape(-1), minlength=256)
    predicted = np.bincount(found.reshape(-1), minlength=256)
    hit = np.bincount(truth[truth == found].reshape(-1), minlength=256)
    return {int(k): float(2 * hit[k] / (size[k] + predicted[k])) for k in np.flatnonzero(size) if k > 0}
