import type { HeaderValue } from '../contracts/index.ts';

import type { FrameRecord } from './frame-record.ts';

/** An attribute, or a few, by which slices at the same position are told apart. */
export interface SplitKey {
  readonly name: string;
  /** Value of a frame; numbers within the tolerance count as the same. */
  readonly valueOf: (frame: FrameRecord) => string | number;
  /** Relative difference up to which two numbers are the same. */
  readonly tolerance: number;
}

const MISSING = '(missing)';
/** Echo times, angles and thicknesses jitter in the last digits. */
const MEASURED = 0.005;
const EXACT = 0;

const attribute = (name: string, tolerance: number): SplitKey => ({
  name,
  tolerance,
  valueOf: (frame) => plain(frame.attributes[name]),
});

/** Values 3 and later: in or opposed phase, water or fat, magnitude or phase. */
const imageType: SplitKey = {
  name: 'ImageType',
  tolerance: EXACT,
  valueOf: ({ attributes }) => {
    const values = attributes['ImageType'];
    return Array.isArray(values) ? values.slice(2).join('/') : MISSING;
  },
};

const contrastAndTime: SplitKey = {
  name: 'ContrastBolusAgent+AcquisitionTime',
  tolerance: EXACT,
  valueOf: ({ attributes }) =>
    `${plain(attributes['ContrastBolusAgent'])}+${plain(attributes['AcquisitionTime'])}`,
};

const MR_KEYS: readonly SplitKey[] = [
  attribute('EchoTime', MEASURED),
  attribute('EchoNumbers', EXACT),
  imageType,
  attribute('ComplexImageComponent', EXACT),
  attribute('TemporalPositionIdentifier', EXACT),
  attribute('AcquisitionNumber', EXACT),
  attribute('DiffusionBValue', MEASURED),
  attribute('InversionTime', MEASURED),
  attribute('FlipAngle', MEASURED),
  attribute('TriggerTime', MEASURED),
  contrastAndTime,
];

const CT_KEYS: readonly SplitKey[] = [
  attribute('ConvolutionKernel', EXACT),
  attribute('KVP', MEASURED),
  attribute('SliceThickness', MEASURED),
  attribute('AcquisitionNumber', EXACT),
  imageType,
  attribute('TemporalPositionIdentifier', EXACT),
  contrastAndTime,
];

/** The keys to try, in order (dicom-seg-sr §5.1 item 3). */
export function splitKeysOf(modality: unknown): readonly SplitKey[] {
  return modality === 'CT' ? CT_KEYS : MR_KEYS;
}

/** Groups frames by the value of a key; numbers are grouped where they leave a gap. */
export function groupBy(
  frames: readonly FrameRecord[],
  key: SplitKey,
): ReadonlyMap<string, readonly FrameRecord[]> {
  const names = representatives(frames, key);
  const groups = new Map<string, FrameRecord[]>();
  for (const frame of frames) {
    const value = key.valueOf(frame);
    const name = names.get(value) ?? String(value);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [frame]);
    else group.push(frame);
  }
  return groups;
}

/** Maps each number to the smallest of the chain of near values it belongs to. */
function representatives(
  frames: readonly FrameRecord[],
  key: SplitKey,
): ReadonlyMap<string | number, string> {
  const numbers = new Set<number>();
  for (const frame of frames) {
    const value = key.valueOf(frame);
    if (typeof value === 'number') numbers.add(value);
  }
  const names = new Map<string | number, string>();
  let previous = Number.NEGATIVE_INFINITY;
  let name = '';
  for (const value of [...numbers].sort((a, b) => a - b)) {
    if (value - previous > Math.abs(value) * key.tolerance) name = String(value);
    names.set(value, name);
    previous = value;
  }
  return names;
}

function plain(value: HeaderValue | undefined): string | number {
  if (value === undefined) return MISSING;
  return typeof value === 'object' ? value.join('/') : value;
}
