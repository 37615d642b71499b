import type { RemoteRun } from '../contracts/index.ts';
import type { Device, Engine, Placement, VolumeMode } from './engine/engine.ts';
import type { RemoteTask } from './engine/kserve-settings.ts';
import { placeBox } from './engine/volume-labels.ts';
import { exportTaps } from './export/axis-taps.ts';
import { labelExporter } from './export/label-exporter.ts';
import { keepSlices, splitPieces } from './inference/pieces.ts';
import { slideWindow } from './inference/sliding-window.ts';
import { patchCount, tile } from './inference/tiles.ts';
import type { InferencePlan } from './plans/plan.ts';
import { targetSpacing } from './plans/spacing.ts';
import { readerView } from './preprocess/grid-view.ts';
import type { Grid, SpacingMode } from './preprocess/preprocess.ts';
import { preprocess } from './preprocess/preprocess.ts';
import { releaseMemory } from './release-memory.ts';
import type { InferenceSettings } from './settings.ts';

export type Phase = 'preprocess' | 'network' | 'export';

/** Told what is done; may throw to stop the work. */
export type Watch = (phase: Phase, done: number, total: number) => void;

/** Everything the work needs; no paths but those of the networks, nothing of DICOM. */
export interface SegmentTask {
  /** Given up, and empty then, as soon as the last of them is preprocessed. */
  voxels: Float32Array<ArrayBuffer>;
  readonly grid: Grid;
  readonly plan: InferencePlan;
  /** ONNX files of the folds that run, in order. */
  readonly networks: readonly string[];
  readonly spacingMode: SpacingMode;
  readonly settings: InferenceSettings;
  readonly device: Device;
  /** Which graphics card; default 0. */
  readonly deviceId?: number;
  /** Bytes that a graphics card may be asked for; null: as many as it has. */
  readonly deviceMemoryLimit?: number | null;
  /** Default: as it is best for the device. */
  readonly volumes?: VolumeMode;
  /** Where networks run with the device `kserve`. */
  readonly remote?: RemoteTask;
  readonly threads: number;
  /** Folder for large temporary files; default the system's. */
  readonly scratch?: string;
}

