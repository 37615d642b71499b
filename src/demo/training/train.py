"""Train the demonstration model on phantoms and write it as an nnU-Net trained-model folder.

    python train.py --phantoms DIR --out DIR --until HH:MM

DIR/train and DIR/val hold phantoms as `src/demo/phantom/export.ts` writes them. Everything that is scheduled follows
the clock, not the number of steps, so training ends well at the time given, however busy the machine is.
"""
import argparse
import copy
import datetime
import json
import signal
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.multiprocessing

import contrast
import network as net
from examples import Maker
from loss import Weights
from phantoms import grid_for, load, phantom_files
from pool import Pool, renew
from validation import Validation
from worker import STAGE_WEIGHTS, Job, Schedule, work

AVERAGING = 16
"""The moving average of the weights forgets so that it always spans about the last 1/AVERAGING of all steps."""
FIRST_BODIES = 24
LOOK_EVERY, SAVE_EVERY, LOG_EVERY = 300, 600, 60


def arguments() -> argparse.Namespace:
    """Read the command line."""
    here = Path(__file__).resolve()
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--phantoms', type=Path, required=True, help='folder with train/ and val/')
    p.add_argument('--out', type=Path, required=True, help='folder for the model, the log and the working files')
    end = p.add_mutually_exclusive_group(required=True)
    end.add_argument('--until', help='local time HH:MM at which training ends')
    end.add_argument('--minutes', type=float, help='or how long it lasts')
    p.add_argument('--structures', type=Path, default=here.parents[3] / 'config/structures.json')
    p.add_argument('--spacing', type=float, default=6.0, help='of the network grid, mm')
    p.add_argument('--patch', type=int, nargs=3, default=(64, 40, 64), help='z y x; multiples of 16, 8, 16')
    p.add_argument('--coarse', type=float, default=0.35, help='share of the time in which the last decoder stage rests')
    p.add_argument('--rate', type=float, default=1e-3, help='highest learning rate')
    p.add_argument('--slots', type=int, default=400, help='deformed bodies kept on disk')
    p.add_argument('--workers', type=int, default=2, help='training processes of one thread each')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--start-from', type=Path, help='checkpoint whose weights to go on from')
    return p.parse_args()


def seconds_left(args: argparse.Namespace) -> float:
    """Time between now and the end asked for."""
    if args.minutes:
        return args.minutes * 60
    now = datetime.datetime.now()
    end = datetime.datetime.combine(now.date(), datetime.time.fromisoformat(args.until))
    return (end - now).total_seconds() % 86400


