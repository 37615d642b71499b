"""Times nnU-Net's own resampling on the arrays of test/bench/segmentation.ts; one thread, processor seconds of the second run.

Arguments: folder with rows.f16 [z, channel, y, x] and image.f32, shapes as JSON. Writes labels.u8 into the folder and
prints one JSON line.
"""

import json
import sys
import time

import numpy as np
import torch
from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape

ISOTROPIC = [1, 1, 1]
OPTIONS = {"is_seg": False, "order_z": 0, "force_separate_z": None}


def timed(work):
    work()
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def main() -> None:
    torch.set_num_threads(1)
    folder, shapes = sys.argv[1], json.loads(sys.argv[2])
    grid = shapes["grid"]
    rows = np.fromfile(f"{folder}/rows.f16", dtype=np.float16).reshape(grid[0], shapes["heads"], *grid[1:])
    logits = np.ascontiguousarray(rows.transpose(1, 0, 2, 3))
    image = np.fromfile(f"{folder}/image.f32", dtype=np.float32).reshape(1, *shapes["image"])

    def export():
        resized = resample_data_or_seg_to_shape(logits, shapes["output"], ISOTROPIC, [2, 1, 1], order=1, **OPTIONS)
        return torch.softmax(torch.from_numpy(resized).float(), 0).argmax(0).numpy().astype(np.uint8)

    def resize():
        return resample_data_or_seg_to_shape(image, shapes["resized"], ISOTROPIC, ISOTROPIC, order=3, **OPTIONS)

    export_seconds, labels = timed(export)
    resize_seconds, _ = timed(resize)
    labels.tofile(f"{folder}/labels.u8")
    print(json.dumps({"export": export_seconds, "resize": resize_seconds}))


if __name__ == "__main__":
    main()
