"""A18 to A20: from logits to labels on the source grid."""

import numpy as np
import torch
from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape

from formulas import halves_near, hashed, logits_of, noise16
from golden_file import Case
from nnunet_bits import Setup, plans_of


def labelled(setup: Setup, logits: np.ndarray, properties: dict) -> np.ndarray:
    return convert_predicted_logits_to_segmentation_with_correct_shape(
        torch.from_numpy(logits), setup.manager, setup.configuration, setup.label_manager, properties)


def whole(shape, spacing=(1.0, 1.0, 1.0)) -> dict:
    """Properties of a volume that was neither cropped nor resampled."""
    return {"spacing": list(spacing), "shape_before_cropping": tuple(shape),
            "shape_after_cropping_and_before_resampling": tuple(shape),
            "bbox_used_for_cropping": [[0, n] for n in shape]}


REGIONS = {"labels": {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "tip": [3]}, "regions_class_order": [1, 2, 3]}


def decisions() -> Case:
    case = Case("A18", "argmax: ties of 2 and 41 channels, tiny logits (±2^-24…1e-3), region model")
    facts, shape = [], (6, 8, 10)

    def take(name: str, logits: np.ndarray, setup: Setup, target=shape) -> None:
        properties = whole(target)
        case.add(f"logits{len(facts)}", logits.view(np.uint16))
        labels = labelled(setup, logits, properties)
        case.add(f"labels{len(facts)}", labels.astype(np.uint8))
        tiny = name.startswith("tiny")
        lost = int((logits.argmax(0) != labels).sum()) if tiny else 0
        facts.append({"name": name, "shape": list(logits.shape[1:]), "target": list(target), "tiny": tiny,
                      "lostInSoftmax": lost, "changes": setup.changes})

    for heads in (2, 41):
        setup = Setup(heads)
        take(f"all zero, {heads}", np.zeros((heads, *shape), np.float16), setup)
        signs = np.where(hashed(1, heads * 480) % 2 == 0, 0.0, -0.0).astype(np.float16).reshape(heads, *shape)
        take(f"zeros of both signs, {heads}", signs, setup)
        take(f"many ties, {heads}", halves_near(2, (heads, *shape), 0x4900, 2), setup)
        take(f"ties below zero, {heads}", halves_near(3, (heads, *shape), 0xC900, 3), setup)
        take(f"large, {heads}", halves_near(4, (heads, *shape), 0x7BF0, 12), setup)
        take(f"around 1e-3, {heads}", halves_near(5, (heads, *shape), 0x1419, 4), setup)
        for exponent in (24, 23, 20, 17, 14, 12, 11):
            logits = noise16(6 + exponent, (heads, *shape), 2.0**-exponent)
            take(f"tiny, ±2^-{exponent}, {heads}", logits, setup)
    regions = Setup(dataset=REGIONS)
    take("regions", noise16(50, (3, *shape), 3.0), regions)
    steps = (hashed(51, 3 * 480) % np.uint32(5)).astype(np.float64) - 2.0
    take("regions at ±2^-24 and ±2^-23", (steps * 2.0**-24).astype(np.float16).reshape(3, *shape), regions)
    take("regions, zeros of both signs", signs[:3], regions)
    take("regions, resampled", noise16(52, (3, *shape), 3.0), regions, (9, 12, 13))
    fine = (hashed(53, 3 * 480) % np.uint32(9)).astype(np.float64) - 4.0
    take("regions, resampled at ±2^-24 steps", (fine * 2.0**-24).astype(np.float16).reshape(3, *shape), regions,
         (9, 12, 15))
    other = Setup(dataset={"labels": REGIONS["labels"], "regions_class_order": [3, 1, 2]})
    take("regions in another order", noise16(54, (3, *shape), 3.0), other)
    case.fact("volumes", facts)
    return case


def bordered(shape) -> np.ndarray:
    """Ones with zeros around: two planes in front and one behind on axis 0, one in front on axis 2."""
    image = np.ones(shape, np.float32)
    image[:2] = 0
    image[-1:] = 0
    image[:, :, :1] = 0
    return image


