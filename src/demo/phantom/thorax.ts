import { over, type Canvas } from './canvas.ts';
import { knot, type Knot } from './curve.ts';
import { SIDES, label, sided } from './labels.ts';
import { jittered, type Patient } from './patient.ts';
import { capsule, ellipsoid, smoothMax, type Shape } from './shapes.ts';
import type { Torso } from './body.ts';
import { tissue } from './tissues.ts';
import { PI, cos, max, min, sin } from './maths.ts';

/** Lungs: the cavity above the diaphragm on each side of the mediastinum. */
export function paintLungs(canvas: Canvas, patient: Patient, torso: Torso): void {
  const r = patient.random.fork('lungs');
  const middle = r.normal(3, 2);
  for (const side of SIDES) {
    const shape: Shape = {
      low: side === 1 ? [0, -110, 80] : [-160, -110, 80],
      high: side === 1 ? [160, 110, 330] : [0, 110, 330],
      distance(x, y, z) {
        const chest = torso.cavity(x, y, z) + 3;
        const base = 0.7 * (torso.diaphragm(x, y) + 2.5 - z);
        const mediastinum = (y < 35 ? 27 : 21) - (x - middle) * side;
        return smoothMax(max(chest, base), mediastinum, 14);
      },
    };
    canvas.paint(shape, {
      label: sided('lung', side),
      tissue: tissue('lung'),
      over: over([tissue('visceral_fat'), tissue('muscle')]),
    });
  }
}

/** Heart with two blood-filled ventricles and atria, resting on the diaphragm. */
export function paintHeart(canvas: Canvas, patient: Patient): void {
  const r = patient.random.fork('heart');
  const c = jittered(r, [22, -34, 238], 3);
  const s = r.normal(1, 0.05);
  const heart = label('heart');
  const body = ellipsoid(
    c,
    [58 * s, 42 * s, 42 * s],
    [r.normal(0, 5), r.normal(24, 4), r.normal(-28, 5)],
  );
  const free = over(
    [tissue('visceral_fat'), tissue('muscle')],
    [sided('lung', 1), sided('lung', -1)],
  );
  const top = (x: number, y: number, z: number): number => body.distance(x, y, z);
  canvas.paint(
    { ...body, distance: top },
    { label: heart, tissue: tissue('myocardium'), over: free, noise: 1 },
  );
  const inside = over([], [heart]);
  const chamber = (
    dx: number,
    dy: number,
    dz: number,
    radii: readonly [number, number, number],
    blood: number,
  ): void => {
    canvas.paint(ellipsoid([c[0] + dx, c[1] + dy, c[2] + dz], radii, [0, 24, -28]), {
      tissue: blood,
      over: inside,
    });
  };
  chamber(22, 0, -8, [26 * s, 15 * s, 16 * s], tissue('arterial_blood'));
  chamber(2, -20, -8, [26 * s, 12 * s, 18 * s], tissue('venous_blood'));
  chamber(-26, 4, 10, [18 * s, 20 * s, 22 * s], tissue('venous_blood'));
  chamber(-6, 22, 16, [22 * s, 14 * s, 20 * s], tissue('arterial_blood'));
}

/** Oesophagus from behind the heart to the stomach's mouth. */
export function paintOesophagus(
  canvas: Canvas,
  patient: Patient,
  cardia: readonly [number, number, number],
): void {
  const r = patient.random.fork('oesophagus');
  const radius = r.normal(9, 0.6);
  const knots: Knot[] = [
    knot(r.normal(2, 1.5), 30, 310, radius),
    knot(r.normal(4, 1.5), 28, 255, radius),
    knot(9, 22, 212, radius),
    knot(17, 16, 186, radius),
    { at: cardia, radius },
  ];
  const free = over(
    [tissue('visceral_fat'), tissue('muscle')],
    [sided('lung', 1), sided('lung', -1), label('heart'), label('liver')],
  );
  canvas.tube(knots, {
    label: label('esophagus'),
    tissue: tissue('bowel_wall'),
    over: free,
    noise: 0.4,
  });
  canvas.tube(
    knots,
    {
      tissue: r.chance(0.4) ? tissue('gas') : tissue('bowel_wall'),
      over: over([], [label('esophagus')]),
    },
    radius - 2.5,
  );
}

/** Ribs 5 to 12 in the wall, and the sternum. */
export function paintRibs(canvas: Canvas, patient: Patient, torso: Torso): void {
  const r = patient.random.fork('ribs');
  const free = over([tissue('muscle'), tissue('visceral_fat'), tissue('subcutaneous_fat')]);
  const cortex = tissue('bone_cortex');
  const marrow = tissue('red_marrow');
  const radius = r.normal(5.2, 0.3);
  const bone = (d: number): number => (d > -2 ? cortex : marrow);
  for (let level = 0; level < 10; level++) {
    const z0 = 146 + 25 * level;
    // The two lowest ribs float and end at the flank; the others run to the front.
    const end = level === 0 ? 62 : level === 1 ? 85 : 148;
    for (const side of SIDES) {
      const knots: Knot[] = [];
      for (let a = 12; a <= end; a += 8) {
        const t = (a * PI) / 180;
        const z = z0 - 58 * min(1, (a / 110) ** 1.3) + (a > 120 ? 0.6 * (a - 120) : 0);
        const f = torso.frame(z);
        const cy = (f.front + f.back) / 2;
        // Slightly fuller than an ellipse, to follow the wall.
        const k = 1 + 0.09 * sin(2 * t) ** 2;
        knots.push(
          knot(
            side * sin(t) * (f.half + 6) * k,
            cy + cos(t) * ((f.back - f.front) / 2 + 6) * k,
            z,
            radius,
          ),
        );
      }
      canvas.tube(knots, { label: 0, tissue: bone, over: free });
    }
  }
  const front = torso.frame(240).front - 5;
  canvas.paint(capsule([0, front, 178], [0, front + 2, 320], 9, 13), { tissue: bone, over: free });
}
