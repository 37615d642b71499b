"""A22: checkpoints written by nnU-Net's own `save_checkpoint` and by `torch.save`, good and hostile."""

import copy
import functools
import io
import json
import pathlib
import subprocess
import tempfile
import zipfile
from collections import OrderedDict

import numpy as np
import torch
from nnunetv2.training.logging.nnunet_logger import nnUNetLogger
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans

from formulas import noise32
from golden_file import Case
from nnunet_bits import Setup

CONFIGURATION = {
    "patch_size": [4, 4, 8], "UNet_base_num_features": 2, "unet_max_num_features": 3,
    "pool_op_kernel_sizes": [[1, 1, 1], [2, 2, 2]], "num_pool_per_axis": [1, 1, 1],
    "conv_kernel_sizes": [[1, 3, 3], [3, 3, 3]], "normalization_schemes": ["ZScoreNormalization"],
}


def trainer(setup: Setup) -> nnUNetTrainer:
    """A trainer with what `save_checkpoint` reads: a real network after one step, its optimizer, scaler and log."""
    network = get_network_from_plans(setup.manager, setup.dataset, setup.configuration, 1, True)
    with torch.no_grad():
        for index, (name, weights) in enumerate(network.named_parameters()):
            is_scale = name.endswith("norm.weight")
            weights.copy_(torch.from_numpy(noise32(800 + index, tuple(weights.shape), 0.4, 1.0 if is_scale else 0.0)))
    optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.99, nesterov=True, weight_decay=3e-5)
    network(torch.from_numpy(noise32(900, (1, 1, 4, 4, 8), 1.0)))[0].sum().backward()
    optimizer.step()
    logger = nnUNetLogger()
    logger.log("train_losses", np.float32(-0.25), 0)
    logger.log("mean_fg_dice", np.float64(0.5), 0)
    instance = nnUNetTrainer.__new__(nnUNetTrainer)
    vars(instance).update(
        local_rank=0, disable_checkpointing=False, is_ddp=False, network=network, optimizer=optimizer,
        grad_scaler=torch.cuda.amp.GradScaler(enabled=False), logger=logger, _best_ema=np.float64(0.5), current_epoch=0,
        my_init_kwargs={"plans": setup.plans, "configuration": "3d_fullres", "fold": 0, "dataset_json": setup.dataset,
                        "unpack_dataset": True, "device": torch.device("cuda", 0)},
        inference_allowed_mirroring_axes=(0, 2))
    return instance


def saved(value, **options) -> bytes:
    """torch.save to a file named as nnU-Net names it, so that the zip's root folder has that name."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "checkpoint_final.pth"
        torch.save(value, str(path), **options)
        return path.read_bytes()


class Calls:
    """Pickles as a call of `function`."""

    def __init__(self, function, *arguments) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """The same file with another name of the same global in its pickle, checksums made new."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as out:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.endswith("data.pkl"):
                if old not in content:
                    raise ValueError(f"{old!r} is not there")
                content = content.replace(old, new)
            out.writestr(zipfile.ZipInfo(info.filename), content)
    return target.getvalue()


