"""A7 to A10 and A17: shapes, decisions and values of nnU-Net's resampling."""

import numpy as np
import torch
from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape
from nnunetv2.preprocessing.resampling import default_resampling

from formulas import halves_near, hashed, noise32
from golden_file import Case
from base_plans import RESAMPLING
from nnunet_bits import Setup, plans_of


def target_shape() -> Case:
    case = Case("A7", "target shape: ratios landing on x.5 (even and odd), r32 spacings")
    shapes, currents, targets = [], [], []

    def take(shape, current, target):
        shapes.append(shape)
        currents.append(current)
        targets.append(target)

    for n in range(1, 40, 2):
        take([n, n + 1, n + 2], [1.5, 1.5, 2.5], [1.0, 3.0, 5.0])
        take([n, n, n], [0.5, 0.25, 1.25], [1.0, 0.5, 2.5])
    random = hashed(7, 6 * 400) / 2.0**32
    for row in random.reshape(400, 6):
        shape = [int(4 + 500 * u) for u in row[:3]]
        tenths = [round(0.4 + 4.6 * float(u), 1) for u in row[3:]]
        take(shape, tenths, [1.5, 1.0, 0.8])
        take(shape, [float(np.float32(s)) for s in tenths], [1.5, 1.0, 0.8])
        take(shape, [float(np.float32(s)) for s in tenths], [float(np.float32(0.9)), 1.25, 2.5])
    new = [default_resampling.compute_new_shape(*row) for row in zip(shapes, currents, targets)]
    case.add("shape", np.array(shapes, np.int32))
    case.add("current", np.array(currents, np.float64))
    case.add("target", np.array(targets, np.float64))
    case.add("new", np.array(new, np.int32))
    return case


def recorded(run) -> tuple[bool, int]:
    """What the resampler decided while `run` ran: whether planes are resampled alone, and across which axis."""
    seen = []
    original = default_resampling.resample_data_or_seg

    def spy(data, new_shape, is_seg=False, axis=None, order=3, do_separate_z=False, order_z=0):
        seen.append((bool(do_separate_z), int(axis[0]) if do_separate_z else -1))
        return original(data, new_shape, is_seg, axis, order, do_separate_z, order_z=order_z)

    default_resampling.resample_data_or_seg = spy
    try:
        run()
    finally:
        default_resampling.resample_data_or_seg = original
    return seen[0]


def separate_z() -> Case:
    case = Case("A8", "separate-z decision: 3 and 3+ε, two coarse axes, only the target, transpose on export")
    pairs = [
        ([3.0, 1.0, 1.0], [1.0, 1.0, 1.0]), ([np.nextafter(3.0, 4), 1.0, 1.0], [1.0, 1.0, 1.0]),
        ([1.0, 3.3, 1.0], [1.0, 1.0, 1.0]), ([1.0, 1.0, 5.0], [2.0, 1.0, 1.0]),
        ([5.0, 5.0, 1.0], [1.0, 1.0, 1.0]), ([1.0, 5.0, 5.0], [4.0, 1.0, 1.0]),
        ([0.24, 1.25, 1.25], [1.0, 1.0, 1.0]), ([1.0, 1.0, 1.0], [4.0, 1.0, 1.0]),
        ([1.0, 1.0, 1.0], [1.0, 1.0, 3.0]), ([1.0, 1.0, 1.0], [1.0, 1.0, 3.01]),
        ([1.0, 1.0, 1.0], [4.0, 4.0, 1.0]), ([2.0, 2.0, 2.0], [2.0, 2.0, 2.5]),
        ([0.3, 0.1, 0.1], [1.0, 1.0, 1.0]), ([0.9, 0.3, 0.3], [1.0, 1.0, 1.0]),
        ([0.7, 0.7, 2.1], [1.0, 1.0, 1.0]), ([float(np.float32(0.9)), float(np.float32(0.3)), 0.3], [1.0, 1.0, 1.0]),
        ([6.0, 1.0, 1.9], [1.0, 7.0, 1.0]), ([4.0, 1.0, 3.9999], [1.0, 1.0, 1.0]),
    ]
    image = np.ones((1, 3, 4, 5), np.float32)
    direct = []
    for force in (None, True, False):
        for current, new in pairs:
            kwargs = {**RESAMPLING, "force_separate_z": force, "order": 1}
            separate, axis = recorded(lambda: default_resampling.resample_data_or_seg_to_shape(
                image, [4, 5, 6], current, new, **kwargs))
            direct.append({"force": force, "current": current, "new": new, "separate": separate, "axis": axis})
    case.fact("decisions", direct)

    whole = []
    for transpose in ([0, 1, 2], [1, 0, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1], [2, 1, 0]):
        for spacing in ([5.0, 1.0, 1.25], [1.0, 5.0, 1.25], [1.0, 1.25, 5.0], [1.5, 1.0, 1.25]):
            for plan in ([1.0, 1.0, 1.0], [4.0, 1.0, 1.0], [1.0, 1.0, 4.0]):
                setup = Setup(2, top=plans_of(transpose), configuration={"spacing": plan})
                volume = np.full((5, 6, 7), 3.0, np.float32)
                properties: dict = {}
                image_choice = recorded(lambda: properties.update(setup.preprocess(volume, spacing)[2]))
                data, _, properties = setup.preprocess(volume, spacing)
                logits = torch.zeros((2, *data.shape[1:]), dtype=torch.half)
                export_choice = recorded(lambda: convert_predicted_logits_to_segmentation_with_correct_shape(
                    logits, setup.manager, setup.configuration, setup.label_manager, properties))
                whole.append({"changes": setup.changes, "spacing": spacing, "image": image_choice,
                              "export": export_choice, "shape": list(data.shape[1:])})
    case.fact("pipelines", whole)
    return case



