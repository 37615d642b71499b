import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { withoutTransposedConvolutions } from '../../../src/segmentation/engine/patch-network.ts';
import { probePatch } from '../../../src/segmentation/engine/probe.ts';
import {
  createSession,
  openRuntime,
  runSession,
} from '../../../src/segmentation/engine/session.ts';
import { readNetworkFile } from '../../../src/segmentation/fused/network-file.ts';
import { GOLDEN_NETWORKS } from '../support/golden-networks.ts';
import { importCase } from '../support/network-cases.ts';
import { temporaryFolder } from '../support/nnunet-folder.ts';

const runtime = openRuntime({ device: 'cpu', threads: 1 });
const CASES = join(GOLDEN_NETWORKS, 'cases');

describe('networks without transposed convolutions', () => {
  it.each(['ct-regions-thick', 'flat-mirrored', 'residual-block-plans'])(
    'answer as with them, %s',
    async (name) => {
      const model = await importCase(join(CASES, name), join(temporaryFolder(), 'model'));
      const { patchSize, architecture } = model.manifest.plan;
      const { inputChannels } = architecture;
      const file = join(model.directory, model.manifest.folds[0]?.file ?? '');
      expect(readNetworkFile(file).nodes.some((node) => node.operator === 'ConvTranspose')).toBe(
        true,
      );
      const patch = new ort.Tensor('float32', probePatch(inputChannels, patchSize), [
        1,
        inputChannels,
        ...patchSize,
      ]);
      const answers: Float32Array[] = [];
      for (const source of [
        { model: file },
        withoutTransposedConvolutions(file, inputChannels, patchSize),
      ]) {
        const session = await createSession(runtime, source);
        const { logits } = await runSession(runtime, session, { patch });
        answers.push(logits?.data as Float32Array);
        await session.release();
      }
      const [plain = new Float32Array(), rewritten = new Float32Array()] = answers;
      const scale = plain.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      const worst = plain.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (rewritten[i] ?? NaN))),
        0,
      );
      expect(rewritten.length).toBe(plain.length);
      expect(scale).toBeGreaterThan(0.1);
      expect(worst).toBeLessThanOrEqual(1e-5 * scale);
    },
  );
});
