import type { DicomJson, HeaderAttributes, HeaderValue, SourceFrame } from '../contracts/index.ts';

import { tagOf, vrOf } from './dictionary.ts';
import {
  asNumber,
  asText,
  isDataset,
  itemsOf,
  numberOf,
  numbersOf,
  textOf,
  textsOf,
  valuesOf,
} from './elements.ts';
import { ENHANCED_ALIASES, HEADER_KEYWORDS } from './header-keywords.ts';
import { orientationOf } from './orientation.ts';
import type { Orientation } from './orientation.ts';
import { MAX_FRAMES } from './pixel-format.ts';
import { privateBValue } from './private-b-value.ts';
import { vectorOf } from './vectors.ts';
import type { Vector } from './vectors.ts';

/** One frame with its functional groups resolved, per-frame over shared over root (dicom-seg-sr §5.2). */
export interface FrameRecord {
  readonly source: SourceFrame;
  /** 0-based frame index inside its instance. */
  readonly index: number;
  readonly sopClassUid: string;
  readonly frameOfReferenceUid: string | null;
  readonly rows: number | null;
  readonly columns: number | null;
  readonly position: Vector | null;
  readonly orientation: Orientation | null;
  /** [between rows, between columns] in mm. */
  readonly pixelSpacing: readonly [number, number] | null;
  /** The resolved attributes, in the DICOM JSON model. */
  readonly resolved: DicomJson;
  readonly attributes: HeaderAttributes;
}

const NUMERIC = new Set(['DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'UL', 'US', 'xs']);
const GROUP_SEQUENCES = [
  'SharedFunctionalGroupsSequence',
  'PerFrameFunctionalGroupsSequence',
] as const;

/** Frames of one instance. Never throws: what is missing or malformed is null. */
export function framesOf(dataset: DicomJson): readonly FrameRecord[] {
  const perFrame = itemsOf(dataset, 'PerFrameFunctionalGroupsSequence');
  const announced = numberOf(dataset, 'NumberOfFrames');
  const multiFrame = announced !== null || perFrame.length > 0;
  const root = withoutGroups(dataset);
  if (!multiFrame) return [record(dataset, root, 0, null)];
  const shared = flatten(itemsOf(dataset, 'SharedFunctionalGroupsSequence')[0] ?? {});
  const common = { ...root, ...shared };
  const count = Math.min(MAX_FRAMES, perFrame.length || Math.max(1, announced || 1));
  const frames: FrameRecord[] = [];
  for (let index = 0; index < count; index++) {
    const groups = flatten(perFrame[index] ?? {});
    frames.push(record(dataset, { ...common, ...groups }, index, index + 1));
  }
  return frames;
}

function record(
  dataset: DicomJson,
  resolved: DicomJson,
  index: number,
  frameNumber: number | null,
): FrameRecord {
  const spacing = numbersOf(resolved, 'PixelSpacing');
  const [between = 0, within = 0] = spacing ?? [];
  return {
    source: { sopInstanceUid: textOf(dataset, 'SOPInstanceUID') ?? '', frameNumber },
    index,
    sopClassUid: textOf(dataset, 'SOPClassUID') ?? '',
    frameOfReferenceUid: textOf(dataset, 'FrameOfReferenceUID'),
    rows: numberOf(dataset, 'Rows'),
    columns: numberOf(dataset, 'Columns'),
    position: vectorOf(numbersOf(resolved, 'ImagePositionPatient')),
    orientation: orientationOf(numbersOf(resolved, 'ImageOrientationPatient')),
    pixelSpacing: spacing?.length === 2 && between > 0 && within > 0 ? [between, within] : null,
    resolved,
    attributes: frameAttributes(resolved),
  };
}

function frameAttributes(resolved: DicomJson): HeaderAttributes {
  const attributes = headerAttributes(resolved, HEADER_KEYWORDS);
  if (attributes['DiffusionBValue'] !== undefined) return attributes;
  const bValue = privateBValue(resolved);
  return bValue === null ? attributes : { ...attributes, DiffusionBValue: bValue };
}

/** Chosen attributes by keyword: numbers where the VR is numeric, arrays only for several values. */
export function headerAttributes(
  dataset: DicomJson,
  keywords: readonly string[],
): HeaderAttributes {
  const attributes: Record<string, HeaderValue> = {};
  for (const keyword of keywords) {
    const alias = ENHANCED_ALIASES[keyword];
    const value =
      alias === undefined
        ? headerValue(dataset, keyword)
        : keyword === 'ImageType'
          ? (headerValue(dataset, alias) ?? headerValue(dataset, keyword))
          : (headerValue(dataset, keyword) ?? headerValue(dataset, alias));
    if (value !== null) attributes[keyword] = value;
  }
  return attributes;
}

function headerValue(dataset: DicomJson, keyword: string): HeaderValue | null {
  const numeric = NUMERIC.has(vrOf(tagOf(keyword)) ?? '');
  const values: (string | number)[] = numeric
    ? valuesOf(dataset, keyword).map(asNumber).filter(Number.isFinite)
    : [...textsOf(dataset, keyword)];
  const [first] = values;
  if (first === undefined) return null;
  return values.length === 1 ? first : values;
}

/** Attributes of all groups of one functional groups item, two levels deep. */
function flatten(groups: DicomJson): DicomJson {
  const flat: Record<string, DicomJson[string]> = {};
  const collect = (item: DicomJson, depth: number): void => {
    for (const [tag, element] of Object.entries(item)) {
      // Metadata come from an archive: what is no element is left out.
      if (typeof element !== 'object' || (element as unknown) === null) continue;
      if (element.vr !== 'SQ') flat[tag] ??= element;
      else if (depth < 2) {
        const first: unknown = element.Value?.[0];
        if (isDataset(first)) collect(first, depth + 1);
      }
    }
  };
  collect(groups, 0);
  return flat;
}

function withoutGroups(dataset: DicomJson): DicomJson {
  const root = { ...dataset };
  for (const keyword of GROUP_SEQUENCES) delete root[tagOf(keyword)];
  return root;
}

/** The digits of a decimal attribute as the source wrote them. */
export function digitsOf(dataset: DicomJson, keyword: string): readonly string[] {
  return valuesOf(dataset, keyword).map(asText);
}
