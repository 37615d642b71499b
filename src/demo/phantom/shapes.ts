import type { Point } from './curve.ts';
import { PI, abs, cos, hypot, max, min, sin, sqrt } from './maths.ts';

/** An implicit body: negative inside, about the distance to the surface in mm, and a box that holds the inside. */
export interface Shape {
  low: Point;
  high: Point;
  distance(x: number, y: number, z: number): number;
}

/** Rotation by degrees about x, then y, then z, as a row-major 3x3 matrix. */
function rotation(degrees: Point): readonly number[] {
  const [a, b, c] = degrees.map((d) => (d * PI) / 180) as [number, number, number];
  const [ca, sa, cb, sb, cc, sc] = [cos(a), sin(a), cos(b), sin(b), cos(c), sin(c)];
  return [
    cc * cb,
    cc * sb * sa - sc * ca,
    cc * sb * ca + sc * sa,
    sc * cb,
    sc * sb * sa + cc * ca,
    sc * sb * ca - cc * sa,
    -sb,
    cb * sa,
    cb * ca,
  ];
}

/** Ellipsoid with semi-axes `radii`, turned by `degrees` about x, y, z. */
export function ellipsoid(centre: Point, radii: Point, degrees: Point = [0, 0, 0]): Shape {
  const m = rotation(degrees);
  const [m0 = 1, m1 = 0, m2 = 0, m3 = 0, m4 = 1, m5 = 0, m6 = 0, m7 = 0, m8 = 1] = m;
  const reach: Point = [
    hypot(m0 * radii[0], m1 * radii[1], m2 * radii[2]),
    hypot(m3 * radii[0], m4 * radii[1], m5 * radii[2]),
    hypot(m6 * radii[0], m7 * radii[1], m8 * radii[2]),
  ];
  const [rx, ry, rz] = radii;
  return {
    low: [centre[0] - reach[0], centre[1] - reach[1], centre[2] - reach[2]],
    high: [centre[0] + reach[0], centre[1] + reach[1], centre[2] + reach[2]],
    distance(x, y, z) {
      const dx = x - centre[0];
      const dy = y - centre[1];
      const dz = z - centre[2];
      // The transpose turns the point back into the ellipsoid's own axes.
      const u = (m0 * dx + m3 * dy + m6 * dz) / rx;
      const v = (m1 * dx + m4 * dy + m7 * dz) / ry;
      const w = (m2 * dx + m5 * dy + m8 * dz) / rz;
      const k = sqrt(u * u + v * v + w * w);
      const g = sqrt((u * u) / (rx * rx) + (v * v) / (ry * ry) + (w * w) / (rz * rz));
      return g > 1e-9 ? (k * (k - 1)) / g : -min(rx, ry, rz);
    },
  };
}

/** Segment from a to b with a radius at each end. */
export function capsule(a: Point, b: Point, ra: number, rb: number): Shape {
  const r = max(ra, rb);
  const ex = b[0] - a[0];
  const ey = b[1] - a[1];
  const ez = b[2] - a[2];
  const ee = ex * ex + ey * ey + ez * ez || 1;
  return {
    low: [min(a[0], b[0]) - r, min(a[1], b[1]) - r, min(a[2], b[2]) - r],
    high: [max(a[0], b[0]) + r, max(a[1], b[1]) + r, max(a[2], b[2]) + r],
    distance(x, y, z) {
      const px = x - a[0];
      const py = y - a[1];
      const pz = z - a[2];
      const t = max(0, min(1, (px * ex + py * ey + pz * ez) / ee));
      const qx = px - t * ex;
      const qy = py - t * ey;
      const qz = pz - t * ez;
      return sqrt(qx * qx + qy * qy + qz * qz) - (ra + (rb - ra) * t);
    },
  };
}

/** A triangular plate with rounded rims: everything within `half` mm of the triangle. */
export function plate(a: Point, b: Point, c: Point, half: number): Shape {
  const edge = (p: Point, q: Point): Shape => capsule(p, q, half, half);
  const rims = [edge(a, b), edge(b, c), edge(c, a)] as const;
  const ab: Point = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const ac: Point = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
  const nx = ab[1] * ac[2] - ab[2] * ac[1];
  const ny = ab[2] * ac[0] - ab[0] * ac[2];
  const nz = ab[0] * ac[1] - ab[1] * ac[0];
  const n = hypot(nx, ny, nz) || 1;
  const d11 = ab[0] * ab[0] + ab[1] * ab[1] + ab[2] * ab[2];
  const d12 = ab[0] * ac[0] + ab[1] * ac[1] + ab[2] * ac[2];
  const d22 = ac[0] * ac[0] + ac[1] * ac[1] + ac[2] * ac[2];
  const det = d11 * d22 - d12 * d12 || 1;
  return {
    low: [0, 1, 2].map((i) => min(...rims.map((r) => r.low[i] ?? 0))) as unknown as Point,
    high: [0, 1, 2].map((i) => max(...rims.map((r) => r.high[i] ?? 0))) as unknown as Point,
    distance(x, y, z) {
      const px = x - a[0];
      const py = y - a[1];
      const pz = z - a[2];
      const p1 = px * ab[0] + py * ab[1] + pz * ab[2];
      const p2 = px * ac[0] + py * ac[1] + pz * ac[2];
      const s = (d22 * p1 - d12 * p2) / det;
      const t = (d11 * p2 - d12 * p1) / det;
      if (s >= 0 && t >= 0 && s + t <= 1) return abs(px * nx + py * ny + pz * nz) / n - half;
      return min(rims[0].distance(x, y, z), rims[1].distance(x, y, z), rims[2].distance(x, y, z));
    },
  };
}

/** Smooth minimum: like min(a, b) but rounded over about k mm. */
export function smoothMin(a: number, b: number, k: number): number {
  const h = max(0, k - abs(a - b)) / k;
  return min(a, b) - h * h * k * 0.25;
}

/** Smooth maximum: like max(a, b) but rounded over about k mm. */
export function smoothMax(a: number, b: number, k: number): number {
  return -smoothMin(-a, -b, k);
}

/** Union of shapes, joints rounded over `k` mm. */
export function union(shapes: readonly Shape[], k: number): Shape {
  const low: Point = [0, 1, 2].map(
    (i) => min(...shapes.map((s) => s.low[i] ?? 0)) - k / 4,
  ) as unknown as Point;
  const high: Point = [0, 1, 2].map(
    (i) => max(...shapes.map((s) => s.high[i] ?? 0)) + k / 4,
  ) as unknown as Point;
  return {
    low,
    high,
    distance(x, y, z) {
      let d = 1e9;
      for (const s of shapes) d = smoothMin(d, s.distance(x, y, z), k);
      return d;
    },
  };
}

/** Shape cut by another condition: inside both, the rim rounded over `k` mm. */
export function within(
  shape: Shape,
  limit: (x: number, y: number, z: number) => number,
  k = 4,
): Shape {
  return {
    low: shape.low,
    high: shape.high,
    distance: (x, y, z) => smoothMax(shape.distance(x, y, z), limit(x, y, z), k),
  };
}

/** Mirror image across the midline for the patient's right (-1); itself for the left (+1). */
export function mirrored(p: Point, side: 1 | -1): Point {
  return [p[0] * side, p[1], p[2]];
}
