import { over, type Canvas } from './canvas.ts';
import type { Torso } from './body.ts';
import { knot } from './curve.ts';
import { label } from './labels.ts';
import { jittered, type Patient } from './patient.ts';
import { ellipsoid, smoothMax, type Shape } from './shapes.ts';
import { tissue } from './tissues.ts';
import { max } from './maths.ts';

/** Height of the liver's lower surface over (x, y), canonical mm. */
export type LowerSurface = (x: number, y: number) => number;

/** Liver: a wedge under the right dome of the diaphragm, thinning out to the left. Returns its lower surface. */
export function paintLiver(canvas: Canvas, patient: Patient, torso: Torso): LowerSurface {
  const r = patient.random.fork('liver');
  const low = r.normal(48, 9);
  const slope = r.normal(0.66, 0.05);
  const leftEnd = r.normal(52, 12);
  const lower: LowerSurface = (x, y) => low + slope * (x + 130) + 0.32 * y;
  const shape: Shape = {
    low: [-150, -110, -10],
    high: [90, 100, 225],
    distance(x, y, z) {
      const dome = 0.7 * (z - torso.diaphragm(x, y) + 3.5);
      const under = (lower(x, y) - z) * 0.8;
      const left = x - leftEnd;
      // Behind, the left lobe gives way to the stomach and the spine.
      const behind = (y + 0.75 * x - 34) * 0.8;
      return smoothMax(
        smoothMax(max(dome, torso.cavity(x, y, z) + 2.5), under, 16),
        smoothMax(left, behind, 16),
        12,
      );
    },
  };
  canvas.paint(shape, {
    label: label('liver'),
    tissue: tissue('liver'),
    over: over([tissue('visceral_fat')]),
    noise: 1.2,
  });
  return lower;
}

/** Hepatic and portal branches inside the liver: their blood differs, the label stays liver. */
export function paintLiverVessels(
  canvas: Canvas,
  patient: Patient,
  venaCavaTop: readonly [number, number, number],
  hilum: readonly [number, number, number],
): void {
  const r = patient.random.fork('liver vessels');
  const inside = over([], [label('liver')]);
  const end = (x: number, y: number, z: number): readonly [number, number, number] =>
    jittered(r, [x, y, z], 5);
  for (const to of [end(-105, 20, 150), end(-70, -40, 140), end(5, -45, 165)]) {
    const middle = jittered(
      r,
      [
        (to[0] + venaCavaTop[0]) / 2,
        (to[1] + venaCavaTop[1]) / 2,
        (to[2] + venaCavaTop[2]) / 2 + 6,
      ],
      3,
    );
    canvas.tube(
      [
        { at: venaCavaTop, radius: 5 },
        { at: middle, radius: 4 },
        { at: to, radius: 2.5 },
      ],
      { tissue: tissue('venous_blood'), over: inside },
    );
  }
  for (const to of [end(-110, 25, 110), end(-105, -25, 95), end(-95, 5, 175), end(20, -50, 150)]) {
    const middle = jittered(
      r,
      [(to[0] + hilum[0]) / 2, (to[1] + hilum[1]) / 2, (to[2] + hilum[2]) / 2 + 3],
      3,
    );
    canvas.tube(
      [
        { at: hilum, radius: 5 },
        { at: middle, radius: 4 },
        { at: to, radius: 2.5 },
      ],
      { tissue: tissue('portal_blood'), over: inside },
    );
  }
}

/** Gallbladder in its bed at the liver's lower surface. */
export function paintGallbladder(canvas: Canvas, patient: Patient, lower: LowerSurface): void {
  const r = patient.random.fork('gallbladder');
  const fill = r.uniform(0.85, 1.25);
  const neck = jittered(r, [-52, -24, 0], 3);
  const fundus = jittered(r, [-66, -62, 0], 3);
  const z = (x: number, y: number): number => lower(x, y);
  const knots = [
    knot(neck[0], neck[1], z(neck[0], neck[1]) - 2, 7 * fill),
    knot(
      (neck[0] + fundus[0]) / 2,
      (neck[1] + fundus[1]) / 2,
      z((neck[0] + fundus[0]) / 2, (neck[1] + fundus[1]) / 2) - 5,
      13 * fill,
    ),
    knot(fundus[0], fundus[1], z(fundus[0], fundus[1]) - 4, 13 * fill),
  ];
  const stroke = {
    label: label('gallbladder'),
    tissue: tissue('bowel_wall'),
    over: over([tissue('visceral_fat')], [label('liver'), label('colon')]),
    noise: 0.5,
  };
  canvas.hollow(knots, stroke, 1.6, tissue('bile'));
}

/** Spleen, in the left back corner under the diaphragm. */
export function paintSpleen(canvas: Canvas, patient: Patient, torso: Torso): void {
  const r = patient.random.fork('spleen');
  const s = r.normal(1, 0.09);
  const base = ellipsoid(
    jittered(r, [102, 36, 126], 3),
    [31 * s, 50 * s, 57 * s],
    [r.normal(-18, 5), r.normal(-14, 5), r.normal(-32, 6)],
  );
  const hollowSide = ellipsoid([60, 0, 122], [30, 40, 44]);
  const shape: Shape = {
    low: [base.low[0], base.low[1], base.low[2]],
    high: [base.high[0] + 6, base.high[1] + 4, base.high[2] + 4],
    distance(x, y, z) {
      const wall = max(torso.cavity(x, y, z) + 3, 0.7 * (z - torso.diaphragm(x, y) + 4));
      // The side that faces the stomach is hollow.
      return smoothMax(
        smoothMax(base.distance(x, y, z), wall, 8),
        -hollowSide.distance(x, y, z),
        8,
      );
    },
  };
  canvas.paint(shape, {
    label: label('spleen'),
    tissue: tissue('spleen'),
    over: over([tissue('visceral_fat')]),
    noise: 1,
  });
}
