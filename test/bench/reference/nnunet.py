"""The work of one case of test/bench/segmentation by nnU-Net 2.2.1 itself (nnunetv2 2.2.1, torch, numpy 1.26, scipy).

Arguments: what to do, folder with the case's arrays, parameters as JSON. Prints one JSON line: seconds of every run, and
the most resident memory of this process before and after the work.
"""

import json
import sys
import time

import numpy as np
import torch

OPTIONS = {"is_seg": False, "order_z": 0, "force_separate_z": None}


def peak_bytes() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


def export(folder: str, case: dict):
    from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape

    grid, heads = case["grid"], case["heads"]
    rows = np.fromfile(f"{folder}/rows.f16", dtype=np.float16).reshape(grid[0], heads, *grid[1:])
    logits = np.ascontiguousarray(rows.transpose(1, 0, 2, 3))
    del rows

    def work():
        resized = resample_data_or_seg_to_shape(
            logits, case["output"], case["gridSpacing"], case["outputSpacing"], order=1, **OPTIONS
        )
        labels = torch.softmax(torch.from_numpy(resized).float(), 0).argmax(0)
        labels.numpy().astype(np.uint8).tofile(f"{folder}/reference.u8")

    return work


def resize(folder: str, case: dict):
    from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape

    image = np.fromfile(f"{folder}/voxels.f32", dtype=np.float32).reshape(1, *case["shape"])
    return lambda: resample_data_or_seg_to_shape(image, case["target"], [1, 1, 1], [1, 1, 1], order=3, **OPTIONS)


def predictor_of(case: dict):
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

    predictor = nnUNetPredictor(
        tile_step_size=0.5, use_gaussian=True, use_mirroring=True,
        perform_everything_on_gpu=False, device=torch.device("cpu"), allow_tqdm=False,
    )
    predictor.initialize_from_trained_model_folder(case["model"], (0,), "checkpoint_final.pth")
    return predictor


def preprocess(folder: str, case: dict):
    from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor

    image = np.fromfile(f"{folder}/voxels.f32", dtype=np.float32).reshape(1, *case["shape"])
    predictor = predictor_of(case)
    return lambda: DefaultPreprocessor(verbose=False).run_case_npy(
        image, None, {"spacing": case["spacing"]},
        predictor.plans_manager, predictor.configuration_manager, predictor.dataset_json,
    )


def network(folder: str, case: dict):
    predictor = predictor_of(case)
    predictor.network.load_state_dict(predictor.list_of_parameters[0])
    net = predictor.network.eval()
    patch = torch.from_numpy(np.fromfile(f"{folder}/patch.f32", dtype=np.float32).reshape(1, 1, *case["patch"]))

    def work():
        with torch.no_grad():
            net(patch).numpy().tofile(f"{folder}/reference.f32")

    return work


def job(folder: str, case: dict):
    from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape
    from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor

    image = np.fromfile(f"{folder}/voxels.f32", dtype=np.float32).reshape(1, *case["shape"])
    predictor = predictor_of(case)

    def work():
        properties = {"spacing": case["spacing"]}
        data, _ = DefaultPreprocessor(verbose=False).run_case_npy(
            image, None, properties,
            predictor.plans_manager, predictor.configuration_manager, predictor.dataset_json,
        )
        logits = predictor.predict_logits_from_preprocessed_data(torch.from_numpy(data)).cpu()
        labels = convert_predicted_logits_to_segmentation_with_correct_shape(
            logits, predictor.plans_manager, predictor.configuration_manager, predictor.label_manager, properties
        )
        labels.astype(np.uint8).tofile(f"{folder}/reference.u8")

    return work


WORK = {"export": export, "resize": resize, "preprocess": preprocess, "network": network, "job": job}


def main() -> None:
    what, folder, case = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    torch.set_num_threads(case["threads"])
    work = WORK[what](folder, case)
    before = peak_bytes()
    seconds = []
    for _ in range(case["runs"]):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "peakBytes": peak_bytes(), "baseBytes": before}))


if __name__ == "__main__":
    main()
