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
import { ageOn } from './patient-age.ts';
import { SAME_POSITION, distanceOf, splitStacks } from './stacks.ts';
import type { Stack } from './stacks.ts';

/**
 * Headers of one series for matching, from the DICOM JSON metadata of its instances (WADO-RS
 * metadata or `ParsedInstance.dataset`). Never throws: odd series have headers too, with stacks whose
 * plane is null. Where frames differ, the series and each stack have the most frequent value; what
 * differs between stacks stands in each of them, and what a stack lacks is not said of the series.
 */
export function seriesHeaders(metadata: readonly DicomJson[]): SeriesHeaders {
  const frames = metadata.flatMap(framesOf);
  const ofSeries = commonAttributes(frames);
  const stacks = splitStacks(frames.filter(isImage)).map((stack) => ({
    stack,
    attributes: commonAttributes(stack.frames),
  }));
  const differing = Object.keys(ofSeries).filter((keyword) =>
    stacks.some(({ attributes }) => !same(attributes[keyword], ofSeries[keyword])),
  );
  const lacking = differing.filter((keyword) =>
    stacks.some(({ attributes }) => attributes[keyword] === undefined),
  );
  return {
    seriesInstanceUid: firstText(metadata, 'SeriesInstanceUID'),
    instanceCount: metadata.length,
    attributes: pick(ofSeries, (keyword) => !lacking.includes(keyword)),
    stacks: stacks.map(({ stack, attributes }) =>
      stackHeaders(
        stack,
        pick(attributes, (keyword) => differing.includes(keyword)),
      ),
    ),
  };
}

function pick(
  attributes: HeaderAttributes,
  isWanted: (keyword: string) => boolean,
): HeaderAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([keyword]) => isWanted(keyword)));
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
  const attributes = { ...fromListing, ...mostFrequent(all) };
  return {
    studyInstanceUid: listing.studyInstanceUid,
    attributes: { ...ageFromBirthDate(listing, metadata), ...attributes },
    series,
  };
}

/** The age where no scanner wrote it; the birth date itself is not kept with the headers. */
function ageFromBirthDate(
  { attributes, studyDate }: StudyListing,
  metadata: readonly (readonly DicomJson[])[],
): HeaderAttributes {
  const all = metadata.flat();
  const born = textOf(attributes, 'PatientBirthDate') ?? firstText(all, 'PatientBirthDate');
  const age = ageOn(studyDate ?? firstText(all, 'StudyDate'), born);
  return age === null ? {} : { PatientAge: age };
}

function listedAttributes(listed: SeriesListing): HeaderAttributes {
  const { modality, seriesDescription, seriesNumber } = listed;
  return {
    ...(modality === null ? {} : { Modality: modality }),
    ...(seriesDescription === null ? {} : { SeriesDescription: seriesDescription }),
    ...(seriesNumber === null || seriesNumber === '' ? {} : { SeriesNumber: Number(seriesNumber) }),
  };
}

function stackHeaders(stack: Stack, attributes: HeaderAttributes): StackHeaders {
  const { spacing, coverage } = extentOf(stack);
  return {
    id: stack.id,
    attributes,
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

/** For each keyword the value that most frames have; of equals the first in the order of their text. */
function mostFrequent(all: readonly HeaderAttributes[]): HeaderAttributes {
  const result: Record<string, HeaderValue> = {};
  for (const keyword of new Set<string>([...HEADER_KEYWORDS, ...STUDY_KEYWORDS])) {
    const counts = new Map<string, { value: HeaderValue; count: number }>();
    for (const attributes of all) {
      const value = attributes[keyword];
      if (value === undefined) continue;
      const text = JSON.stringify(value);
      const entry = counts.get(text);
      if (entry === undefined) counts.set(text, { value, count: 1 });
      else entry.count++;
    }
    const [best] = [...counts].sort(
      ([textA, a], [textB, b]) => b.count - a.count || (textA < textB ? -1 : 1),
    );
    if (best !== undefined) result[keyword] = best[1].value;
  }
  return result;
}

function same(a: HeaderValue | undefined, b: HeaderValue | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function firstText(metadata: readonly DicomJson[], keyword: string): string {
  for (const dataset of metadata) {
    const text = textOf(dataset, keyword);
    if (text !== null) return text;
  }
  return '';
}
