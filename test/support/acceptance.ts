import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Findings, Labels, Volume } from '../../src/contracts/index.ts';
import { measure } from '../../src/findings/index.ts';
import { buildVolume, readInstance, seriesHeaders } from '../../src/imaging/index.ts';
import { encodeSeg, encodeSr, type ResultInput } from '../../src/results/index.ts';
import { makeSeries, type SeriesOptions } from './dicom.ts';
import { makeResultInput } from './results.ts';
import { STRUCTURE_NAMES, STRUCTURES } from './structures.ts';
import { makeLabels } from './volume.ts';

/** A series, the labels of all 40 structures on its grid, and the results that Situs makes of both. */
export interface AcceptanceCase {
  readonly name: string;
  readonly files: readonly Uint8Array[];
  readonly volume: Volume;
  readonly labels: Labels;
  readonly findings: Findings;
  readonly input: ResultInput;
  readonly seg: ReturnType<typeof encodeSeg>;
  readonly sr: ReturnType<typeof encodeSr>;
}

const REAL = new URL('../../../shared/data/real/', import.meta.url);
/** A slice that stays without any structure, so that the results lack a position. */
export const EMPTY_SLICE = 2;

const OBLIQUE = [0.9815, 0.0993, -0.1638, -0.0815, 0.9905, 0.1115];

/** Stored values of generated series: signed noise without a pattern along any axis. */
function value({ slice, row, column }: { slice: number; row: number; column: number }): number {
  return 40 + ((((slice * 7919 + row * 104_729 + column * 1_299_709) % 1_013) + 1_013) % 1_013);
}

const GENERATED: Readonly<Record<string, SeriesOptions>> = {
  'an oblique MR of 13×11, shuffled': {
    orientation: orthonormal(OBLIQUE),
    slices: 6,
    rows: 11,
    columns: 13,
    spacing: [3.3, 0.7734375, 0.8984375],
    order: 'shuffled',
  },
  'an axial CT': {
    modality: 'CT',
    slices: 7,
    rows: 16,
    columns: 16,
    spacing: [5, 0.78125, 0.78125],
  },
  'a coronal MR': { orientation: 'coronal', slices: 6, rows: 16, columns: 8, order: 'shuffled' },
  'a sagittal MR': { orientation: 'sagittal', slices: 9, rows: 8, columns: 16 },
  'an axial CT from head to feet': {
    modality: 'CT',
    orientation: [1, 0, 0, 0, -1, 0],
    slices: 6,
    rows: 10,
    columns: 9,
    order: 'descending',
    signed: true,
    rescale: () => ({ slope: 1, intercept: -300 }),
  },
};

/** The generated series and, where the shared folder is there, the two real ones. */
export async function acceptanceCases(): Promise<readonly AcceptanceCase[]> {
  const cases: AcceptanceCase[] = [];
  for (const [name, options] of Object.entries(GENERATED)) {
    const { instances } = makeSeries({ seed: name, value, ...options });
    cases.push(
      await makeCase(
        name,
        instances.map(({ bytes }) => bytes),
      ),
    );
  }
  return [...cases, ...(await realCases())];
}

async function realCases(): Promise<AcceptanceCase[]> {
  if (!existsSync(REAL)) {
    console.warn('The real series of the shared folder are not there: their checks were skipped.');
    return [];
  }
  const cases: AcceptanceCase[] = [];
  for (const series of ['ct-abdomen', 'mr-abdomen']) {
    const folder = new URL(`${series}/`, REAL);
    const files = readdirSync(folder).map(
      (file) => new Uint8Array(readFileSync(new URL(file, folder))),
    );
    cases.push(await makeCase(`the real ${series}`, files));
  }
  return cases;
}

/** @param stack index of the stack to use; null: the series holds a single one. */
export async function makeCase(
  name: string,
  files: readonly Uint8Array[],
  stack: number | null = null,
): Promise<AcceptanceCase> {
  const instances = files.map((bytes) => readInstance(bytes));
  const chosen =
    stack === null
      ? undefined
      : seriesHeaders(instances.map(({ dataset }) => dataset)).stacks[stack];
  const volume = await buildVolume(
    instances,
    chosen === undefined ? null : { stackId: chosen.id, frames: chosen.frames },
  );
  const labels = fortyStructures(volume);
  const findings = measure(volume, labels, STRUCTURES);
  const input = makeResultInput(volume, labels);
  const seg = encodeSeg(input);
  const sr = encodeSr({ ...input, findings, segmentation: seg });
  return { name, files, volume, labels, findings, input, seg, sr };
}

/**
 * All 40 structures, each in a cell of its own in eight columns by five rows of every slice; each is
 * absent from other slices than its neighbour, and one slice holds nothing.
 */
function fortyStructures(volume: Volume): Labels {
  const [, rows, columns] = volume.shape;
  return makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) => {
    if (slice === EMPTY_SLICE) return 0;
    const cell = Math.floor((row * 5) / rows) * 8 + Math.floor((column * 8) / columns);
    if (slice !== 0 && (slice + cell) % 4 === 0) return 0;
    return (row * 31 + column * 17 + slice) % 11 === 0 && columns > 20 ? 0 : cell + 1;
  });
}

/** Six cosines whose two directions are made unit and orthogonal. */
function orthonormal(cosines: readonly number[]): number[] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = cosines;
  const first = Math.hypot(a, b, c);
  const row = [a / first, b / first, c / first] as const;
  const along = d * row[0] + e * row[1] + f * row[2];
  const rest = [d - along * row[0], e - along * row[1], f - along * row[2]];
  const second = Math.hypot(...rest);
  return [...row, ...rest.map((part) => part / second)];
}
