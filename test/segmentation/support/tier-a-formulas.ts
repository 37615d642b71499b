/** The numbers of `goldens/tier_a/formulas.py`, bit by bit. */

const { imul } = Math;

/** u32 that look random: an integer hash of the index. */
export function hashed(seed: number, count: number): Uint32Array<ArrayBuffer> {
  const values = new Uint32Array(count);
  const start = imul(seed, 0x85ebca77);
  for (let i = 0; i < count; i += 1) {
    let x = (imul(i, 0x9e3779b1) + start) | 0;
    x ^= x >>> 16;
    x = imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = imul(x, 0x846ca68b);
    values[i] = x ^ (x >>> 16);
  }
  return values;
}

/** binary64 between offset ± scale. */
function noise64(seed: number, count: number, scale: number, offset = 0): Float64Array {
  return Float64Array.from(hashed(seed, count), (x) => (x / 2 ** 31 - 1) * scale + offset);
}

export function noise32(
  seed: number,
  count: number,
  scale: number,
  offset = 0,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  const source = hashed(seed, count);
  for (let i = 0; i < count; i += 1) {
    values[i] = ((source[i] ?? 0) / 2 ** 31 - 1) * scale + offset;
  }
  return values;
}

function noise16(
  seed: number,
  count: number,
  scale: number,
  offset = 0,
): Float16Array<ArrayBuffer> {
  return new Float16Array(noise64(seed, count, scale, offset));
}

/** Halves whose bits are base … base + spread - 1: neighbours in binary16. */
export function halvesNear(
  seed: number,
  count: number,
  base: number,
  spread: number,
): Float16Array<ArrayBuffer> {
  const bits = new Uint16Array(count);
  const source = hashed(seed, count);
  for (let i = 0; i < count; i += 1) bits[i] = base + (((source[i] ?? 0) >>> 8) % spread);
  return new Float16Array(bits.buffer);
}

export type LogitKind =
  | 'random'
  | 'small'
  | 'tiny'
  | 'one step apart'
  | 'ties'
  | 'leader'
  | 'leader by one step'
  | 'second everywhere'
  | 'organs';

/** Halves [heads, shape…] of some kind, random or made to mislead shortcuts of the export. */
export function logitsOf(
  kind: LogitKind,
  seed: number,
  heads: number,
  shape: readonly [number, number, number],
): Float16Array<ArrayBuffer> {
  const count = shape[0] * shape[1] * shape[2];
  switch (kind) {
    case 'random':
      return noise16(seed, heads * count, 8);
    case 'small':
      return noise16(seed, heads * count, 0.05);
    case 'tiny':
      return noise16(seed, heads * count, 2 ** -12);
    case 'one step apart':
      return halvesNear(seed, heads * count, 0x4800, 2);
    case 'ties':
      return halvesNear(seed, heads * count, 0x4500, 3);
    case 'leader':
      return leading(seed, heads, count, 4);
    case 'leader by one step':
      return leading(seed, heads, count, 1);
    case 'second everywhere':
      return perVoxel(heads, shape, second(seed, heads, shape));
    case 'organs':
      return perVoxel(heads, shape, organs(seed, heads, shape));
  }
}

/**
 * One channel leads at every sample by 1 to `most` steps: what interpolation can level to a tie, the more so as the samples
 * lie on both sides of 8, where the step doubles.
 */
function leading(
  seed: number,
  heads: number,
  count: number,
  most: number,
): Float16Array<ArrayBuffer> {
  const winner = 1 + (seed % (heads - 1));
  const bases = hashed(seed, count);
  const leads = hashed(seed + 1, heads * count);
  const bits = new Uint16Array(heads * count);
  for (let at = 0; at < bits.length; at += 1) {
    const base = 0x4700 + (((bases[at % count] ?? 0) >>> 8) % 512);
    const lead = 1 + (((leads[at] ?? 0) >>> 8) % most);
    bits[at] = Math.floor(at / count) === winner ? base : base - lead;
  }
  return new Float16Array(bits.buffer);
}

type Voxel = (channel: number, z: number, y: number, x: number, at: number) => number;
type Grid = readonly [number, number, number];

function perVoxel(heads: number, shape: Grid, value: Voxel): Float16Array<ArrayBuffer> {
  const logits = new Float16Array(heads * shape[0] * shape[1] * shape[2]);
  let at = 0;
  for (let channel = 0; channel < heads; channel += 1) {
    for (let z = 0; z < shape[0]; z += 1) {
      for (let y = 0; y < shape[1]; y += 1) {
        for (let x = 0; x < shape[2]; x += 1, at += 1) logits[at] = value(channel, z, y, x, at);
      }
    }
  }
  return logits;
}

/** Channels 0 and 2 win by turns, channel 1 is second at every sample and wins between them: 10/9/−10 and −10/9/10. */
function second(seed: number, heads: number, shape: Grid): Voxel {
  const jitter = hashed(seed, heads * shape[0] * shape[1] * shape[2]);
  return (channel, z, y, x, at) => {
    const even = (z + y + x) % 2 === 0;
    const levels = [even ? 10 : -10, 9, even ? -10 : 10];
    return (levels[channel] ?? -12) + ((jitter[at] ?? 0) % 64) / 128;
  };
}

/** Background 0, every other channel a ball whose logit falls from its centre. */
function organs(seed: number, heads: number, shape: Grid): Voxel {
  const centres = Float64Array.from(hashed(seed, 3 * heads), (x) => x / 2 ** 32);
  return (channel, z, y, x) => {
    if (channel === 0) return 0;
    const dz = z - (centres[3 * channel] ?? 0) * shape[0];
    const dy = y - (centres[3 * channel + 1] ?? 0) * shape[1];
    const dx = x - (centres[3 * channel + 2] ?? 0) * shape[2];
    return 6 - (dz * dz + dy * dy + dx * dx) * 0.5;
  };
}
