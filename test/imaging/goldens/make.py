"""Makes the golden files of this folder. Needs pydicom with pylibjpeg-openjpeg, and DCMTK on the path.

    python make.py dicom FOLDER      the .dcm files and expected.json
    python make.py nifti FOLDER      the .nii files and nifti.json (needs SimpleITK)

HTJ2K files are made by make-htj2k.mjs from the explicit file, since no other encoder was at hand; pydicom reads
them back to check. Deterministic: no dates, fixed UIDs.
"""
import json
import struct
import subprocess
import sys
from pathlib import Path

ROWS, COLUMNS = 34, 42


def values(kind):
    low, high = {"signed16": (-1024, 3071), "unsigned12": (0, 4095), "unsigned8": (0, 255)}[kind]
    span = high - low
    result = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            wave = (row * 37 + column * column * 5 + row * column * 3) % 97 / 96
            result.append(low + round(span * (0.6 * wave + 0.4 * row / (ROWS - 1))))
    result[0], result[1] = low, high
    return result


def dataset(kind, uid, frames=1):
    import numpy as np
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset

    signed, bits, stored, sop = {
        "signed16": (1, 16, 16, "1.2.840.10008.5.1.4.1.1.2"),
        "unsigned12": (0, 16, 12, "1.2.840.10008.5.1.4.1.1.4"),
        "unsigned8": (0, 8, 8, "1.2.840.10008.5.1.4.1.1.4"),
    }[kind]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop
    meta.MediaStorageSOPInstanceUID = uid
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = sop, uid
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = "2.25.11", "2.25.12", "2.25.13"
    ds.Modality = "CT" if signed else "MR"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "Golden^File", "GOLDEN", "", "O"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.ReferringPhysicianName = "20261102", "101500", "", ""
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = "1", 1, 1
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness = [1, 1], 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, stored, stored - 1, signed
    if frames > 1:
        ds.NumberOfFrames = frames
    dtype = {("signed16"): "<i2", "unsigned12": "<u2", "unsigned8": "u1"}[kind]
    one = np.array(values(kind), dtype=dtype)
    ds.PixelData = b"".join((one if f % 2 == 0 else one[::-1]).tobytes() for f in range(frames))
    if bits == 8:
        ds["PixelData"].VR = "OB"
    return ds


