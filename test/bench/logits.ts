import type { Vec3 } from '../../src/segmentation/plans/plan.ts';

/**
 * Kinds of logits, for benchmarks and tests of the export:
 * `organs` – a background and ellipsoids with soft borders and slight waves, about 15 % foreground;
 * `noise` – smooth random waves, every channel equally likely to win (1 − 1/channels is foreground);
 * `ties` – the same waves in coarse steps, each a half-ulp up or not: equal and nearly equal channels everywhere.
 */
export type LogitKind = 'organs' | 'noise' | 'ties';

/** Writes row z of the logits: halves [channels, y, x]. */
export type LogitSource = (z: number, row: Float16Array) => void;

/** The same logits for the same parameters, from integer hashes and sines. */
export function logitSource(kind: LogitKind, heads: number, shape: Vec3): LogitSource {
  const fields = Array.from({ length: heads }, (_, channel) =>
    kind === 'organs' ? organField(channel, shape) : waveField(channel, shape),
  );
  const plane = shape[1] * shape[2];
  const line = new Float64Array(shape[2]);
  return (z, row) => {
    for (let channel = 0; channel < heads; channel += 1) {
      for (let y = 0; y < shape[1]; y += 1) {
        fields[channel]?.(z, y, line);
        const start = channel * plane + y * shape[2];
        for (let x = 0; x < shape[2]; x += 1) row[start + x] = line[x] ?? 0;
      }
      if (kind === 'ties') coarsen(row, channel, plane, z);
    }
  };
}

/** Writes the values of one line. */
type Field = (z: number, y: number, line: Float64Array) => void;

function organField(channel: number, shape: Vec3): Field {
  const waves = shape.map((n, axis) => wave(n, 3 * channel + axis, 11));
  const at = (axis: number, i: number): number => waves[axis]?.[i] ?? 0;
  if (channel === 0) {
    return (z, y, line) => {
      for (let x = 0; x < line.length; x += 1) line[x] = 4 + at(0, z) * at(1, y) * at(2, x);
    };
  }
  const squares = shape.map((n, axis) => {
    const centre = n * (0.15 + 0.7 * random(channel, axis));
    const radius = n * (0.08 + 0.14 * random(channel, axis + 3));
    return Float64Array.from({ length: n }, (_, i) => ((i - centre) / radius) ** 2);
  });
  const distance = (axis: number, i: number): number => squares[axis]?.[i] ?? 0;
  return (z, y, line) => {
    const beside = distance(0, z) + distance(1, y);
    const swell = at(0, z) * at(1, y);
    for (let x = 0; x < line.length; x += 1) {
      line[x] = Math.max(10 * (1 - beside - distance(2, x)), -8) + 0.6 * swell * at(2, x);
    }
  };
}

const WAVES = 4;

function waveField(channel: number, shape: Vec3): Field {
  const terms = Array.from({ length: WAVES }, (_, term) =>
    shape.map((n, axis) => wave(n, 1000 + (channel * WAVES + term) * 3 + axis, 30)),
  );
  return (z, y, line) => {
    line.fill(0);
    for (const [alongZ, alongY, alongX] of terms) {
      const factor = 6 * (alongZ?.[z] ?? 0) * (alongY?.[y] ?? 0);
      for (let x = 0; x < line.length; x += 1) {
        line[x] = (line[x] ?? 0) + factor * (alongX?.[x] ?? 0);
      }
    }
  };
}

/** A sine with a random phase and a length of `length` to three times that many samples. */
function wave(n: number, seed: number, length: number): Float64Array {
  const step = (2 * Math.PI) / (length * (1 + 2 * random(seed, 7)));
  const phase = 2 * Math.PI * random(seed, 8);
  return Float64Array.from({ length: n }, (_, i) => Math.sin(phase + step * i));
}

/** Steps of two, and up by one bit of the half where a hash says so. */
function coarsen(row: Float16Array, channel: number, plane: number, z: number): void {
  const bits = new Uint16Array(row.buffer, row.byteOffset, row.length);
  for (let i = channel * plane; i < (channel + 1) * plane; i += 1) {
    row[i] = 2 * Math.round((row[i] ?? 0) / 2) + 0.5;
    bits[i] = (bits[i] ?? 0) + (hash(i, z) & 1);
  }
}

/** From 0 to 1. */
function random(a: number, b: number): number {
  return hash(a, b) / 2 ** 32;
}

function hash(a: number, b: number): number {
  let mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
