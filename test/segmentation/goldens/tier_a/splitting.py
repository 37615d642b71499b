"""A21: MRSegmentator 1.2.3's own `infer` with a formula network, whole and split."""

import contextlib
import io
import pathlib
import tempfile

import numpy as np
import SimpleITK as sitk
from mrsegmentator import config, inference
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

from formulas import noise
from golden_file import Case
from nnunet_bits import FormulaNetwork, Setup, folds, plans_of

PATCH, HEADS = (6, 8, 8), 4


def predictor_for(setup: Setup) -> type:
    """nnU-Net's predictor, which takes the formula network instead of a folder."""

    class Predictor(nnUNetPredictor):
        def initialize_from_trained_model_folder(self, *_, **__) -> None:
            self.manual_initialization(FormulaNetwork(HEADS, PATCH), setup.manager, setup.configuration,
                                       folds([1.0, 0.75]), setup.dataset, "nnUNetTrainer", None)

    return Predictor


def segmented(path: pathlib.Path, setup: Setup, level: int, margin: int) -> np.ndarray:
    originals = inference.nnUNetPredictor, config.setup_mrseg, config.get_weights_dir
    inference.nnUNetPredictor = predictor_for(setup)
    config.setup_mrseg, config.get_weights_dir = (lambda: None), (lambda: path.parent)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            inference.infer([str(path)], str(path.parent / "out"), folds=[0, 1], split_level=level, cpu_only=True,
                            split_margin=margin, nproc=1, nproc_export=1)
    finally:
        inference.nnUNetPredictor, config.setup_mrseg, config.get_weights_dir = originals
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path.parent / "out" / "image_seg.nii")))


def volume(seed: int, shape) -> np.ndarray:
    """Noise on a slope, zero in a margin that differs along body height, so that pieces crop differently."""
    z, y, x = np.indices(shape)
    values = np.round(noise(seed, shape, 150.0, 400.0) + 12 * z).astype(np.int16)
    values[x < 1 + (z > shape[0] // 2)] = 0
    values[(y == 0) & (z < 4)] = 0
    return values


def splits() -> Case:
    case = Case("A21", "split_level 1 and 2, margin 3 and 0, odd depth")
    axial = np.eye(3)
    flipped = np.diag([1.0, -1.0, -1.0])
    coronal = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
    zscore = {"patch_size": list(PATCH), "spacing": [2.0, 1.25, 1.0], "normalization_schemes": ["ZScoreNormalization"]}
    masked = {**zscore, "use_mask_for_norm": [True]}
    rows = [
        ("odd depth", (23, 10, 12), axial, (1.0, 1.25, 3.0), zscore, [0, 1, 2]),
        ("even depth, transposed", (20, 9, 11), axial, (1.0, 1.1, 2.0), zscore, [1, 0, 2]),
        ("flipped, masked", (21, 9, 10), flipped, (1.0, 1.25, 1.5), masked, [0, 1, 2]),
        ("coronal", (9, 22, 10), coronal, (1.0, 1.4, 2.0), zscore, [0, 1, 2]),
    ]
    facts = []
    for name, shape, direction, spacing, configuration, transpose in rows:
        setup = Setup(HEADS, top=plans_of(transpose), configuration=configuration)
        values = volume(700 + len(facts), shape)
        case.add(f"image{len(facts)}", values)
        runs = []
        for level, margin in ((0, 3), (1, 3), (2, 3), (1, 0), (2, 0)):
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "image.nii"
                image = sitk.GetImageFromArray(values)
                image.SetDirection(direction.ravel().tolist())
                image.SetSpacing(spacing)
                sitk.WriteImage(image, str(path))
                labels = segmented(path, setup, level, margin)
            case.add(f"labels{len(facts)}_{level}_{margin}", labels.astype(np.uint8))
            runs.append({"level": level, "margin": margin})
        case.add(f"direction{len(facts)}", direction)
        facts.append({"name": name, "shape": list(shape), "runs": runs, "heads": HEADS, "patch": list(PATCH),
                      "folds": [1.0, 0.75], "spacing": [float(np.float32(s)) for s in spacing],
                      "changes": setup.changes})
    case.fact("volumes", facts)
    return case


CASES = {"A21": splits}
