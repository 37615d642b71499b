import type { PatchNetwork } from '../engine/engine.ts';
import type { InferencePlan, Vec3 } from '../plans/plan.ts';
import type { InferenceSettings } from '../settings.ts';
import { BlendRing, type RowSink } from './blend.ts';
import { FoldEnsemble } from './ensemble.ts';
import { gaussianMap } from './gaussian.ts';
import { predictPatch } from './mirroring.ts';
import { extractPatch, patchCount, tile } from './tiles.ts';

export interface SlidingWindow {
  /** Row-major preprocessed volume, transposed order. */
  readonly values: Float32Array;
  readonly shape: Vec3;
  readonly plan: InferencePlan;
  readonly settings: InferenceSettings;
  readonly folds: number;
  /** Loads the network of fold number `index` of those that run. */
  readonly open: (index: number) => Promise<PatchNetwork>;
  /** Called before each patch; may throw to stop. */
  readonly tick: (done: number, total: number) => void;
}

/**
 * Runs every fold over every patch and hands the blended, averaged logits to `sink` row by row (nnunet-inference §3).
 * One network is open at a time.
 * @returns how many patches one fold has
 */
export async function slideWindow(work: SlidingWindow, sink: RowSink): Promise<number> {
  const { plan } = work;
  const tiling = tile(work.shape, plan.patchSize, work.settings.stepSize);
  const mirrorAxes = work.settings.mirroring ? plan.mirrorAxes : [];
  const perFold = patchCount(tiling);
  const weights = gaussianMap(plan.patchSize);
  const { heads } = plan.architecture;
  const rowLength = heads * work.shape[1] * work.shape[2];
  const ensemble = new FoldEnsemble(work.folds, work.shape[0], rowLength, sink);
  const patch = new Float32Array(plan.patchSize[0] * plan.patchSize[1] * plan.patchSize[2]);
  let done = 0;
  for (let fold = 0; fold < work.folds; fold += 1) {
    const network = await work.open(fold);
    try {
      const ring = new BlendRing(tiling, heads, weights, ensemble.sinkFor(fold));
      for (const z of tiling.starts[0]) {
        for (const y of tiling.starts[1]) {
          for (const x of tiling.starts[2]) {
            work.tick(done, perFold * work.folds);
            extractPatch(work.values, tiling, [z, y, x], patch);
            ring.add(await predictPatch(network, patch, plan.patchSize, mirrorAxes), [z, y, x]);
            done += 1;
          }
        }
      }
      ring.finish();
    } finally {
      await network.close();
    }
  }
  work.tick(done, done);
  return perFold;
}
