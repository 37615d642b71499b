"""Writes one golden case: `data/<case>.bin`, little-endian arrays one after the other, and `data/<case>.json`, which says
where each lies. The same call writes the same bytes."""

import json
import pathlib
import zlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "data"
TYPES = {"|u1": "u8", "|i1": "i8", "<u2": "u16", "<i2": "i16", "<u4": "u32", "<i4": "i32",
         "<f2": "f16", "<f4": "f32", "<f8": "f64"}


class Case:
    """Arrays and facts of a case; `write` puts them into two files."""

    def __init__(self, number: str, title: str) -> None:
        self.number = number
        self.header: dict = {"case": number, "title": title, "facts": {}, "arrays": {}}
        self.parts: list[bytes] = []
        self.offset = 0

    def add(self, name: str, array) -> None:
        """Stores a C-ordered array; deflated where that saves a tenth."""
        if name in self.header["arrays"]:
            raise ValueError(f"{self.number} names {name} twice")
        array = np.ascontiguousarray(array)
        if array.dtype == bool:
            array = array.astype(np.uint8)
        kind = TYPES[array.dtype.newbyteorder("<").str]
        raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
        packed = zlib.compress(raw, 9)
        deflated = len(packed) < 0.9 * len(raw)
        stored = packed if deflated else raw
        self.header["arrays"][name] = {
            "type": kind, "shape": list(array.shape), "offset": self.offset,
            "bytes": len(stored), "deflated": deflated,
        }
        self.parts.append(stored)
        self.offset += len(stored)

    def fact(self, name: str, value) -> None:
        self.header["facts"][name] = value

    def write(self) -> None:
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{self.number}.bin").write_bytes(b"".join(self.parts))
        text = json.dumps(self.header, default=plain)
        (FOLDER / f"{self.number}.json").write_text(text + "\n", encoding="utf-8")


def plain(value):
    """numpy numbers and arrays as JSON."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else list(value)
