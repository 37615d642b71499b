import { describe, expect, it } from '@jest/globals';
import { writeNetwork } from '../../../src/segmentation/onnx/unet.ts';
import type { Architecture, Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { errorOf } from '../support/errors.ts';
import { formulaPatch, formulaWeights, worstDifference } from '../support/formula.ts';
import type { GoldenHeader } from '../support/golden-networks.ts';
import { goldenNames, openGoldenNetwork, runOnce } from '../support/golden-networks.ts';

interface NetHeader extends GoldenHeader {
  readonly architecture: Architecture;
  readonly patch: Vec3;
}

/** Case B2 of nnunet-inference §6. */
describe('whole networks against torch', () => {
  it.each(goldenNames('nets'))('%s: patch logits within 2e-5 of the largest', async (name) => {
    const { header, sample } = openGoldenNetwork<NetHeader>('nets', name);
    const { architecture, patch, seed } = header;
    const model = writeNetwork(architecture, patch, formulaWeights(header.weights, seed));
    const answer = await runOnce(model, 1, patch, formulaPatch(1, patch, seed));
    expect(answer.length).toBe(architecture.heads * patch[0] * patch[1] * patch[2]);
    expect(worstDifference(answer, sample, header.every)).toBeLessThanOrEqual(
      2e-5 * header.largest,
    );
  });

  it('refuses 2-D weights for a 3-D network and the other way round', () => {
    const { header } = openGoldenNetwork<NetHeader>('nets', 'flat-5');
    const weights = formulaWeights(header.weights, header.seed);
    const solid: Architecture = { ...header.architecture, dimensions: 3 };
    const error = errorOf(() => writeNetwork(solid, header.patch, weights));
    expect(error?.code).toBe('CHECKPOINT_WEIGHTS');
    expect(error?.message).toContain('6×1×3×3, the plans ask for 6×1×1×3×3');
  });
});
