"""Makes new random cases of the whole pipeline with nnU-Net 2.2.1 for run_cases.ts: random_cases.py FOLDER COUNT [SEED]."""

import sys
from itertools import combinations

import numpy as np
from nnunet import RESAMPLING, configuration, dataset, plans, predict, predictor, volume, write_case, write_model

SCHEMES = ["ZScoreNormalization"] * 3 + [
    "CTNormalization", "NoNormalization", "RescaleTo01Normalization", "RGBTo01Normalization",
]


def network(rng: np.random.Generator, dimensions: int) -> tuple[dict, list[int]]:
    """Keys of the architecture, and how often each axis is halved."""
    stages = int(rng.integers(2, 5))
    strides = [[1] * dimensions] + [[int(rng.choice([1, 2, 2])) for _ in range(dimensions)] for _ in range(stages - 1)]
    kernels = [[int(rng.choice([1, 3, 3])) for _ in range(dimensions)] for _ in range(stages)]
    keys = {
        "UNet_class_name": str(rng.choice(["PlainConvUNet", "ResidualEncoderUNet"])),
        "UNet_base_num_features": int(rng.integers(3, 9)), "unet_max_num_features": int(rng.integers(8, 15)),
        "n_conv_per_stage_encoder": [int(rng.integers(1, 3)) for _ in range(stages)],
        "n_conv_per_stage_decoder": [int(rng.integers(1, 3)) for _ in range(stages - 1)],
        "pool_op_kernel_sizes": strides, "conv_kernel_sizes": kernels,
    }
    return keys, np.prod(strides, axis=0).tolist()


def regions(rng: np.random.Generator, heads: int) -> dict:
    labels = {"background": 0, "whole": list(range(1, heads))}
    labels |= {f"part_{i}": [i, heads - 1] for i in range(1, heads - 1)} | {"ignore": heads}
    return {"labels": labels, "regions_class_order": [int(v) for v in rng.permutation(np.arange(1, heads))]}


def make(folder: str, seed: int) -> str:
    rng = np.random.default_rng(seed)
    dimensions = int(rng.choice([2, 3, 3, 3]))
    keys, halved = network(rng, dimensions)
    patch = [int(h * rng.integers(2, max(3, 28 // h))) for h in halved]
    spacing = rng.uniform(0.8, 3.0, 3)
    if rng.random() < 0.4:
        spacing[rng.integers(3)] *= 3.2
    transpose = tuple(int(a) for a in rng.permutation(3))
    told = spacing[list(transpose)]
    target = told * rng.choice([1.0, 1.0, 0.7, 0.85, 1.3, 1.6], 3)
    if rng.random() < 0.2:
        target = told
    split = int(rng.choice([0, 0, 0, 1, 2]))
    shape = [int(n) for n in rng.integers(8, 40, 3)]
    if split:
        shape[0] = int(rng.integers(26, 48))
    if not split and rng.random() < 0.2:
        shape[rng.integers(3)] = int(rng.integers(1, 6))
    scheme = str(rng.choice(SCHEMES))
    heads = int(rng.integers(2, 9))
    axes = [None] + [c for n in (1, 2, 3) for c in combinations(range(dimensions), n)]
    mirror = axes[int(rng.integers(len(axes)))]
    folds = list(range(int(rng.integers(1, 6))))
    step = float(rng.choice([0.5, 0.5, 0.5, 0.8, 0.37, 1.0]))
    mirroring = bool(rng.random() < 0.8)
    force = [None, None, None, True, False][int(rng.integers(5))]
    resampling = {**RESAMPLING, "force_separate_z": force}
    config = configuration(
        keys, patch, [float(v) for v in target[3 - dimensions:]],
        normalization_schemes=[scheme], use_mask_for_norm=[bool(rng.random() < 0.5)],
        resampling_fn_data_kwargs={**resampling, "order": int(rng.choice([1, 3, 3]))},
        resampling_fn_probabilities_kwargs={**resampling, "order": 1},
    )
    data = dataset(heads) if heads < 3 or rng.random() < 0.75 else dataset(heads, **regions(rng, heads))
    write_model(f"{folder}/model", plans(config, "3d_fullres" if dimensions == 3 else "2d", transpose), data, folds,
                mirror, seed)
    image = volume(shape, seed, scheme)
    labels = predict(predictor(f"{folder}/model", folds, step, mirroring), image, spacing.tolist(), split)
    settings = {"stepSize": step, "mirroring": mirroring, "splitLevel": split}
    write_case(folder, {"spacing": spacing.tolist(), "settings": settings}, {"input": image, "labels": labels})
    return f"{dimensions}-D {keys['UNet_class_name']} patch {patch} of {shape}, {len(folds)} folds, mirror {mirror}, {settings}"


def main() -> None:
    folder, count = sys.argv[1], int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for seed in range(first, first + count):
        print(f"{seed:04d}", make(f"{folder}/{seed:04d}", seed), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
