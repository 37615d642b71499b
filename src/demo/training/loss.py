"""Cross-entropy and Dice for 41 very unequal classes, computed on a sample of the voxels.

On a CPU the full-resolution logits of all classes cost more than the rest of the network, while neighbouring voxels
teach much the same. So only a sample gets logits: every voxel of small structures, a share of large ones and of the
background, each counted by the inverse of its chance to be drawn.
"""
import numpy as np
import torch
from torch.nn import functional

SMALLEST_SHARE = 0.1
PADDING_SHARE = 0.02


class Weights:
    """Per-class weights of the cross-entropy and starting biases of the heads, from how frequent the classes are."""

    def __init__(self, counts: np.ndarray, power: float = 0.35, most: float = 8.0):
        share = np.maximum(counts, 1) / counts.sum()
        self.classes = torch.tensor(np.minimum((share / share[0]) ** -power, most), dtype=torch.float32)
        self.bias = torch.tensor(np.log(share), dtype=torch.float32)


def sample(labels: np.ndarray, inside: np.ndarray, per_class: int,
           rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Flat positions of the voxels to compute logits for, and how many voxels each stands for."""
    flat = labels.reshape(-1)
    counts = np.bincount(flat, minlength=256)
    share = np.clip(per_class / np.maximum(counts, 1), SMALLEST_SHARE, 1).astype(np.float32)
    chance = share[flat]
    chance[~inside.reshape(-1)] = PADDING_SHARE
    chosen = np.flatnonzero(rng.random(flat.size, np.float32) < chance)
    return chosen, 1 / chance[chosen]


def logits_at(head: torch.nn.Conv3d, features: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Logits of a 1x1x1 head at flat positions of the features of a batch of one."""
    picked = features.flatten(2)[0].index_select(1, positions)
    return functional.linear(picked.T.float(), head.weight.flatten(1), head.bias)


def loss(logits: torch.Tensor, target: torch.Tensor, stand_for: torch.Tensor, weights: Weights) -> torch.Tensor:
    """Weighted cross-entropy plus one minus the mean Dice of the structures present."""
    log_p = functional.log_softmax(logits, 1)
    w = weights.classes[target] * stand_for
    entropy = -(w * log_p.gather(1, target[:, None])[:, 0]).sum() / w.sum()
    p = log_p.exp()
    truth = functional.one_hot(target, logits.shape[1]).float()
    size = stand_for @ truth
    overlap = stand_for @ (p * truth)
    total = stand_for @ p + size
    present = size > 0
    present[0] = False
    if not present.any():
        return entropy
    return entropy + 1 - (2 * overlap[present] / (total[present] + 1)).mean()