def uncropped() -> Case:
    case = Case("A19", "un-crop, transpose_backward for all 6 permutations, u8/u16")
    facts = []

    def take(name: str, heads: int, transpose, shape, spacing, plan) -> None:
        setup = Setup(heads, top=plans_of(transpose), configuration={"spacing": plan})
        data, _, properties = setup.preprocess(bordered(shape), spacing)
        seed = 600 + len(facts)
        labels = labelled(setup, logits_of("random", seed, heads, data.shape[1:]), properties)
        case.add(f"labels{len(facts)}", labels)
        facts.append({"name": name, "seed": seed, "shape": list(shape), "spacing": spacing, "heads": heads,
                      "type": str(labels.dtype), "network": list(data.shape[1:]),
                      "bbox": properties["bbox_used_for_cropping"], "changes": setup.changes})

    for transpose in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]):
        take(f"transpose {transpose}", 4, transpose, (9, 7, 11), [1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
        take(f"transpose {transpose}, resampled", 4, transpose, (9, 7, 11), [1.5, 1.25, 1.0], [1.0, 1.0, 1.0])
    take("254 structures", 255, [1, 0, 2], (6, 4, 5), [1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    take("255 structures", 256, [1, 0, 2], (6, 4, 5), [1.5, 1.0, 1.0], [1.0, 1.0, 1.0])
    take("300 structures", 301, [1, 0, 2], (6, 4, 5), [1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    case.fact("volumes", facts)
    return case


def shortcuts() -> Case:
    case = Case("A20", "streamed export with shortcuts against a naive one and nnU-Net: random and adversarial logits")
    one = [1.0, 1.0, 1.0]
    geometries = [
        ("2:3", [0, 1, 2], (12, 9, 13), [2 / 3, 2 / 3, 2 / 3], one),
        ("1:2", [0, 1, 2], (13, 10, 11), [0.5, 0.5, 0.5], one),
        ("irrational-like", [0, 1, 2], (11, 13, 12), [0.61, 0.83, 0.71], one),
        ("down", [0, 1, 2], (9, 7, 8), [1.9, 1.7, 2.3], one),
        ("equal", [0, 1, 2], (9, 8, 10), one, one),
        ("transposed", [2, 0, 1], (12, 11, 9), [0.7, 0.62, 0.9], one),
        ("separate 0", [0, 1, 2], (11, 12, 10), [4.0, 0.7, 0.8], [5.0, 1.0, 1.0]),
        ("separate 1, up and down", [0, 1, 2], (12, 10, 11), [0.8, 9.0, 0.7], [1.0, 5.0, 1.0]),
        ("separate 2", [0, 1, 2], (9, 12, 11), [0.8, 0.7, 3.9], [1.0, 1.0, 5.0]),
        ("separate, transposed", [1, 2, 0], (12, 11, 9), [0.8, 5.0, 0.7], [6.0, 1.0, 1.0]),
    ]
    kinds = [("random", 4), ("random", 41), ("small", 5), ("tiny", 5), ("one step apart", 4), ("ties", 6),
             ("leader", 5), ("leader by one step", 4), ("second everywhere", 4), ("organs", 7)]
    facts = []
    for name, transpose, shape, spacing, plan in geometries:
        for kind, heads in kinds:
            setup = Setup(heads, top=plans_of(transpose), configuration={"spacing": plan})
            data, _, properties = setup.preprocess(bordered(shape), spacing)
            seed = 1000 + len(facts)
            labels = labelled(setup, logits_of(kind, seed, heads, data.shape[1:]), properties)
            case.add(f"labels{len(facts)}", labels.astype(np.uint8))
            facts.append({"name": f"{name}, {kind}, {heads} channels", "kind": kind, "seed": seed, "heads": heads,
                          "shape": list(shape), "spacing": spacing, "network": list(data.shape[1:]),
                          "changes": setup.changes})
    case.fact("volumes", facts)
    return case


CASES = {"A18": decisions, "A19": uncropped, "A20": shortcuts}
