import type { SourceSlice, Volume, VolumeSource } from '../contracts/index.ts';

import { chooseFrames, modalityOf } from './choose-frames.ts';
import type { StackSelection } from './choose-frames.ts';
import { decodeFrame } from './decode-frame.ts';
import type { StoredFrame } from './decode-frame.ts';
import { numberOf, textOf } from './elements.ts';
import { fillVolume } from './fill-volume.ts';
import type { FillOptions } from './fill-volume.ts';
import { digitsOf } from './frame-record.ts';
import { placeOfFrames } from './image-frame.ts';
import type { PlacedFrame } from './image-frame.ts';
import type { ParsedInstance, Warning } from './parsed-instance.ts';
import { pixelFormatOf } from './pixel-format.ts';
import { byPosition, placeFrames, regularSpacing } from './place-frames.ts';
import { refuseSeries } from './refusal.ts';
import { rescaleOf, unitOf } from './rescale.ts';

export interface VolumeOptions extends FillOptions {
  /** Fewer slice positions are refused; default 2, the least that have a spacing. */
  readonly minimumSlices?: number;
  /** How many instances the archive lists for the series; fewer received are refused. */
  readonly expectedInstances?: number;
  /** Default 2^29: a float volume of 2 GiB. */
  readonly maximumVoxels?: number;
}

const DEFAULT_MAXIMUM_VOXELS = 2 ** 29;
const LOSSY_SYNTAXES = new Set(['1.2.840.10008.1.2.4.50', '1.2.840.10008.1.2.4.51']);

/**
 * Builds a volume from the instances of one series (dicom-seg-sr §5.1 to 5.3): classic, enhanced and
 * legacy converted CT and MR.
 *
 * Slices ascend along the normal (row × column direction); voxels are modality values (slope and
 * intercept of each slice applied), column fastest. Padding is marked in `padding` and has the
 * minimum of the volume, -1024 on CT, as its value.
 *
 * @param selection which frames form the volume; null when the series holds a single stack.
 * @throws SitusError every defect of dicom-seg-sr §5.4 by its own code, with the series and the
 *   offending instances in the message and in `details`.
 */
export async function buildVolume(
  instances: readonly ParsedInstance[],
  selection: StackSelection | null = null,
  options: VolumeOptions = {},
): Promise<Volume> {
  const warnings: Warning[] = [];
  refuseMissingInstances(instances, options.expectedInstances);
  const minimumSlices = options.minimumSlices ?? 2;
  const chosen = chooseFrames(instances, selection, minimumSlices, warnings);
  const slices = await withoutDuplicates(placeFrames(chosen.frames), warnings);
  const spacing = regularSpacing(slices, minimumSlices);
  const [first] = slices;
  const modality = modalityOf(first?.record.sopClassUid ?? '');
  if (first === undefined || modality === null) throw new Error('no slices after all checks');
  warnings.push(...distinctWarnings(slices));
  if (selection === null)
    warnAboutNumbers(
      chosen.frames.map(({ instance }) => instance),
      warnings,
    );

  const { rows, columns } = pixelFormatOf(first.instance.dataset, placeOfFrames([first]));
  const maximum = options.maximumVoxels ?? DEFAULT_MAXIMUM_VOXELS;
  if (rows * columns * slices.length > maximum) {
    throw refuseSeries(
      'VOLUME_TOO_LARGE',
      { seriesInstanceUid: first.instance.seriesInstanceUid },
      `${slices.length} slices of ${rows} × ${columns} are ${rows * columns * slices.length} voxels; the limit is ${maximum}.`,
      'Choose a thicker reconstruction of the series.',
      { voxels: rows * columns * slices.length, maximum },
    );
  }
  const { voxels, padding } = await fillVolume(slices, rows * columns, modality, options);
  const [between, within] = first.pixelSpacing;
  return {
    voxels,
    shape: [slices.length, rows, columns],
    affine: affineOf(first, spacing),
    spacing: [spacing, between, within],
    padding,
    unit: unitOf(modality, first.instance),
    slices: slices.map(sourceSlice),
    source: sourceOf(slices, first, modality, chosen.stackId),
    warnings,
  };
}

function refuseMissingInstances(
  instances: readonly ParsedInstance[],
  expected: number | undefined,
): void {
  if (expected === undefined || instances.length === expected) return;
  throw refuseSeries(
    'INCOMPLETE_SERIES',
    { seriesInstanceUid: instances[0]?.seriesInstanceUid ?? '' },
    `the archive lists ${expected} instance(s), but ${instances.length} were received.`,
    'Fetch the series again.',
    { expected, received: instances.length },
  );
}

