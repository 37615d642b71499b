import { smoothCurve, type Knot, type Point } from './curve.ts';
import { sampled, smoothField } from './field.ts';
import type { Patient } from './patient.ts';
import { capsule, type Shape } from './shapes.ts';
import { abs, ceil, floor, hypot, max, min, round } from './maths.ts';

/** Which voxels a stroke may cover. */
export interface Over {
  /** By label; entry 0 is unused. */
  labels: Uint8Array;
  /** By tissue, for voxels without a label. */
  tissues: Uint8Array;
}

/** A rule for `Stroke.over`: voxels that bear one of these labels, or no label and one of these tissues. */
export function over(tissues: readonly number[], labels: readonly number[] = []): Over {
  const rule = { labels: new Uint8Array(64), tissues: new Uint8Array(64) };
  for (const t of tissues) rule.tissues[t] = 1;
  for (const l of labels) rule.labels[l] = 1;
  return rule;
}

/** Tissue by depth below the surface (d < 0 inside, mm) and canonical position. */
export type TissueAt = (d: number, x: number, y: number, z: number) => number;

/** How a shape is painted. */
export interface Stroke {
  /** New label (0 removes it); without it labels stay. */
  label?: number;
  tissue: number | TissueAt;
  /** What may be covered; without it everything. */
  over?: Over;
  /** Unevenness of the surface, mm (one deviation of the noise). */
  noise?: number;
}

/** Canonical box that the patients are drawn in, mm: mid-thorax to upper thigh. */
export const CANONICAL = { low: [-215, -150, -212] as Point, high: [215, 150, 288] as Point };

/**
 * The grid that shapes are painted on. Voxels lie in patient space; shapes are written in canonical space, and the canvas
 * knows where each voxel lies there after the patient's scale and smooth displacement.
 */
export class Canvas {
  /** [z, y, x]: inferior to superior, anterior to posterior, right to left; x fastest. */
  readonly shape: readonly [number, number, number];
  readonly spacing: number;
  /** Patient LPS mm of voxel (0, 0, 0). */
  readonly origin: Point;
  readonly labels: Uint8Array;
  readonly tissue: Uint8Array;
  /** Canonical coordinates of every voxel. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  /** Surface noise of unit deviation, coarse and fine features mixed. */
  readonly noise: Float32Array;
  private readonly scale: Point;
  private reach = 0;

  /**
   * @param spacing  isotropic voxel size, mm
   * @param halfWidth, front, back  how far the canonical body reaches, mm (front negative)
   */
  constructor(patient: Patient, spacing: number, halfWidth: number, front: number, back: number) {
    const margin = 14;
    const [sx, sy, sz] = patient.scale;
    const low: Point = [-(halfWidth + margin) * sx, (front - margin) * sy, CANONICAL.low[2] * sz];
    const high: Point = [(halfWidth + margin) * sx, (back + margin) * sy, CANONICAL.high[2] * sz];
    const count = (i: 0 | 1 | 2): number => ceil((high[i] - low[i]) / spacing) + 1;
    this.shape = [count(2), count(1), count(0)];
    this.spacing = spacing;
    this.origin = low;
    this.scale = patient.scale;
    const n = this.shape[0] * this.shape[1] * this.shape[2];
    this.labels = new Uint8Array(n);
    this.tissue = new Uint8Array(n);
    const stride = max(1, round(12 / spacing));
    const r = patient.random.fork('displacement');
    const displace = (axis: number): Float32Array => {
      const slow = smoothField(r.fork(`slow${String(axis)}`), low, high, 190);
      const quick = smoothField(r.fork(`quick${String(axis)}`), low, high, 85);
      // 5 mm and 2.5 mm: visibly another patient, and nothing folds (slopes stay well below 1).
      return sampled(
        { at: (x, y, z) => 5 * slow.at(x, y, z) + 2.5 * quick.at(x, y, z) },
        low,
        spacing,
        this.shape,
        stride,
      );
    };
    this.x = displace(0);
    this.y = displace(1);
    this.z = displace(2);
    const rough = smoothField(r.fork('rough'), low, high, 32);
    const fine = smoothField(r.fork('fine'), low, high, 16);
    this.noise = sampled(
      { at: (x, y, z) => 0.8 * rough.at(x, y, z) + 0.5 * fine.at(x, y, z) },
      low,
      spacing,
      this.shape,
      max(1, round(6 / spacing)),
    );
    let i = 0;
    for (let k = 0; k < this.shape[0]; k++)
      for (let j = 0; j < this.shape[1]; j++)
        for (let h = 0; h < this.shape[2]; h++, i++) {
          const dx = this.x[i] ?? 0;
          const dy = this.y[i] ?? 0;
          const dz = this.z[i] ?? 0;
          this.reach = max(this.reach, abs(dx), abs(dy), abs(dz));
          this.x[i] = (low[0] + h * spacing) / sx + dx;
          this.y[i] = (low[1] + j * spacing) / sy + dy;
          this.z[i] = (low[2] + k * spacing) / sz + dz;
        }
  }

