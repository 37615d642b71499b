import type { PatchNetwork } from '../engine/engine.ts';
import type { Vec3 } from '../plans/plan.ts';

/** Combinations of axes in nnU-Net's order, without the empty one (nnunet-inference §3.4). */
const COMBINATIONS: readonly (readonly number[])[] = [
  [0],
  [1],
  [2],
  [0, 1],
  [0, 2],
  [1, 2],
  [0, 1, 2],
];

export function mirrorCombinations(axes: readonly number[]): (readonly number[])[] {
  return COMBINATIONS.filter((combination) => combination.every((axis) => axes.includes(axis)));
}

/** The network's answer to a patch, averaged over mirrored copies in binary32 where the model allows it. */
export async function predictPatch(
  network: PatchNetwork,
  patch: Float32Array<ArrayBuffer>,
  shape: Vec3,
  mirrorAxes: readonly number[],
): Promise<Float32Array> {
  const combinations = mirrorCombinations(mirrorAxes);
  const plain = await network.run(patch);
  if (combinations.length === 0) return plain;
  const sum = Float32Array.from(plain);
  const mirrored = new Float32Array(patch.length);
  for (const axes of combinations) {
    visitFlipped(shape, axes, 1, (at, flipped) => {
      mirrored[at] = patch[flipped] ?? 0;
    });
    const answer = await network.run(mirrored);
    visitFlipped(shape, axes, sum.length / patch.length, (at, flipped) => {
      sum[at] = (sum[at] ?? 0) + (answer[flipped] ?? 0);
    });
  }
  const count = combinations.length + 1;
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) / count;
  return sum;
}

/** Calls back with each index of [channels, shape…] and the index of its mirror image. */
function visitFlipped(
  shape: Vec3,
  axes: readonly number[],
  channels: number,
  visit: (at: number, flipped: number) => void,
): void {
  const [n0, n1, n2] = shape;
  const flip = (axis: number, i: number, n: number): number =>
    axes.includes(axis) ? n - 1 - i : i;
  let at = 0;
  for (let channel = 0; channel < channels; channel += 1) {
    for (let a = 0; a < n0; a += 1) {
      const plane = (channel * n0 + flip(0, a, n0)) * n1;
      for (let b = 0; b < n1; b += 1) {
        const line = (plane + flip(1, b, n1)) * n2;
        const reversed = axes.includes(2);
        for (let c = 0; c < n2; c += 1) {
          visit(at, line + (reversed ? n2 - 1 - c : c));
          at += 1;
        }
      }
    }
  }
}
