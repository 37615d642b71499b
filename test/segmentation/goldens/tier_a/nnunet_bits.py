"""nnU-Net's own objects for cases without a trained network: plans, a predictor, a network that is a formula."""

import contextlib
import copy
import io

import numpy as np
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

from base_plans import CONFIGURATION, PLANS
from formulas import noise32

def labels(heads: int) -> dict:
    return {"background": 0, **{f"structure_{i}": i for i in range(1, heads)}}


class Setup:
    """nnU-Net's managers for plans that differ from the ones above in some keys; `changes` goes into the header."""

    def __init__(self, heads: int = 3, top: dict | None = None, configuration: dict | None = None,
                 dataset: dict | None = None) -> None:
        self.changes = {"top": top or {}, "configuration": configuration or {},
                        "dataset": {"labels": labels(heads), **(dataset or {})}}
        self.plans = {**copy.deepcopy(PLANS), **self.changes["top"]}
        self.plans["configurations"] = {"3d_fullres": {**CONFIGURATION, **self.changes["configuration"]}}
        self.dataset = {"channel_names": {"0": "MR"}, "numTraining": 10, "file_ending": ".nii.gz",
                        **self.changes["dataset"]}
        self.manager = PlansManager(self.plans)
        self.configuration = self.manager.get_configuration("3d_fullres")
        self.label_manager = self.manager.get_label_manager(self.dataset)

    def preprocess(self, image: np.ndarray, spacing) -> tuple[np.ndarray, np.ndarray, dict]:
        """`DefaultPreprocessor.run_case_npy` on one channel: array [1, a, b, c], mask, properties."""
        properties = {"spacing": list(spacing)}
        channels = image if image.ndim == 4 else image[None]
        data, mask = DefaultPreprocessor(verbose=False).run_case_npy(
            channels.astype(np.float32), None, properties, self.manager, self.configuration, self.dataset)
        return data, mask, properties

    def predictor(self, network: torch.nn.Module, folds, mirror_axes=None, step: float = 0.5) -> nnUNetPredictor:
        """`folds`: one state dictionary a fold."""
        with contextlib.redirect_stdout(io.StringIO()):
            predictor = nnUNetPredictor(
                tile_step_size=step, use_gaussian=True, use_mirroring=True,
                perform_everything_on_gpu=False, device=torch.device("cpu"), allow_tqdm=False)
        predictor.manual_initialization(network, self.manager, self.configuration, folds, self.dataset,
                                        "nnUNetTrainer", mirror_axes)
        return predictor


def plans_of(transpose) -> dict:
    """Top-level keys for a transpose."""
    return {"transpose_forward": list(transpose), "transpose_backward": [int(i) for i in np.argsort(transpose)]}


class FormulaNetwork(torch.nn.Module):
    """Logit of channel k at a voxel of the patch: (x · gain_k) · fold + pattern_k, each operation rounded to binary32.

    The pattern depends on the place in the patch, so that flips and overlaps show. `fold` is the one weight that a fold's
    state dictionary sets.
    """

    def __init__(self, heads: int, patch) -> None:
        super().__init__()
        self.fold = torch.nn.Parameter(torch.ones(()))
        self.gains = [1.0 + 0.25 * k - (2.0 if k % 3 == 2 else 0.0) for k in range(heads)]
        self.pattern = torch.from_numpy(np.stack([noise32(900 + k, tuple(patch), 6.0) for k in range(heads)]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        channels = [x[0, 0] * gain * self.fold + self.pattern[k] for k, gain in enumerate(self.gains)]
        return torch.stack(channels)[None]


def folds(values) -> list[dict]:
    return [{"fold": torch.tensor(value, dtype=torch.float32)} for value in values]
