import type {
  DicomJson,
  HeaderAttributes,
  HeaderValue,
  SeriesHeaders,
  SeriesListing,
  StackHeaders,
  StudyHeaders,
  StudyListing,
} from '../contracts/index.ts';

import { textOf } from './elements.ts';
import { framesOf, headerAttributes } from './frame-record.ts';
import type { FrameRecord } from './frame-record.ts';
import { HEADER_KEYWORDS, STUDY_KEYWORDS } from './header-keywords.ts';
import { planeOf } from './orientation.ts';
import { SAME_POSITION, distanceOf, splitStacks } from './stacks.ts';
import type { Stack } from './stacks.ts';

/**
 * Headers of one series for matching, from the DICOM JSON metadata of its instances (WADO-RS
 * metadata or `ParsedInstance.dataset`). Never throws: odd series have headers too, with stacks whose
 * plane is null. Where frames differ, the series and each stack have the most frequent value.
 */
export function seriesHeaders(metadata: readonly DicomJson[]): SeriesHeaders {
  const frames = metadata.flatMap(framesOf);
  const attributes = commonAttributes(frames);
  return {
    seriesInstanceUid: firstText(metadata, 'SeriesInstanceUID'),
    instanceCount: metadata.length,
    attributes,
    stacks: splitStacks(frames.filter(isImage)).map((stack) => stackHeaders(stack, attributes)),
  };
}

/**
 * Headers of a study: one entry for every series of the listing, in its order, so that none is left
 * out of matching. What the metadata lack (a series whose metadata are empty) comes from the listing.
 *
 * @param metadata DICOM JSON of the instances of each series, in the order of `listing.series`.
 */
export function studyHeaders(
  listing: StudyListing,
  metadata: readonly (readonly DicomJson[])[],
): StudyHeaders {
  const series = listing.series.map((listed, i) => {
    const headers = seriesHeaders(metadata[i] ?? []);
    return {
      ...headers,
      seriesInstanceUid: listed.seriesInstanceUid,
      instanceCount: Math.max(headers.instanceCount, listed.sopInstanceUids.length),
      attributes: { ...listedAttributes(listed), ...headers.attributes },
    };
  });
  const all = metadata.flat().map((dataset) => headerAttributes(dataset, STUDY_KEYWORDS));
  const fromListing = headerAttributes(listing.attributes, STUDY_KEYWORDS);
  return {
    studyInstanceUid: listing.studyInstanceUid,
    attributes: { ...fromListing, ...mostFrequent(all) },
    series,
  };
}

function listedAttributes(listed: SeriesListing): HeaderAttributes {
  const { modality, seriesDescription, seriesNumber } = listed;
  return {
    ...(modality === null ? {} : { Modality: modality }),
    ...(seriesDescription === null ? {} : { SeriesDescription: seriesDescription }),
    ...(seriesNumber === null || seriesNumber === '' ? {} : { SeriesNumber: Number(seriesNumber) }),
  };
}

function stackHeaders(stack: Stack, ofSeries: HeaderAttributes): StackHeaders {
  const own = Object.entries(commonAttributes(stack.frames)).filter(
    ([keyword, value]) => !same(value, ofSeries[keyword]),
  );
  const { spacing, coverage } = extentOf(stack);
  return {
    id: stack.id,
    attributes: Object.fromEntries(own),
    frames: stack.frames.map(({ source }) => source),
    plane: stack.orientation === null ? null : planeOf(stack.orientation),
    sliceSpacing: spacing,
    coverage,
    pixelSpacing: stack.frames[0]?.pixelSpacing ?? null,
  };
}

/** Spacing and extent along the normal over distinct positions, in mm. */
function extentOf({ frames, orientation }: Stack) {
  const distances = frames.map(distanceOf).filter((distance) => distance !== null);
  if (orientation === null || distances.length < frames.length || distances.length === 0) {
    return { spacing: null, coverage: null };
  }
  const sorted = distances.sort((a, b) => a - b);
  const distinct = sorted.filter((d, i) => i === 0 || d - (sorted[i - 1] ?? d) > SAME_POSITION);
  const range = (distinct.at(-1) ?? 0) - (distinct[0] ?? 0);
  if (distinct.length < 2) {
    const thickness = frames[0]?.attributes['SliceThickness'];
    return { spacing: null, coverage: typeof thickness === 'number' ? thickness : 0 };
  }
  const spacing = range / (distinct.length - 1);
  return { spacing, coverage: range + spacing };
}

/** An image has a matrix; presentation states, reports and segment lists have none. */
function isImage(frame: FrameRecord): boolean {
  return frame.rows !== null && frame.columns !== null;
}

function commonAttributes(frames: readonly FrameRecord[]): HeaderAttributes {
  return mostFrequent(frames.map(({ attributes }) => attributes));
}

/** For each keyword the value that most frames have; the first of equals. */
function mostFrequent(all: readonly HeaderAttributes[]): HeaderAttributes {
  const result: Record<string, HeaderValue> = {};
  for (const keyword of [...HEADER_KEYWORDS, ...STUDY_KEYWORDS]) {
    const counts = new Map<string, { value: HeaderValue; count: number }>();
    for (const attributes of all) {
      const value = attributes[keyword];
      if (value === undefined) continue;
      const key = JSON.stringify(value);
      const entry = counts.get(key);
      if (entry === undefined) counts.set(key, { value, count: 1 });
      else entry.count++;
    }
    let best: { value: HeaderValue; count: number } | null = null;
    for (const entry of counts.values())
      if (best === null || entry.count > best.count) best = entry;
    if (best !== null) result[keyword] = best.value;
  }
  return result;
}

function same(a: HeaderValue, b: HeaderValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function firstText(metadata: readonly DicomJson[], keyword: string): string {
  for (const dataset of metadata) {
    const text = textOf(dataset, keyword);
    if (text !== null) return text;
  }
  return '';
}
