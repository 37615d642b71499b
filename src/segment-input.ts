import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import {
  refuse,
  type Findings,
  type GateVerdict,
  type Labels,
  type ModelCard,
  type Structure,
  type Volume,
} from './contracts/index.ts';
import { readNifti, shapeLabels, writeNifti } from './imaging/index.ts';
import { createCompute, type Compute, type EncodeRequest } from './jobs/index.ts';
import {
  codedStructures,
  requireCodes,
  segment,
  type Device,
  type FoldChoice,
  type InferenceSettings,
  modelCard,
  type KserveSettings,
  type LoadedModel,
  type SpacingMode,
} from './segmentation/index.ts';
import { chooseSeries, type ChosenSeries } from './choose-series.ts';
import { VERSION } from './version.ts';

export interface SegmentInputOptions {
  /** A folder of DICOM files, or a `.nii` or `.nii.gz` file. */
  readonly input: string;
  readonly out: string;
  readonly model: LoadedModel;
  readonly structures: readonly Structure[];
  /** Names of the structures to keep; all when left out. */
  readonly only?: readonly string[] | undefined;
  readonly series?: string | undefined;
  readonly folds: FoldChoice;
  readonly device: Device;
  readonly kserve: KserveSettings | null;
  readonly threads: number;
  readonly spacingMode: SpacingMode;
  readonly settings: InferenceSettings;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

export interface SegmentInputReport {
  readonly model: ModelCard;
  readonly structures: number;
  readonly seconds: number;
  readonly gate: readonly GateVerdict[];
  readonly files: readonly string[];
}

/**
 * Segments one scan without database and archive: DICOM gives SEG and SR, NIfTI gives
 * `NAME.labels.nii.gz`; both give `run.json` with all that identifies the run.
 * @throws SitusError of class refuse for an input that cannot be segmented, naming the defect.
 */
export async function segmentInput(options: SegmentInputOptions): Promise<SegmentInputReport> {
  const { input, out, model, signal, onProgress } = options;
  checkStructures(options);
  const started = performance.now();
  const compute = createCompute();
  try {
    onProgress('reading');
    const source = await readSource(options, compute);
    if (source.chosen !== null) requireCodes(model, options.structures);
    const structures = codedStructures(model, options.structures);
    const labels = await segment(source.volume, model, {
      folds: options.folds,
      device: options.device,
      kserve: options.kserve,
      threads: options.threads,
      spacingMode: options.spacingMode,
      settings: options.settings,
      signal,
      onProgress: ({ phase, done, total }) => onProgress(`${phase} ${done} of ${total}`),
    });
    onProgress('measuring');
    const { findings } = await compute.measure(
      { volume: source.volume, labels, structures, order: orderOf(options) },
      signal,
    );
    await mkdir(out, { recursive: true });
    const files = await writeResults({ ...options, structures }, source, labels, findings, compute);
    const seconds = (performance.now() - started) / 1000;
    const run = {
      situs: VERSION,
      input: resolve(input),
      model: modelCard(model),
      series: source.chosen?.seriesInstanceUid ?? null,
      sequence: source.chosen?.sequence ?? null,
      warnings: source.volume.warnings,
      run: labels.run,
      seconds,
      findings,
      files: await Promise.all(files.map(described)),
    };
    const runFile = join(out, 'run.json');
    await writeFile(runFile, `${JSON.stringify(run, null, 2)}\n`);
    return {
      model: modelCard(model),
      structures: findings.structures.length,
      seconds,
      gate: findings.gate,
      files: [...files, runFile],
    };
  } finally {
    await compute.stop();
  }
}

interface Source {
  readonly volume: Volume;
  /** Null for NIfTI. */
  readonly chosen: ChosenSeries | null;
}

async function readSource(options: SegmentInputOptions, compute: Compute): Promise<Source> {
  const { input, series, signal } = options;
  const found = await stat(input).catch((cause: unknown) => {
    throw refuse(
      'INPUT_NOT_FOUND',
      `There is no file or folder ${resolve(input)}.`,
      'Name a folder of DICOM files, or a .nii or .nii.gz file.',
      { input },
      cause,
    );
  });
  if (found.isFile() && /\.nii(\.gz)?$/i.test(input)) {
    return { volume: readNifti(await readFile(input)), chosen: null };
  }
  const paths = found.isFile() ? [input] : await filesBelow(input);
  const chosen = await chooseSeries(paths, series);
  const selection = { stackId: chosen.stackId, frames: chosen.frames };
  return { volume: await compute.readVolume({ paths: chosen.paths, selection }, signal), chosen };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function writeResults(
  options: SegmentInputOptions,
  source: Source,
  labels: Labels,
  findings: Findings,
  compute: Compute,
): Promise<string[]> {
  if (source.chosen === null) {
    const name = basename(options.input).replace(/\.nii(\.gz)?$/i, '');
    const file = join(options.out, `${name}.labels.nii.gz`);
    await writeFile(
      file,
      writeNifti(
        { ...source.volume, voxels: shapeLabels(labels, orderOf(options)).voxels },
        { gzip: true },
      ),
    );
    return [file];
  }
  if (findings.level === 'hold') return [];
  const { results, problems } = await compute.encode(
    {
      volume: source.volume,
      labels,
      findings,
      structures: options.structures,
      node: hostname(),
      version: VERSION,
      content: contentOf(options, source.volume, labels),
      run: 1,
      instanceNumber: 1,
      encodedAt: new Date().toISOString(),
      order: orderOf(options),
      predecessor: null,
      manufacturer: String(options.model.manifest.card['manufacturer'] ?? 'not stated'),
    },
    options.signal,
  );
  if (problems.length > 0) {
    throw refuse(
      'RESULT_INVALID',
      `The result failed our own validation and was not written: ${problems.slice(0, 3).join('; ')}`,
      'Report it with the scan’s attributes; the scan may hold odd ones.',
      { problems },
    );
  }
  const files: string[] = [];
  for (const result of results) {
    const file = join(options.out, `${result.kind.toLowerCase()}.dcm`);
    await writeFile(file, result.bytes);
    files.push(file);
  }
  return files;
}

/** What was segmented and how: anything that gives other labels gives other UIDs. */
function contentOf(options: SegmentInputOptions, volume: Volume, { run }: Labels): string {
  const { folds, spacingMode, stepSize, mirroring, splitLevel } = run;
  const how = {
    model: options.model.hash,
    folds,
    spacingMode,
    stepSize,
    mirroring,
    splitLevel,
    only: options.only,
  };
  const content = createHash('sha256');
  for (const slice of volume.slices) content.update(`${slice.sopInstanceUid}\n`);
  return content.update(JSON.stringify(how)).digest('hex');
}

function checkStructures({ model, only }: SegmentInputOptions): void {
  const known = Object.values(model.structures);
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw refuse(
    'STRUCTURE_UNKNOWN',
    `The model ${model.name} has no structure "${unknown}".`,
    `It has ${known.join(', ')}.`,
    { structure: unknown },
  );
}

/** SEG and SR of the structures that were asked for. */
function orderOf({ only }: SegmentInputOptions): EncodeRequest['order'] {
  return { seg: 'binary', sr: true, structures: only };
}

async function described(file: string): Promise<{ file: string; sha256: string }> {
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return { file: basename(file), sha256 };
}
