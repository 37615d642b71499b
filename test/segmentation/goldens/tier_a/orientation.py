"""A2 and A3: turning to LPS as SimpleITK and MRSegmentator's reader do."""

import itertools
import pathlib
import tempfile

import nibabel
import numpy as np
import SimpleITK as sitk
from mrsegmentator.simpleitk_reader_writer import SimpleITKIO

from formulas import hashed, noise
from golden_file import Case

SHAPE = (3, 4, 5)


def axis_codes() -> list[np.ndarray]:
    """All 48: image axis c runs along physical axis order[c] with a sign."""
    matrices = []
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1.0, -1.0), repeat=3):
            matrix = np.zeros((3, 3))
            for c in range(3):
                matrix[order[c], c] = signs[c]
            matrices.append(matrix)
    return matrices


def rotation(u: np.ndarray) -> np.ndarray:
    """A rotation from three numbers (unit quaternion)."""
    w, x, y, z = q = np.array([1.0, *u]) / np.sqrt(1 + (u**2).sum())
    del q
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


def ties() -> list[np.ndarray]:
    """The axis codes turned by exactly 45° about each axis: 144 exact ties."""
    h = np.sqrt(0.5)
    turns = [np.array([[1, 0, 0], [0, h, -h], [0, h, h]]), np.array([[h, 0, h], [0, 1, 0], [-h, 0, h]]),
             np.array([[h, -h, 0], [h, h, 0], [0, 0, 1]])]
    return [turn @ code for turn in turns for code in axis_codes()]


def triple_ties() -> list[np.ndarray]:
    """A matrix whose four largest cosines are equal and lie in three rows and columns, so that the order of choice
    decides the axes; with its axes exchanged and flipped in all 48 ways."""
    h = np.sqrt(0.5)
    tie = np.array([[0.5, 0.5, -h], [0.5, 0.5, h], [h, -h, 0.0]])
    return [code @ tie for code in axis_codes()]


def image_of(array: np.ndarray, direction: np.ndarray, spacing=(1.0, 1.0, 1.0)) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.SetDirection(direction.ravel().tolist())
    image.SetSpacing(list(spacing))
    return image


def letters(direction: np.ndarray) -> str:
    """What MRSegmentator 1.2.3 records: nibabel's axis codes, which are RAS."""
    affine = np.diag([-1.0, -1.0, 1.0, 1.0])
    affine[:3, :3] = affine[:3, :3] @ direction
    return "".join(nibabel.aff2axcodes(affine))


def matrices() -> Case:
    case = Case("A2", "direction matrices: 48 axis codes, 30 oblique, exact ties (45°); round-trip of a labelled array")
    oblique = [rotation(noise(20 + i, (3,), 2.0)) for i in range(30)]
    groups = {"code": axis_codes(), "oblique": oblique, "tie": ties(), "tie of three axes": triple_ties()}
    labelled = np.arange(np.prod(SHAPE), dtype=np.uint8).reshape(SHAPE)
    facts, directions, turned = [], [], []
    for group, members in groups.items():
        for direction in members:
            lps = sitk.DICOMOrient(image_of(labelled, direction), "LPS")
            array = sitk.GetArrayFromImage(lps)
            back = sitk.GetArrayFromImage(sitk.DICOMOrient(sitk.GetImageFromArray(array), letters(direction)))
            facts.append({"group": group, "shape": list(array.shape),
                          "returns": bool(back.shape == SHAPE and (back == labelled).all())})
            directions.append(direction.ravel())
            turned.append(array.ravel())
    case.add("directions", np.array(directions))
    case.add("turned", np.array(turned))
    case.fact("shape", SHAPE)
    case.fact("matrices", facts)
    return case


def acquisitions() -> Case:
    case = Case("A3", "sagittal, coronal, axial-flipped NIfTI with 3 different spacings → array, told spacing")
    columns = {"axial": "LPS", "axial flipped": "RAS", "sagittal": "PIL", "sagittal other way": "AIR",
               "coronal": "LIP", "coronal flipped": "RSA"}
    axis = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "S": (2, 1), "I": (2, -1)}
    facts = []
    tilt = rotation(np.array([0.06, -0.04, 0.08]))
    with tempfile.TemporaryDirectory() as folder:
        for name, code in [*columns.items(), ("oblique sagittal", "PIL"), ("oblique axial", "LPS")]:
            direction = np.zeros((3, 3))
            for c, letter in enumerate(code):
                p, sign = axis[letter]
                direction[p, c] = sign
            if name.startswith("oblique"):
                direction = tilt @ direction
            values = (1 + hashed(30 + len(facts), 210) % 3000).astype(np.int16).reshape(5, 6, 7)
            image = image_of(values, direction, (0.9, 1.15, 4.3))
            image.SetOrigin([12.5, -80.25, 31.0])
            path = pathlib.Path(folder) / "image.nii"
            sitk.WriteImage(image, str(path))
            array, properties = SimpleITKIO().read_image(str(path))
            # MRSegmentator 1.3.2 reads the spacing after the turn.
            repaired = sitk.DICOMOrient(sitk.ReadImage(str(path)), "LPS").GetSpacing()
            at = len(facts)
            case.add(f"file{at}", np.frombuffer(path.read_bytes(), np.uint8))
            case.add(f"array{at}", array[0])
            facts.append({"name": name, "shape": list(array.shape[1:]), "told": properties["spacing"],
                          "repaired": list(repaired)[::-1]})
    case.fact("files", facts)
    return case


CASES = {"A2": matrices, "A3": acquisitions}
