"""Makes the tier B cases (nnunet-inference §6) beside this file with the real nnU-Net 2.2.1 on the CPU.

blocks/, nets/: networks whose weights and inputs come from formula.py and are not stored; outputs in part (B1, B2).
cases/: whole runs with checkpoints that nnU-Net's save_checkpoint wrote (B3), and one that later versions answer otherwise
(B6: labels-2.8.1.npy, made by head.py).
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys

import nibabel
import numpy as np
import torch
from dynamic_network_architectures.architectures.unet import PlainConvUNet, ResidualEncoderUNet
from dynamic_network_architectures.building_blocks.residual import BasicBlockD
from dynamic_network_architectures.building_blocks.simple_conv_blocks import ConvDropoutNormReLU
from formula import patch as patch_values
from nnunet import (
    CPU, RESAMPLING, configuration, dataset, fill, plans, predict, predictor, volume, write_case, write_model,
)
from torch import nn

PACKAGES = [
    "nnunetv2", "torch", "dynamic-network-architectures", "acvl-utils", "numpy", "scipy", "scikit-image", "mrsegmentator",
]
NORM = {"norm_op_kwargs": {"eps": 1e-5, "affine": True}, "nonlin": nn.LeakyReLU, "nonlin_kwargs": {"inplace": True}}


def save(folder: str, name: str, header: dict, values: np.ndarray, every: int) -> None:
    """Every `every`th number of the answer, and how large it gets."""
    flat = values.ravel()
    np.save(f"{folder}/{name}.npy", flat[::every].astype(np.float32))
    with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
        json.dump(header | {"every": every, "largest": float(np.abs(flat).max()), "shape": values.shape}, file)


def shapes(module: nn.Module) -> dict:
    """Names in the checkpoint as nnU-Net's importer keeps them: without aliases."""
    return {name: tuple(value.shape) for name, value in module.named_parameters()}


