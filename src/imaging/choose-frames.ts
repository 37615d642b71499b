import { VOLUME_MODALITY, type SourceFrame } from '../contracts/index.ts';

import { itemsOf, numberOf } from './elements.ts';
import { framesOf } from './frame-record.ts';
import { placeOfFrames } from './image-frame.ts';
import type { InstanceFrame } from './image-frame.ts';
import type { ParsedInstance, Warning } from './parsed-instance.ts';
import { refuseBadGeometry } from './place-frames.ts';
import { refuseSeries } from './refusal.ts';
import { isLocalizer, sameMatrix, sameOrientation, sameSpacing, splitStacks } from './stacks.ts';
import type { Stack } from './stacks.ts';

/** The stack that was chosen for a target: its id and exactly its frames. */
export interface StackSelection {
  readonly stackId: string;
  readonly frames: readonly SourceFrame[];
}

export interface ChosenFrames {
  readonly stackId: string;
  readonly frames: readonly InstanceFrame[];
}

/** CT or MR by SOP class; null for every other object. */
export function modalityOf(sopClassUid: string): 'CT' | 'MR' | null {
  return VOLUME_MODALITY[sopClassUid] ?? null;
}

/**
 * The frames of one stack. Without a selection the series must hold a single usable stack.
 *
 * @throws SitusError NO_IMAGES, MIXED_SERIES, MIXED_SOP_CLASS, UNSUPPORTED_SOP_CLASS,
 *   MISSING_FRAME_OF_REFERENCE, MIXED_FRAME_OF_REFERENCE, INCOMPLETE_SERIES, AMBIGUOUS_SERIES,
 *   MISSING_GEOMETRY, INVALID_ORIENTATION, INCONSISTENT_MATRIX, INCONSISTENT_ORIENTATION, INCONSISTENT_PIXEL_SPACING (dicom-seg-sr §5.4).
 */
export function chooseFrames(
  instances: readonly ParsedInstance[],
  selection: StackSelection | null,
  minimumSlices: number,
  warnings: Warning[],
): ChosenFrames {
  refuseMixedSeries(instances);
  const all = imageFrames(instances, warnings);
  const wanted = selection === null ? withoutLocalizers(all, warnings) : select(all, selection);
  refuseMixedObjects(wanted);
  refuseBadGeometry(wanted);
  if (selection !== null) {
    refuseMixedGeometry(wanted);
    return { stackId: selection.stackId, frames: wanted };
  }
  return onlyStack(wanted, minimumSlices);
}

function refuseMixedSeries(instances: readonly ParsedInstance[]): void {
  const uids = [...new Set(instances.map(({ seriesInstanceUid }) => seriesInstanceUid))];
  if (uids.length <= 1) return;
  throw refuseSeries(
    'MIXED_SERIES',
    { seriesInstanceUid: uids[0] ?? '' },
    `the instances belong to ${uids.length} series: ${uids.slice(0, 5).join(', ')}.`,
    'Hand over the instances of one series at a time.',
    { attribute: 'SeriesInstanceUID', series: uids },
  );
}

/** Frames of the images; objects without pixel data are left out with a warning. */
function imageFrames(
  instances: readonly ParsedInstance[],
  warnings: Warning[],
): readonly InstanceFrame[] {
  const images = instances.filter(({ pixels }) => pixels !== null);
  const others = instances.filter(({ pixels }) => pixels === null);
  if (images.length === 0) {
    throw refuseSeries(
      'NO_IMAGES',
      {
        seriesInstanceUid: others[0]?.seriesInstanceUid ?? '',
        sopInstanceUids: others.map(({ sopInstanceUid }) => sopInstanceUid),
      },
      'no instance has pixel data.',
      'Choose a series of images.',
    );
  }
  if (others.length > 0) {
    warnings.push({
      code: 'NON_IMAGES_SKIPPED',
      message: `${others.length} object(s) without pixel data were left out.`,
    });
  }
  return images.flatMap((instance) => {
    refuseMissingFrames(instance);
    return framesOf(instance.dataset).map((record) => ({ record, instance }));
  });
}

function refuseMissingFrames(instance: ParsedInstance): void {
  const announced = numberOf(instance.dataset, 'NumberOfFrames');
  const groups = itemsOf(instance.dataset, 'PerFrameFunctionalGroupsSequence').length;
  if (groups === 0 || announced === groups) return;
  throw refuseSeries(
    'INCOMPLETE_SERIES',
    {
      seriesInstanceUid: instance.seriesInstanceUid,
      sopInstanceUids: [instance.sopInstanceUid],
    },
    `NumberOfFrames is ${announced ?? 'missing'}, but PerFrameFunctionalGroupsSequence describes ${groups} frame(s).`,
    'Fetch or send the instance again: it is not complete.',
    { attribute: 'NumberOfFrames', expected: announced, received: groups },
  );
}

function withoutLocalizers(
  frames: readonly InstanceFrame[],
  warnings: Warning[],
): readonly InstanceFrame[] {
  const others = frames.filter(({ record }) => !isLocalizer(record));
  if (others.length === 0 || others.length === frames.length) return frames;
  warnings.push({
    code: 'LOCALIZERS_SKIPPED',
    message: `${frames.length - others.length} localizer image(s) were left out.`,
  });
  return others;
}

