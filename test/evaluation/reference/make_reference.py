"""Writes masks.json: masks, and what Google DeepMind's surface-distance says of them.

    python3 -m venv VENV && VENV/bin/pip install -r test/evaluation/reference/requirements.txt
    VENV/bin/python test/evaluation/reference/make_reference.py [--random N] > masks.json

Without --random the committed cases: every kind of mask that has a trap in it, and a few random ones.
With --random N only N random ones, for a comparison at large during development.
"""
import argparse
import base64
import json
import sys
import warnings

import numpy as np
import scipy
import surface_distance
from scipy import ndimage

warnings.filterwarnings("ignore")
TOLERANCES = (1.0, 3.0)


def ball(shape, centre, radius, spacing=(1, 1, 1)):
    grids = np.indices(shape)
    return sum(((g - c) * s / radius) ** 2 for g, c, s in zip(grids, centre, spacing)) <= 1


def box(shape, *slices):
    mask = np.zeros(shape, bool)
    mask[slices] = True
    return mask


def traps():
    s = (9, 10, 11)
    none = np.zeros(s, bool)
    full = np.ones(s, bool)
    organ = ball(s, (4, 5, 5), 3.5)
    voxel = box(s, slice(4, 5), slice(5, 6), slice(6, 7))
    sheet = box(s, slice(4, 5), slice(None), slice(None))
    corner = box(s, slice(0, 1), slice(0, 1), slice(0, 1))
    far = box(s, slice(8, 9), slice(9, 10), slice(10, 11))
    rod = box(s, slice(None), slice(3, 4), slice(7, 8))
    checks = np.indices(s).sum(0) % 2 == 0
    two = ball(s, (2, 2, 2), 1.6) | ball(s, (6, 7, 8), 1.6)
    shell = ball(s, (4, 5, 5), 4) & ~ball(s, (4, 5, 5), 2.5)
    diagonal = np.zeros(s, bool)
    for i in range(9):
        diagonal[i, i, i] = True
    iso, thick, odd = (1, 1, 1), (5, 0.8, 0.8), (2.5, 1.3, 0.7)
    yield "both empty", none, none, iso
    yield "reference empty", none, organ, iso
    yield "prediction empty", organ, none, thick
    yield "both full", full, full, odd
    yield "full against one voxel", full, voxel, odd
    yield "one voxel, itself", voxel, voxel, thick
    yield "one voxel, its neighbour", voxel, np.roll(voxel, 1, 2), thick
    yield "opposite corners", corner, far, odd
    yield "identical", organ, organ, thick
    for axis in range(3):
        yield f"shift by one voxel along axis {axis}", organ, np.roll(organ, 1, axis), odd
    yield "mirrored", two, two[:, ::-1, :], thick
    yield "mirrored in every axis", two, two[::-1, ::-1, ::-1], odd
    yield "sheet, its neighbour", sheet, np.roll(sheet, 1, 0), thick
    yield "sheet against full", sheet, full, odd
    yield "sheets across", sheet, np.moveaxis(np.ones((10, 9, 11), bool) & (np.indices((10, 9, 11))[0] == 5), 0, 1), odd
    yield "rod along the thick axis", rod, np.roll(rod, 2, 1), thick
    yield "touching every border", full, organ, thick
    yield "checkerboard against its inverse", checks, ~checks, iso
    yield "checkerboard, anisotropic", checks, organ, odd
    yield "disconnected", two, ball(s, (2, 2, 2), 1.6), thick
    yield "hollow against solid", shell, ball(s, (4, 5, 5), 4), odd
    yield "diagonal of touching corners", diagonal, rod, thick
    yield "speck far away", organ, organ | far, iso
    yield "one slice only", ball((1, 10, 11), (0, 5, 5), 3), ball((1, 10, 11), (0, 4, 6), 3), thick
    yield "one row only", box((5, 1, 7), slice(1, 4), slice(0, 1), slice(2, 5)), box((5, 1, 7), slice(2, 5), slice(0, 1), slice(0, 5)), odd


def random_pair(rng, size=(4, 20)):
    shape = tuple(int(n) for n in rng.integers(*size, 3))
    spacing = tuple(round(float(x), 3) for x in rng.uniform(0.5, 6, 3))
    kind = rng.integers(4)
    if kind == 0:
        density = rng.uniform(0.02, 0.98)
        a, b = rng.random(shape) < density, rng.random(shape) < density
    elif kind == 1:
        field = ndimage.gaussian_filter(rng.standard_normal(shape), rng.uniform(0.7, 2))
        other = field + 0.3 * ndimage.gaussian_filter(rng.standard_normal(shape), 1)
        level = np.quantile(field, rng.uniform(0.4, 0.9))
        a, b = field > level, other > level
    elif kind == 2:
        centre = [n * rng.uniform(0.2, 0.8) for n in shape]
        moved = [c + rng.uniform(-2, 2) for c in centre]
        radius = rng.uniform(1, 12)
        a, b = ball(shape, centre, radius, spacing), ball(shape, moved, radius * rng.uniform(0.7, 1.3), spacing)
    else:
        a = rng.random(shape) < 0.01
        b = rng.random(shape) < 0.01
    return "random", a, b, spacing


def number(value):
    value = float(value)
    return value if np.isfinite(value) else None


def measured(name, reference, prediction, spacing):
    distances = surface_distance.compute_surface_distances(reference, prediction, spacing)
    both = bool(reference.any() and prediction.any())
    any_ = bool(reference.any() or prediction.any())
    return {
        "name": name,
        "shape": reference.shape,
        "spacing": spacing,
        "reference": pack(reference),
        "prediction": pack(prediction),
        "dice": number(surface_distance.compute_dice_coefficient(reference, prediction)),
        "hd": number(surface_distance.compute_robust_hausdorff(distances, 100)) if both else None,
        "hd95": number(surface_distance.compute_robust_hausdorff(distances, 95)) if both else None,
        "surfaceDice": [
            number(surface_distance.compute_surface_dice_at_tolerance(distances, t)) if any_ else None
            for t in TOLERANCES
        ],
    }


def pack(mask):
    return base64.b64encode(np.packbits(mask.ravel(), bitorder="little").tobytes()).decode()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--random", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=4)
    chosen = arguments.parse_args()
    rng = np.random.default_rng(chosen.seed)
    pairs = [random_pair(rng) for _ in range(chosen.random)] if chosen.random else [
        *traps(),
        *(random_pair(rng, (4, 12)) for _ in range(24)),
    ]
    json.dump(
        {
            "madeBy": "test/evaluation/reference/make_reference.py",
            "versions": {
                "surface-distance": "0.1",
                "numpy": np.__version__,
                "scipy": scipy.__version__,
                "python": sys.version.split()[0],
            },
            "tolerances": TOLERANCES,
            "cases": [measured(*pair) for pair in pairs],
        },
        sys.stdout,
    )
    sys.stdout.write("\n")


main()
