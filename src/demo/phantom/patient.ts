import type { Point } from './curve.ts';
import { random, type Random } from './random.ts';
import { max, min } from './maths.ts';

/** What makes one generated patient differ from the next before any organ is drawn. */
export interface Patient {
  seed: number;
  sex: 'F' | 'M';
  /** Subcutaneous fat relative to the average (0.5 lean, 2 obese). */
  fat: number;
  /** Size relative to the average patient along x, y, z. */
  scale: Point;
  random: Random;
}

/** The patient of a seed. */
export function drawPatient(seed: number): Patient {
  const root = random(seed);
  const r = root.fork('patient');
  const sex = r.chance(0.5) ? 'F' : 'M';
  const size = r.normal(sex === 'M' ? 1.01 : 0.97, 0.03);
  const girth = r.normal(1, 0.035);
  return {
    seed,
    sex,
    fat: max(0.5, min(2.1, r.normal(1.1, 0.4))),
    scale: [
      size * girth * r.normal(1, 0.015),
      size * girth * r.normal(1, 0.025),
      size * r.normal(1, 0.02),
    ],
    random: root,
  };
}

/** The point moved by a normal jitter of `sd` mm along each axis. */
export function jittered(r: Random, p: Point, sd: number): Point {
  return [r.normal(p[0], sd), r.normal(p[1], sd), r.normal(p[2], sd)];
}
