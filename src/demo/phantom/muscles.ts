import { over, type Canvas } from './canvas.ts';
import { knot, type Knot, type Point } from './curve.ts';
import { SIDES, sided, type Side } from './labels.ts';
import type { Patient } from './patient.ts';
import { between, wing, type PelvisSide } from './pelvis.ts';
import { plate, union } from './shapes.ts';
import { spineCentre } from './spine.ts';
import { tissue } from './tissues.ts';

/** Muscles of the back beside the spine, the quadratus lumborum (no label) and the iliopsoas. */
export function paintTrunkMuscles(
  canvas: Canvas,
  patient: Patient,
  pelvis: (side: Side) => PelvisSide,
): void {
  const r = patient.random.fork('trunk');
  const muscle = tissue('muscle');
  const bulk = r.normal(1, 0.08);
  const free = over([tissue('visceral_fat'), muscle, tissue('subcutaneous_fat')]);
  for (const side of SIDES) {
    const column: Knot[] = [
      [320, 15, 22, 30],
      [230, 17, 23, 30],
      [150, 20, 27, 33],
      [70, 22, 31, 38],
      [0, 22, 32, 42],
      [-50, 19, 28, 38],
      [-95, 11, 20, 26],
      [-115, 6, 14, 24],
    ].map(([z = 0, radius = 0, x = 0, back = 0]) =>
      knot(side * x, spineCentre(z) + back, z, radius * bulk),
    );
    canvas.tube(column, {
      label: sided('autochthonous_muscle', side),
      tissue: muscle,
      over: free,
      noise: 0.8,
    });
    canvas.tube(
      [knot(side * 54, 56, 110, 8), knot(side * 64, 54, 50, 12), knot(side * 72, 48, 5, 14)],
      { tissue: muscle, over: free },
    );

    const p = pelvis(side);
    const label = sided('iliopsoas_muscle', side);
    const groin: Point = [side * 84, -42, -125];
    const psoas: Knot[] = [
      knot(side * 24, 30, 112, 7),
      knot(side * 34, 29, 75, 13 * bulk),
      knot(side * 43, 25, 30, 18 * bulk),
      knot(side * 52, 16, -20, 20 * bulk),
      knot(side * 68, -10, -75, 17 * bulk),
      { at: groin, radius: 16 * bulk },
      knot(side * 94, -22, -155, 14 * bulk),
      knot(side * 103, 2, -182, 9),
    ];
    canvas.tube(psoas, { label, tissue: muscle, over: free, noise: 0.8 });
    const [, back, mid] = wing(p, side, -11, 7 * bulk);
    if (back !== undefined && mid !== undefined)
      canvas.paint(union([back, mid], 6), { label, tissue: muscle, over: free, noise: 0.6 });
  }
}

/** The three glutei of both sides, behind and beside the wings. */
export function paintGlutei(
  canvas: Canvas,
  patient: Patient,
  pelvis: (side: Side) => PelvisSide,
): void {
  const r = patient.random.fork('glutei');
  const muscle = tissue('muscle');
  const bulk = r.normal(1, 0.09);
  for (const side of SIDES) {
    const p = pelvis(side);
    const free = over([tissue('visceral_fat'), muscle, tissue('subcutaneous_fat')]);
    const origin: Point = [side * 64, 70, -40];
    const coccyx: Point = [side * 28, 77, -118];
    const thigh: Point = [side * 116, 42, -196];
    const flank: Point = [side * 124, 42, -128];
    const maximus = union(
      [plate(origin, coccyx, flank, 19 * bulk), plate(coccyx, thigh, flank, 21 * bulk)],
      8,
    );
    canvas.paint(maximus, {
      label: sided('gluteus_maximus', side),
      tissue: muscle,
      over: free,
      noise: 1,
    });

    const out = (q: Point, offset: number): Point => [
      q[0] + side * 0.88 * offset,
      q[1] + 0.47 * offset,
      q[2],
    ];
    const tip: Point = [p.trochanter[0] + side * 4, p.trochanter[1], p.trochanter[2] + 8];
    const medius = union(
      [
        plate(
          out(between(p.sacroiliacHigh, p.crest, 0.15), 17),
          out(p.crest, 18),
          tip,
          12.5 * bulk,
        ),
        plate(out(p.crest, 18), out(p.anteriorSpine, 17), tip, 12.5 * bulk),
      ],
      6,
    );
    canvas.paint(medius, {
      label: sided('gluteus_medius', side),
      tissue: muscle,
      over: over(
        [tissue('visceral_fat'), muscle, tissue('subcutaneous_fat')],
        [sided('gluteus_maximus', side)],
      ),
      noise: 0.8,
    });
    const minimus = union(
      [
        plate(
          out(between(p.crest, p.acetabulum, 0.45), 11),
          out(between(p.anteriorSpine, p.anteriorInferiorSpine, 0.25), 11),
          [tip[0] - side * 8, tip[1] - 8, tip[2] + 2],
          7.5 * bulk,
        ),
        plate(
          out(between(p.crest, p.acetabulum, 0.45), 11),
          out(between(p.sacroiliacHigh, p.acetabulum, 0.5), 10),
          [tip[0] - side * 8, tip[1] - 6, tip[2] + 2],
          7 * bulk,
        ),
      ],
      5,
    );
    canvas.paint(minimus, {
      label: sided('gluteus_minimus', side),
      tissue: muscle,
      over: over(
        [tissue('visceral_fat'), muscle],
        [sided('gluteus_medius', side), sided('gluteus_maximus', side)],
      ),
      noise: 0.5,
    });
  }
}