function select(
  frames: readonly InstanceFrame[],
  selection: StackSelection,
): readonly InstanceFrame[] {
  const keyOf = (uid: string, frame: number | null) => `${uid}#${frame ?? 1}`;
  const wanted = new Set(
    selection.frames.map(({ sopInstanceUid, frameNumber }) => keyOf(sopInstanceUid, frameNumber)),
  );
  const found = frames.filter(({ record: { source } }) =>
    wanted.has(keyOf(source.sopInstanceUid, source.frameNumber)),
  );
  const there = new Set(
    found.map(({ record: { source } }) => keyOf(source.sopInstanceUid, source.frameNumber)),
  );
  if (there.size === wanted.size) return found;
  const missing = [...wanted].filter((key) => !there.has(key));
  throw refuseSeries(
    'INCOMPLETE_SERIES',
    {
      seriesInstanceUid: frames[0]?.instance.seriesInstanceUid ?? '',
      sopInstanceUids: [...new Set(missing.map((key) => key.slice(0, key.lastIndexOf('#'))))],
    },
    `${missing.length} of the ${wanted.size} frames of stack ${selection.stackId} were not received.`,
    'Fetch the series again; the archive lists more than it delivered.',
    { stackId: selection.stackId, expected: wanted.size, received: there.size },
  );
}

function refuseMixedObjects(frames: readonly InstanceFrame[]): void {
  const place = placeOfFrames(frames);
  const classes = distinct(frames, ({ record }) => record.sopClassUid);
  if (classes.length > 1) {
    throw refuseSeries(
      'MIXED_SOP_CLASS',
      minority(frames, ({ record }) => record.sopClassUid),
      `the images are of ${classes.length} SOP classes: ${classes.join(', ')}.`,
      'Choose one stack of the series, or have the foreign objects moved to a series of their own.',
      { attribute: 'SOPClassUID', classes },
    );
  }
  const [sopClass = ''] = classes;
  if (modalityOf(sopClass) === null) {
    throw refuseSeries(
      'UNSUPPORTED_SOP_CLASS',
      place,
      `SOP class ${sopClass} is no CT or MR image.`,
      'Choose a series of CT or MR images (classic, enhanced or legacy converted).',
      { attribute: 'SOPClassUID', sopClassUid: sopClass },
    );
  }
  const missing = frames.filter(({ record }) => record.frameOfReferenceUid === null);
  if (missing.length > 0) {
    throw refuseSeries(
      'MISSING_FRAME_OF_REFERENCE',
      placeOfFrames(missing),
      'FrameOfReferenceUID is missing, so results could not be placed in the patient.',
      'Ask the sender for images with a frame of reference.',
      { attribute: 'FrameOfReferenceUID' },
    );
  }
  const references = distinct(frames, ({ record }) => record.frameOfReferenceUid ?? '');
  if (references.length > 1) {
    throw refuseSeries(
      'MIXED_FRAME_OF_REFERENCE',
      minority(frames, ({ record }) => record.frameOfReferenceUid ?? ''),
      `the images lie in ${references.length} frames of reference.`,
      'Choose one stack of the series: the patient was repositioned between them.',
      { attribute: 'FrameOfReferenceUID', references },
    );
  }
}

const GEOMETRY = [
  { code: 'INCONSISTENT_MATRIX', attribute: 'Rows, Columns', same: sameMatrix },
  { code: 'INCONSISTENT_PIXEL_SPACING', attribute: 'PixelSpacing', same: sameSpacing },
  {
    code: 'INCONSISTENT_ORIENTATION',
    attribute: 'ImageOrientationPatient',
    same: sameOrientation,
  },
] as const;

function refuseMixedGeometry(frames: readonly InstanceFrame[]): void {
  const [first] = frames;
  if (first === undefined) return;
  for (const { code, attribute, same } of GEOMETRY) {
    const alike = frames.filter(({ record }) => same(first.record, record));
    if (alike.length === frames.length) continue;
    const others = frames.filter(({ record }) => !same(first.record, record));
    const odd = others.length <= alike.length ? others : alike;
    throw refuseSeries(
      code,
      placeOfFrames(odd),
      `${attribute} of ${odd.length} of ${frames.length} images differs from that of the others.`,
      'Choose one stack of the series, or have the odd images removed.',
      { attribute, odd: odd.length, images: frames.length },
    );
  }
}

/** The single usable stack of a series; several are for the caller to choose from. */
function onlyStack(frames: readonly InstanceFrame[], minimumSlices: number): ChosenFrames {
  const byRecord = new Map(frames.map((frame) => [frame.record, frame]));
  const stacks = splitStacks(frames.map(({ record }) => record));
  const [only] = stacks;
  if (only !== undefined && stacks.length === 1) return { stackId: only.id, frames };
  // A few odd images are a defect of the series; whole stacks are a choice.
  if (stacks.some((stack) => stack.frames.length < minimumSlices)) refuseMixedGeometry(frames);
  throw ambiguous(stacks, placeOfFrames([...byRecord.values()]).seriesInstanceUid);
}

function ambiguous(stacks: readonly Stack[], seriesInstanceUid: string) {
  const keys = [...new Set(stacks.flatMap((stack) => stack.keys))];
  const list = stacks.map(({ id, frames }) => `${id} (${frames.length} images)`).join(', ');
  return refuseSeries(
    'AMBIGUOUS_SERIES',
    { seriesInstanceUid },
    `it holds ${stacks.length} stacks that differ by ${keys.join(', ') || 'geometry'}: ${list}.`,
    'Name the stack to use, or write a rule that chooses one.',
    { keys, stacks: stacks.map(({ id, frames }) => ({ id, images: frames.length })) },
  );
}

function distinct(
  frames: readonly InstanceFrame[],
  of: (frame: InstanceFrame) => string,
): readonly string[] {
  return [...new Set(frames.map(of))];
}

/** The frames that are not of the most frequent kind. */
function minority(frames: readonly InstanceFrame[], of: (frame: InstanceFrame) => string) {
  const counts = new Map<string, number>();
  for (const frame of frames) counts.set(of(frame), (counts.get(of(frame)) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return placeOfFrames(frames.filter((frame) => of(frame) !== most?.[0]));
}
