"""A11 to A16: padding, tiling, weights, blending, folds and mirroring of nnU-Net's sliding window."""

import hashlib

import numpy as np
import torch
from acvl_utils.cropping_and_padding.padding import pad_nd_image
from nnunetv2.inference.sliding_window_prediction import compute_gaussian, compute_steps_for_sliding_window

from formulas import hashed, noise32
from golden_file import Case
from nnunet_bits import FormulaNetwork, Setup, folds


class Recorder(torch.nn.Module):
    """Keeps every patch it is asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.patches: list[np.ndarray] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.patches.append(x[0, 0].numpy().copy())
        return torch.zeros((1, 2, *x.shape[2:]))


def padding() -> Case:
    case = Case("A11", "padding: patch larger on 1 to 3 axes, odd difference")
    facts = []
    for index, (shape, patch) in enumerate([
        ([5, 9, 11], [8, 8, 8]), ([5, 6, 11], [8, 8, 8]), ([3, 4, 7], [8, 8, 8]), ([8, 8, 8], [8, 8, 8]),
        ([7, 7, 7], [8, 8, 8]), ([1, 1, 1], [4, 5, 6]), ([10, 3, 5], [4, 6, 8]), ([2, 13, 1], [5, 6, 4]),
    ]):
        setup = Setup(2, configuration={"patch_size": patch})
        values = noise32(100 + index, shape, 2.0)
        network = Recorder()
        predictor = setup.predictor(network, None)
        predictor.predict_sliding_window_return_logits(torch.from_numpy(values[None]))
        padded, slicer = pad_nd_image(values[None], patch, "constant", {"constant_values": 0}, True, None)
        case.add(f"patches{index}", np.stack(network.patches))
        facts.append({"shape": shape, "patch": patch, "seed": 100 + index, "padded": list(padded.shape[1:]),
                      "below": [s.start for s in slicer[1:]], "changes": setup.changes})
    case.fact("volumes", facts)
    return case


def steps() -> Case:
    case = Case("A12", "steps for 200 random (size, patch) incl. size = patch, size = patch+1; steps 0.5, 0.8, 1")
    random = hashed(12, 600)
    rows = [(64 + i, 64) for i in range(2)] + [(161, 160), (27, 27), (9, 8), (17, 8), (24, 16), (33, 27)]
    for i in range(192):
        patch = 8 + int(random[2 * i] % 153)
        rows.append((patch + int(random[2 * i + 1] % (4 * patch)), patch))
    facts = [{"size": size, "patch": patch, "step": step,
              "starts": compute_steps_for_sliding_window((size,), (patch,), step)[0]}
             for size, patch in rows for step in (0.5, 0.8, 1.0)]
    case.fact("rows", facts)
    return case


def gaussian() -> Case:
    case = Case("A13", "Gaussian map 128³, 96×160×160, 80×192×160, odd patch 27×33×35")
    facts = []
    for patch in ([128, 128, 128], [96, 160, 160], [80, 192, 160], [27, 33, 35], [8, 9, 10], [1, 16, 16]):
        weights = compute_gaussian(tuple(patch), sigma_scale=1.0 / 8, value_scaling_factor=10,
                                   device=torch.device("cpu")).numpy()
        bits = np.ascontiguousarray(weights).view(np.uint16)
        facts.append({"patch": patch, "sha256": hashlib.sha256(bits.astype("<u2").tobytes()).hexdigest()})
        if bits.size < 50_000:
            case.add("x".join(map(str, patch)), bits)
    case.fact("maps", facts)
    return case


def blended(case: Case, facts: list, name: str, shape, patch, heads=3, fold_values=(1.0,), mirror_axes=None,
            step: float = 0.5) -> None:
    """Logits of the formula network, blended and averaged by the real predictor."""
    seed = 300 + len(facts)
    setup = Setup(heads, configuration={"patch_size": list(patch)})
    network = FormulaNetwork(heads, patch)
    predictor = setup.predictor(network, folds(fold_values), mirror_axes, step)
    data = torch.from_numpy(noise32(seed, shape, 2.0)[None])
    logits = predictor.predict_logits_from_preprocessed_data(data)
    case.add(f"logits{len(facts)}", logits.numpy().view(np.uint16))
    facts.append({"name": name, "shape": list(shape), "patch": list(patch), "seed": seed, "heads": heads,
                  "folds": list(fold_values), "mirrorAxes": list(mirror_axes or []), "step": step,
                  "changes": setup.changes})


def accumulation() -> Case:
    case = Case("A14", "accumulation with a formula network: 1 patch, 2×3×4 patches, corners")
    facts: list = []
    blended(case, facts, "one patch", (8, 10, 12), (8, 10, 12))
    blended(case, facts, "2×3×4 patches", (11, 15, 18), (8, 8, 8))
    blended(case, facts, "smaller than the patch", (5, 7, 6), (8, 10, 12))
    blended(case, facts, "one axis smaller", (5, 14, 17), (8, 8, 8))
    blended(case, facts, "corners of a large patch", (24, 24, 24), (24, 24, 24), heads=2)
    blended(case, facts, "odd patch", (13, 12, 16), (7, 9, 5))
    blended(case, facts, "many patches along axis 0", (39, 6, 6), (6, 6, 6))
    blended(case, facts, "step 0.8", (17, 15, 16), (8, 8, 8), step=0.8)
    blended(case, facts, "step 1", (19, 16, 12), (8, 8, 8), step=1.0)
    case.fact("volumes", facts)
    return case


def ensemble() -> Case:
    case = Case("A15", "ensemble of 1, 2, 5 such outputs")
    facts: list = []
    for values in ((0.75,), (1.0, 0.625), (1.0, 1.25, 0.5, 2.0, 0.875)):
        blended(case, facts, f"{len(values)} folds", (9, 13, 11), (8, 8, 8), fold_values=values)
    blended(case, facts, "3 folds, padded", (6, 9, 11), (8, 8, 8), fold_values=(1.0, 1.5, 0.375))
    case.fact("volumes", facts)
    return case


def mirroring() -> Case:
    case = Case("A16", "mirroring with the formula network, axes null / (0,) / (0,1) / (0,1,2)")
    patch, heads = (6, 7, 8), 3
    facts = []
    for axes in (None, (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
        setup = Setup(heads, configuration={"patch_size": list(patch)})
        predictor = setup.predictor(FormulaNetwork(heads, patch), None, axes)
        x = torch.from_numpy(noise32(400, patch, 2.0)[None, None])
        with torch.no_grad():
            answer = predictor._internal_maybe_mirror_and_predict(x)[0]
        case.add(f"answer{len(facts)}", answer.numpy())
        facts.append({"mirrorAxes": list(axes or []), "patch": list(patch), "heads": heads, "seed": 400})
    case.fact("patches", facts)
    blends: list = []
    blended(case, blends, "blended, two folds", (9, 8, 11), (6, 6, 6), fold_values=(1.0, 0.5), mirror_axes=(0, 2))
    case.fact("volumes", blends)
    return case


CASES = {"A11": padding, "A12": steps, "A13": gaussian, "A14": accumulation, "A15": ensemble, "A16": mirroring}
