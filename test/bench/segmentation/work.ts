import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { join } from 'node:path';
import { onnxRuntimeEngine } from '../../../src/segmentation/engine/onnx-runtime.ts';
import { exportTaps } from '../../../src/segmentation/export/axis-taps.ts';
import { labelExporter } from '../../../src/segmentation/export/label-exporter.ts';
import { packLabels, unpackLabels } from '../../../src/jobs/labels-codec.ts';
import { createCompute } from '../../../src/jobs/compute.ts';
import { loadModel, segment } from '../../../src/segmentation/index.ts';
import { BlendRing } from '../../../src/segmentation/inference/blend.ts';
import { gaussianMap } from '../../../src/segmentation/inference/gaussian.ts';
import { tile } from '../../../src/segmentation/inference/tiles.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { preprocess } from '../../../src/segmentation/preprocess/preprocess.ts';
import { resizeVolume } from '../../../src/segmentation/preprocess/resize-image.ts';
import { floats, readRows, readVoxels, volumeOf, voxelsOf, writeFloats } from './arrays.ts';

/** What a process is told about its case. */
export interface CaseParameters {
  readonly runs: number;
  readonly threads: number;
  readonly shape: Vec3;
  readonly spacing: Vec3;
  readonly target: Vec3;
  readonly patch: Vec3;
  readonly heads: number;
  readonly grid: Vec3;
  readonly gridSpacing: Vec3;
  readonly output: Vec3;
  readonly outputSpacing: Vec3;
  /** Folder of a model of ours. */
  readonly directory: string;
}

/** One run: nothing, or the seconds that count if not all do, and figures to report. */
export type Run = () => Promise<RunResult> | RunResult;
export interface RunResult {
  readonly seconds?: number;
  readonly figures?: Readonly<Record<string, unknown>>;
}

type Work = (folder: string, parameters: CaseParameters) => Promise<Run> | Run;

const RESAMPLING = { order: 1, forceSeparateZ: null, anisotropyThreshold: 3 } as const;
const NONE = {};

/** The cases by name; each reads its arrays first, which is not measured. */
export const WORK: Readonly<Record<string, Work>> = {
  resize(folder, { shape, target }) {
    const image = readVoxels(folder);
    return () => {
      resizeVolume(image, shape, target, 3, () => undefined);
      return NONE;
    };
  },

  async preprocess(folder, { shape, spacing, directory }) {
    const volume = volumeOf(readVoxels(folder), shape, spacing);
    const { plan } = (await loadModel(directory)).manifest;
    return () => {
      const input = preprocess(volume.voxels, volume, plan, 'true', () => undefined);
      return { figures: { grid: input.shape } };
    };
  },

  async network(folder, { patch, threads, directory }) {
    const values = floats(join(folder, 'patch.f32'));
    const engine = onnxRuntimeEngine({ device: 'cpu', threads });
    const network = await engine.open(join(directory, 'fold-0.onnx'), 1, patch);
    return async () => {
      const logits = await network.run(values);
      writeFloats(join(folder, 'ours.f32'), logits);
      return NONE;
    };
  },

  accumulate(_folder, { patch, heads }) {
    const tiling = tile([patch[0], patch[1], patch[2] + Math.floor(patch[2] / 2)], patch);
    const logits = Float32Array.from({ length: heads * voxelsOf(patch) }, (_, i) =>
      Math.sin(i * 0.37),
    );
    const ring = new BlendRing(tiling, heads, gaussianMap(patch));
    ring.begin(() => undefined);
    return () => {
      const started = performance.now();
      ring.add(logits, [0, 0, 0]);
      const seconds = (performance.now() - started) / 1000;
      return { seconds, figures: { nanosecondsPerElement: (seconds * 1e9) / logits.length } };
    };
  },

  export(folder, { heads, grid, gridSpacing, output, outputSpacing }) {
    return () => {
      const labels = new Uint8Array(voxelsOf(output));
      const taps = exportTaps(grid, output, gridSpacing, outputSpacing, RESAMPLING);
      const view = {
        shape: output,
        stride: [output[1] * output[2], output[2], 1],
        base: 0,
      } as const;
      const rule = { kind: 'argmax' } as const;
      let spent = 0;
      const timed = <T>(work: () => T): T => {
        const started = performance.now();
        const result = work();
        spent += performance.now() - started;
        return result;
      };
      const exporter = timed(() => labelExporter({ shape: grid, heads, rule, taps, view }, labels));
      readRows(folder, heads, grid, (z, row) => {
        timed(() => {
          exporter.push(z, row);
        });
      });
      writeFileSync(join(folder, 'ours.u8'), labels);
      const foreground = labels.reduce((sum, label) => sum + (label === 0 ? 0 : 1), 0);
      return { seconds: spent / 1000, figures: { foreground: foreground / labels.length } };
    };
  },

  /** What a node does with a target from the volume to the findings, of which its event loop must not notice much. */
  async node(folder, { shape, spacing, directory, threads }) {
    const model = await loadModel(directory);
    const source = readVoxels(folder);
    const voxels = new Float32Array(new SharedArrayBuffer(source.byteLength));
    voxels.set(source);
    const volume = volumeOf(voxels, shape, spacing);
    return async () => {
      const compute = createCompute();
      const delay = monitorEventLoopDelay({ resolution: 1 });
      const blocks: Record<string, number> = {};
      const watched = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
        delay.reset();
        delay.enable();
        const result = await work();
        delay.disable();
        blocks[name] = delay.max / 1e6;
        return result;
      };
      const labels = await watched('segment', () =>
        segment(volume, model, { folds: 'all', device: 'cpu', threads, spacingMode: 'true' }),
      );
      const packed = await watched('pack', () => packLabels(labels));
      const unpacked = await watched('unpack', () => unpackLabels(packed));
      await watched('measure', () =>
        compute.measure(
          { volume, labels: unpacked, structures: [], order: {} },
          new AbortController().signal,
        ),
      );
      await compute.stop();
      const longest = Math.max(...Object.values(blocks));
      return { figures: { longestEventLoopBlockMs: longest, blocks, peak: labels.run.peakBytes } };
    };
  },

  async job(folder, { shape, spacing, directory, threads }) {
    const volume = volumeOf(readVoxels(folder), shape, spacing);
    const model = await loadModel(directory);
    return async () => {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const started = performance.now();
      const labels = await segment(volume, model, {
        folds: 'all',
        device: 'cpu',
        threads,
        spacingMode: 'true',
      });
      const seconds = (performance.now() - started) / 1000;
      delay.disable();
      writeFileSync(join(folder, 'ours.u8'), labels.voxels);
      const { peakBytes = 0, estimatedBytes = 0, patches, seconds: phases } = labels.run;
      const network = (phases['network'] ?? 0) + (phases['load'] ?? 0);
      return {
        seconds,
        figures: {
          phases,
          patches,
          shareOutsideNetwork: 1 - network / seconds,
          processPeakBytes: peakBytes,
          estimatedBytes,
          estimateToPeak: estimatedBytes / peakBytes,
          longestEventLoopBlockMs: delay.max / 1e6,
        },
      };
    };
  },
};
