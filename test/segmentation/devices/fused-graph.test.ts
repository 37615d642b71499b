import { describe, expect, it } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import {
  createSession,
  openRuntime,
  runSession,
} from '../../../src/segmentation/engine/session.ts';
import { padVolume } from '../../../src/segmentation/engine/volume-labels.ts';
import { copyTaps } from '../../../src/segmentation/export/axis-taps.ts';
import { FUSED, writeFusedGraph } from '../../../src/segmentation/fused/fused-graph.ts';
import { scheduleGroups } from '../../../src/segmentation/fused/schedule.ts';
import { gaussianMap } from '../../../src/segmentation/inference/gaussian.ts';
import { tile } from '../../../src/segmentation/inference/tiles.ts';

const SHAPE = [9, 7, 10] as const;
const PATCH = [4, 8, 6] as const;
const runtime = openRuntime({ device: 'cpu', threads: 1 });

/** Labels and the count of unusable logits for a "network" with the logits 0 and `scale` · voxel. */
async function label(
  values: Float32Array,
  scale: number,
): Promise<{ readonly labels: readonly number[]; readonly unusable: number | undefined }> {
  const tiling = tile(SHAPE, PATCH);
  const taps = [copyTaps(9, 9), copyTaps(7, 7), copyTaps(10, 10)] as const;
  const rule = { kind: 'argmax' } as const;
  const base = { tiling, taps, rule, inputChannels: 1, heads: 2, folds: 1, mirrorAxes: [0, 2] };
  const model = writeFusedGraph(base, scheduleGroups(tiling, taps), [
    (graph, patch) => {
      const times = (factor: number): string =>
        graph.node('Mul', [patch, graph.scalar(`factor_${factor}`, factor)]);
      return graph.node('Concat', [times(0), times(scale)], { axis: { int: 1 } });
    },
  ]);
  const session = await createSession(runtime, { model, hostNodes: true });
  const answer = await runSession(runtime, session, {
    [FUSED.volume]: new ort.Tensor('float32', padVolume(values, tiling), [1, 1, ...tiling.padded]),
    [FUSED.weights]: new ort.Tensor('float32', gaussianMap(PATCH), [1, 1, ...PATCH]),
  });
  await session.release();
  const labels = [...(answer[FUSED.labels]?.data as Uint8Array)].slice(SHAPE[1] * SHAPE[2]);
  return { labels, unusable: (answer[FUSED.unusable]?.data as Float32Array)[0] };
}

describe('the fused graph', () => {
  const values = Float32Array.from({ length: 9 * 7 * 10 }, (_, i) => ((i * 37) % 101) - 50);

  it('labels each voxel at its own place, through padding, overlaps and mirrored copies', async () => {
    const { labels, unusable } = await label(values, 1);
    expect(labels).toEqual([...values].map((value) => (value > 0 ? 1 : 0)));
    expect(unusable).toBe(0);
  });

  it('tells of logits that half precision can not hold', async () => {
    expect((await label(values, 1e6)).unusable).toBeGreaterThan(0);
    expect((await label(values, Number.NaN)).unusable).toBeGreaterThan(0);
  });
});
