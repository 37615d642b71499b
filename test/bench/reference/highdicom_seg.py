"""A SEG of labels by highdicom 0.28: from the label volume to the finished bytes.

Arguments: folder with labels.u8 (slices x 512 x 512), slices, runs. Prints one JSON line: seconds of every run, and the
most resident memory of this process before and after the work.
"""

import io
import json
import sys
import time

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

SIDE = 512


def peak_bytes() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


def source_images(slices: int) -> list:
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    images = []
    for index in range(slices):
        image = Dataset()
        image.file_meta = FileMetaDataset()
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, generate_uid()
        image.StudyInstanceUID, image.SeriesInstanceUID, image.FrameOfReferenceUID = study, series, frame
        image.PatientID, image.PatientName, image.PatientBirthDate, image.PatientSex = "P", "A^B", "", ""
        image.AccessionNumber, image.StudyID, image.ReferringPhysicianName = "", "", ""
        image.StudyDate, image.StudyTime, image.Modality = "20240229", "101530", "CT"
        image.Rows, image.Columns, image.PixelSpacing = SIDE, SIDE, [0.7734375, 0.8984375]
        image.SliceThickness, image.InstanceNumber, image.SeriesNumber = 3.3, index + 1, 3
        image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        image.ImagePositionPatient = [-101.25, -87.5, round(33.125 + 3.3 * index, 6)]
        image.PositionReferenceIndicator = ""
        images.append(image)
    return images


def descriptions(labels: list) -> list:
    algorithm = hd.AlgorithmIdentificationSequence(
        name="demo", family=codes.cid7162.ArtificialIntelligence, version="1.2"
    )
    return [
        hd.seg.SegmentDescription(
            segment_number=number, segment_label=f"structure {label}", algorithm_type="AUTOMATIC",
            segmented_property_category=codes.SCT.AnatomicalStructure, segmented_property_type=codes.SCT.Liver,
            algorithm_identification=algorithm, tracking_id=f"structure {label}", tracking_uid=generate_uid(),
        )
        for number, label in enumerate(labels, 1)
    ]


def main() -> None:
    folder, slices, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    labels = np.fromfile(f"{folder}/labels.u8", dtype=np.uint8).reshape(slices, SIDE, SIDE)
    images = source_images(slices)
    described = descriptions(list(range(1, 41)))
    base = peak_bytes()
    seconds, size, frames = [], 0, 0
    for _ in range(runs):
        started = time.perf_counter()
        seg = hd.seg.Segmentation(
            images, labels, hd.seg.SegmentationTypeValues.BINARY, described, generate_uid(), 1, generate_uid(), 1,
            "Maker", "Model", "1", "1",
        )
        buffer = io.BytesIO()
        seg.save_as(buffer)
        seconds.append(time.perf_counter() - started)
        size, frames = buffer.tell(), int(seg.NumberOfFrames)
        del seg, buffer
    figures = {"mebibytes": round(size / 2**20), "frames": frames}
    print(json.dumps({"seconds": seconds, "peakBytes": peak_bytes(), "baseBytes": base, "figures": figures}))


main()
