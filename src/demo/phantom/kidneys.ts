import { over, type Canvas } from './canvas.ts';
import type { Point } from './curve.ts';
import { SIDES, label, sided, type Side } from './labels.ts';
import { jittered, type Patient } from './patient.ts';
import { capsule, ellipsoid, plate, smoothMax, union, type Shape } from './shapes.ts';
import { tissue } from './tissues.ts';
import { atan2, sin } from './maths.ts';

/** Kidneys with cortex, medullary pyramids, sinus fat and a urine-filled pelvis, and the adrenals on top. */
export function paintKidneys(canvas: Canvas, patient: Patient): void {
  for (const side of SIDES) {
    const r = patient.random.fork(`kidney${String(side)}`);
    const size = r.normal(1.09, 0.05);
    const centre = jittered(r, side === 1 ? [64, 40, 92] : [-65, 38, 82], 3.5);
    const turns: Point = [r.normal(12, 3), -side * r.normal(12, 3), side * r.normal(28, 6)];
    const body = ellipsoid(centre, [27 * size, 23 * size, 53 * size], turns);
    const hilum: Point = [centre[0] - side * 24 * size, centre[1] - 12 * size, centre[2] - 2];
    const notch = ellipsoid(hilum, [15 * size, 11 * size, 17 * size], turns);
    const shape: Shape = {
      ...body,
      distance: (x, y, z) => smoothMax(body.distance(x, y, z), -notch.distance(x, y, z), 5),
    };
    const name = sided('kidney', side);
    const cortexDepth = 7 * size;
    const cortex = tissue('kidney_cortex');
    const medulla = tissue('kidney_medulla');
    const free = over(
      [tissue('visceral_fat'), tissue('muscle')],
      [label('liver'), label('spleen'), sided('iliopsoas_muscle', side)],
    );
    const tissueAt = (d: number, x: number, y: number, z: number): number => {
      if (d > -cortexDepth) return cortex;
      // Pyramids alternate with columns of cortex around the sinus.
      const angle = atan2(z - centre[2], (x - centre[0]) * side) * 3.5 + (y - centre[1]) / 9;
      return sin(angle) > -0.35 ? medulla : cortex;
    };
    canvas.paint(shape, { label: name, tissue: tissueAt, over: free, noise: 0.7 });
    const inside = over([], [name]);
    const sinus: Point = [centre[0] - side * 11 * size, centre[1] - 5 * size, centre[2] - 1];
    canvas.paint(ellipsoid(sinus, [12 * size, 8 * size, 20 * size], turns), {
      label: 0,
      tissue: tissue('visceral_fat'),
      over: inside,
    });
    const pelvis = ellipsoid(sinus, [8 * size, 4.5 * size, 11 * size], turns);
    canvas.paint(pelvis, { tissue: tissue('urine'), over: over([tissue('visceral_fat')]) });
    const ureter: Point[] = [
      sinus,
      [side * 36, 18, 40],
      [side * 34, 4, -40],
      [side * 52, 20, -110],
      [side * 18, 12, -145],
    ];
    for (let i = 0; i + 1 < ureter.length; i++) {
      const a = ureter[i];
      const b = ureter[i + 1];
      if (a !== undefined && b !== undefined)
        canvas.paint(capsule(a, b, 2, 2), {
          tissue: tissue('urine'),
          over: over([tissue('visceral_fat')]),
        });
    }
    paintAdrenal(canvas, patient, side, centre, size);
  }
}

/** Adrenal: a body with two limbs that spread backwards, thick enough for a coarse grid to hold it. */
function paintAdrenal(
  canvas: Canvas,
  patient: Patient,
  side: Side,
  kidney: Point,
  kidneySize: number,
): void {
  const r = patient.random.fork(`adrenal${String(side)}`);
  const top: Point = jittered(
    r,
    [side * (side === 1 ? 41 : 36), kidney[1] - 14, kidney[2] + 44 * kidneySize + 2],
    1.5,
  );
  const half = r.normal(4.3, 0.3);
  const down = r.normal(15, 1.5);
  const limb = (dx: number, dy: number): Shape =>
    plate(
      [top[0], top[1], top[2] + 5],
      [top[0], top[1] - 1, top[2] - down],
      [top[0] + side * dx, top[1] + dy, top[2] - down - 3],
      half,
    );
  const shape = union(
    [limb(r.normal(-3, 1), r.normal(20, 2)), limb(r.normal(14, 2), r.normal(13, 2))],
    3,
  );
  const free = over(
    [tissue('visceral_fat')],
    [label('liver'), label('spleen'), sided('kidney', side)],
  );
  canvas.paint(shape, {
    label: sided('adrenal_gland', side),
    tissue: tissue('adrenal'),
    over: free,
  });
}
