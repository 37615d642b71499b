import type { Canvas } from './canvas.ts';
import { profile } from './curve.ts';
import type { Patient } from './patient.ts';
import { smoothMax } from './shapes.ts';
import { tissue } from './tissues.ts';
import { abs, hypot, max, min, sign, sqrt } from './maths.ts';

/** Body wall, cavity and diaphragm in canonical space; distances in mm, negative inside. */
export interface Torso {
  /** Outer surface of the muscular wall. */
  wall(x: number, y: number, z: number): number;
  /** Inner surface of the wall: thoracic, abdominal and pelvic cavity. */
  cavity(x: number, y: number, z: number): number;
  /** Height of the diaphragm over (x, y). */
  diaphragm(x: number, y: number): number;
  /** Half width, front and back of the cavity at a height, mm. */
  frame(z: number): { half: number; front: number; back: number };
}

/** Signed distance, about mm, to an outline between an ellipse and a rectangle. */
function outline(half: number, front: number, back: number, x: number, y: number): number {
  const b = (back - front) / 2;
  const dy = y - (back + front) / 2;
  const u = (x / half) * (x / half);
  const v = (dy / b) * (dy / b);
  const k = 0.5 * sqrt(u + v) + 0.5 * sqrt(sqrt(u * u + v * v));
  const r = sqrt(x * x + dy * dy);
  return k < 1e-6 ? -min(half, b) : r - r / k;
}

const WALL_HALF = profile([
  [-260, 150],
  [-200, 158],
  [-150, 160],
  [-100, 154],
  [-50, 148],
  [0, 143],
  [50, 141],
  [100, 144],
  [160, 150],
  [210, 154],
  [290, 156],
]);
const WALL_FRONT = profile([
  [-260, -70],
  [-200, -72],
  [-150, -76],
  [-100, -84],
  [-50, -88],
  [0, -90],
  [100, -93],
  [160, -98],
  [290, -97],
]);
const WALL_BACK = profile([
  [-260, 82],
  [-200, 92],
  [-150, 99],
  [-100, 98],
  [-50, 93],
  [0, 90],
  [60, 91],
  [160, 97],
  [290, 99],
]);
const CAVITY_HALF = profile([
  [-205, 22],
  [-180, 40],
  [-150, 56],
  [-110, 66],
  [-80, 82],
  [-50, 100],
  [0, 122],
  [50, 128],
  [100, 131],
  [160, 136],
  [290, 140],
]);
const CAVITY_FRONT = profile([
  [-205, -20],
  [-180, -34],
  [-150, -56],
  [-110, -72],
  [-50, -78],
  [0, -80],
  [100, -82],
  [160, -85],
  [290, -83],
]);
const CAVITY_BACK = profile([
  [-205, 45],
  [-180, 56],
  [-150, 68],
  [-110, 66],
  [-60, 58],
  [0, 58],
  [60, 68],
  [110, 74],
  [160, 82],
  [290, 84],
]);

/** Torso of a patient: the dome heights and the fullness of the belly vary. */
export function drawTorso(patient: Patient): Torso {
  const r = patient.random.fork('torso');
  const right = r.normal(212, 6);
  const left = right - r.normal(12, 3);
  const belly = r.normal(0, 4) + 5 * (patient.fat - 1);
  const bulge = profile([
    [-120, 0],
    [-20, belly],
    [80, belly],
    [170, 0],
  ]);
  const dome = (x: number, y: number, cx: number, peak: number): number => {
    const outwards = (x - cx) * sign(cx) > 0;
    const u = (x - cx) / (outwards ? 78 : 160);
    const v = (y - 2) / (y > 2 ? 78 : 108);
    return peak - 90 * (u * u + v * v);
  };
  return {
    wall: (x, y, z) =>
      outline(WALL_HALF(z) + bulge(z), WALL_FRONT(z) - bulge(z), WALL_BACK(z), x, y),
    cavity: (x, y, z) =>
      outline(CAVITY_HALF(z) + bulge(z), CAVITY_FRONT(z) - bulge(z), CAVITY_BACK(z), x, y),
    diaphragm: (x, y) => smoothMax(dome(x, y, -66, right), dome(x, y, 68, left), 20),
    frame: (z) => ({
      half: CAVITY_HALF(z) + bulge(z),
      front: CAVITY_FRONT(z) - bulge(z),
      back: CAVITY_BACK(z),
    }),
  };
}

const SUBCUTANEOUS_SIDE = profile([
  [-212, 20],
  [-140, 22],
  [-60, 22],
  [0, 18],
  [80, 13],
  [200, 11],
  [290, 11],
]);
const SUBCUTANEOUS_FRONT = profile([
  [-212, 12],
  [-140, 14],
  [-60, 20],
  [20, 20],
  [110, 14],
  [200, 9],
  [290, 9],
]);
const SUBCUTANEOUS_BACK = profile([
  [-212, 20],
  [-140, 26],
  [-60, 24],
  [0, 17],
  [80, 11],
  [200, 9],
  [290, 9],
]);

/** Subcutaneous fat over the wall at a point, mm. */
function subcutaneous(patient: Patient, x: number, y: number, z: number): number {
  const r = hypot(x, y) || 1;
  const side = (x / r) ** 2;
  const ends = y < 0 ? SUBCUTANEOUS_FRONT(z) : SUBCUTANEOUS_BACK(z);
  return max(4, patient.fat * (side * SUBCUTANEOUS_SIDE(z) + (1 - side) * ends));
}

/** How far the body of a patient can reach, mm, for the size of the canvas. */
export function bodyReach(patient: Patient): { half: number; front: number; back: number } {
  return {
    half: 162 + 22 * patient.fat,
    front: -100 - 20 * patient.fat,
    back: 100 + 26 * patient.fat,
  };
}

/** Fills the canvas with the unlabelled body: skin, fat, wall, cavity fat, diaphragm, and mixed tissue around the pelvis. */
export function paintBody(canvas: Canvas, patient: Patient, torso: Torso): void {
  const skin = tissue('skin');
  const subcutaneousFat = tissue('subcutaneous_fat');
  const visceralFat = tissue('visceral_fat');
  const muscle = tissue('muscle');
  const { x: xs, y: ys, z: zs, noise, tissue: out } = canvas;
  for (let i = 0; i < out.length; i++) {
    const x = xs[i] ?? 0;
    const y = ys[i] ?? 0;
    const z = zs[i] ?? 0;
    const w = torso.wall(x, y, z) + 0.8 * (noise[i] ?? 0);
    if (w > 0) {
      const depth = w - subcutaneous(patient, x, y, z);
      if (depth < 0) out[i] = depth > -2.5 ? skin : subcutaneousFat;
      continue;
    }
    const c = torso.cavity(x, y, z);
    if (c < 0) {
      const h = z - torso.diaphragm(x, y);
      out[i] = h < 2.5 && h > -2.5 ? muscle : visceralFat;
    } else if (z < -15) {
      // Around the pelvis: buttocks are fat until the glutei are painted; in front and in the thigh muscle with fat between.
      const buttock =
        y > 28 + 6 * (noise[i] ?? 0) - 0.1 * abs(x) && z > -180 - 0.3 * y + 8 * (noise[i] ?? 0);
      out[i] = buttock || (noise[i] ?? 0) > 1.1 ? visceralFat : muscle;
    } else {
      out[i] = muscle;
    }
  }
}