def make_dicom(folder):
    import pydicom
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEG2000, JPEG2000Lossless

    def run(*command):
        subprocess.run([str(part) for part in command], check=True)

    kinds = ["signed16", "unsigned12", "unsigned8"]
    expected = {"rows": ROWS, "columns": COLUMNS, **{kind: values(kind) for kind in kinds}}
    for number, kind in enumerate(kinds):
        plain = folder / f"explicit-{kind}.dcm"
        dataset(kind, f"2.25.{100 + number}").save_as(plain, enforce_file_format=True)
        for name, option in [("implicit", "+ti"), ("big-endian", "+tb"), ("deflated", "+td")]:
            run("dcmconv", option, plain, folder / f"{name}-{kind}.dcm")
        run("dcmcrle", plain, folder / f"rle-{kind}.dcm")
        run("dcmcjpeg", "+e1", "+un", plain, folder / f"jpeg-lossless-sv1-{kind}.dcm")
        for predictor in (2, 6):
            run("dcmcjpeg", "+el", "+sv", predictor, "+un", plain, folder / f"jpeg-lossless-p{predictor}-{kind}.dcm")
        run("dcmcjpls", "+el", "+un", plain, folder / f"jpeg-ls-{kind}.dcm")
        if kind != "signed16":  # DCMTK refuses near-lossless coding of signed pixels.
            run("dcmcjpls", "+en", "+md", 3, "+un", plain, folder / f"jpeg-ls-near-{kind}.dcm")
        compressed = pydicom.dcmread(plain)
        compressed.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg", generate_instance_uid=False)
        compressed.save_as(folder / f"jpeg2000-{kind}.dcm")
        compressed = pydicom.dcmread(plain)
        compressed.compress(JPEG2000, encoding_plugin="pylibjpeg", j2k_cr=[3], generate_instance_uid=False)
        compressed.save_as(folder / f"jpeg2000-lossy-{kind}.dcm")
    run("dcmcjpeg", "+eb", "+q", 95, "+un", folder / "explicit-unsigned8.dcm", folder / "jpeg-baseline-unsigned8.dcm")
    run("dcmcjpeg", "+ee", "+un", folder / "explicit-unsigned12.dcm", folder / "jpeg-extended-unsigned12.dcm")

    # What pydicom (libjpeg, OpenJPEG, CharLS) makes of the lossy ones, and DCMTK of the JPEG of 12 bits.
    expected["decoded"] = {
        path.name: [int(v) for v in pydicom.dcmread(path).pixel_array.ravel()]
        for pattern in ("*lossy*", "*near*", "jpeg-baseline*")
        for path in sorted(folder.glob(pattern))
    }
    plain = folder / "decoded.dcm"
    run("dcmdjpeg", folder / "jpeg-extended-unsigned12.dcm", plain)
    pixels = pydicom.dcmread(plain).pixel_array
    expected["decoded"]["jpeg-extended-unsigned12.dcm"] = [int(v) for v in pixels.ravel()]
    plain.unlink()

    # Several frames: with and without a basic offset table, one and several fragments a frame.
    for name, table, fragments in [("table", True, 2), ("no-table", False, 1), ("no-table-split", False, 2)]:
        ds = dataset("unsigned12", "2.25.200", frames=3)
        raw = ds.PixelData
        size = ROWS * COLUMNS * 2
        streams = []
        for f in range(3):
            single = dataset("unsigned12", "2.25.201")
            single.PixelData = raw[f * size : (f + 1) * size]
            single.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg", generate_instance_uid=False)
            streams.append(pydicom.encaps.get_frame(single.PixelData, 0, number_of_frames=1))
        ds.PixelData = encapsulate(streams, fragments_per_frame=fragments, has_bot=table)
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
        ds.file_meta.TransferSyntaxUID = JPEG2000Lossless
        ds.save_as(folder / f"frames-{name}.dcm", enforce_file_format=True)

    # Character sets; the names of PS3.5 Annexes H and I, and others.
    names = {
        "latin1": ("ISO_IR 100", "Müßig^Jürgen"),
        "latin2": ("ISO_IR 101", "Wałęsa^Żółć"),
        "cyrillic": ("ISO_IR 144", "Люкceмбypг"),
        "greek": ("ISO_IR 126", "Διονυσιος"),
        "arabic": ("ISO_IR 127", "قباني^لنزار"),
        "hebrew": ("ISO_IR 138", "שרון^דבורה"),
        "thai": ("ISO_IR 166", "สมชาย"),
        "utf8": ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
        "gb18030": ("GB18030", "Wang^XiaoDong=王^小东"),
        "japanese": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        "japanese-katakana": (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        "korean": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        "chinese": (["", "ISO 2022 IR 58"], "Zhang^XiaoDong=张^小东"),
        "mixed": (["ISO 2022 IR 100", "ISO 2022 IR 144", "ISO 2022 IR 126"], "Buc^Jérôme=Люкceмбypг=Διονυσιος"),
    }
    expected["names"] = {}
    for number, (key, (charset, name)) in enumerate(names.items()):
        ds = dataset("unsigned8", f"2.25.{300 + number}")
        ds.SpecificCharacterSet = charset
        ds.PatientName = name
        ds.Rows = ds.Columns = 2
        ds.PixelData = b"\1\2\3\4"
        ds.save_as(folder / f"charset-{key}.dcm", enforce_file_format=True)
        expected["names"][key] = name

    # Sequences of defined and undefined length, nested; one sent on as UN (PS3.5 6.2.2 note 2).
    ds = dataset("unsigned8", "2.25.400")
    ds.Rows = ds.Columns = 2
    ds.PixelData = b"\1\2\3\4"
    inner = pydicom.Dataset()
    inner.CodeValue, inner.CodingSchemeDesignator, inner.CodeMeaning = "T-62000", "SRT", "Liver"
    outer = pydicom.Dataset()
    outer.PurposeOfReferenceCodeSequence = [inner]
    outer.ReferencedSOPClassUID, outer.ReferencedSOPInstanceUID = "1.2.3", "1.2.4"
    for element in (outer["PurposeOfReferenceCodeSequence"],):
        element.is_undefined_length = True
    inner.is_undefined_length_sequence_item = True
    ds.SourceImageSequence = [outer]
    ds["SourceImageSequence"].is_undefined_length = True
    ds.add_new((0x0029, 0x0010), "LO", "SITUS TEST")
    ds.add_new((0x0029, 0x1001), "OB", bytes([0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0]))
    path = folder / "sequences.dcm"
    ds.save_as(path, enforce_file_format=True)
    raw = path.read_bytes()
    un = struct.pack("<HH2sHI", 0x0040, 0x0275, b"UN", 0, 0xFFFFFFFF)
    item = struct.pack("<HHI", 0x0040, 0x0007, 6) + b"Liver "
    un += struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + item + struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
    un += struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    at = raw.index(struct.pack("<HH2s", 0x7FE0, 0x0010, b"OB"))
    path.write_bytes(raw[:at] + un + raw[at:])

    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, separators=(",", ":")) + "\n")


