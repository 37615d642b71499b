"""What `npm run bench -- evaluation --reference PYTHON` compares with: the same measures by surface-distance 0.1.

    python surface_distance_peer.py TRUTH.nii GIVEN.nii SLICE ROW COLUMN     (mm)

Prints seconds and the peak of memory beyond what was there before, as JSON.
"""
import json
import resource
import sys
import time
import warnings

import numpy as np
import surface_distance

warnings.filterwarnings("ignore")


def labels(path):
    with open(path, "rb") as file:
        data = file.read()
    columns, rows, slices = np.frombuffer(data, "<i2", 3, 42)
    return np.frombuffer(data, np.uint8, offset=352).reshape(slices, rows, columns)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


truth, given = labels(sys.argv[1]), labels(sys.argv[2])
spacing = [float(one) for one in sys.argv[3:6]]
before, started = peak(), time.perf_counter()
for value in range(1, 41):
    a, b = truth == value, given == value
    distances = surface_distance.compute_surface_distances(a, b, spacing)
    surface_distance.compute_dice_coefficient(a, b)
    surface_distance.compute_robust_hausdorff(distances, 100)
    surface_distance.compute_robust_hausdorff(distances, 95)
    surface_distance.compute_surface_dice_at_tolerance(distances, 3)
print(json.dumps({"seconds": time.perf_counter() - started, "mebibytes": round(peak() - before)}))