class Training:
    """Sets everything up, starts the workers, and keeps the moving average, the log and the files."""

    def __init__(self, args: argparse.Namespace):
        begin = time.time()
        self.args = args
        self.out: Path = args.out
        self.out.mkdir(parents=True, exist_ok=True)
        schedule = Schedule(begin, begin + seconds_left(args), args.coarse, args.rate)
        torch.manual_seed(args.seed)
        torch.set_num_threads(1)
        files = phantom_files(args.phantoms / 'train')
        names = [s['name'] for s in json.loads(args.structures.read_text())]
        patch = tuple(args.patch)
        self.plans = net.plans_for(args.spacing, patch)
        self.dataset = net.dataset_for(names, len(files))
        net.write_description(self.out, self.plans, self.dataset)
        grid = grid_for(files[:FIRST_BODIES], args.spacing)
        pool = Pool(self.out / 'pool', args.slots, grid, fresh=True)
        self.processes = torch.multiprocessing.get_context('spawn')
        self.start(renew, self.out / 'pool', args.slots, grid, args.phantoms / 'train', args.spacing, args.seed)
        while len(pool.filled()) < min(args.slots, FIRST_BODIES):
            time.sleep(1)
        maker = Maker(load(files[0]).tissues, args.spacing, patch, len(STAGE_WEIGHTS))
        weights = Weights(count_classes(maker, pool, len(self.dataset['labels'])))
        network = net.build(self.plans, self.dataset)
        for head in network.decoder.seg_layers:
            torch.nn.init.normal_(head.weight, 0, 0.01)
            head.bias.data.copy_(weights.bias)
        if args.start_from:
            network.load_state_dict(torch.load(args.start_from, map_location='cpu')['network_weights'])
        self.average = copy.deepcopy(network)
        steps, losses = torch.zeros(args.workers, dtype=torch.int64), torch.zeros(args.workers)
        self.job = Job(network.share_memory(), weights, maker, self.out / 'pool', args.slots, grid, schedule,
                       steps.share_memory_(), losses.share_memory_())
        self.validation = Validation(args.phantoms / 'val', maker, grid)
        self.losses: list[float] = []
        self.dice: list[float] = []
        self.log(f'{len(files)} phantoms, grid {grid}, patch {patch}, {(schedule.end - time.time()) / 60:.0f} min left, '
                 f'{sum(p.numel() for p in network.parameters())} parameters')

    def start(self, target: object, *arguments: object) -> torch.multiprocessing.Process:
        """Start a process that ends with this one."""
        process = self.processes.Process(target=target, args=arguments, daemon=True)
        process.start()
        return process

    def log(self, text: str) -> None:
        """Write a line to the log and to the terminal."""
        line = f'{datetime.datetime.now():%H:%M:%S} {text}'
        print(line, flush=True)
        with (self.out / 'log.txt').open('a') as f:
            f.write(line + '\n')

    def save(self, name: str) -> None:
        """Write the moving average as a checkpoint."""
        path = self.out / 'fold_0' / name
        net.write_checkpoint(path, self.average.state_dict(), self.plans, self.dataset, self.losses, self.dice)

    def follow(self, before: int, now: int) -> None:
        """Move the average towards the network for the steps made since it last moved."""
        keep = ((before + 1) / (now + 1)) ** AVERAGING
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.job.network.parameters()), 1 - keep)

    def look(self) -> None:
        """Validate the moving average."""
        scores = self.validation.score(self.average, self.job.schedule.stages())
        self.dice.append(float(np.mean(list(scores.values()))))
        self.log('dice ' + ' '.join(f'{scan} {v:.3f}' for scan, v in scores.items()))

    def run(self) -> None:
        """Train until the time is up."""
        workers = [self.start(work, n, self.job, self.args.seed + 1 + n) for n in range(self.args.workers)]
        began, seen, last_log = time.time(), 0, 0
        due = {self.look: began + 120, lambda: self.save('checkpoint_latest.pth'): began + SAVE_EVERY}
        periods = dict(zip(due, (LOOK_EVERY, SAVE_EVERY)))
        next_log = began + LOG_EVERY
        while any(w.is_alive() for w in workers):
            time.sleep(1)
            step = int(self.job.steps.sum())
            self.follow(seen, step)
            seen = step
            now = time.time()
            if now >= next_log:
                self.losses.append(float(self.job.losses.mean()))
                pace = (now - next_log + LOG_EVERY) / max(step - last_log, 1)
                self.log(f'step {step} loss {self.losses[-1]:.3f} {pace:.2f} s/step')
                last_log, next_log = step, now + LOG_EVERY
            for action, when in due.items():
                if now >= when:
                    action()
                    due[action] = now + periods[action]
        if any(w.exitcode for w in workers):
            raise SystemExit('a worker failed; see its message above')
        self.look()
        self.save('checkpoint_final.pth')
        self.log(f'done after {seen} steps')


def count_classes(maker: Maker, pool: Pool, classes: int) -> np.ndarray:
    """How often each class occurs in some examples."""
    rng = np.random.default_rng(0)
    counts = np.zeros(classes)
    for slot in pool.filled()[:FIRST_BODIES]:
        counts += np.bincount(maker.make(pool.get(slot), contrast.SCANS[0], rng).labels.reshape(-1), minlength=classes)
    return counts


if __name__ == '__main__':
    # Leave by an exception when told to stop: the processes started here are ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    Training(arguments()).run()
