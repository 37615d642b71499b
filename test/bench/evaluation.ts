import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compareLabels } from '../../src/evaluation/index.ts';
import { writeNifti } from '../../src/imaging/index.ts';
import { STRUCTURES } from '../support/structures.ts';
import { measure, type Measurement } from './measure.ts';
import type { BenchOptions } from './options.ts';

const SHAPE = [300, 512, 512] as const;
const SPACING = [2, 0.8, 0.8] as const;
const AFFINE = [SPACING[2], 0, 0, 0, 0, SPACING[1], 0, 0, 0, 0, SPACING[0], 0, 0, 0, 0, 1];
const TOLERANCE_MM = 3;
const PEER = new URL('surface_distance_peer.py', import.meta.url).pathname;

/**
 * Two label volumes of 512×512×300 with forty structures, compared in every measure; with a reference Python that
 * has surface-distance (test/evaluation/reference/requirements.txt), the same by it in the same run.
 */
export async function* benchEvaluation({ reference }: BenchOptions): AsyncGenerator<Measurement> {
  const labels = STRUCTURES.filter(({ index }) => index <= 40);
  const names = Object.fromEntries(labels.map(({ index, name }) => [index, name]));
  const truth = ellipsoids(0);
  const given = ellipsoids(1.5);
  const work = (): void => {
    compareLabels(
      { reference: truth, prediction: given, shape: SHAPE, affine: AFFINE },
      { structures: names, toleranceMm: TOLERANCE_MM },
    );
  };
  const before = process.memoryUsage().rss;
  work();
  const peak = process.resourceUsage().maxRSS * 1024;
  const ours = measure('compare 40 structures, 512×512×300', 1, work, () => ({
    addedMebibytes: Math.max(0, Math.round((peak - before) / 2 ** 20)),
  }));
  yield ours;
  if (reference !== null) yield await peer(reference, truth, given, ours.median);
}

async function peer(
  python: string,
  truth: Uint8Array,
  given: Uint8Array,
  ours: number,
): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'situs-bench-'));
  try {
    const files = [join(folder, 'truth.nii'), join(folder, 'given.nii')];
    for (const [index, voxels] of [truth, given].entries()) {
      await writeFile(files[index] ?? '', writeNifti({ voxels, shape: SHAPE, affine: AFFINE }));
    }
    const { stdout } = await promisify(execFile)(python, [PEER, ...files, ...SPACING.map(String)]);
    const { seconds, mebibytes } = JSON.parse(stdout) as { seconds: number; mebibytes: number };
    return {
      what: 'the same by surface-distance',
      seconds: [seconds],
      median: seconds,
      addedMebibytes: mebibytes,
      ratio: seconds / ours,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Forty ellipsoids on a grid of eight by five, of the sizes that organs have, moved by some voxels. */
function ellipsoids(moved: number): Uint8Array {
  const [slices, rows, columns] = SHAPE;
  const voxels = new Uint8Array(slices * rows * columns);
  const [height, width] = [rows / 5, columns / 8];
  let at = 0;
  for (let slice = 0; slice < slices; slice += 1) {
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1, at += 1) {
        const [a, b] = [Math.floor(row / height), Math.floor(column / width)];
        const x = (column - (b + 0.5) * width - moved) / (0.48 * width);
        const y = (row - (a + 0.5) * height + moved) / (0.48 * height);
        const z = (slice - slices / 2 - moved) / (slices * (0.2 + 0.007 * (8 * a + b)));
        if (x * x + y * y + z * z < 1) voxels[at] = 8 * a + b + 1;
      }
    }
  }
  return voxels;
}
