import { placeOfFrames } from './image-frame.ts';
import type { InstanceFrame, PlacedFrame } from './image-frame.ts';
import { isOrthonormal } from './orientation.ts';
import { refuseSeries } from './refusal.ts';
import { SAME_POSITION } from './stacks.ts';
import { dot, norm, scale, subtract } from './vectors.ts';

/** Gaps may differ from the mean by 1 % or 0.02 mm, whichever is more (dicom-seg-sr §5.1 item 4). */
const GAP_TOLERANCE = 0.01;
const GAP_TOLERANCE_MM = 0.02;
/** A gap this near to a multiple of the usual one means missing slices. */
const MULTIPLE_TOLERANCE = 0.05;

/** @throws SitusError MISSING_GEOMETRY, INVALID_ORIENTATION naming the attribute and the instances. */
export function refuseBadGeometry(frames: readonly InstanceFrame[]): void {
  refuseMissing(frames, 'ImagePositionPatient', ({ record }) => record.position === null);
  refuseMissing(frames, 'ImageOrientationPatient', ({ record }) => record.orientation === null);
  refuseMissing(frames, 'PixelSpacing', ({ record }) => record.pixelSpacing === null);
  const skewed = frames.filter(
    ({ record }) => record.orientation !== null && !isOrthonormal(record.orientation),
  );
  if (skewed.length > 0) {
    throw refuseSeries(
      'INVALID_ORIENTATION',
      placeOfFrames(skewed),
      'the direction cosines of ImageOrientationPatient are not of unit length and at right angles.',
      'Ask the sender to correct the object; the place of its voxels is unknown.',
      { attribute: 'ImageOrientationPatient' },
    );
  }
}

/**
 * Sorts frames with checked geometry along the normal of their planes, never by number, location or
 * file name.
 */
export function placeFrames(frames: readonly InstanceFrame[]): readonly PlacedFrame[] {
  const placed: PlacedFrame[] = [];
  const normal = frames[0]?.record.orientation?.normal;
  for (const { record, instance } of frames) {
    const { position, orientation, pixelSpacing } = record;
    if (position === null || orientation === null || pixelSpacing === null || !normal) continue;
    const distance = dot(position, normal);
    placed.push({ record, instance, position, orientation, pixelSpacing, distance });
  }
  return placed.sort(
    (a, b) =>
      a.distance - b.distance || (a.instance.sopInstanceUid < b.instance.sopInstanceUid ? -1 : 1),
  );
}

function refuseMissing(
  frames: readonly InstanceFrame[],
  attribute: string,
  isMissing: (frame: InstanceFrame) => boolean,
): void {
  const missing = frames.filter(isMissing);
  if (missing.length === 0) return;
  throw refuseSeries(
    'MISSING_GEOMETRY',
    placeOfFrames(missing),
    `${attribute} is absent or not the right count of finite numbers.`,
    'Choose a series of original images; without geometry no result can be placed in the patient.',
    { attribute },
  );
}

/** Frames that lie at one position, in order; a regular stack has one each. */
export function byPosition(frames: readonly PlacedFrame[]): readonly (readonly PlacedFrame[])[] {
  const groups: PlacedFrame[][] = [];
  for (const frame of frames) {
    const last = groups.at(-1);
    const first = last?.[0];
    if (
      last !== undefined &&
      first !== undefined &&
      frame.distance - first.distance <= SAME_POSITION
    ) {
      last.push(frame);
    } else groups.push([frame]);
  }
  return groups;
}

/**
 * Centre-to-centre distance of a regular stack, (last − first) / (count − 1); Spacing Between Slices
 * and Slice Thickness are not trusted.
 *
 * @param slices one frame a position, ascending.
 * @throws SitusError TOO_FEW_SLICES, MISSING_SLICES with the positions, IRREGULAR_SPACING, GANTRY_TILT.
 */
