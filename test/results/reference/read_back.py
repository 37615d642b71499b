"""Reads the results that write-cases.ts wrote with highdicom and dcmqi and compares them with what went in.

Usage: python read_back.py FOLDER [--dcmqi BIN]   (highdicom 0.28.2, pydicom 3.0.2, dcmqi 1.5.7)
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import highdicom as hd
import numpy as np


def affine_error(volume, slices, affine):
    """Largest distance in mm between voxel centres by both affines, at the corners of the volume.

    highdicom orders slices against the normal; `slices` maps its index to ours."""
    ours = np.array(affine).reshape(4, 4)  # (column, row, slice) -> LPS
    worst = 0.0
    for k in (0, volume.array.shape[0] - 1):
        for r in (0, volume.array.shape[1] - 1):
            for c in (0, volume.array.shape[2] - 1):
                theirs = volume.affine @ np.array([k, r, c, 1.0])
                mine = ours @ np.array([c, r, slices[k], 1.0])
                worst = max(worst, float(np.linalg.norm(theirs[:3] - mine[:3])))
    return worst


def check_seg(path, labels, affine, binary):
    seg = hd.seg.segread(path)
    volume = seg.get_volume(combine_segments=True)
    present = [label for label in np.unique(labels) if label > 0]
    numbers = {label: i + 1 if binary else label for i, label in enumerate(present)}
    wanted = np.zeros_like(labels)
    for label, number in numbers.items():
        wanted[labels == label] = number
    kept = [k for k in range(labels.shape[0]) if labels[k].any()]
    # highdicom starts at the last kept slice and fills gaps between kept ones.
    slices = list(range(kept[-1], kept[0] - 1, -1))
    assert volume.array.shape[0] == len(slices), (path, volume.array.shape, slices)
    assert np.array_equal(volume.array, wanted[slices]), f"{path}: voxels differ"
    error = affine_error(volume, slices, affine)
    assert error < 1e-4, f"{path}: affine differs by {error} mm"
    return error


def check_sr(path, findings):
    report = hd.sr.srread(path)
    groups = report.content.get_volumetric_roi_measurement_groups()
    assert len(groups) == len(findings["structures"]), f"{path}: {len(groups)} groups"
    for group, found in zip(groups, findings["structures"]):
        assert group.tracking_identifier.startswith(found["structure"] + " "), path
        values = [m.value for m in group.get_measurements()]
        wanted = [found["volumeMl"]] + [
            found["intensity"][name] for name in ("mean", "sd", "median", "minimum", "maximum")
        ]
        assert np.allclose(values, wanted, rtol=1e-9, atol=1e-9), (path, values, wanted)
    return len(groups)


def check_dcmqi(bin_folder, folder):
    with tempfile.TemporaryDirectory() as out:
        for name in ("seg.dcm", "map.dcm"):
            subprocess.run(
                [f"{bin_folder}/segimage2itkimage", "--inputDICOM", folder / name, "--outputDirectory", out,
                 "--mergeSegments", "-t", "nrrd"],
                check=True, capture_output=True,
            )
        subprocess.run(
            [f"{bin_folder}/tid1500reader", "--inputDICOM", folder / "sr.dcm", "--outputMetadata", f"{out}/m.json"],
            check=True, capture_output=True,
        )
        measured = json.load(open(f"{out}/m.json"))["Measurements"]
    return len(measured)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--dcmqi", help="folder of dcmqi's programs")
    options = parser.parse_args()
    worst, groups, cases = 0.0, 0, 0
    for folder in sorted(options.folder.iterdir()):
        expected = json.load(open(folder / "expected.json"))
        labels = np.fromfile(folder / "labels.raw", dtype=np.uint8).reshape(expected["shape"])
        for name, binary in (("seg.dcm", True), ("map.dcm", False)):
            if np.count_nonzero(labels.any(axis=(1, 2))) > 1:
                worst = max(worst, check_seg(folder / name, labels, expected["affine"], binary))
        groups += check_sr(folder / "sr.dcm", expected["findings"])
        if options.dcmqi:
            assert check_dcmqi(options.dcmqi, folder) == len(expected["findings"]["structures"]), folder
        cases += 1
    print(f"{cases} cases equal; affine within {worst:.2e} mm; {groups} measurement groups equal")


main()
