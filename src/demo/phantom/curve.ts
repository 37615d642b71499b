import { ceil, hypot, max, min, round } from './maths.ts';

/** A point or vector in patient LPS mm (canonical or real, as the caller says). */
export type Point = readonly [number, number, number];

/** A tube's axis: points with the radius at each, mm. */
export interface Knot {
  at: Point;
  radius: number;
}

/** A knot, written shortly. */
export function knot(x: number, y: number, z: number, radius: number): Knot {
  return { at: [x, y, z], radius };
}

function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return (
    0.5 *
    (2 * b +
      (c - a) * t +
      (2 * a - 5 * b + 4 * c - d) * t * t +
      (3 * b - a - 3 * c + d) * t * t * t)
  );
}

/** Points about `step` mm apart on the Catmull-Rom curve through the knots, radius interpolated with them. */
export function smoothCurve(knots: readonly Knot[], step: number): Knot[] {
  const out: Knot[] = [];
  for (let i = 0; i + 1 < knots.length; i++) {
    const b = knots[i];
    const c = knots[i + 1];
    if (b === undefined || c === undefined) continue;
    const a = knots[i - 1] ?? b;
    const d = knots[i + 2] ?? c;
    const length = hypot(c.at[0] - b.at[0], c.at[1] - b.at[1], c.at[2] - b.at[2]);
    const pieces = max(1, round(length / step));
    for (let k = 0; k < pieces; k++) {
      const t = k / pieces;
      out.push({
        at: [
          catmullRom(a.at[0], b.at[0], c.at[0], d.at[0], t),
          catmullRom(a.at[1], b.at[1], c.at[1], d.at[1], t),
          catmullRom(a.at[2], b.at[2], c.at[2], d.at[2], t),
        ],
        radius: b.radius + (c.radius - b.radius) * t,
      });
    }
  }
  const last = knots.at(-1);
  if (last !== undefined) out.push(last);
  return out;
}

/** Function of one variable through (x, y) pairs in ascending x: smooth-step between them, constant beyond the ends. */
export function profile(pairs: readonly (readonly [number, number])[]): (x: number) => number {
  const first = pairs[0] ?? [0, 0];
  const last = pairs.at(-1) ?? first;
  const low = first[0];
  const perMm = 2;
  // A table, because profiles are asked for at every voxel.
  const table = new Float32Array(max(1, ceil((last[0] - low) * perMm) + 2));
  let j = 0;
  for (let i = 0; i < table.length; i++) {
    const x = low + i / perMm;
    while (j + 2 < pairs.length && x > (pairs[j + 1]?.[0] ?? Infinity)) j++;
    const a = pairs[j] ?? first;
    const b = pairs[j + 1] ?? a;
    const t = b[0] > a[0] ? max(0, min(1, (x - a[0]) / (b[0] - a[0]))) : 0;
    // Half linear, half smooth-step: no visible corner, no visible terrace.
    const s = 0.5 * t + 0.5 * t * t * (3 - 2 * t);
    table[i] = a[1] + (b[1] - a[1]) * s;
  }
  const top = table.length - 1;
  return (x) => {
    const p = (x - low) * perMm;
    if (p <= 0) return table[0] ?? 0;
    if (p >= top) return table[top] ?? 0;
    const i = p | 0;
    const v = table[i] ?? 0;
    return v + ((table[i + 1] ?? 0) - v) * (p - i);
  };
}
