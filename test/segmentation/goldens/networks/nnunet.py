"""What make.py and random_cases.py share: plans, checkpoints by nnU-Net's own save_checkpoint, and its predictions.

nnunetv2 2.2.1, torch 2.3.1, dynamic-network-architectures 0.2, acvl_utils 0.2, numpy 1.26.4, scipy 1.11.4, scikit-image
0.22.0, one thread, CPU.
"""

import json
import os
import tempfile

for variable in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ[variable] = tempfile.gettempdir()

import numpy as np
import torch
from formula import noise, weights
from mrsegmentator import utils
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

torch.set_num_threads(1)

CPU = torch.device("cpu")
RESAMPLING = {"is_seg": False, "order": 3, "order_z": 0, "force_separate_z": None}
INTENSITIES = {"mean": 82.5, "std": 61.25, "percentile_00_5": -41.0, "percentile_99_5": 288.0}


def configuration(network: dict, patch: list[int], spacing: list[float], **keys: object) -> dict:
    """One configuration of plans.json as 2.2.1 writes it; `network` holds the keys of the architecture."""
    name = "resample_data_or_seg_to_shape"
    return {
        "data_identifier": "nnUNetPlans", "preprocessor_name": "DefaultPreprocessor", "batch_size": 2,
        "patch_size": patch, "median_image_size_in_voxels": patch, "spacing": spacing,
        "normalization_schemes": ["ZScoreNormalization"], "use_mask_for_norm": [False],
        "UNet_class_name": "PlainConvUNet", "UNet_base_num_features": 4, "unet_max_num_features": 8,
        "num_pool_per_axis": [], **network,
        "resampling_fn_data": name, "resampling_fn_seg": name, "resampling_fn_probabilities": name,
        "resampling_fn_data_kwargs": RESAMPLING,
        "resampling_fn_seg_kwargs": {**RESAMPLING, "is_seg": True, "order": 1},
        "resampling_fn_probabilities_kwargs": {**RESAMPLING, "order": 1},
        "batch_dice": False, **keys,
    }


def plans(config: dict, name: str = "3d_fullres", transpose: tuple[int, ...] = (0, 1, 2), **keys: object) -> dict:
    return {
        "dataset_name": "Dataset996_Networks", "plans_name": "nnUNetPlans",
        "original_median_spacing_after_transp": [1.0, 1.0, 1.0], "original_median_shape_after_transp": [9, 9, 9],
        "image_reader_writer": "SimpleITKIO",
        "transpose_forward": list(transpose), "transpose_backward": [int(a) for a in np.argsort(transpose)],
        "configurations": {name: config}, "experiment_planner_used": "ExperimentPlanner",
        "label_manager": "LabelManager", "foreground_intensity_properties_per_channel": {"0": INTENSITIES}, **keys,
    }


def dataset(heads: int, **keys: object) -> dict:
    labels = {"background": 0} | {f"structure_{i}": i for i in range(1, heads)}
    return {"channel_names": {"0": "MR"}, "labels": labels, "numTraining": 5, "file_ending": ".nii.gz", **keys}


def write_model(folder: str, plan: dict, data: dict, folds: list[int], axes: tuple[int, ...] | None, seed: int) -> None:
    """An nnU-Net model folder; weights by formula.py, a seed a fold."""
    (name,) = plan["configurations"]
    os.makedirs(folder)
    for file, content in (("plans", plan), ("dataset", data), ("version", {"weights_version": 1.2})):
        with open(f"{folder}/{file}.json", "w", encoding="utf-8") as out:
            json.dump(content, out)
    for fold in folds:
        trainer = nnUNetTrainer(plan, name, fold, data, device=CPU)
        trainer.initialize()
        trainer.inference_allowed_mirroring_axes = axes
        fill(trainer.network, seed + fold)
        os.makedirs(f"{folder}/fold_{fold}")
        trainer.save_checkpoint(f"{folder}/fold_{fold}/checkpoint_final.pth")


def fill(network: torch.nn.Module, seed: int) -> None:
    """A module that the network knows under several names has the weights of its first name."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(torch.from_numpy(weights(name, tuple(parameter.shape), seed)))


def predictor(folder: str, folds: list[int], step: float, mirroring: bool) -> nnUNetPredictor:
    made = nnUNetPredictor(
        tile_step_size=step, use_gaussian=True, use_mirroring=mirroring, perform_everything_on_gpu=False,
        device=CPU, allow_tqdm=False,
    )
    made.initialize_from_trained_model_folder(folder, folds, "checkpoint_final.pth")
    return made


def predict(made: nnUNetPredictor, image: np.ndarray, spacing: list[float], split_level: int = 0) -> np.ndarray:
    """Labels of an array [z, y, x]; split as `mrsegmentator.infer` splits, by its own functions."""
    pieces = [image[None].astype(np.float32)]
    for _ in range(split_level):
        pieces = utils.flatten([utils.split_image(piece) for piece in pieces])
    properties = {"spacing": spacing}
    labels = [made.predict_single_npy_array(piece, properties, None, None, False) for piece in pieces]
    for _ in range(split_level):
        labels = [utils.stitch_segmentations(labels[i], labels[i + 1]) for i in range(0, len(labels), 2)]
    return labels[0].astype(np.uint8)


def volume(shape: list[int], seed: int, scheme: str = "ZScoreNormalization") -> np.ndarray:
    """Soft bodies in noise within an ellipsoid, zero outside, a hole inside; int16."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    image = np.full(shape, 90.0)
    for _ in range(7):
        centre, size = rng.uniform(-0.7, 0.7, (3, 1, 1, 1)), rng.uniform(0.2, 0.5, (3, 1, 1, 1))
        image += rng.uniform(-80, 160) * np.exp(-(((grid - centre) / size) ** 2).sum(0))
    image += 12 * noise(seed, image.size).reshape(shape)
    image = np.clip(np.round(image), 1, 254)
    image[(grid**2).sum(0) > 1.1] = 0
    image[tuple(slice(n // 2, n // 2 + 2) for n in shape)] = 0
    if scheme == "CTNormalization":
        image[image == 0] = -1000
    return image.astype(np.int16)


def write_case(folder: str, case: dict, arrays: dict[str, np.ndarray]) -> None:
    for name, array in arrays.items():
        np.save(f"{folder}/{name}.npy", np.ascontiguousarray(array))
    with open(f"{folder}/case.json", "w", encoding="utf-8") as file:
        json.dump(case, file, default=int)