export function regularSpacing(slices: readonly PlacedFrame[], minimumSlices: number): number {
  const first = slices[0];
  const last = slices.at(-1);
  if (first === undefined || last === undefined || slices.length < Math.max(2, minimumSlices)) {
    throw refuseSeries(
      'TOO_FEW_SLICES',
      placeOfFrames(slices),
      `${slices.length} slice position(s), but at least ${Math.max(2, minimumSlices)} are needed.`,
      'Choose a series that covers the region; one image is no volume.',
      { slices: slices.length, minimum: Math.max(2, minimumSlices) },
    );
  }
  // Beyond 1e-9 mm there is only the noise of the subtraction.
  const spacing = Number(((last.distance - first.distance) / (slices.length - 1)).toFixed(9));
  const gaps = slices.slice(1).map((slice, i) => slice.distance - (slices[i]?.distance ?? 0));
  if (gaps.some((gap) => !isNear(gap, spacing))) throw irregular(slices, gaps);
  refuseTilt(slices, first, last);
  return spacing;
}

function isNear(gap: number, usual: number): boolean {
  return Math.abs(gap - usual) <= Math.max(GAP_TOLERANCE * usual, GAP_TOLERANCE_MM);
}

function irregular(slices: readonly PlacedFrame[], gaps: readonly number[]) {
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor((gaps.length - 1) / 2)] ?? 0;
  const missing: number[][] = [];
  let odd = 0;
  for (const [i, gap] of gaps.entries()) {
    const steps = Math.round(gap / usual);
    const from = slices[i];
    const normal = from?.orientation.normal;
    if (from === undefined || normal === undefined || isNear(gap, usual)) continue;
    if (
      steps < 2 ||
      Math.abs(gap - steps * usual) > Math.max(MULTIPLE_TOLERANCE * usual, GAP_TOLERANCE_MM)
    ) {
      odd++;
      continue;
    }
    for (let k = 1; k < steps; k++) {
      const shift = scale(normal, usual * k);
      missing.push(from.position.map((value, axis) => round(value + (shift[axis] ?? 0))));
    }
  }
  const smallest = round(Math.min(...gaps));
  const largest = round(Math.max(...gaps));
  if (odd === 0 && missing.length > 0) {
    const list = missing.slice(0, 5).map((position) => `(${position.join(', ')})`);
    return refuseSeries(
      'MISSING_SLICES',
      placeOfFrames(neighboursOfGaps(slices, gaps, usual)),
      `${missing.length} slice(s) of a stack with ${round(usual)} mm spacing are missing, at ${list.join(', ')}${missing.length > 5 ? ' and more' : ''}.`,
      'Send the series again, complete; the instances named here are the neighbours of the gaps.',
      { attribute: 'ImagePositionPatient', missingPositions: missing, spacing: round(usual) },
    );
  }
  return refuseSeries(
    'IRREGULAR_SPACING',
    placeOfFrames(neighboursOfGaps(slices, gaps, usual)),
    `the distances between slices vary from ${smallest} to ${largest} mm.`,
    'Choose a series with equally spaced slices, or a reconstruction of it.',
    { attribute: 'ImagePositionPatient', smallest, largest },
  );
}

function neighboursOfGaps(
  slices: readonly PlacedFrame[],
  gaps: readonly number[],
  usual: number,
): readonly PlacedFrame[] {
  return slices.filter((_, i) =>
    [gaps[i - 1], gaps[i]].some((gap) => gap !== undefined && !isNear(gap, usual)),
  );
}

/** In-plane drift over the whole stack is bound to half a pixel (dicom-seg-sr §5.1 item 5). */
function refuseTilt(slices: readonly PlacedFrame[], first: PlacedFrame, last: PlacedFrame): void {
  const { normal } = first.orientation;
  let drift = 0;
  for (const slice of slices) {
    const step = subtract(slice.position, first.position);
    drift = Math.max(drift, norm(subtract(step, scale(normal, dot(step, normal)))));
  }
  if (drift <= Math.min(...first.pixelSpacing) / 2) return;
  const angle = (Math.atan2(drift, last.distance - first.distance) * 180) / Math.PI;
  throw refuseSeries(
    'GANTRY_TILT',
    placeOfFrames([first, last]),
    `the slices drift sideways by ${round(drift)} mm over the stack (${round(angle)} degrees): a tilted gantry.`,
    'Choose an untilted reconstruction of the series.',
    { attribute: 'ImagePositionPatient', angle: round(angle), drift: round(drift) },
  );
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
