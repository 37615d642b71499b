import { refuse } from '../contracts/index.ts';
import type {
  HeaderAttributes,
  HeaderValue,
  SequenceDefinitions,
  SequenceMatch,
  SeriesHeaders,
  StudyHeaders,
} from '../contracts/index.ts';
import { matchStudy } from './match.ts';

/** One line out of `situs sequences classify`. */
export interface ClassifiedSeries {
  readonly id: string;
  /** A target's name, else `none`. */
  readonly sequence: string;
  readonly selected: boolean;
  readonly confidence: number;
  readonly reason: string;
}

/** The fields of one series of a header line, and the DICOM keywords they stand for. */
const SERIES_KEYWORDS: Readonly<Record<string, string>> = {
  modality: 'Modality',
  seriesDescription: 'SeriesDescription',
  seriesNumber: 'SeriesNumber',
  bodyPart: 'BodyPartExamined',
  manufacturer: 'Manufacturer',
  model: 'ManufacturerModelName',
  sopClassUID: 'SOPClassUID',
  photometricInterpretation: 'PhotometricInterpretation',
};

/**
 * Headers from one study in the form of `series-headers/README.md` (an object with `study`,
 * `studyDescription` and `series`). Fields that the form does not have stay missing. Further DICOM
 * keywords (EchoTime, ImageType, …) in an `attributes` object of a series are taken over.
 * Throws `CLASSIFY_LINE` where the line has no such form.
 */
export function studyFromLine(line: unknown): StudyHeaders {
  const study = objectOf(line, 'the line');
  if (!Array.isArray(study['series'])) throw badLine('`series` is not a list');
  return {
    studyInstanceUid: textOf(study['study'], 'study'),
    attributes: keyworded(study, { studyDescription: 'StudyDescription' }),
    series: study['series'].map((one: unknown, index) =>
      seriesFromLine(objectOf(one, `series ${index + 1}`)),
    ),
  };
}

function seriesFromLine(series: Readonly<Record<string, unknown>>): SeriesHeaders {
  const instances = series['instances'];
  return {
    seriesInstanceUid: textOf(series['id'], 'id'),
    instanceCount: typeof instances === 'number' ? instances : 0,
    attributes: {
      ...furtherAttributes(series['attributes']),
      ...keyworded(series, SERIES_KEYWORDS),
    },
    stacks: [
      {
        id: 'all',
        attributes: {},
        frames: [],
        plane: null,
        sliceSpacing: null,
        coverage: null,
        pixelSpacing: null,
      },
    ],
  };
}

/**
 * Classifies one study line: one entry a series, in the order of the line. `select` says which series
 * the routing rules would send on, by series id; without it a target with a confidence of at least
 * 0.8 counts as selected.
 */
export function classifyLine(
  line: unknown,
  definitions: SequenceDefinitions,
  select?: (study: StudyHeaders, matches: readonly SequenceMatch[]) => ReadonlySet<string>,
): ClassifiedSeries[] {
  const study = studyFromLine(line);
  const matches = matchStudy(study, definitions);
  const targets = new Set(definitions.sequences.filter((one) => one.target).map((one) => one.name));
  const selected = select?.(study, matches);
  return matches.map((match) => {
    const target = targets.has(match.sequence);
    const sent = selected?.has(match.seriesInstanceUid) ?? match.confidence >= 0.8;
    return {
      id: match.seriesInstanceUid,
      sequence: target ? match.sequence : 'none',
      selected: target && sent,
      confidence: match.confidence,
      reason: match.reason,
    };
  });
}

/** Values of any other form than those of headers are left out: the line is not ours. */
function furtherAttributes(given: unknown): HeaderAttributes {
  if (typeof given !== 'object' || given === null) return {};
  const attributes: Record<string, HeaderValue> = {};
  for (const [keyword, value] of Object.entries(given) as [string, unknown][]) {
    if (isSingle(value)) attributes[keyword] = value;
    else if (Array.isArray(value) && value.every(isSingle)) attributes[keyword] = value;
  }
  return attributes;
}

function isSingle(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function keyworded(
  from: Readonly<Record<string, unknown>>,
  keywords: Readonly<Record<string, string>>,
): HeaderAttributes {
  const attributes: Record<string, string | number> = {};
  for (const [field, keyword] of Object.entries(keywords)) {
    const value = from[field];
    if (typeof value === 'string' || typeof value === 'number') attributes[keyword] = value;
  }
  return attributes;
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw badLine(`${what} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}

function textOf(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '')
    throw badLine(`\`${field}\` is missing or no text`);
  return value;
}

function badLine(what: string): Error {
  return refuse(
    'CLASSIFY_LINE',
    `A line of the headers file cannot be read: ${what}.`,
    'Write one study a line: {"study", "studyDescription", "series": [{"id", "modality", "seriesDescription", "instances", …}]}.',
  );
}
