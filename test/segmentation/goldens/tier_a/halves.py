"""A1: rounding to binary16."""

import hashlib

import numpy as np
import torch

from golden_file import Case


def routines() -> Case:
    case = Case("A1", "f16 routines: 2^16 halves round-trip; midpoints, midpoint ± 1 ulp, subnormals, 65519.99/65520")
    bits = np.arange(65536, dtype=np.uint32).astype(np.uint16)
    wide = bits.view(np.float16).astype(np.float32)
    np.testing.assert_array_equal(wide, torch.from_numpy(bits.view(np.float16)).float().numpy())
    quiet = np.where(np.isnan(wide), np.float32(np.nan), wide).astype("<f4")
    case.fact("wideSha256", hashlib.sha256(quiet.tobytes()).hexdigest())
    index = bits[:0x7C00 - 1].astype(np.int32)

    def add(name: str, halves: np.ndarray) -> None:
        """0 where the lower of the two neighbours came out, 1 where the upper did."""
        case.add(name, (halves.view(np.uint16).astype(np.int32) - index).astype(np.int8))

    positive = bits[:0x7C00].view(np.float16).astype(np.float64)
    middle = (positive[:-1] + positive[1:]) / 2
    inputs = {"below": np.nextafter(middle, 0), "middle": middle, "above": np.nextafter(middle, np.inf)}
    for name, values in inputs.items():
        add(f"{name}64", values.astype(np.float16))
        add(f"{name}64through32", torch.from_numpy(values).half().numpy())
    middle32 = middle.astype(np.float32)
    for name, values in {"below": np.nextafter(middle32, np.float32(0)), "middle": middle32,
                         "above": np.nextafter(middle32, np.float32(np.inf))}.items():
        halves = torch.from_numpy(values).half().numpy()
        np.testing.assert_array_equal(halves, values.astype(np.float16))
        add(f"{name}32", halves)
    edges = np.array([65504, 65519.99, np.nextafter(65520.0, 0), 65520, 65536, 1e300, np.inf, 2.0**-24, 2.0**-25,
                      np.nextafter(2.0**-25, 1), 3 * 2.0**-25, 5e-324, 2.0**-14, np.nextafter(2.0**-14, 0),
                      0.0, 1 / 3, 0.1, 1e-7, 6e-8, 3e-8])
    edges = np.concatenate([edges, -edges])
    with np.errstate(over="ignore"):
        case.add("edges", edges)
        case.add("edges16", edges.astype(np.float16).view(np.uint16))
        case.add("edges16through32", torch.from_numpy(edges).half().numpy().view(np.uint16))
    return case


CASES = {"A1": routines}