def resized_image(case: Case, entries) -> Case:
    """Preprocesses formula or stored volumes with order 3 (or 1) and keeps the result."""
    facts = []
    for index, (name, source, target, spacing, plan, configuration) in enumerate(entries):
        entry: dict = {"name": name, "target": list(target), "spacing": list(spacing)}
        if isinstance(source, tuple):
            seed, shape, scale, offset = source
            volume = noise32(seed, shape, scale, offset)
            entry["formula"] = {"seed": seed, "shape": list(shape), "scale": scale, "offset": offset}
        else:
            volume = source.astype(np.float32)
            case.add(f"input{index}", volume)
        setup = Setup(2, configuration={"spacing": list(plan), **configuration})
        data, _, _ = setup.preprocess(volume, spacing)
        if list(data.shape[1:]) != list(target):
            raise ValueError(f"{name}: {data.shape}")
        case.add(f"output{index}", data[0])
        facts.append({**entry, "changes": setup.changes})
    case.fact("volumes", facts)
    return case


def ratios(shape, target, plan) -> list[float]:
    """Spacings that make `target` of `shape` at the plan's spacing."""
    return [t / n * p for n, t, p in zip(shape, target, plan)]


def cubic() -> Case:
    case = Case("A9", "cubic 3-D: up, down, mixed, one axis unchanged, size-1 axis, constant, step edge")
    edge = np.full((9, 10, 11), 20.0)
    edge[:, 5:, :] = 120.0
    edge[4:, :, 6:] += 400.0
    one = [1.0, 1.0, 1.0]
    plain = [
        ("up", (1, (11, 12, 13), 100.0, 500.0), (17, 19, 21)),
        ("up by two", (2, (9, 8, 10), 1.0, 2.0), (18, 16, 20)),
        ("down", (3, (21, 20, 19), 100.0, 500.0), (13, 12, 10)),
        ("down by two", (4, (20, 18, 16), 1e-3, 1.0), (10, 9, 8)),
        ("mixed", (5, (10, 21, 12), 900.0, 1000.0), (17, 13, 12)),
        ("one axis unchanged", (6, (9, 10, 11), 50.0, 60.0), (14, 10, 17)),
        ("only the last axis", (7, (6, 7, 8), 50.0, 60.0), (6, 7, 13)),
        ("only the first axis", (8, (6, 7, 8), 50.0, 60.0), (11, 7, 8)),
        ("axis of one sample", (9, (1, 12, 9), 50.0, 60.0), (1, 17, 13)),
        ("axis of one sample grows", (10, (1, 6, 7), 50.0, 60.0), (3, 8, 9)),
        ("two samples", (11, (2, 3, 2), 50.0, 60.0), (5, 4, 5)),
        ("negative and large", (12, (8, 9, 7), 3e4, -4e4), (11, 13, 10)),
        ("constant", np.full((6, 7, 5), 0.1), (9, 10, 8)),
        ("step edge", edge, (14, 15, 16)),
        ("larger", (13, (24, 25, 26), 300.0, 700.0), (35, 38, 33)),
    ]
    force = {"resampling_fn_data_kwargs": {**RESAMPLING, "force_separate_z": False}}
    entries = []
    for name, source, target in plain:
        shape = source[1] if isinstance(source, tuple) else source.shape
        entries.append((name, source, target, ratios(shape, target, one), one, force))
    linear = {"resampling_fn_data_kwargs": {**RESAMPLING, "order": 1, "force_separate_z": False}}
    entries.append(("order 1", (14, (9, 10, 11), 300.0, 700.0), (13, 15, 8),
                    ratios((9, 10, 11), (13, 15, 8), one), one, linear))
    return resized_image(case, entries)


