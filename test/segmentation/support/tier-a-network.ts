import type { PatchNetwork } from '../../../src/segmentation/engine/engine.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { noise32 } from './tier-a-formulas.ts';

/**
 * `FormulaNetwork` of `goldens/tier_a/nnunet_bits.py`: the logit of channel k is (x · gain_k) · fold + pattern_k, each
 * operation rounded to binary32.
 */
export function formulaNetwork(heads: number, patch: Vec3, fold: number): PatchNetwork {
  const voxels = patch[0] * patch[1] * patch[2];
  const gains = Array.from({ length: heads }, (_, k) => 1 + 0.25 * k - (k % 3 === 2 ? 2 : 0));
  const patterns = gains.map((_, k) => noise32(900 + k, voxels, 6));
  return {
    run: (input) => {
      const answer = new Float32Array(heads * voxels);
      for (const [k, gain] of gains.entries()) {
        const pattern = patterns[k];
        for (let i = 0; i < voxels; i += 1) {
          const scaled = Math.fround(Math.fround((input[i] ?? 0) * gain) * fold);
          answer[k * voxels + i] = scaled + (pattern?.[i] ?? 0);
        }
      }
      return Promise.resolve(answer);
    },
    close: () => Promise.resolve(),
  };
}
