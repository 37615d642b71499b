import { readFile } from 'node:fs/promises';
import { loadSequences } from './config/index.ts';
import {
  asSitusError,
  refuse,
  type SequenceMatch,
  type SourceFrame,
  type StudyHeaders,
  type StudyListing,
} from './contracts/index.ts';
import { readInstance, studyHeaders, type ParsedInstance } from './imaging/index.ts';
import { matchStudy } from './sequences/index.ts';

/** One series of a folder, and inside it the stack to segment. */
export interface ChosenSeries {
  readonly seriesInstanceUid: string;
  readonly sequence: string;
  readonly stackId: string;
  readonly frames: readonly SourceFrame[];
  readonly paths: readonly string[];
}

type Header = Pick<ParsedInstance, 'seriesInstanceUid' | 'sopInstanceUid' | 'dataset'>;

const DEFINITIONS = new URL('../config/sequences.yaml', import.meta.url).pathname;

/**
 * Chooses what to segment among the DICOM files of a folder: the series that was named, else the
 * only one whose sequence is a target, else the only one. Files that are not DICOM are left out.
 * @throws SitusError NO_DICOM_FILES, SERIES_NOT_FOUND, SERIES_AMBIGUOUS (refuse), naming what there is.
 */
export async function chooseSeries(
  paths: readonly string[],
  wanted: string | undefined,
): Promise<ChosenSeries> {
  const byPath = await readHeaders(paths);
  const definitions = await loadSequences(DEFINITIONS);
  const headers = headersOf([...byPath.values()]);
  const matches = matchStudy(headers, definitions.value);
  const targets = new Set(
    definitions.value.sequences.filter((one) => one.target).map((one) => one.name),
  );
  const match = chosenMatch(matches, targets, wanted);
  const series = headers.series.find((one) => one.seriesInstanceUid === match.seriesInstanceUid);
  const stack =
    series?.stacks.find((one) => one.id === match.stackId) ??
    (series?.stacks.length === 1 ? series.stacks[0] : undefined);
  if (series === undefined || stack === undefined) {
    throw refuse(
      'SERIES_AMBIGUOUS',
      `Series ${match.seriesInstanceUid} holds ${series?.stacks.length ?? 0} stacks and none of them is a known target: ${match.reason}`,
      'Give a folder that holds only the images to segment.',
      { series: match.seriesInstanceUid, stacks: series?.stacks.map((one) => one.id) },
    );
  }
  return {
    seriesInstanceUid: series.seriesInstanceUid,
    sequence: match.sequence,
    stackId: stack.id,
    frames: stack.frames,
    paths: [...byPath]
      .filter(([, header]) => header.seriesInstanceUid === series.seriesInstanceUid)
      .map(([path]) => path),
  };
}

/** Headers by path; the first defect is told when not a single file can be read. */
async function readHeaders(paths: readonly string[]): Promise<Map<string, Header>> {
  const headers = new Map<string, Header>();
  let first: unknown = null;
  for (const path of paths) {
    try {
      const { seriesInstanceUid, sopInstanceUid, dataset } = readInstance(await readFile(path));
      headers.set(path, { seriesInstanceUid, sopInstanceUid, dataset });
    } catch (thrown) {
      const error = asSitusError(thrown);
      if (error.code !== 'NOT_DICOM' && error.errorClass === 'refuse') throw thrown;
      first ??= thrown;
    }
  }
  if (headers.size > 0) return headers;
  throw refuse(
    'NO_DICOM_FILES',
    `None of ${paths.length} files can be read as DICOM${first instanceof Error ? `: ${first.message}` : '.'}`,
    'Name a folder of DICOM files, or a .nii or .nii.gz file.',
    {},
    first,
  );
}

function headersOf(instances: readonly Header[]): StudyHeaders {
  const groups = Map.groupBy(instances, (one) => one.seriesInstanceUid);
  const listing: StudyListing = {
    archive: '',
    studyInstanceUid: '',
    studyDate: null,
    studyDescription: null,
    modalities: [],
    attributes: {},
    series: [...groups].map(([seriesInstanceUid, members]) => ({
      seriesInstanceUid,
      modality: null,
      seriesNumber: null,
      seriesDescription: null,
      sopInstanceUids: members.map((member) => member.sopInstanceUid),
    })),
  };
  return studyHeaders(
    listing,
    [...groups.values()].map((members) => members.map((member) => member.dataset)),
  );
}

function chosenMatch(
  matches: readonly SequenceMatch[],
  targets: ReadonlySet<string>,
  wanted: string | undefined,
): SequenceMatch {
  const list = matches.map((one) => `${one.seriesInstanceUid} (${one.sequence})`).join(', ');
  if (wanted !== undefined) {
    const named = matches.find((one) => one.seriesInstanceUid === wanted);
    if (named !== undefined) return named;
    throw refuse('SERIES_NOT_FOUND', `There is no series ${wanted}.`, `There are ${list}.`, {});
  }
  const candidates = matches.filter((one) => targets.has(one.sequence));
  const chosen = candidates.length > 0 ? candidates : matches;
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return only;
  throw refuse(
    'SERIES_AMBIGUOUS',
    `The folder holds ${matches.length} series and ${candidates.length} of them could be meant.`,
    `Choose one with --series: ${list}.`,
    {},
  );
}
