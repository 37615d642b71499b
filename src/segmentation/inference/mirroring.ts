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
  const sum = plain.slice();
  const mirrored = new Float32Array(patch.length);
  const [, , width] = shape;
  for (const axes of combinations) {
    const step = axes.includes(2) ? -1 : 1;
    visitLines(shape, axes, 1, (at, flipped) => {
      copyLine(mirrored, at, patch, flipped, width, step);
    });
    const answer = await network.run(mirrored);
    visitLines(shape, axes, sum.length / patch.length, (at, flipped) => {
      addLine(sum, at, answer, flipped, width, step);
    });
  }
  const count = combinations.length + 1;
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) / count;
  return sum;
}

/** Calls back with the start of each line of [channels, shape…] and the element that mirrors it. */
function visitLines(
  shape: Vec3,
  axes: readonly number[],
  channels: number,
  visit: (at: number, flipped: number) => void,
): void {
  const [n0, n1, n2] = shape;
  const flip = (axis: number, i: number, n: number): number =>
    axes.includes(axis) ? n - 1 - i : i;
  for (let channel = 0; channel < channels; channel += 1) {
    for (let a = 0; a < n0; a += 1) {
      const plane = (channel * n0 + a) * n1;
      const mirrored = (channel * n0 + flip(0, a, n0)) * n1;
      for (let b = 0; b < n1; b += 1) {
        visit((plane + b) * n2, (mirrored + flip(1, b, n1)) * n2 + flip(2, 0, n2));
      }
    }
  }
}

function copyLine(
  target: Float32Array,
  at: number,
  source: Float32Array,
  from: number,
  length: number,
  step: number,
): void {
  for (let i = 0; i < length; i += 1) target[at + i] = source[from + i * step] ?? 0;
}

function addLine(
  target: Float32Array,
  at: number,
  source: Float32Array,
  from: number,
  length: number,
  step: number,
): void {
  for (let i = 0; i < length; i += 1) {
    target[at + i] = (target[at + i] ?? 0) + (source[from + i * step] ?? 0);
  }
}
