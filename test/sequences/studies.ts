import type {
  HeaderAttributes,
  Plane,
  SeriesHeaders,
  StackHeaders,
  StudyHeaders,
} from '../../src/contracts/index.ts';

/** What a test says of one stack; the rest is a plausible axial volume. */
export interface StackSketch {
  readonly id?: string;
  readonly attributes?: HeaderAttributes;
  readonly slices?: number;
  readonly plane?: Plane | null;
  readonly spacing?: number | null;
}

export function stack(sketch: StackSketch = {}): StackHeaders {
  const { id = 'all', attributes = {}, slices = 40, plane = 'axial', spacing = 5 } = sketch;
  return {
    id,
    attributes,
    frames: Array.from({ length: slices }, (_, index) => ({
      sopInstanceUid: `1.2.${index}`,
      frameNumber: null,
    })),
    plane,
    sliceSpacing: spacing,
    coverage: spacing === null ? null : slices * spacing,
    pixelSpacing: [1.2, 1.2],
  };
}

let counter = 0;

export function series(
  attributes: HeaderAttributes,
  stacks: readonly StackHeaders[] = [stack()],
): SeriesHeaders {
  counter++;
  return {
    seriesInstanceUid: `1.2.3.${counter}`,
    instanceCount: stacks.reduce((sum, one) => sum + one.frames.length, 0),
    attributes: { SeriesNumber: counter, ...attributes },
    stacks,
  };
}

export function study(description: string | null, list: readonly SeriesHeaders[]): StudyHeaders {
  return {
    studyInstanceUid: '1.2.3',
    attributes: description === null ? {} : { StudyDescription: description },
    series: list,
  };
}

/** Spoiled gradient echo as the scanner writes it, without a telling description. */
export const GRADIENT_ECHO = {
  Modality: 'MR',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
  ScanningSequence: 'GR',
  SequenceVariant: ['SP', 'OSP'],
  RepetitionTime: 150,
  FlipAngle: 70,
  ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND'],
} as const;

export const SPIN_ECHO = {
  Modality: 'MR',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
  ScanningSequence: 'SE',
  SequenceVariant: ['SK', 'SP'],
  MRAcquisitionType: '2D',
  RepetitionTime: 1000,
  ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND'],
} as const;

export const AXIAL_CT = {
  Modality: 'CT',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
} as const;
