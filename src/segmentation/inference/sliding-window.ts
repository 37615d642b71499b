import { tmpdir } from 'node:os';
import type { PatchNetwork } from '../engine/engine.ts';
import type { InferencePlan, Vec3 } from '../plans/plan.ts';
import { releaseMemory } from '../release-memory.ts';
import type { InferenceSettings } from '../settings.ts';
import { BlendRing, type RowSink } from './blend.ts';
import { FoldEnsemble } from './ensemble.ts';
import { gaussianMap } from './gaussian.ts';
import { inOrder } from './in-order.ts';
import { predictPatch } from './mirroring.ts';
import type { Tiling } from './tiles.ts';
import { extractPatch, patchCount, tile } from './tiles.ts';

export interface SlidingWindow {
  /** Row-major preprocessed volume, transposed order. */
  readonly values: Float32Array;
  readonly shape: Vec3;
  readonly plan: InferencePlan;
  readonly settings: InferenceSettings;
  readonly folds: number;
  /** Folder for sums of several folds; default the system's for temporary files. */
  readonly scratch?: string;
  /** Loads the network of fold number `index` of those that run. */
  readonly open: (index: number) => Promise<PatchNetwork>;
  /** Called before each patch; may throw to stop. */
  readonly tick: (done: number, total: number) => void;
  /** Waits for the answer of a network that runs several patches at a time; for clocks. */
  readonly wait?: <T>(answer: () => Promise<T>) => Promise<T>;
}

/**
 * Runs every fold over every patch and hands the blended, averaged logits to `sink` row by row (nnunet-inference §3).
 * One network is open at a time.
 * @returns how many patches one fold has
 */
export async function slideWindow(work: SlidingWindow, sink: RowSink): Promise<number> {
  const { plan } = work;
  const tiling = tile(
    work.shape,
    plan.patchSize,
    work.settings.stepSize,
    plan.architecture.dimensions,
  );
  const mirrorAxes = work.settings.mirroring ? plan.mirrorAxes : [];
  const perFold = patchCount(tiling);
  const weights = gaussianMap(plan.patchSize);
  const { heads } = plan.architecture;
  const rowLength = heads * work.shape[1] * work.shape[2];
  const ensemble = new FoldEnsemble(work.folds, rowLength, work.scratch ?? tmpdir(), sink);
  const newPatch = (): Float32Array<ArrayBuffer> =>
    new Float32Array(plan.patchSize[0] * plan.patchSize[1] * plan.patchSize[2]);
  const ring = new BlendRing(tiling, heads, weights);
  let done = 0;
  const next = (): void => {
    work.tick(done, perFold * work.folds);
    done += 1;
  };
  try {
    for (let fold = 0; fold < work.folds; fold += 1) {
      const network = await work.open(fold);
      try {
        ring.begin(ensemble.sinkFor(fold));
        const predict = (start: Vec3, patch = newPatch()): Promise<Float32Array> => {
          extractPatch(work.values, tiling, start, patch);
          return predictPatch(network, patch, plan.patchSize, mirrorAxes);
        };
        if (network.parallel === undefined) await oneByOne(tiling, ring, predict, newPatch(), next);
        else await together(tiling, ring, predict, network.parallel, work.wait, next);
        ring.finish();
      } finally {
        await network.close();
      }
    }
  } finally {
    ensemble.close();
  }
  work.tick(done, done);
  return perFold;
}

type Predict = (start: Vec3, patch?: Float32Array<ArrayBuffer>) => Promise<Float32Array>;

/** On this host: an answer is given up before the next patch runs, since both may be hundreds of megabytes. */
async function oneByOne(
  tiling: Tiling,
  ring: BlendRing,
  predict: Predict,
  patch: Float32Array<ArrayBuffer>,
  next: () => void,
): Promise<void> {
  const addOne = async (start: Vec3): Promise<number> => {
    const logits = await predict(start, patch);
    ring.add(logits, start);
    return logits.byteLength;
  };
  for (const start of inTurn(tiling)) {
    next();
    await releaseMemory(await addOne(start));
  }
}

/** On a server: several patches are under way at a time; they are added in order. */
async function together(
  tiling: Tiling,
  ring: BlendRing,
  predict: Predict,
  limit: number,
  wait: SlidingWindow['wait'],
  next: () => void,
): Promise<void> {
  const answers = inOrder(inTurn(tiling), limit, (start) => predict(start));
  for (;;) {
    const answer = await (wait === undefined ? answers.next() : wait(() => answers.next()));
    if (answer.done === true) break;
    next();
    const [start, logits] = answer.value;
    ring.add(logits, start);
  }
}

/** Axis 0 outermost: the order of nnU-Net, which is that of the additions. */
function* inTurn({ starts }: Tiling): Generator<Vec3> {
  for (const z of starts[0]) for (const y of starts[1]) for (const x of starts[2]) yield [z, y, x];
}
