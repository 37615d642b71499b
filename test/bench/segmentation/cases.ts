import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { voxelsOf, writeFloats, writeRows, writeVoxels } from './arrays.ts';
import type { LogitKind } from '../logits.ts';
import { plainUnetFolder } from '../../segmentation/support/plain-unet.ts';
import { fullSizeModel, makeModel, type BenchModel } from './models.ts';
import type { CaseParameters } from './work.ts';

/** One thing to measure. */
export interface BenchCase {
  readonly what: string;
  /** Key of `WORK`, and of the peer's script where `compared`. */
  readonly work: string;
  readonly compared: boolean;
  readonly parameters: Partial<CaseParameters>;
  /** What must be reached, in words of design §10 and issue 4. */
  readonly goal?: string;
  /** Writes the arrays into the case's folder; answers what else the case needs. */
  readonly prepare: (folder: string) => Promise<Prepared> | Prepared;
}

interface Prepared {
  readonly model?: BenchModel;
}

const HEADS = 41;
const LARGE: Vec3 = [300, 512, 512];
export const DEMO_MODEL = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'src',
  'demo',
  'models',
  'demo',
);
const size = (shape: Vec3): string => shape.join('×');

/** @param shelf folder in which models are kept from case to case */
export function segmentationCases(full: boolean, threads: number, shelf: string): BenchCase[] {
  const side = full ? 128 : 64;
  const patch: Vec3 = [side, side, side];
  let kept: Promise<BenchModel> | null = null;
  const model = async (): Promise<BenchModel> => (kept ??= fullSizeModel(shelf, side));
  const net = `full-size network (31 M weights, ${HEADS} heads, patch ${size(patch)})`;
  const all: BenchCase[] = [
    ...imageCases(full, model),
    {
      what: `one patch of the ${net}, ${threads} threads`,
      work: 'network',
      compared: true,
      goal: 'time ≥ 1.0× PyTorch',
      parameters: { runs: 3, threads, patch },
      prepare: async (folder) => {
        const values = Float32Array.from({ length: voxelsOf(patch) }, (_, i) => wavesAt(i, side));
        writeFloats(join(folder, 'patch.f32'), values);
        return { model: await model() };
      },
    },
    {
      what: `accumulate a patch of ${HEADS}×${size(patch)}`,
      work: 'accumulate',
      compared: false,
      goal: '≤ 5 % of the network’s time',
      parameters: { runs: 5, patch, heads: HEADS },
      prepare: () => ({}),
    },
    ...exportCases(full),
    job(`job with the ${net}`, full ? [80, 170, 170] : [45, 90, 90], threads, model),
    {
      what: 'job with the demo model',
      work: 'job',
      compared: false,
      parameters: {
        runs: 3,
        threads,
        shape: DEMO_SHAPE,
        spacing: DEMO_SPACING,
        directory: DEMO_MODEL,
      },
      prepare: (folder) => {
        writeVoxels(folder, DEMO_SHAPE);
        return {};
      },
    },
    {
      what: `event loop of a node while it segments and measures a CT of ${size(LARGE)}`,
      work: 'node',
      compared: false,
      goal: 'no block over 50 ms',
      parameters: { runs: 1, threads, shape: LARGE, spacing: [1, 0.8, 0.8] },
      prepare: async (folder) => {
        writeVoxels(folder, LARGE);
        const net = { features: [8, 16], convs: 1, patch: [32, 64, 64], heads: 3 } as const;
        return { model: await makeModel(join(shelf, 'coarse'), plainUnetFolder(net), [6, 6, 6]) };
      },
    },
  ];
  return all.filter(
    ({ parameters }) => parameters.directory === undefined || existsSync(parameters.directory),
  );
}

const DEMO_SHAPE: Vec3 = [60, 256, 256];
const DEMO_SPACING: Vec3 = [4, 1.5, 1.5];

function job(
  what: string,
  shape: Vec3,
  threads: number,
  model: () => Promise<BenchModel>,
): BenchCase {
  return {
    what: `${what}, MR ${size(shape)}, ${threads} threads`,
    work: 'job',
    compared: true,
    goal: 'share outside the network ≤ 10 %',
    parameters: { runs: 3, threads, shape, spacing: [3, 1.4, 1.4] },
    prepare: async (folder) => {
      writeVoxels(folder, shape);
      return { model: await model() };
    },
  };
}

function imageCases(full: boolean, model: () => Promise<BenchModel>): BenchCase[] {
  const shape: Vec3 = full ? [80, 256, 256] : [40, 160, 160];
  const [from, to]: [Vec3, Vec3] = [
    [122, 101, 112],
    [244, 202, 224],
  ];
  return [
    {
      what: `preprocess an MR of ${size(shape)}, one thread`,
      work: 'preprocess',
      compared: true,
      parameters: { runs: 3, threads: 1, shape, spacing: [3, 1.4, 1.4] },
      prepare: async (folder) => {
        writeVoxels(folder, shape);
        return { model: await model() };
      },
    },
    {
      what: `cubic resize ${size(from)} to ${size(to)}, one thread`,
      work: 'resize',
      compared: true,
      goal: 'time ≥ 8×',
      parameters: { runs: 5, threads: 1, shape: from, target: to },
      prepare: (folder) => {
        writeVoxels(folder, from);
        return {};
      },
    },
  ];
}

function exportCases(full: boolean): BenchCase[] {
  const grid: Vec3 = full ? [200, 256, 256] : [100, 128, 128];
  const output: Vec3 = full ? [100, 256, 256] : [50, 128, 128];
  const thick: [Vec3, Vec3] = full
    ? [
        [160, 256, 256],
        [80, 512, 512],
      ]
    : [
        [80, 128, 128],
        [40, 256, 256],
      ];
  const least = 'memory ≤ 1/10';
  return [
    exportCase('organs', grid, output, [1.5, 1.5, 1.5], [3, 1.5, 1.5], `time ≥ 20×, ${least}`),
    exportCase('noise', grid, output, [1.5, 1.5, 1.5], [3, 1.5, 1.5], `time ≥ 10×, ${least}`),
    exportCase('ties', grid, output, [1.5, 1.5, 1.5], [3, 1.5, 1.5], 'no label differs'),
    exportCase('organs', thick[0], thick[1], [2, 1.6, 1.6], [4, 0.8, 0.8], `time ≥ 100×, ${least}`),
    ...(full
      ? [
          {
            ...exportCase(
              'organs',
              [300, 273, 273],
              LARGE,
              [1.5, 1.5, 1.5],
              [1.5, 0.8, 0.8],
              '≤ 4 GiB',
            ),
            compared: false,
          },
        ]
      : []),
  ];
}

function exportCase(
  kind: LogitKind,
  grid: Vec3,
  output: Vec3,
  gridSpacing: Vec3,
  outputSpacing: Vec3,
  goal: string,
): BenchCase {
  const separate = Math.max(...outputSpacing) / Math.min(...outputSpacing) > 3;
  return {
    what: `export ${HEADS} channels of ${kind}, ${size(grid)} to ${size(output)}${separate ? ', separate-z' : ''}, one thread`,
    work: 'export',
    compared: true,
    goal,
    parameters: { runs: 3, threads: 1, heads: HEADS, grid, output, gridSpacing, outputSpacing },
    prepare: (folder) => {
      writeRows(folder, kind, HEADS, grid);
      return {};
    },
  };
}

function wavesAt(i: number, side: number): number {
  const x = i % side;
  const y = Math.floor(i / side) % side;
  const z = Math.floor(i / side ** 2);
  return Math.sin(0.21 * x) + Math.cos(0.17 * y) * Math.sin(0.13 * z);
}
