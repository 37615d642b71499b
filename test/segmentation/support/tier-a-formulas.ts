/** The numbers of `goldens/tier_a/formulas.py`, bit by bit. */

/** u32 that look random: an integer hash of the index. */
export function hashed(seed: number, count: number): Uint32Array<ArrayBuffer> {
  const values = new Uint32Array(count);
  const start = Math.imul(seed, 0x85ebca77);
  for (let i = 0; i < count; i += 1) {
    let x = (Math.imul(i, 0x9e3779b1) + start) | 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    values[i] = x ^ (x >>> 16);
  }
  return values;
}

/** binary64 between offset ± scale. */
export function noise64(seed: number, count: number, scale: number, offset = 0): Float64Array {
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

export function noise16(seed: number, count: number, scale: number, offset = 0): Float16Array {
  return Float16Array.from(noise64(seed, count, scale, offset));
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