def folder_zip(setup: Setup, checkpoint: bytes) -> bytes:
    """A model folder as people zip it: deflated, with a folder around it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        def write(name: str, content: bytes) -> None:
            info = zipfile.ZipInfo(f"model/{name}")
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, content)

        out.writestr(zipfile.ZipInfo("model/"), b"")
        write("plans.json", json.dumps(setup.plans).encode())
        write("dataset.json", json.dumps(setup.dataset).encode())
        write("fold_0/checkpoint_final.pth", checkpoint)
        write("fold_1/checkpoint_final.pth", checkpoint)
    return target.getvalue()


def every_storage() -> tuple[dict, dict]:
    """Weights of every floating type and as views, other types beside them; and the values as binary32."""
    base = torch.from_numpy(noise32(850, (4, 6), 3.0))
    weights = OrderedDict(
        single=base.clone(), half=base.half(), bfloat16=base.bfloat16(), double=base.double() / 3,
        transposed=base.t(), offset=base[1:3, 2:5], strided=base[::2, 1::2], scalar=torch.tensor(0.1),
        empty=torch.zeros((0, 3)))
    top = {
        "network_weights": weights, "trainer_name": "nnUNetTrainer", "init_args": {"configuration": "3d_fullres"},
        "inference_allowed_mirroring_axes": None,
        "logging": {"long": torch.arange(5), "int": torch.arange(5, dtype=torch.int32),
                    "byte": torch.arange(5, dtype=torch.uint8), "bool": torch.tensor([True, False]),
                    "scalars": [np.float64(0.25), np.float32(-1.5), np.int64(7)], "device": torch.device("cpu"),
                    "ordered": OrderedDict(a=1, b=None), "float": -0.125, "large": 2**40, "negative": -5,
                    "tuple": (1, 2, 3, 4), "flags": [True, False, None], "text": "größe"},
    }
    return top, {name: values.float().numpy() for name, values in weights.items()}


def checkpoints() -> Case:
    case = Case("A22", "unpickler: every allowed global; os.system and builtins refused; tampered aliases refused")
    setup = Setup(3, configuration=CONFIGURATION)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "checkpoint_final.pth"
        trainer(setup).save_checkpoint(str(path))
        complete = path.read_bytes()
    top = torch.load(io.BytesIO(complete), map_location="cpu")
    weights = top["network_weights"]
    case.add("complete", np.frombuffer(complete, np.uint8))
    case.add("folder", np.frombuffer(folder_zip(setup, complete), np.uint8))
    own = [name for name in weights if ".all_modules." not in name and not name.startswith("decoder.encoder.")]
    case.fact("weights", [{"name": name, "shape": list(weights[name].shape)} for name in own])
    case.fact("aliases", len(weights) - len(own))
    case.add("weights", np.concatenate([weights[name].numpy().ravel() for name in own]))

    storages, values = every_storage()
    case.add("storages", np.frombuffer(saved(storages), np.uint8))
    case.fact("storages", [{"name": name, "shape": list(v.shape)} for name, v in values.items()])
    case.add("storageValues", np.concatenate([v.ravel() for v in values.values()]))

    small = {"network_weights": OrderedDict(w=torch.ones(3)), "trainer_name": "nnUNetTrainer",
             "init_args": {"configuration": "3d_fullres"}, "inference_allowed_mirroring_axes": None}

    def with_value(value) -> bytes:
        return saved({**small, "optimizer_state": value})

    import os

    command = "touch situs-ran-a-checkpoint"
    system = with_value(Calls(os.system, command))
    files = {
        "posix.system": ("CHECKPOINT_UNSAFE_GLOBAL", system),
        "os.system": ("CHECKPOINT_UNSAFE_GLOBAL", renamed(system, b"cposix\nsystem\n", b"cos\nsystem\n")),
        "nt.system": ("CHECKPOINT_UNSAFE_GLOBAL", renamed(system, b"cposix\nsystem\n", b"cnt\nsystem\n")),
        "eval": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(Calls(eval, f"__import__('os').system('{command}')"))),
        "builtins.exec": ("CHECKPOINT_UNSAFE_GLOBAL", renamed(
            with_value(Calls(exec, f"import os; os.system('{command}')")), b"c__builtin__\nexec\n", b"cbuiltins\nexec\n")),
        "getattr": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(Calls(getattr, "x", "upper"))),
        "subprocess.Popen": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(Calls(subprocess.Popen, ["touch", "situs-ran"]))),
        "functools.partial": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(functools.partial(print, 1))),
        "torch.load": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(Calls(torch.load, "other.pth"))),
        "a class as value, not called": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(subprocess.Popen)),
        "a numpy array": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(np.arange(3))),
        "a torch Parameter": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(torch.nn.Parameter(torch.ones(2)))),
        "a sparse tensor": ("CHECKPOINT_UNSAFE_GLOBAL", with_value(torch.eye(3).to_sparse())),
        "protocol 4": ("CHECKPOINT_MALFORMED", saved(small, pickle_protocol=4)),
        # Without tensors, whose keys in this format are addresses in memory.
        "format before zip": ("ZIP_NOT_A_ZIP", saved({"trainer_name": "nnUNetTrainer"}, _use_new_zipfile_serialization=False)),
        "infinite weight": ("CHECKPOINT_TENSOR", saved(
            {**small, "network_weights": OrderedDict(w=torch.tensor([1.0, float("inf")]))})),
        "whole numbers as weights": ("CHECKPOINT_TENSOR", saved({**small, "network_weights": OrderedDict(w=torch.arange(3))})),
        "no weights": ("CHECKPOINT_INCOMPLETE", saved({**small, "network_weights": OrderedDict()})),
        "a list on top": ("CHECKPOINT_INCOMPLETE", saved([small])),
    }

    def tampered(change) -> bytes:
        changed = copy.copy(top)
        changed["network_weights"] = OrderedDict(weights)
        change(changed["network_weights"])
        changed["optimizer_state"] = None
        return saved(changed)

    alias = next(name for name in weights if ".all_modules.0.weight" in name and not name.startswith("decoder"))
    inner = next(name for name in weights if name.startswith("decoder.encoder.") and name.endswith("norm.bias"))
    target = inner.removeprefix("decoder.")

    def nudge(name: str):
        def change(table) -> None:
            table[name] = table[name].clone()
            table[name].view(-1)[0] += 2.0**-12
        return change

    files |= {
        "alias of a conv block differs": ("CHECKPOINT_ALIAS_DIFFERS", tampered(nudge(alias))),
        "alias of the encoder differs": ("CHECKPOINT_ALIAS_DIFFERS", tampered(nudge(inner))),
        "the weights differ from their aliases": ("CHECKPOINT_ALIAS_DIFFERS", tampered(nudge(target))),
        "alias of another shape": ("CHECKPOINT_ALIAS_DIFFERS", tampered(
            lambda table: table.__setitem__(alias, table[alias].reshape(-1)))),
        "alias without target": ("CHECKPOINT_ALIAS_WITHOUT_TARGET", tampered(lambda table: table.pop(target))),
        "alias in a storage of its own": ("", tampered(lambda table: table.__setitem__(alias, table[alias].clone()))),
    }
    facts = []
    for name, (code, data) in files.items():
        case.add(f"file{len(facts)}", np.frombuffer(data, np.uint8))
        facts.append({"name": name, "code": code or None})
    case.fact("files", facts)
    case.fact("marker", command.split()[-1])
    return case


CASES = {"A22": checkpoints}