export interface SegmentOutcome {
  /** On the source grid, index as in `Volume`. */
  readonly labels: Uint8Array<ArrayBuffer>;
  readonly engine: string;
  readonly device: Device;
  readonly remote?: RemoteRun;
  /** Where nodes ran, as the runtime tells it; absent where there is only one place. */
  readonly placement?: Placement;
  /** Patches of one fold, of all pieces. */
  readonly patches: number;
  /** Seconds in each phase: preprocess, load, network, blend, export, total. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** From voxels to labels (nnunet-inference §0), in this thread. */
export async function runPipeline(
  task: SegmentTask,
  engine: Engine,
  watch: Watch,
): Promise<SegmentOutcome> {
  const { grid, plan, settings } = task;
  const clock = new PhaseClock();
  const view = readerView(grid.affine, grid.shape, plan.orientation);
  const pieces = splitPieces(view.shape[0], settings.splitLevel);
  const labels = new Uint8Array(task.voxels.length);
  let patches = 0;
  for (const [index, { start, end, kept }] of pieces.entries()) {
    const labelsOfPiece = pieces.length === 1 ? labels : new Uint8Array(labels.length);
    patches += await runPiece({
      task,
      engine,
      clock,
      slices: [start, end],
      isLast: index === pieces.length - 1,
      labels: labelsOfPiece,
      watch: (phase, done, total) => {
        watch(phase, index * total + done, pieces.length * total);
      },
    });
    if (labelsOfPiece !== labels) keepSlices(labelsOfPiece, labels, view, kept);
  }
  const placement = engine.placement?.() ?? null;
  return {
    labels,
    engine: engine.name,
    device: engine.device,
    ...(engine.remote === undefined ? {} : { remote: engine.remote }),
    ...(placement === null ? {} : { placement }),
    patches,
    seconds: clock.seconds(),
  };
}

interface PieceWork {
  readonly task: SegmentTask;
  readonly engine: Engine;
  readonly clock: PhaseClock;
  /** [start, end) of the turned array. */
  readonly slices: readonly [number, number];
  readonly isLast: boolean;
  /** The source array's labels, all 0. */
  readonly labels: Uint8Array;
  readonly watch: Watch;
}

/** Writes the labels of some slices, which are a volume of their own for every step. @returns its patches */
async function runPiece(work: PieceWork): Promise<number> {
  const { task, engine, clock, labels, watch } = work;
  const { plan, grid, settings } = task;
  const input = clock.time('preprocess', () =>
    preprocess(
      task.voxels,
      grid,
      plan,
      task.spacingMode,
      (done, total) => {
        watch('preprocess', done, total);
      },
      work.slices,
    ),
  );
  if (work.isLast) task.voxels = new Float32Array();
  // The cropped voxels, and the planes between source and target.
  await releaseMemory(Number.POSITIVE_INFINITY);
  const taps = exportTaps(
    input.shape,
    input.view.shape,
    targetSpacing(plan, input.toldSpacing),
    input.toldSpacing,
    plan.resampleLogits,
  );
  const { heads, inputChannels, dimensions } = plan.architecture;
  const tick = (done: number, total: number): void => {
    watch('network', done, total);
  };
  if (engine.labelVolume !== undefined) {
    const tiling = tile(input.shape, plan.patchSize, settings.stepSize, dimensions);
    const box = await engine.labelVolume({
      values: input.values,
      geometry: {
        tiling,
        inputChannels,
        heads,
        folds: task.networks.length,
        rule: plan.labelRule,
        taps,
        mirrorAxes: settings.mirroring ? plan.mirrorAxes : [],
      },
      networks: task.networks,
      tick,
      time: (phase, part) => clock.timeAsync(phase, part),
    });
    if (box !== null) {
      placeBox(box, labels, input.view);
      watch('export', 1, 1);
      return patchCount(tiling);
    }
  }
  const exporter = labelExporter(
    { shape: input.shape, heads, rule: plan.labelRule, taps, view: input.view },
    labels,
  );
  const patches = await slideWindow(
    {
      values: input.values,
      shape: input.shape,
      plan,
      settings,
      folds: task.networks.length,
      ...(task.scratch === undefined ? {} : { scratch: task.scratch }),
      open: async (fold) => {
        const network = await clock.timeAsync('load', () =>
          engine.open(task.networks[fold] ?? '', inputChannels, plan.patchSize),
        );
        if (network.parallel !== undefined) return network;
        return {
          run: (patch) => clock.timeAsync('network', () => network.run(patch)),
          close: () => network.close(),
        };
      },
      tick,
      wait: (answer) => clock.timeAsync('network', answer),
    },
    (z, logits) => {
      clock.time('export', () => {
        exporter.push(z, logits);
      });
    },
  );
  watch('export', 1, 1);
  return patches;
}

/** Adds up the time of phases that take turns. What no phase claims is blending. */
class PhaseClock {
  private readonly start = performance.now();
  private readonly spent: Record<string, number> = {
    preprocess: 0,
    load: 0,
    network: 0,
    export: 0,
  };

  time<T>(phase: string, work: () => T): T {
    const begin = performance.now();
    const result = work();
    this.add(phase, performance.now() - begin);
    return result;
  }

  async timeAsync<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await work();
    this.add(phase, performance.now() - begin);
    return result;
  }

  seconds(): Record<string, number> {
    const total = performance.now() - this.start;
    const named = Object.values(this.spent).reduce((sum, milliseconds) => sum + milliseconds, 0);
    const all = { ...this.spent, blend: total - named, total };
    return Object.fromEntries(Object.entries(all).map(([phase, ms]) => [phase, ms / 1000]));
  }

  private add(phase: string, milliseconds: number): void {
    this.spent[phase] = (this.spent[phase] ?? 0) + milliseconds;
  }
}