/** Gaps in Instance Number can be legal, so they only warn; missing slices are found by position. */
function warnAboutNumbers(instances: readonly ParsedInstance[], warnings: Warning[]): void {
  const numbers = new Set<number>();
  for (const { dataset } of instances) {
    const number = numberOf(dataset, 'InstanceNumber');
    if (number !== null && Number.isFinite(number)) numbers.add(number);
  }
  if (numbers.size === 0 || numbers.size < new Set(instances).size) return;
  const largest = [...numbers].reduce((a, b) => Math.max(a, b), 0);
  if (largest <= numbers.size) return;
  warnings.push({
    code: 'INSTANCE_NUMBERS_MISSING',
    message: `InstanceNumber goes up to ${largest}, but there are ${numbers.size} instances; slices at an end of the stack may be missing.`,
  });
}

/** What reading the files warned of, each message once. */
function distinctWarnings(slices: readonly PlacedFrame[]): readonly Warning[] {
  const all = slices.flatMap(({ instance }) => instance.warnings);
  return [...new Map(all.map((warning) => [warning.message, warning])).values()];
}

/** One slice a position; copies with equal values are left out, anything else is an error. */
async function withoutDuplicates(
  frames: readonly PlacedFrame[],
  warnings: Warning[],
): Promise<readonly PlacedFrame[]> {
  const kept: PlacedFrame[] = [];
  for (const group of byPosition(frames)) {
    const [first, ...copies] = group;
    if (first === undefined) continue;
    for (const copy of copies) {
      if (await sameImage(first, copy)) continue;
      throw refuseSeries(
        'DUPLICATE_POSITION',
        placeOfFrames(group),
        `${group.length} different images lie at position (${first.position.join(', ')}), and no attribute tells them apart.`,
        'Choose one stack of the series, or have the surplus images removed.',
        { attribute: 'ImagePositionPatient', position: first.position },
      );
    }
    if (copies.length > 0) {
      warnings.push({
        code: 'DUPLICATE_SLICE_REMOVED',
        message: `${copies.length} copy of the image at position (${first.position.join(', ')}) was left out.`,
      });
    }
    kept.push(first);
  }
  return kept;
}

async function sameImage(a: PlacedFrame, b: PlacedFrame): Promise<boolean> {
  const [first, second] = [await decode(a), await decode(b)];
  const [rescaleA, rescaleB] = [rescaleOf(a), rescaleOf(b)];
  return (
    rescaleA.slope === rescaleB.slope &&
    rescaleA.intercept === rescaleB.intercept &&
    first.values.length === second.values.length &&
    first.values.every((value, i) => value === second.values[i])
  );
}

function decode(frame: PlacedFrame): Promise<StoredFrame> {
  const { instance, record } = frame;
  const place = { ...placeOfFrames([frame]), frameNumber: record.source.frameNumber };
  return decodeFrame(instance, pixelFormatOf(instance.dataset, place), record.index);
}

/** [row direction · column spacing | column direction · row spacing | normal · spacing | first position]. */
function affineOf(first: PlacedFrame, spacing: number): readonly number[] {
  const { row, column, normal } = first.orientation;
  const [between, within] = first.pixelSpacing;
  const line = (axis: 0 | 1 | 2) => [
    row[axis] * within,
    column[axis] * between,
    normal[axis] * spacing,
    first.position[axis],
  ];
  return [...line(0), ...line(1), ...line(2), 0, 0, 0, 1];
}

function sourceSlice({ record, instance }: PlacedFrame): SourceSlice {
  const [x = '0', y = '0', z = '0'] = digitsOf(record.resolved, 'ImagePositionPatient');
  return {
    sopInstanceUid: instance.sopInstanceUid,
    sopClassUid: instance.sopClassUid,
    frameNumber: record.source.frameNumber,
    imagePositionPatient: [x, y, z],
  };
}

function sourceOf(
  slices: readonly PlacedFrame[],
  first: PlacedFrame,
  modality: 'CT' | 'MR',
  stackId: string,
): VolumeSource {
  const { resolved, frameOfReferenceUid } = first.record;
  const [between = '1', within = '1'] = digitsOf(resolved, 'PixelSpacing');
  return {
    studyInstanceUid: first.instance.studyInstanceUid,
    seriesInstanceUid: first.instance.seriesInstanceUid,
    frameOfReferenceUid: frameOfReferenceUid ?? '',
    stackId,
    modality,
    dataset: first.instance.dataset,
    imageOrientationPatient: digitsOf(resolved, 'ImageOrientationPatient'),
    pixelSpacing: [between, within],
    sliceThickness: digitsOf(resolved, 'SliceThickness')[0] ?? null,
    lossy: lossyOf(slices),
  };
}

function lossyOf(slices: readonly PlacedFrame[]): VolumeSource['lossy'] {
  const lossy = slices.find(
    ({ instance, record }) =>
      textOf(record.resolved, 'LossyImageCompression') === '01' ||
      LOSSY_SYNTAXES.has(instance.transferSyntaxUid),
  );
  if (lossy === undefined) return null;
  return {
    ratio: digitsOf(lossy.record.resolved, 'LossyImageCompressionRatio')[0] ?? null,
    method: textOf(lossy.record.resolved, 'LossyImageCompressionMethod'),
  };
}