def make_nifti(folder):
    import math

    import numpy as np
    import SimpleITK as sitk

    c, s = math.cos(0.3), math.sin(0.3)
    tilt = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    cases = {"oblique": tilt, "left-handed": np.diag([1, 1, -1]), "coronal": np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])}
    facts = {}

    def tell(name, image):
        facts[name] = {
            "size": image.GetSize(),
            "spacing": image.GetSpacing(),
            "origin": image.GetOrigin(),
            "direction": image.GetDirection(),
            "values": [float(v) for v in sitk.GetArrayFromImage(image).ravel()],
        }

    for name, direction in cases.items():
        image = sitk.GetImageFromArray(np.arange(60, dtype=np.int16).reshape(3, 4, 5) - 20)
        image.SetDirection([float(v) for v in direction.ravel()])
        image.SetSpacing((0.9, 1.1, 3.3))
        image.SetOrigin((-12.5, 30.25, -100.125))
        path = folder / f"{name}.nii.gz"
        sitk.WriteImage(image, str(path))
        tell(path.name, sitk.ReadImage(str(path)))

    def header(q, s, order="<", srow=None, quaternion=(0, 0, 0), qfac=1, slope=1, inter=0, kind=4, units=2):
        h = bytearray(352)
        struct.pack_into(order + "i", h, 0, 348)
        struct.pack_into(order + "8h", h, 40, 3, 2, 3, 4, 1, 1, 1, 1)
        struct.pack_into(order + "hh", h, 70, kind, {4: 16, 16: 32, 2: 8}[kind])
        struct.pack_into(order + "8f", h, 76, qfac, 1, 2, 3, 0, 0, 0, 0)
        struct.pack_into(order + "fff", h, 108, 352, slope, inter)
        h[123] = units
        struct.pack_into(order + "hh", h, 252, q, s)
        struct.pack_into(order + "6f", h, 256, *quaternion, 10, 20, 30)
        if srow is not None:
            struct.pack_into(order + "12f", h, 280, *np.asarray(srow, float).ravel())
        h[344:348] = b"n+1\0"
        dtype = np.dtype({4: "i2", 16: "f4", 2: "u1"}[kind]).newbyteorder(order)
        return bytes(h) + np.arange(24).astype(dtype).tobytes()

    turned = np.c_[np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.diag([1, 2, 3]), [5, 6, 7]]
    skewed = [[1, 0.3, 0, 5], [0, 2, 0, 6], [0, 0, 3, 7]]
    double = turned.copy()
    double[:, :3] *= 2
    files = {
        "no-form": header(0, 0),
        "qform": header(1, 0, quaternion=(0.1, -0.2, 0.3)),
        "qform-qfac": header(1, 0, quaternion=(0.1, -0.2, 0.3), qfac=-1),
        "sform": header(0, 2, srow=turned),
        "sform-other-spacing": header(0, 2, srow=double),
        "both-scanner": header(1, 1, srow=turned),
        "both-aligned": header(1, 2, srow=turned),
        "both-skewed": header(1, 1, srow=skewed),
        "big-endian": header(0, 1, order=">", srow=turned),
        "scaled": header(0, 1, srow=turned, slope=2, inter=-5),
        "slope-zero": header(0, 1, srow=turned, slope=0, inter=-5),
        "float": header(0, 1, srow=turned, kind=16),
        "bytes": header(0, 1, srow=turned, kind=2),
        "metres": header(0, 1, srow=turned, units=1),
    }
    for name, data in files.items():
        path = folder / f"{name}.nii"
        path.write_bytes(data)
        tell(path.name, sitk.ReadImage(str(path)))
    (folder / "nifti.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    {"dicom": make_dicom, "nifti": make_nifti}[sys.argv[1]](Path(sys.argv[2]))
