"""Makes test/segmentation/goldens/tiny with the real nnU-Net 2.2.1 on the CPU (torch 2.3.1, numpy 1.26.4, scipy 1.11.4).

A random two-stage network, two folds, mirroring on axes 0 and 1, masked z-score with a hole, transpose [1, 0, 2], thick
slices (separate resampling): what the larger golden cases beside the repository leave out. Run it in this folder.
"""

import json
import os
import shutil
import sys

import numpy as np
import torch
from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

sys.path.append("tier_a")
import base_plans

OUT = "tiny"
SPACING = [1.5, 5.0, 1.25]
FOLDS = [0, 1]
HEADS = 3

CONFIGURATION = {
    **base_plans.CONFIGURATION,
    "patch_size": [6, 8, 10],
    "median_image_size_in_voxels": [12.0, 16.0, 16.0],
    "spacing": [4.0, 1.25, 1.5],
    "normalization_schemes": ["ZScoreNormalization"],
    "use_mask_for_norm": [True],
    "UNet_base_num_features": 3,
    "num_pool_per_axis": [0, 1, 1],
    "pool_op_kernel_sizes": [[1, 1, 1], [1, 2, 2]],
    "conv_kernel_sizes": [[1, 3, 3], [3, 3, 3]],
    "unet_max_num_features": 4,
}
PLANS = {
    **base_plans.PLANS,
    "dataset_name": "Dataset998_Tiny",
    "original_median_spacing_after_transp": [4.0, 1.25, 1.5],
    "original_median_shape_after_transp": [12, 16, 16],
    "transpose_forward": [1, 0, 2],
    "transpose_backward": [1, 0, 2],
    "configurations": {"3d_fullres": CONFIGURATION},
}
DATASET = {
    "channel_names": {"0": "MR"},
    "labels": {"background": 0, "structure_1": 1, "structure_2": 2},
    "numTraining": 10,
    "file_ending": ".nii.gz",
}


def volume() -> np.ndarray:
    """Smooth noise in an ellipsoid with a hole, zero outside."""
    rng = np.random.default_rng(7)
    shape = (15, 9, 14)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    waves = sum(np.sin(grid[a] * rng.uniform(2, 6) + rng.uniform(0, 6)) for a in range(3) for _ in range(2))
    image = 300 + 90 * waves + rng.normal(0, 15, shape)
    radius = np.sqrt((grid**2).sum(0))
    image[radius > 0.95] = 0
    image[6:8, 4:5, 6:9] = 0
    return np.round(image).astype(np.int16)


def checkpoint(seed: int) -> dict:
    torch.manual_seed(seed)
    manager = PlansManager(PLANS)
    network = get_network_from_plans(manager, DATASET, manager.get_configuration("3d_fullres"), 1, True)
    for name, parameter in network.named_parameters():
        with torch.no_grad():
            if name.endswith("norm.weight"):
                parameter.uniform_(0.6, 1.4)
            else:
                parameter.normal_(0, 0.35)
    return {
        "network_weights": network.state_dict(),
        "logging": {"ema_fg_dice": [np.float64(0.5)]},
        "_best_ema": np.float64(0.5),
        "current_epoch": 1,
        "init_args": {"configuration": "3d_fullres", "fold": seed, "device": torch.device("cpu")},
        "trainer_name": "nnUNetTrainer",
        "inference_allowed_mirroring_axes": (0, 1),
    }


def write_model(folder: str) -> None:
    os.makedirs(folder)
    for name, content in (("plans", PLANS), ("dataset", DATASET)):
        with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
            json.dump(content, file)
    for fold in FOLDS:
        os.makedirs(f"{folder}/fold_{fold}")
        torch.save(checkpoint(fold), f"{folder}/fold_{fold}/checkpoint_final.pth")


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(OUT, ignore_errors=True)
    write_model(f"{OUT}/model")
    image = volume()
    np.save(f"{OUT}/input.npy", image)

    predictor = nnUNetPredictor(
        tile_step_size=0.5, use_gaussian=True, use_mirroring=True,
        perform_everything_on_gpu=False, device=torch.device("cpu"), allow_tqdm=False,
    )
    predictor.initialize_from_trained_model_folder(f"{OUT}/model", FOLDS, "checkpoint_final.pth")
    properties = {"spacing": SPACING}
    data, _ = DefaultPreprocessor(verbose=False).run_case_npy(
        image[None].astype(np.float32), None, properties,
        predictor.plans_manager, predictor.configuration_manager, predictor.dataset_json,
    )
    np.save(f"{OUT}/preprocessed.npy", data)

    predictor.network.load_state_dict(predictor.list_of_parameters[0])
    patch = CONFIGURATION["patch_size"]
    with torch.no_grad():
        first = predictor.network(torch.from_numpy(data[None, :, : patch[0], : patch[1], : patch[2]]))[0]
    if all(n >= p for n, p in zip(data.shape[1:], patch)):
        np.save(f"{OUT}/patch0_logits.npy", first.numpy())

    logits = predictor.predict_logits_from_preprocessed_data(torch.from_numpy(data)).cpu()
    np.save(f"{OUT}/logits.npy", logits.numpy())
    labels = convert_predicted_logits_to_segmentation_with_correct_shape(
        logits, predictor.plans_manager, predictor.configuration_manager, predictor.label_manager, properties
    )
    np.save(f"{OUT}/labels.npy", labels.astype(np.uint8))

    from nnunetv2.inference.sliding_window_prediction import compute_steps_for_sliding_window

    case = {
        "name": OUT, "folds": FOLDS, "heads": HEADS, "spacing_told": SPACING,
        "bbox": properties["bbox_used_for_cropping"],
        "shape_preprocessed": list(data.shape[1:]),
        "patch_starts": compute_steps_for_sliding_window(data.shape[1:], patch, 0.5),
        "label_histogram": np.bincount(labels.ravel()).tolist(),
    }
    with open(f"{OUT}/case.json", "w", encoding="utf-8") as file:
        json.dump(case, file, default=int)


if __name__ == "__main__":
    main()
