"""Makes the golden cases A1 to A22 of nnunet-inference §6 with the real nnU-Net 2.2.1 stack: `python make.py [CASE …]`."""

import importlib.metadata
import json
import platform
import sys

import torch

import golden_file
import checkpoints
import export
import halves
import normalising
import orientation
import resampling
import splitting
import window

GROUPS = [halves, orientation, normalising, resampling, window, export, splitting, checkpoints]


def versions() -> dict:
    packages = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}
    return {"python": platform.python_version(), "packages": dict(sorted(packages.items(), key=lambda p: p[0].lower()))}


def main(chosen: list[str]) -> None:
    torch.set_num_threads(1)
    for group in GROUPS:
        for number, make in group.CASES.items():
            if not chosen or number in chosen:
                make().write()
                print(number)
    path = golden_file.FOLDER / "versions.json"
    path.write_text(json.dumps(versions(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
