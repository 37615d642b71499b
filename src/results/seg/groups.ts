import type { Volume } from '../../contracts/index.ts';
import { CODES, codeItem } from '../codes.ts';
import { referenceUid, type Dataset } from '../dicom/dataset.ts';
import { decimal, sourceDecimal } from '../dicom/decimal.ts';
import { dicomSource } from '../source.ts';
import type { SegEncoding } from './kind.ts';

/** Where a frame lies: a slice of the volume and, in BINARY segmentations, the number of its segment. */
export interface FramePlace {
  readonly segment: number | null;
  readonly slice: number;
}

/**
 * DimensionOrganizationSequence and DimensionIndexSequence: segment, then position; in label maps the
 * position alone, called 3D where the kept slices are evenly spaced (§1.1, §1.4).
 */
export function dimensions(
  organizationUid: string,
  encoding: SegEncoding,
  frames: readonly FramePlace[],
): Dataset {
  const segment = {
    DimensionOrganizationUID: organizationUid,
    DimensionIndexPointer: [0x0062000b],
    FunctionalGroupPointer: [0x0062000a],
    DimensionDescriptionLabel: 'Referenced Segment Number',
  };
  const position = {
    DimensionOrganizationUID: organizationUid,
    DimensionIndexPointer: [0x00200032],
    FunctionalGroupPointer: [0x00209113],
    DimensionDescriptionLabel: 'Image Position (Patient)',
  };
  const volumetric = encoding === 'LABELMAP' && evenlySpaced(frames);
  return {
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: organizationUid }],
    ...(volumetric ? { DimensionOrganizationType: '3D' } : {}),
    DimensionIndexSequence: encoding === 'BINARY' ? [segment, position] : [position],
  };
}

function evenlySpaced(frames: readonly FramePlace[]): boolean {
  const steps = frames.slice(1).map(({ slice }, index) => slice - (frames[index]?.slice ?? 0));
  return steps.length > 0 && steps.every((step) => step === 1);
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
export function perFrameGroups(volume: Volume, frames: readonly FramePlace[]): Dataset[] {
  const kept = [...new Set(frames.map(({ slice }) => slice))].sort((a, b) => a - b);
  const rank = new Map(kept.map((slice, index) => [slice, index + 1]));
  const ofSlice = new Map(kept.map((slice) => [slice, sliceGroups(volume, slice)]));
  return frames.map(({ segment, slice }) => ({
    FrameContentSequence: [
      { DimensionIndexValues: [...(segment === null ? [] : [segment]), rank.get(slice) ?? 0] },
    ],
    ...(segment === null
      ? {}
      : { SegmentIdentificationSequence: [{ ReferencedSegmentNumber: [segment] }] }),
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