  /** Displacement (canonical minus scaled patient position, mm) about the middle of a shape. */
  private displacementAt(shape: Shape): Point {
    const [nz, ny, nx] = this.shape;
    const count = [nx, ny, nz] as const;
    let shift: Point = [0, 0, 0];
    // The displacement is known by patient position, and that is what is sought: two rounds settle it.
    for (let pass = 0; pass < 2; pass++) {
      const place = ([0, 1, 2] as const).map((i) => {
        const middle = ((shape.low[i] + shape.high[i]) / 2 - shift[i]) * this.scale[i];
        const index = round((middle - this.origin[i]) / this.spacing);
        return max(0, min(count[i] - 1, index));
      });
      const [h = 0, j = 0, k = 0] = place;
      const at = (k * ny + j) * nx + h;
      const moved = (canonical: Float32Array, i: 0 | 1 | 2): number =>
        (canonical[at] ?? 0) - (this.origin[i] + (place[i] ?? 0) * this.spacing) / this.scale[i];
      shift = [moved(this.x, 0), moved(this.y, 1), moved(this.z, 2)];
    }
    return shift;
  }

  /** Paints one shape. */
  paint(shape: Shape, stroke: Stroke): void {
    const noise = stroke.noise ?? 0;
    const shift = this.displacementAt(shape);
    const radius = hypot(...[0, 1, 2].map((i) => (shape.high[i] ?? 0) - (shape.low[i] ?? 0))) / 2;
    // Over the shape the displacement strays from that at its middle by its slope, well below a third.
    const pad = min(2 * this.reach, 2 + 0.3 * radius) + 3 * noise;
    const from = (axis: 0 | 1 | 2): number =>
      floor(
        ((shape.low[axis] - shift[axis] - pad) * this.scale[axis] - this.origin[axis]) /
          this.spacing,
      );
    const to = (axis: 0 | 1 | 2): number =>
      ceil(
        ((shape.high[axis] - shift[axis] + pad) * this.scale[axis] - this.origin[axis]) /
          this.spacing,
      );
    const [nz, ny, nx] = this.shape;
    const [x0, x1] = [max(0, from(0)), min(nx - 1, to(0))];
    const [y0, y1] = [max(0, from(1)), min(ny - 1, to(1))];
    const [z0, z1] = [max(0, from(2)), min(nz - 1, to(2))];
    const { tissue, over: rule, label } = stroke;
    const { x: xs, y: ys, z: zs, labels, tissue: tissues, noise: bumps } = this;
    for (let k = z0; k <= z1; k++)
      for (let j = y0; j <= y1; j++) {
        let i = (k * ny + j) * nx + x0;
        for (let h = x0; h <= x1; h++, i++) {
          if (rule !== undefined) {
            const l = labels[i] ?? 0;
            if (((l === 0 ? rule.tissues[tissues[i] ?? 0] : rule.labels[l]) ?? 0) === 0) continue;
          }
          const x = xs[i] ?? 0;
          const y = ys[i] ?? 0;
          const z = zs[i] ?? 0;
          let d = shape.distance(x, y, z);
          if (noise !== 0) d += noise * (bumps[i] ?? 0);
          if (d >= 0) continue;
          tissues[i] = typeof tissue === 'number' ? tissue : tissue(d, x, y, z);
          if (label !== undefined) labels[i] = label;
        }
      }
  }

  /** Paints a tube along the curve through the knots, `shrink` mm thinner than its radii. */
  tube(knots: readonly Knot[], stroke: Stroke, shrink = 0): void {
    const line = smoothCurve(knots, 7);
    for (let i = 0; i + 1 < line.length; i++) {
      const a = line[i];
      const b = line[i + 1];
      if (a === undefined || b === undefined) continue;
      if (a.radius <= shrink || b.radius <= shrink) continue;
      this.paint(capsule(a.at, b.at, a.radius - shrink, b.radius - shrink), stroke);
    }
  }

  /** Paints a hollow organ: the wall first, then its content, which keeps the label. */
  hollow(
    knots: readonly Knot[],
    wall: Stroke & { label: number },
    thickness: number,
    content: number | TissueAt,
  ): void {
    this.tube(knots, wall);
    this.tube(
      knots,
      { tissue: content, over: over([], [wall.label]), noise: wall.noise ?? 0 },
      thickness,
    );
  }
}
