"""One of several processes that train the same network in shared memory, each on its own examples and its own thread.

The workers do not wait for each other ("Hogwild", Recht et al., 2011): on a busy machine, threads that share the work of
one step spend most of their time waiting for the one that was interrupted. With two workers a gradient is at most about
one step old.
"""
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch

import network as net
from examples import Example, Maker, stream
from loss import Weights, logits_at, loss
from pool import Pool

STAGE_WEIGHTS = (0.1, 0.25, 0.5, 1.0)
"""Weight of the loss of every decoder stage, coarsest first."""
WARM_UP = 30
"""Steps in which the learning rate rises."""
HEAD_RATE = 3.0
"""Learning rate of the heads as a multiple of that of the rest."""


@dataclass
class Schedule:
    """What depends on the clock: times are those of time.time()."""

    begin: float
    end: float
    coarse: float
    """Share of the time in which the last decoder stage, which costs half of a step, rests."""
    rate: float

    def progress(self) -> float:
        """Share of the time that has passed."""
        return (time.time() - self.begin) / (self.end - self.begin)

    def stages(self) -> int:
        """Decoder stages at work now."""
        return len(STAGE_WEIGHTS) - (self.progress() < self.coarse)

    def current_rate(self, step: int) -> float:
        """Learning rate: a short warm-up, then half a cosine down to zero."""
        return self.rate * min(1, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * min(1, self.progress())))


@dataclass
class Job:
    """What all workers share. Tensors are in shared memory."""

    network: torch.nn.Module
    weights: Weights
    maker: Maker
    pool_folder: Path
    slots: int
    grid: tuple[int, int, int]
    schedule: Schedule
    steps: torch.Tensor
    """Steps made by each worker."""
    losses: torch.Tensor
    """Moving average of each worker's loss."""


def work(number: int, job: Job, seed: int) -> None:
    """Train until the schedule ends."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    pool = Pool(job.pool_folder, job.slots, job.grid)
    source = stream(job.maker, pool, seed)
    heads = list(job.network.decoder.seg_layers.parameters())
    others = [p for name, p in job.network.named_parameters() if 'seg_layers' not in name]
    optimizer = torch.optim.Adam([{'params': others, 'scale': 1.0}, {'params': heads, 'scale': HEAD_RATE}])
    for step in range(1 << 30):
        if job.schedule.progress() >= 1:
            return
        rate = job.schedule.current_rate(step)
        for group in optimizer.param_groups:
            group['lr'] = rate * group['scale']
        stages = job.schedule.stages()
        value = gradients(job, source.get(), stages)
        optimizer.step()
        job.steps[number] = step + 1
        job.losses[number].lerp_(value / sum(STAGE_WEIGHTS[:stages]), max(0.01, 1 / (step + 1)))


def gradients(job: Job, example: Example, stages: int) -> torch.Tensor:
    """Compute the gradients of one example; each worker has its own. Returns the loss."""
    total = torch.zeros(())
    for i, features in enumerate(net.features(job.network, example.x, stages)):
        t = example.targets[i]
        logits = logits_at(job.network.decoder.seg_layers[i], features, t.positions)
        total = total + STAGE_WEIGHTS[i] * loss(logits, t.labels, t.stand_for, job.weights)
    job.network.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(job.network.parameters(), 12)
    return total.detach()
