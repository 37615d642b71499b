import { over, type Canvas } from './canvas.ts';
import { profile } from './curve.ts';
import { label } from './labels.ts';
import type { Patient } from './patient.ts';
import type { Shape } from './shapes.ts';
import { tissue } from './tissues.ts';
import { PI, abs, cos, hypot, max, min, sqrt } from './maths.ts';

/** Front-to-back position of the vertebral bodies' centres by height: thoracic kyphosis, lumbar lordosis, mm. */
export const spineCentre = profile([
  [-150, 60],
  [-75, 47],
  [-55, 40],
  [-35, 33],
  [0, 25],
  [30, 22],
  [70, 25],
  [130, 36],
  [190, 46],
  [240, 50],
  [330, 48],
]);

/** Heights of the discs' middles, lumbosacral disc first, mm. */
const DISCS = [-58, -24, 11, 46, 80, 112, 142, 170, 197, 223, 248, 272, 295, 317, 339];

const HALF_WIDTH = profile([
  [-58, 25],
  [50, 23],
  [140, 20],
  [320, 16],
]);
const HALF_DEPTH = profile([
  [-58, 17],
  [140, 16],
  [320, 13],
]);
const SPINOUS = profile([
  [-58, 22],
  [-20, 30],
  [60, 32],
  [140, 28],
  [320, 26],
]);

/** Level of a height: distance to the nearest disc's middle, and where between its two discs the height lies (0..1). */
function level(z: number): { disc: number; phase: number } {
  let i = 0;
  while (i + 2 < DISCS.length && z > (DISCS[i + 1] ?? Infinity)) i++;
  const low = DISCS[i] ?? 0;
  const high = DISCS[i + 1] ?? low + 30;
  return { disc: min(abs(z - low), abs(high - z)), phase: (z - low) / (high - low) };
}

function ellipse(u: number, v: number, a: number, b: number): number {
  const k = sqrt((u / a) ** 2 + (v / b) ** 2);
  const r = sqrt(u * u + v * v);
  return k < 1e-6 ? -min(a, b) : r - r / k;
}

/** Vertebrae T6 to L5 with discs (one structure), the canal and the cord in it. */
export function paintSpine(canvas: Canvas, patient: Patient): void {
  const r = patient.random.fork('spine');
  const size = r.normal(1, 0.05);
  const discHalf = r.normal(4, 0.5);
  const bodyAndArch: Shape = {
    low: [-44, -10, -62],
    high: [44, 112, 330],
    distance(x, y, z) {
      const v = y - spineCentre(z);
      const half = HALF_WIDTH(z) * size;
      const deep = HALF_DEPTH(z) * size;
      const { phase } = level(z);
      // The waist of a vertebral body is narrower than its end plates.
      const waist = 1.5 * cos(2 * PI * (phase - 0.5));
      let d = ellipse(x, v, half - waist, deep - waist);
      const back = v - deep;
      if (back > -6) {
        const canal = hypot(x / 1.15, back - 8.5);
        const ring = max(abs(canal - 12.5) - 4, abs(phase - 0.55) * 32 - 13);
        const spinous = max(
          abs(x) - 3.8,
          14 - back,
          back - 16 - SPINOUS(z),
          abs(phase - 0.42) * 32 - 8,
        );
        const transverse = max(abs(x) - 38 * size, abs(back - 6) - 5, abs(phase - 0.58) * 32 - 5);
        d = min(d, ring, spinous, transverse);
      }
      return max(d, -60 - z);
    },
  };
  const cortex = tissue('bone_cortex');
  const marrow = tissue('red_marrow');
  const discTissue = tissue('disc');
  canvas.paint(bodyAndArch, {
    label: label('spine'),
    tissue(d, _x, y, z) {
      const v = y - spineCentre(z);
      const deep = HALF_DEPTH(z) * size;
      const { disc } = level(z);
      if (v < deep + 1 && disc < discHalf) return discTissue;
      if (v < deep && disc < discHalf + 2) return cortex;
      return d > -2.2 ? cortex : marrow;
    },
  });
  const canal = (radius: number, bottom: number): Shape => ({
    low: [-14, -10, bottom],
    high: [14, 100, 330],
    distance: (x, y, z) =>
      max(hypot(x / 1.15, y - spineCentre(z) - HALF_DEPTH(z) * size - 8.5) - radius, bottom - z),
  });
  canvas.paint(canal(8.6, -84), { label: 0, tissue: tissue('csf') });
  canvas.paint(canal(4.6, 86), { tissue: tissue('spinal_cord'), over: over([tissue('csf')]) });
}

const SACRUM_Y = profile([
  [-160, 62],
  [-140, 72],
  [-115, 74],
  [-85, 62],
  [-60, 46],
  [-50, 42],
]);
const SACRUM_HALF = profile([
  [-160, 7],
  [-140, 13],
  [-115, 28],
  [-90, 44],
  [-68, 51],
  [-50, 50],
]);
const SACRUM_DEEP = profile([
  [-160, 6],
  [-140, 8],
  [-115, 12],
  [-85, 17],
  [-55, 20],
]);

/** Sacrum with its canal, from the lumbosacral disc to the coccyx. */
export function paintSacrum(canvas: Canvas, patient: Patient): void {
  const size = patient.random.fork('sacrum').normal(1, 0.04);
  const tilt = (y: number): number => -56 - 0.35 * (y - 42);
  const wedge: Shape = {
    low: [-58, 10, -165],
    high: [58, 100, -40],
    distance(x, y, z) {
      // The ala swings back at the sides.
      const v = y - SACRUM_Y(z) - 0.0035 * x * x;
      return max(
        ellipse(x, v, SACRUM_HALF(z) * size, SACRUM_DEEP(z) * size),
        z - tilt(y),
        -158 - z,
      );
    },
  };
  const cortex = tissue('bone_cortex');
  const marrow = tissue('red_marrow');
  canvas.paint(wedge, {
    label: label('sacrum'),
    tissue: (d) => (d > -2.2 ? cortex : marrow),
    noise: 0.6,
  });
  const canal: Shape = {
    low: [-12, 10, -115],
    high: [12, 100, -55],
    distance: (x, y, z) => max(hypot(x / 1.4, y - SACRUM_Y(z) - 9) - 5, -112 - z),
  };
  canvas.paint(canal, { label: 0, tissue: tissue('csf'), over: over([], [label('sacrum')]) });
}
