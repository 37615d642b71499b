import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { isMissing, type Structure } from '../../contracts/index.ts';
import { compareLabels, type CaseMeasures } from '../../evaluation/index.ts';
import { segment, type LoadedModel } from '../../segmentation/index.ts';
import type { ScannedPhantom } from './scanned-phantom.ts';

/** How a model did on one scan of a phantom. */
export interface JudgedScan extends CaseMeasures {
  /** Share of each structure's volume that the scan shows, 0 to 1, in the order of `structures`. */
  readonly shown: readonly number[];
}

export interface JudgeOptions {
  readonly model: LoadedModel;
  readonly structures: readonly Structure[];
  readonly seeds: readonly number[];
  /** Folder of finished phantoms; a phantom that is there is not judged again. */
  readonly cache: string;
  readonly threads: number;
  readonly say: (line: string) => void;
}

export const TOLERANCE_MM = 3;

/**
 * Judges a model on phantoms through everything a real scan goes through: scanned on an acquisition
 * grid, preprocessed, segmented, brought back to that grid and compared with the truth there. What
 * is done stays in the cache, by model hash and seed, so that a stopped run goes on where it was.
 */
export async function judgeOnPhantoms(options: JudgeOptions): Promise<JudgedScan[]> {
  const { model, seeds, say } = options;
  const folder = join(options.cache, `${model.manifest.name}-${model.hash.slice(0, 16)}`);
  await mkdir(folder, { recursive: true });
  const fileOf = (seed: number): string => join(folder, `${seed}.json`);
  const done = new Map<number, readonly JudgedScan[]>();
  const maker = new Worker(new URL('./phantom-thread.ts', import.meta.url));
  try {
    let next: Promise<ScannedPhantom> | null = null;
    for (const [index, seed] of seeds.entries()) {
      const before = await cached(fileOf(seed));
      if (before !== null) {
        done.set(seed, before);
        continue;
      }
      const phantom = await (next ?? scanned(maker, seed));
      next = null;
      const following = seeds[index + 1];
      if (following !== undefined && (await cached(fileOf(following))) === null) {
        next = scanned(maker, following);
        next.catch(() => undefined);
      }
      const judged = await judge(phantom, options);
      await writeFile(`${fileOf(seed)}.part`, `${JSON.stringify(judged)}\n`);
      await rename(`${fileOf(seed)}.part`, fileOf(seed));
      done.set(seed, judged);
      say(`phantom ${seed} judged, ${done.size} of ${seeds.length}`);
    }
  } finally {
    await maker.terminate();
  }
  return seeds.flatMap((seed) => done.get(seed) ?? []);
}

async function judge(phantom: ScannedPhantom, options: JudgeOptions): Promise<JudgedScan[]> {
  const { model, structures, threads } = options;
  const names = Object.fromEntries(structures.map(({ index, name }) => [index, name]));
  const judged: JudgedScan[] = [];
  for (const { sequence, volume, truth } of phantom.scans) {
    const labels = await segment(volume, model, {
      folds: 'all',
      device: 'cpu',
      threads,
      spacingMode: 'true',
    });
    const measures = compareLabels(
      {
        reference: truth,
        prediction: labels.voxels,
        shape: volume.shape,
        affine: volume.affine,
      },
      { structures: names, toleranceMm: TOLERANCE_MM },
    );
    judged.push({
      case: `${phantom.seed}`,
      scanType: sequence,
      group: '',
      structures: measures,
      shown: structures.map(({ index }, place) => {
        const whole = phantom.wholeMl[index] ?? 0;
        return whole === 0 ? 0 : Math.min(1, (measures[place]?.referenceMl ?? 0) / whole);
      }),
    });
  }
  return judged;
}

function scanned(maker: Worker, seed: number): Promise<ScannedPhantom> {
  return new Promise((resolve, reject) => {
    // Of several that were asked for, only the one meant.
    const take = (phantom: ScannedPhantom): void => {
      if (phantom.seed !== seed) return;
      maker.off('message', take);
      maker.off('error', reject);
      resolve(phantom);
    };
    maker.on('message', take);
    maker.once('error', reject);
    maker.postMessage(seed);
  });
}

async function cached(file: string): Promise<readonly JudgedScan[] | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as readonly JudgedScan[];
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
