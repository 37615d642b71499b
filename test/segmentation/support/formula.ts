import type { Tensor } from '../../../src/segmentation/checkpoint/tensors.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { noise } from './nnunet-files.ts';

/** `goldens/networks/formula.py` in TypeScript: the same numbers, so that no network need be stored. */

function seedOf(name: string, seed: number): number {
  let value = (2_166_136_261 ^ seed) >>> 0;
  for (const byte of Buffer.from(name)) value = Math.imul(value ^ byte, 16_777_619) >>> 0;
  return value;
}

function weights(name: string, shape: readonly number[], seed: number): Tensor {
  const random = noise(seedOf(name, seed));
  const length = shape.reduce((product, n) => product * n, 1);
  const [first = 1] = shape;
  const scale = `.${name}`.includes('.transpconvs.') ? first : length / first;
  const bound = Math.sqrt(6 / scale);
  const value = (): number => {
    if (shape.length > 1) return random() * bound;
    return name.endsWith('norm.weight') ? 1 + 0.4 * random() : 0.2 * random();
  };
  return { shape: [...shape], values: Float32Array.from({ length }, value) };
}

export function formulaWeights(
  shapes: Readonly<Record<string, readonly number[]>>,
  seed: number,
): Map<string, Tensor> {
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, weights(name, shape, seed)]));
}

/** [channels, patch…]: noise on ramps, and stripes of one value. */
export function formulaPatch(
  channels: number,
  patch: Vec3,
  seed: number,
): Float32Array<ArrayBuffer> {
  const [n0, n1, n2] = patch;
  const random = noise(seed);
  return Float32Array.from({ length: channels * n0 * n1 * n2 }, (_, at) => {
    const c = at % n2;
    const b = Math.floor(at / n2) % n1;
    const a = Math.floor(at / (n1 * n2)) % n0;
    const value = 0.5 * random() + (((7 * a + 3 * b + 5 * c) % 32) / 16 - 1);
    return (a + b + c) % 24 < 12 ? -1 : value;
  });
}

/** How far the answer is from the sample of torch's: every `every`th number of it. */
export function worstDifference(
  answer: Float32Array,
  sample: ArrayLike<number>,
  every: number,
): number {
  let worst = 0;
  for (let i = 0; i < sample.length; i += 1) {
    const difference = Math.abs((answer[i * every] ?? Number.NaN) - (sample[i] ?? Number.NaN));
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}
