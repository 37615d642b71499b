import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { refuse, SitusError, type Structure } from '../contracts/index.ts';
import {
  htmlReport,
  metricsCsv,
  summarise,
  summaryCsv,
  type CaseMeasures,
  type Evaluation,
  type InventedCounts,
} from '../evaluation/index.ts';
import { readCasesFile } from './cases-file.ts';
import { findLabelFiles, type FoundFiles } from './files.ts';
import { loadLabelTable, type LabelTable } from './label-tables.ts';
import { pairFiles } from './pairs.ts';
import { comparePairs, type ComparedCase } from './pool.ts';

export interface EvaluateFoldersOptions {
  readonly reference: string;
  readonly prediction: string;
  readonly out: string;
  /** Name or file of a label mapping; `situs` when left out, segmentation objects by their own names. */
  readonly referenceLabels?: string | undefined;
  readonly predictionLabels?: string | undefined;
  readonly cases?: string | undefined;
  /** Names of the structures to compare; all when left out. */
  readonly only?: readonly string[] | undefined;
  readonly structures: readonly Structure[];
  /** Of Situs, for the report. */
  readonly version: string;
  readonly toleranceMm: number;
  readonly invented: InventedCounts;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

export interface EvaluateFoldersReport {
  readonly evaluation: Evaluation;
  readonly files: readonly string[];
}

const DEFAULT_TABLE = 'situs';

/**
 * Compares the label files of two folders pair by pair and writes metrics.csv, metrics.json, summary.csv,
 * summary.json and report.html (docs/evaluation.md).
 * @throws SitusError INPUT_NOT_FOUND, NO_LABEL_FILES, AMBIGUOUS_CASE, NO_PAIRS, STRUCTURE_UNKNOWN (refuse),
 *   LABEL_MAPPING_UNKNOWN, CONFIG_*, CASES_FILE_* (usage). Pairs that cannot be compared are in the report.
 */
export async function evaluateFolders(
  options: EvaluateFoldersOptions,
): Promise<EvaluateFoldersReport> {
  const { out, onProgress, signal, toleranceMm, invented, structures } = options;
  onProgress('looking for label files');
  const table = options.cases === undefined ? null : await readCasesFile(options.cases);
  const reference = await findLabelFiles(options.reference);
  const prediction = await findLabelFiles(options.prediction);
  const referenceTable = await tableFor(reference, options.referenceLabels);
  const predictionTable = await tableFor(prediction, options.predictionLabels);
  checkWanted(options, [referenceTable, predictionTable]);
  const { pairs, unpaired } = pairFiles(reference, prediction, table);
  if (pairs.length === 0) {
    throw refuse(
      'NO_PAIRS',
      `No label file of ${options.prediction} has the name of one of ${options.reference}.`,
      'Name the files of both folders by case, e.g. case01.nii.gz and case01.labels.nii.gz.',
      { unpaired: unpaired.slice(0, 20) },
    );
  }
  const compared = await comparePairs(
    pairs,
    {
      referenceTable,
      predictionTable,
      wanted: options.only ?? null,
      structures,
      toleranceMm,
    },
    options.threads,
    signal,
    (done) => onProgress(`${done} of ${pairs.length} cases compared`),
  );
  const cases = withoutUnknown(measuredCases(compared), {
    reference: reference.files.every(({ kind }) => kind === 'seg') && referenceTable === null,
    prediction: prediction.files.every(({ kind }) => kind === 'seg') && predictionTable === null,
  });
  const evaluation: Evaluation = {
    situs: options.version,
    madeAt: new Date().toISOString(),
    parameters: {
      reference: options.reference,
      prediction: options.prediction,
      referenceLabels: titleOf(referenceTable),
      predictionLabels: titleOf(predictionTable),
      toleranceMm,
      invented,
      structures: options.only ?? null,
    },
    cases,
    summary: summarise(cases, invented),
    unpaired,
    refused: compared.flatMap(({ pair, outcome }) =>
      outcome instanceof SitusError
        ? [{ case: pair.case, code: outcome.code, message: outcome.message }]
        : [],
    ),
    leftOut: leftOut(compared, cases),
    notes: compared.flatMap(({ outcome }) => (outcome instanceof SitusError ? [] : outcome.notes)),
  };
  onProgress('writing the report');
  return { evaluation, files: await write(out, evaluation) };
}

async function tableFor(found: FoundFiles, named: string | undefined): Promise<LabelTable | null> {
  if (named !== undefined) return loadLabelTable(named);
  return found.files.some(({ kind }) => kind === 'nifti') ? loadLabelTable(DEFAULT_TABLE) : null;
}

function titleOf(table: LabelTable | null): string {
  return table === null ? 'names in the segmentation objects' : `${table.name} (${table.title})`;
}

function checkWanted(
  { only, structures }: EvaluateFoldersOptions,
  tables: readonly (LabelTable | null)[],
): void {
  const known = new Set([
    ...structures.map(({ name }) => name),
    ...tables.flatMap((table) => Object.values(table?.labels ?? {})),
  ]);
  const unknown = only?.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw refuse(
    'STRUCTURE_UNKNOWN',
    `No label mapping names a structure "${unknown}".`,
    `Known are ${[...known].join(', ')}.`,
    { structure: unknown },
  );
}

function measuredCases(compared: readonly ComparedCase[]): CaseMeasures[] {
  return compared.flatMap(({ pair, outcome }) =>
    outcome instanceof SitusError
      ? []
      : [
          {
            case: pair.case,
            scanType: pair.scanType,
            group: pair.group,
            structures: outcome.measures,
          },
        ],
  );
}

/**
 * Segmentation objects list only what they hold, so a side of such files alone is taken to know the
 * structures that any of its files has.
 */
function withoutUnknown(
  cases: readonly CaseMeasures[],
  byContent: { readonly reference: boolean; readonly prediction: boolean },
): CaseMeasures[] {
  const held = (side: 'referenceMl' | 'predictionMl'): Set<string> =>
    new Set(
      cases.flatMap((one) => one.structures.filter((s) => s[side] > 0).map((s) => s.structure)),
    );
  const [inReference, inPrediction] = [held('referenceMl'), held('predictionMl')];
  return cases.map((one) => ({
    ...one,
    structures: one.structures.filter(
      ({ structure }) =>
        (!byContent.reference || inReference.has(structure)) &&
        (!byContent.prediction || inPrediction.has(structure)),
    ),
  }));
}

function leftOut(
  compared: readonly ComparedCase[],
  cases: readonly CaseMeasures[],
): Evaluation['leftOut'] {
  const used = new Set(cases.flatMap((one) => one.structures.map((s) => s.structure)));
  const sides = new Map<string, string>();
  for (const { outcome } of compared) {
    if (outcome instanceof SitusError) continue;
    for (const name of outcome.onlyReference) sides.set(name, 'reference only');
    for (const name of outcome.onlyPrediction) sides.set(name, 'prediction only');
    for (const { structure, presence } of outcome.measures) {
      if (used.has(structure) || presence === 'absent') continue;
      sides.set(structure, presence === 'missed' ? 'reference only' : 'prediction only');
    }
  }
  return [...sides]
    .filter(([structure]) => !used.has(structure))
    .map(([structure, side]) => ({ structure, side }))
    .sort((a, b) => (a.structure < b.structure ? -1 : 1));
}

async function write(out: string, evaluation: Evaluation): Promise<string[]> {
  await mkdir(out, { recursive: true });
  const { cases, summary, ...rest } = evaluation;
  const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
  const contents: Readonly<Record<string, string>> = {
    'metrics.csv': metricsCsv(cases),
    'metrics.json': json({ ...rest, cases }),
    'summary.csv': summaryCsv(summary),
    'summary.json': json({ ...rest, summary }),
    'report.html': htmlReport(evaluation),
  };
  const files = Object.entries(contents).map(([name, text]) => ({ path: join(out, name), text }));
  await Promise.all(files.map(({ path, text }) => writeFile(path, text)));
  return files.map(({ path }) => path).sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}
