"""Labels of a case by nnU-Net 2.8.1 (B6): head.py CASE, with NNUNET_HEAD naming a folder that holds that version."""

import os
import sys
import tempfile

sys.path.insert(0, os.environ["NNUNET_HEAD"])
for variable in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ[variable] = tempfile.gettempdir()

import json

import numpy as np
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor

torch.set_num_threads(1)


def main() -> None:
    folder = sys.argv[1]
    predictor = nnUNetPredictor(perform_everything_on_device=False, device=torch.device("cpu"), allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(f"{folder}/model", [0], "checkpoint_final.pth")
    with open(f"{folder}/case.json", encoding="utf-8") as file:
        spacing = json.load(file)["spacing"]
    image = np.load(f"{folder}/input.npy")[None].astype(np.float32)
    labels = predictor.predict_single_npy_array(image, {"spacing": spacing}, None, None, False)
    np.save(f"{folder}/labels-2.8.1.npy", labels.astype(np.uint8))


if __name__ == "__main__":
    main()
