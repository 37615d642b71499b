import type { Volume } from '../../contracts/index.ts';
import { CODES, codeItem } from '../codes.ts';
import { referenceUid, type Dataset } from '../dicom/dataset.ts';
import { decimal, sourceDecimal } from '../dicom/decimal.ts';
import { dicomSource } from '../source.ts';
import type { SegFrame } from './frames.ts';

/** DimensionOrganizationSequence and DimensionIndexSequence: segment, then position (§1.4). */
export function dimensions(organizationUid: string): Dataset {
  return {
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: organizationUid }],
    DimensionIndexSequence: [
      {
        DimensionOrganizationUID: organizationUid,
        DimensionIndexPointer: [0x0062000b],
        FunctionalGroupPointer: [0x0062000a],
        DimensionDescriptionLabel: 'Referenced Segment Number',
      },
      {
        DimensionOrganizationUID: organizationUid,
        DimensionIndexPointer: [0x00200032],
        FunctionalGroupPointer: [0x00209113],
        DimensionDescriptionLabel: 'Image Position (Patient)',
      },
    ],
  };
}

/** Orientation and measures, with the spacing between slices computed from the positions. */
export function sharedGroups(volume: Volume): Dataset {
  const source = dicomSource(volume);
  const spacing = decimal(volume.spacing[0]);
  const thickness = source.sliceThickness;
  return {
    PlaneOrientationSequence: [
      {
        ImageOrientationPatient: source.imageOrientationPatient.map((digits) =>
          sourceDecimal(digits, 'Image Orientation (Patient)'),
        ),
      },
    ],
    PixelMeasuresSequence: [
      {
        PixelSpacing: source.pixelSpacing.map((digits) => sourceDecimal(digits, 'Pixel Spacing')),
        SliceThickness:
          thickness !== null && Number(thickness) > 0
            ? sourceDecimal(thickness, 'Slice Thickness')
            : spacing,
        SpacingBetweenSlices: spacing,
      },
    ],
  };
}

/**
 * One item a frame (PS3.3 C.7.6.16). The position index is the rank among the slices that are kept in
 * the object, so that it is dense. What depends on the slice alone is made once.
 */
export function perFrameGroups(volume: Volume, frames: readonly SegFrame[]): Dataset[] {
  const kept = [...new Set(frames.map(({ slice }) => slice))].sort((a, b) => a - b);
  const rank = new Map(kept.map((slice, index) => [slice, index + 1]));
  const ofSlice = new Map(kept.map((slice) => [slice, sliceGroups(volume, slice)]));
  return frames.map(({ segment, slice }) => ({
    FrameContentSequence: [{ DimensionIndexValues: [segment, rank.get(slice) ?? 0] }],
    SegmentIdentificationSequence: [{ ReferencedSegmentNumber: [segment] }],
    ...ofSlice.get(slice),
  }));
}

function sliceGroups(volume: Volume, slice: number): Dataset {
  const source = volume.slices[slice];
  if (source === undefined) return {};
  return {
    PlanePositionSequence: [
      {
        ImagePositionPatient: source.imagePositionPatient.map((digits) =>
          sourceDecimal(digits, 'Image Position (Patient)'),
        ),
      },
    ],
    DerivationImageSequence: [
      {
        DerivationCodeSequence: [codeItem(CODES.segmentation)],
        SourceImageSequence: [
          {
            ReferencedSOPClassUID: source.sopClassUid,
            ReferencedSOPInstanceUID: referenceUid(source.sopInstanceUid),
            ...(source.frameNumber === null
              ? {}
              : { ReferencedFrameNumber: String(source.frameNumber) }),
            PurposeOfReferenceCodeSequence: [codeItem(CODES.sourceImage)],
            SpatialLocationsPreserved: 'YES',
          },
        ],
      },
    ],
  };
}
