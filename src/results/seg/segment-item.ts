import { CODES, codeItem } from '../codes.ts';
import { cielab } from '../colours.ts';
import type { Dataset } from '../dicom/dataset.ts';
import { algorithmNames, fitText } from '../equipment.ts';
import type { ResultInput } from '../input.ts';
import type { PresentSegment } from '../segments.ts';

/** Segment Description Macro (PS3.3 C.8.20.4; dicom-seg-sr §1.5). */
export function segmentItem(segment: PresentSegment, input: ResultInput): Dataset {
  const { structure } = segment;
  const { name, version, manufacturer } = algorithmNames(input.algorithm);
  const parameters = input.algorithm.parameters ?? [];
  const { laterality } = structure;
  return {
    SegmentNumber: segment.number,
    SegmentLabel: fitText(structure.name, 64),
    SegmentDescription: fitText(`Label ${segment.label} of ${name} ${version}`, 1_024),
    SegmentAlgorithmType: 'AUTOMATIC',
    SegmentAlgorithmName: name,
    SegmentationAlgorithmIdentificationSequence: [
      {
        AlgorithmFamilyCodeSequence: [codeItem(CODES.artificialIntelligence)],
        AlgorithmName: name,
        AlgorithmVersion: version,
        AlgorithmSource: manufacturer,
        ...(parameters.length === 0
          ? {}
          : { AlgorithmParameters: fitText(parameters.join('; '), 10_240) }),
      },
    ],
    SegmentedPropertyCategoryCodeSequence: [codeItem(structure.category)],
    SegmentedPropertyTypeCodeSequence: [
      codeItem(
        structure.type,
        laterality === null
          ? {}
          : { SegmentedPropertyTypeModifierCodeSequence: [codeItem(laterality)] },
      ),
    ],
    RecommendedDisplayCIELabValue: cielab(structure.rgb),
    TrackingID: segment.trackingId,
    TrackingUID: segment.trackingUid,
  };
}

/** What pixels of value 0 are in a label map, whose every value must be described (§1.1). */
export function backgroundItem(input: ResultInput): Dataset {
  return {
    SegmentNumber: 0,
    SegmentLabel: 'Background',
    SegmentAlgorithmType: 'AUTOMATIC',
    SegmentAlgorithmName: algorithmNames(input.algorithm).name,
    SegmentedPropertyCategoryCodeSequence: [codeItem(CODES.background)],
    SegmentedPropertyTypeCodeSequence: [codeItem(CODES.background)],
    RecommendedDisplayCIELabValue: cielab([0, 0, 0]),
  };
}