class Named(nn.Module):
    """A block under the name that formula.py seeds its weights with."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block(x)


def blocks(folder: str) -> None:
    os.makedirs(folder)

    def conv(stride: list[int], kernel: list[int], bias: bool) -> nn.Module:
        return ConvDropoutNormReLU(nn.Conv3d, 3, 6, kernel, stride, bias, nn.InstanceNorm3d, nonlin_first=False, **NORM)

    def residual(to: int, stride: list[int]) -> nn.Module:
        return BasicBlockD(nn.Conv3d, 3, to, [3, 3, 3], stride, True, nn.InstanceNorm3d, **NORM)

    cases = {
        "conv": ({"kind": "conv", "to": 6, "kernel": [3, 3, 3], "stride": [1, 1, 1], "bias": True}, conv([1, 1, 1], [3, 3, 3], True)),
        "conv-strided": ({"kind": "conv", "to": 6, "kernel": [1, 3, 3], "stride": [1, 2, 2], "bias": False}, conv([1, 2, 2], [1, 3, 3], False)),
        "transposed": ({"kind": "transposed", "to": 6, "stride": [1, 2, 2]}, nn.ConvTranspose3d(3, 6, [1, 2, 2], [1, 2, 2])),
        "residual": ({"kind": "residual", "to": 3, "stride": [1, 1, 1]}, residual(3, [1, 1, 1])),
        "residual-projected": ({"kind": "residual", "to": 6, "stride": [1, 1, 1]}, residual(6, [1, 1, 1])),
        "residual-strided": ({"kind": "residual", "to": 6, "stride": [1, 2, 2]}, residual(6, [1, 2, 2])),
    }
    for seed, (name, (header, block)) in enumerate(cases.items()):
        network = Named(block).eval()
        fill(network, seed)
        size = [3, 12, 16, 20]
        with torch.no_grad():
            answer = network(torch.from_numpy(patch_values(size, seed))[None])[0].numpy()
        save(folder, name, header | {"seed": seed, "input": size, "weights": shapes(network)}, answer, 11)


def net(kind: str, size: list[int], features: list[int], strides: list, kernels: list, encoder: list[int],
        decoder: list[int], heads: int, bias: bool = True) -> tuple[dict, nn.Module]:
    cls, blocks_key = (PlainConvUNet, "n_conv_per_stage") if kind == "PlainConvUNet" else (ResidualEncoderUNet, "n_blocks_per_stage")
    dimensions = len(size)
    network = cls(
        1, len(features), features, getattr(nn, f"Conv{dimensions}d"), kernels, strides, num_classes=heads,
        n_conv_per_stage_decoder=decoder, conv_bias=bias, norm_op=getattr(nn, f"InstanceNorm{dimensions}d"),
        deep_supervision=False, **{blocks_key: encoder}, **NORM,
    )
    lead = [1] * (3 - dimensions)
    architecture = {
        "kind": kind, "dimensions": dimensions, "inputChannels": 1, "heads": heads, "features": features,
        "kernels": [lead + k for k in kernels], "strides": [lead + s for s in strides], "encoderBlocks": encoder,
        "decoderConvs": decoder, "convBias": bias, "normEpsilon": 1e-5, "leakySlope": 0.01,
    }
    return {"architecture": architecture, "patch": lead + size}, network.eval()


def nets(folder: str) -> None:
    os.makedirs(folder)
    k3, k1 = [3, 3, 3], [1, 3, 3]
    s0, s2, s1 = [1, 1, 1], [2, 2, 2], [1, 2, 2]
    cases = {
        "plain-2": net("PlainConvUNet", [16, 16, 16], [6, 12], [s0, s2], [k3, k3], [2, 2], [2], 3),
        "plain-3-anisotropic": net("PlainConvUNet", [10, 24, 28], [6, 12, 12], [s0, s1, s2], [k1, k1, k3], [2, 1, 2], [1, 2], 5),
        "plain-4-no-bias": net("PlainConvUNet", [16, 32, 24], [4, 8, 16, 16], [s0, s2, s2, s2], [k3] * 4, [2] * 4, [2] * 3, 4, False),
        "residual-5": net("ResidualEncoderUNet", [16, 48, 32], [4, 8, 16, 24, 24], [s0, s1, s2, s2, s2], [k1, k3, k3, k3, k3], [1, 3, 4, 2, 2], [1] * 4, 6),
        "plain-6-41-heads": net("PlainConvUNet", [32, 64, 64], [8, 16, 32, 48, 64, 64], [s0, s2, s2, s2, s2, s1], [k3] * 6, [2] * 6, [2] * 5, 41),
        "flat-5": net("PlainConvUNet", [64, 48], [6, 12, 24, 24, 24], [[1, 1]] + [[2, 2]] * 4, [[3, 3]] * 5, [2] * 5, [2] * 4, 7),
        "flat-residual-4": net("ResidualEncoderUNet", [40, 48], [6, 12, 24, 24], [[1, 1], [2, 2], [1, 2], [2, 2]], [[3, 3]] * 4, [1, 2, 2, 1], [1] * 3, 3),
    }
    for seed, (name, (header, network)) in enumerate(cases.items()):
        fill(network, seed)
        size = [1, *header["patch"]]
        values = patch_values(size, seed).reshape(1, 1, *header["patch"][3 - header["architecture"]["dimensions"]:])
        with torch.no_grad():
            answer = network(torch.from_numpy(values))[0].numpy()
        every = max(1, answer.size // 12_000) | 1
        save(folder, name, header | {"seed": seed, "weights": shapes(network)}, answer, every)


PLAIN = {
    "n_conv_per_stage_encoder": [1, 2, 1], "n_conv_per_stage_decoder": [1, 1],
    "conv_kernel_sizes": [[1, 3, 3], [3, 3, 3], [3, 3, 3]], "pool_op_kernel_sizes": [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
}
RESIDUAL = {**PLAIN, "UNet_class_name": "ResidualEncoderUNet", "UNet_base_num_features": 3, "unet_max_num_features": 6}
FLAT = {
    "n_conv_per_stage_encoder": [1, 1, 1], "n_conv_per_stage_decoder": [1, 1], "unet_max_num_features": 12,
    "conv_kernel_sizes": [[3, 3]] * 3, "pool_op_kernel_sizes": [[1, 1], [2, 2], [2, 2]],
}
REGIONS = {
    "labels": {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "spot": [3], "ignore": 4}, "regions_class_order": [1, 2, 3],
}


def whole(folder: str, plan: dict, data: dict, shape: list[int], spacing: list[float], folds: list[int] = [0],
          axes: tuple[int, ...] | None = None, step: float = 0.5, mirroring: bool = True, scheme: str = "",
          seed: int = 1, first: bool = False) -> None:
    """One B3 case from arrays; `first`: of the folds only the first runs."""
    write_model(f"{folder}/model", plan, data, folds, axes, seed)
    used = folds[:1] if first else folds
    image = volume(shape, seed, scheme)
    labels = predict(predictor(f"{folder}/model", used, step, mirroring), image, spacing)
    settings = {"stepSize": step, "mirroring": mirroring, "splitLevel": 0}
    chosen = {"folds": "first"} if first else {}
    write_case(folder, {"spacing": spacing, "settings": settings, **chosen}, {"input": image, "labels": labels})


def to_block(folder: str) -> None:
    """plans.json as nnU-Net 2.8.1 writes it for the same network."""
    with open(f"{folder}/model/plans.json", encoding="utf-8") as file:
        plan = json.load(file)
    (config,) = plan["configurations"].values()
    features = [min(config["UNet_base_num_features"] * 2**i, config["unet_max_num_features"]) for i in range(3)]
    config["architecture"] = {
        "network_class_name": "dynamic_network_architectures.architectures.unet.ResidualEncoderUNet",
        "arch_kwargs": {
            "n_stages": 3, "features_per_stage": features, "conv_op": "torch.nn.modules.conv.Conv3d",
            "kernel_sizes": config["conv_kernel_sizes"], "strides": config["pool_op_kernel_sizes"],
            "n_blocks_per_stage": config["n_conv_per_stage_encoder"],
            "n_conv_per_stage_decoder": config["n_conv_per_stage_decoder"], "conv_bias": True,
            "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d", "norm_op_kwargs": {"eps": 1e-5, "affine": True},
            "dropout_op": None, "dropout_op_kwargs": None, "nonlin": "torch.nn.LeakyReLU", "nonlin_kwargs": {"inplace": True},
        },
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
    }
    for key in [k for k in config if k.startswith(("UNet_", "unet_", "n_conv_", "conv_kernel", "pool_op", "num_pool"))]:
        del config[key]
    with open(f"{folder}/model/plans.json", "w", encoding="utf-8") as file:
        json.dump(plan, file)


def nifti(folder: str, axes: list[int], signs: list[int], zooms: list[float], seed: int) -> str:
    """input.nii.gz whose axes run along the given axes of the body, with or against it, a little oblique."""
    image = volume([30, 28, 26], seed).transpose(axes)
    affine = np.diag([0.0, 0.0, 0.0, 1.0])
    for axis in range(3):
        affine[axes[axis], axis] = signs[axis] * zooms[axis]
    turn, (c, s) = np.eye(4), (np.cos(0.12), np.sin(0.12))
    turn[:2, :2] = [[c, -s], [s, c]]
    os.makedirs(folder, exist_ok=True)
    path = f"{folder}/input.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.ascontiguousarray(image), turn @ affine), path)
    return path


def reoriented(folder: str) -> None:
    """A model trained with the reader that turns images to RAS, on a file that lies otherwise; 2.2.1 writes back only swaps."""
    from nnunetv2.imageio.nibabel_reader_writer import NibabelIOWithReorient

    plan = plans(configuration(PLAIN, [6, 12, 16], [2.0, 1.5, 1.25]), transpose=(0, 2, 1), image_reader_writer="NibabelIOWithReorient")
    write_model(f"{folder}/model", plan, dataset(4), [0], None, 53)
    path = nifti(folder, [2, 1, 0], [1, -1, 1], [1.9, 1.4, 1.2], 53)
    images, properties = NibabelIOWithReorient().read_images([path])
    labels = predict(predictor(f"{folder}/model", [0], 0.5, True), images[0], properties["spacing"])
    NibabelIOWithReorient().write_seg(labels, f"{folder}/labels.nii.gz", properties)
    settings = {"stepSize": 0.5, "mirroring": True, "splitLevel": 0}
    write_case(folder, {"settings": settings}, {})


def split(folder: str) -> None:
    """MRSegmentator 1.2.3 itself with --split_level 2, its spacing quirk included, on a coronal file."""
    write_model(f"{folder}/model", plans(configuration(PLAIN, [8, 12, 16], [2.0, 1.5, 1.25])), dataset(4), [0], None, 41)
    path = nifti(folder, [0, 2, 1], [-1, 1, -1], [1.3, 1.7, 2.1], 41)
    os.environ["MRSEG_WEIGHTS_PATH"] = f"{folder}/model"
    from mrsegmentator.inference import infer

    infer([path], folder, folds=[0], split_level=2, cpu_only=True)
    os.rename(f"{folder}/input_seg.nii.gz", f"{folder}/labels.nii.gz")
    settings = {"stepSize": 0.5, "mirroring": True, "splitLevel": 2}
    write_case(folder, {"settings": settings, "spacingMode": "v1.2.3"}, {})


def cases(root: str) -> None:
    force = {"resampling_fn_probabilities_kwargs": {**RESAMPLING, "order": 1, "force_separate_z": True}}
    whole(f"{root}/transposed-mirrored", plans(configuration(PLAIN, [6, 12, 16], [2.0, 1.5, 1.25]), transpose=(2, 0, 1)),
          dataset(5), [25, 30, 22], [1.6, 1.3, 2.2], folds=[0, 1], axes=(0, 1, 2), seed=54)
    whole(f"{root}/ct-regions-thick", plans(configuration(PLAIN, [6, 16, 16], [5.0, 1.5, 1.5], normalization_schemes=["CTNormalization"], **force)),
          dataset(4, **REGIONS), [12, 34, 30], [6.0, 1.2, 1.1], scheme="CTNormalization", seed=12)
    whole(f"{root}/residual-block-plans", plans(configuration(RESIDUAL, [8, 12, 12], [1.5, 1.5, 1.5], use_mask_for_norm=[True])),
          dataset(4), [24, 22, 26], [1.5, 1.2, 1.9], seed=56)
    to_block(f"{root}/residual-block-plans")
    whole(f"{root}/flat-mirrored", plans(configuration(FLAT, [16, 20], [1.5, 1.2]), "2d", (1, 0, 2)), dataset(5), [26, 14, 28],
          [1.8, 4.0, 1.1], folds=[0, 1], axes=(0, 1), seed=14)
    whole(f"{root}/smaller-than-patch", plans(configuration(PLAIN, [20, 24, 28], [1.0, 1.0, 1.0], normalization_schemes=["RescaleTo01Normalization"])),
          dataset(3), [11, 25, 17], [1.0, 1.2, 1.0], seed=15)
    whole(f"{root}/fast", plans(configuration(PLAIN, [8, 12, 16], [1.5, 1.5, 1.5])), dataset(4), [24, 26, 30], [2.0, 1.4, 1.4],
          folds=[0, 1], first=True, axes=(0, 1), step=0.8, mirroring=False, seed=16)
    reoriented(f"{root}/ras-reader")
    split(f"{root}/split")
    whole(f"{root}/later-versions", plans(configuration(PLAIN, [6, 12, 16], [2.0, 2.0, 2.0]), transpose=(1, 0, 2)),
          dataset(4), [22, 9, 24], [2.0, 7.0, 1.9], seed=53)
    subprocess.run([sys.executable, "head.py", f"{root}/later-versions"], check=True)


def main() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    os.chdir(here)
    for name, make in {"blocks": blocks, "nets": nets, "cases": cases}.items():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        shutil.rmtree(name, ignore_errors=True)
        make(name)
    with open("versions.json", "w", encoding="utf-8") as file:
        json.dump({package: importlib.metadata.version(package) for package in PACKAGES}, file, indent=1)


if __name__ == "__main__":
    main()
