"""Compares the tables of src/results/validate/standard with those that highdicom ships.

    node test/results/reference/write-module-tables.ts | python test/results/reference/check_modules.py

Lists every attribute of type 1 or 2 that a module of the object's IOD requires at a place that our
objects have, and that our tables do not; and what our tables require that the standard does not
(stricter on purpose, or a mistake). Ends with 1 when something is missing.

Ours are generated from highdicom's: what this shows is that choosing modules, keeping each list once
and merging the modules of an IOD lost nothing. The judge that is independent of both is dciodvfy
(judge-removals.ts).
"""

import json
import sys

from highdicom import _standard_utils as standard

SOP_CLASSES = {
    "binary": "1.2.840.10008.5.1.4.1.1.66.4",
    "labelMap": "1.2.840.10008.5.1.4.1.1.66.7",
    "report": "1.2.840.10008.5.1.4.1.1.88.34",
    "rejection": "1.2.840.10008.5.1.4.1.1.88.59",
    "capture": "1.2.840.10008.5.1.4.1.1.7.4",
}
# Modules that are not mandatory but that our objects take part in.
TAKEN_PART_IN = {
    "frame-of-reference",
    "general-reference",
    "common-instance-reference",
}
STRICT = {"1", "2"}
# What the flat tables ask for at a place although a condition decides, each with the reason. The
# tables hold the attributes of every value type of a content item, and every functional group both as
# shared and as of a frame.
VALUE_TYPES = {
    "ConceptCodeSequence", "ContinuityOfContent", "GraphicData", "GraphicType",
    "MeasuredValueSequence", "ReferencedFrameOfReferenceUID", "ReferencedSOPSequence",
    "TabulatedValuesSequence", "TemporalRangeType",
}  # fmt: skip
SHARED, PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
ELSEWHERE = {
    # We write them per frame.
    (SHARED, "DerivationImageSequence"), (SHARED, "FrameContentSequence"),
    (SHARED, "PlanePositionSequence"), (SHARED, "SegmentIdentificationSequence"),
    # We write them shared.
    (PER_FRAME, "PixelMeasuresSequence"), (PER_FRAME, "PlaneOrientationSequence"),
    # For slide coordinates only.
    (SHARED, "PlanePositionSlideSequence"), (PER_FRAME, "PlanePositionSlideSequence"),
    # Not allowed in label maps, where the pixels name the segments.
    ("labelMap", PER_FRAME, "SegmentIdentificationSequence"),
}  # fmt: skip


def by_condition(kind, place, keyword):
    """Whether our validator decides on it elsewhere than in the tables."""
    if keyword == "CodeMeaning":  # checkCodes looks at every code of an object
        return True
    if place in ("", "ContentSequence") and kind in ("report", "rejection"):
        if keyword in VALUE_TYPES:
            return True
    return (place, keyword) in ELSEWHERE or (kind, place, keyword) in ELSEWHERE


def required(kind):
    """By place, the keywords of type 1 and 2 with their modules; deeper than 8 levels is left out."""
    iod = standard.get_sop_class_iod_map()[SOP_CLASSES[kind]]
    attributes = standard.get_module_attribute_map()
    found = {}
    for module in standard.get_iod_module_map()[iod]:
        if module["usage"] != "M" and module["key"] not in TAKEN_PART_IN:
            continue
        # Pictures of slices with a legend are in no frame of reference.
        if kind == "capture" and module["key"] == "frame-of-reference":
            continue
        for one in attributes[module["key"]]:
            place = "/".join(one["path"])
            kinds = found.setdefault(place, {}).setdefault(one["keyword"], set())
            kinds.add((one["type"], module["key"]))
    return found


def main():
    dump = json.load(sys.stdin)
    missing = 0
    for kind in dump["kinds"]:
        theirs = required(kind["kind"])
        ours = {}
        for table in kind["tables"]:
            place = "/".join(table["at"])
            for keyword in table["type1"]:
                ours.setdefault(place, {})[keyword] = "1"
            for keyword in table["type2"]:
                ours.setdefault(place, {}).setdefault(keyword, "2")
        print(f"== {kind['kind']}, tables of {dump['edition']}")
        for place, keywords in sorted(kind["present"].items()):
            wanted = theirs.get(place, {})
            for keyword, kinds in sorted(wanted.items()):
                strictest = min(type for type, _ in kinds)
                modules = ", ".join(sorted({module for _, module in kinds}))
                have = ours.get(place, {}).get(keyword)
                if have is None and by_condition(kind["kind"], place, keyword):
                    continue
                if strictest in STRICT and have is None:
                    missing += 1
                    lacks = "" if keyword in keywords else "; THE OBJECT LACKS IT"
                    print(f"missing: {place}/{keyword} type {strictest} ({modules}){lacks}")
                elif have == "2" and strictest == "1":
                    missing += 1
                    print(f"too lenient: {place}/{keyword} is type 1 ({modules})")
        for place, keywords in sorted(ours.items()):
            for keyword, have in sorted(keywords.items()):
                kinds = theirs.get(place, {}).get(keyword, set())
                types = sorted({type for type, _ in kinds})
                if have not in types:
                    said = "/".join(types) or "nothing"
                    print(f"stricter: {place}/{keyword} type {have}, the standard says {said}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
