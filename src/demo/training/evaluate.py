"""Dice of a trained-model folder on unseen phantoms, through nnU-Net's own preprocessing, tiling and export.

    python evaluate.py --model DIR --phantoms DIR/val --out FILE.json

Every phantom is seen whole, once as each scan type, on its own 3 mm grid. Dice is taken per structure and scan type as
the mean over the phantoms that have the structure; the table is what the model card shows.
"""
import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

import contrast
import render
from phantoms import Phantom, load, phantom_files
from validation import dice


def arguments() -> argparse.Namespace:
    """Read the command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--model', type=Path, required=True)
    p.add_argument('--checkpoint', default='checkpoint_final.pth')
    p.add_argument('--phantoms', type=Path, required=True)
    p.add_argument('--out', type=Path, help='where to write the figures as JSON')
    p.add_argument('--most', type=int, help='take no more phantoms than this')
    p.add_argument('--threads', type=int, default=2)
    return p.parse_args()


def predictor(model: Path, checkpoint: str) -> nnUNetPredictor:
    """nnU-Net's predictor on the CPU, as MRSegmentator sets it up."""
    out = nnUNetPredictor(tile_step_size=0.5, use_gaussian=True, use_mirroring=True, perform_everything_on_gpu=False,
                          device=torch.device('cpu'), allow_tqdm=False)
    out.initialize_from_trained_model_folder(str(model), (0,), checkpoint)
    return out


def scan(phantom: Phantom, kind: str, rng: np.random.Generator) -> np.ndarray:
    """The whole phantom on its own grid, with slices twice as thick as they are apart."""
    drawn = contrast.draw(kind, phantom.tissues, rng)
    signal = drawn.mean.astype(np.float32)[phantom.tissue]
    above = np.concatenate((signal[1:], signal[-1:]))
    below = np.concatenate((signal[:1], signal[:-1]))
    texture = drawn.texture.astype(np.float32)[phantom.tissue]
    return render.expose(0.5 * signal + 0.25 * (above + below), texture, drawn, rng)


def main() -> None:
    """Predict, compare, print and write."""
    args = arguments()
    torch.set_num_threads(args.threads)
    model = predictor(args.model, args.checkpoint)
    names = [n for n, label in sorted(model.dataset_json['labels'].items(), key=lambda item: item[1]) if label > 0]
    scores: dict[str, dict[str, list[float]]] = {kind: {n: [] for n in names} for kind in contrast.SCANS}
    for path in phantom_files(args.phantoms)[:args.most]:
        phantom = load(path)
        for number, kind in enumerate(contrast.SCANS):
            rng = np.random.default_rng([int(phantom.name), number])
            began = time.monotonic()
            found = model.predict_single_npy_array(scan(phantom, kind, rng)[None], {'spacing': list(phantom.spacing)})
            result = dice(found.astype(np.uint8), phantom.labels)
            for label, value in result.items():
                scores[kind][names[label - 1]].append(value)
            print(f'{phantom.name} {kind} mean {np.mean(list(result.values())):.3f} in {time.monotonic() - began:.0f} s',
                  flush=True)
    means = {kind: {n: float(np.mean(v)) for n, v in table.items() if v} for kind, table in scores.items()}
    print(f'{"structure":34}' + ''.join(f'{kind:>14}' for kind in means))
    for n in names:
        print(f'{n:34}' + ''.join(f'{means[kind].get(n, float("nan")):14.3f}' for kind in means))
    overall = {kind: float(np.mean(list(table.values()))) for kind, table in means.items()}
    print(f'{"mean":34}' + ''.join(f'{v:14.3f}' for v in overall.values()))
    if args.out:
        args.out.write_text(json.dumps({'mean': overall, 'structures': means}, indent=1) + '\n')


if __name__ == '__main__':
    main()