def separate_image() -> Case:
    case = Case("A10", "separate-z image: axis 0, 1 and 2; z up, z down by 2, z unchanged; per-slice clip visible")
    steps = np.full((5, 12, 11), 10.0)
    for z in range(5):
        steps[z, :, 5:] = 100.0 * (z + 1)
        steps[z, 6:, :] -= 5.0 * z
    entries = []
    for axis in range(3):
        shape, targets = [13, 14, 15], {"up": 9, "down by two": 3, "unchanged": 6, "down": 4}
        shape[axis] = 6
        for at, (name, n) in enumerate(targets.items()):
            target = [18, 19, 11]
            target[axis] = n
            plan = [1.0, 1.0, 1.0]
            plan[axis] = 6.0
            source = (40 + 10 * axis + at, tuple(shape), 200.0, 900.0)
            entries.append((f"axis {axis}, {name}", source, target, ratios(shape, target, plan), plan, {}))
    plan = [6.0, 1.0, 1.0]
    entries.append(("clip of each slice", steps, (8, 17, 16), ratios(steps.shape, (8, 17, 16), plan), plan, {}))
    entries.append(("planes unchanged", (80, (4, 9, 8), 50.0, 70.0), (7, 9, 8),
                    ratios((4, 9, 8), (7, 9, 8), plan), plan, {}))
    linear = {"resampling_fn_data_kwargs": {**RESAMPLING, "order": 1}}
    entries.append(("order 1", (81, (5, 9, 8), 50.0, 70.0), (7, 13, 11),
                    ratios((5, 9, 8), (7, 13, 11), plan), plan, linear))
    return resized_image(case, entries)


def logits() -> Case:
    """Inputs are halves next to each other, so that the result has few distinct values and every rounding shows."""
    case = Case("A17", "logits resize order 1: 2:3, 1:2, irrational-like, down, equal shape; separate-z on each axis")
    one = [1.0, 1.0, 1.0]
    entries = [
        ("2:3", (6, 8, 10), (9, 12, 15), one), ("1:2", (5, 6, 7), (10, 12, 14), one),
        ("irrational-like", (7, 6, 9), (11, 10, 13), one), ("down", (12, 11, 13), (5, 7, 4), one),
        ("equal", (6, 7, 8), (6, 7, 8), one), ("one axis", (5, 6, 7), (5, 11, 7), one),
        ("one row", (1, 5, 6), (3, 7, 11), one),
        ("separate 0", (5, 8, 7), (8, 12, 9), [5.0, 1.0, 1.0]), ("separate 1", (8, 5, 7), (12, 3, 9), [1.0, 5.0, 1.0]),
        ("separate 2", (8, 7, 6), (11, 9, 3), [1.0, 1.0, 5.0]),
    ]
    # 1.0 …, the halves around 40, negative ones, and the smallest of all
    bases = {"one": 0x3C00, "forty": 0x5100, "negative": 0xC800, "subnormal": 0x0000}
    facts = []
    for at, (name, shape, target, plan) in enumerate(entries):
        setup = Setup(2, configuration={"spacing": plan})
        spacing = ratios(target, shape, plan)
        for number, (range_name, base) in enumerate(bases.items()):
            seed, spread = 200 + 10 * at + number, 24
            values = halves_near(seed, shape, base, spread)[None]
            resized = setup.configuration.resampling_fn_probabilities(
                torch.from_numpy(values.copy()), list(target), setup.configuration.spacing, spacing)
            case.add(f"output{len(facts)}", resized[0].astype(np.float16).view(np.uint16))
            facts.append({"name": f"{name}, {range_name}", "shape": shape, "target": target, "spacing": spacing,
                          "seed": seed, "base": base, "spread": spread, "changes": setup.changes})
    case.fact("volumes", facts)
    return case


CASES = {"A7": target_shape, "A8": separate_z, "A9": cubic, "A10": separate_image, "A17": logits}
