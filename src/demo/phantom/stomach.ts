import { over, type Canvas } from './canvas.ts';
import { knot, type Knot, type Point } from './curve.ts';
import { SIDES, label, sided } from './labels.ts';
import { jittered, type Patient } from './patient.ts';
import { tissue } from './tissues.ts';

/** Courses of the stomach, duodenum and pancreas, which touch one another. */
export interface UpperTract {
  cardia: Point;
  stomach: Knot[];
  duodenum: Knot[];
  pancreas: Knot[];
}

/** Draws the courses. */
export function drawUpperTract(patient: Patient): UpperTract {
  const r = patient.random.fork('upper tract');
  const fill = r.uniform(0.78, 1.12);
  const move = (k: Knot, sd: number): Knot => ({ at: jittered(r, k.at, sd), radius: k.radius });
  const pylorus = move(knot(-28, -46, 92, 11), 3);
  const stomach = [
    move(knot(56, 14, 172, 26 * fill), 3),
    move(knot(70, 4, 152, 34 * fill), 3),
    move(knot(72, -22, 128, 32 * fill), 4),
    move(knot(52, -46, 102, 27 * fill), 4),
    move(knot(14, -56, 86, 21 * fill), 4),
    pylorus,
  ];
  const d = r.normal(12, 0.8);
  const duodenum = [
    { at: pylorus.at, radius: d },
    move(knot(-46, -32, 95, d), 2),
    move(knot(-52, -14, 76, d), 2),
    move(knot(-50, -10, 52, d), 2),
    move(knot(-32, -17, 35, d), 2),
    move(knot(0, -23, 34, d), 2),
    move(knot(28, -20, 42, d), 2),
    move(knot(38, -28, 60, d), 2),
  ];
  const p = r.normal(1, 0.06);
  const pancreas = [
    move(knot(-30, -20, 62, 12 * p), 2),
    move(knot(-27, -26, 82, 15 * p), 2),
    move(knot(-8, -37, 96, 12 * p), 2),
    move(knot(20, -36, 108, 12 * p), 2),
    move(knot(50, -12, 120, 12.5 * p), 2),
    move(knot(76, 12, 127, 11 * p), 2),
  ];
  return { cardia: [27, 14, 168], stomach, duodenum, pancreas };
}

/** Stomach with food, fluid and the gas that rises to the front of a patient who lies on the back. */
export function paintStomach(canvas: Canvas, patient: Patient, tract: UpperTract): void {
  const r = patient.random.fork('stomach');
  const gasFront = r.uniform(-75, -30);
  const [gas, fluid, food] = [tissue('gas'), tissue('bowel_fluid'), tissue('stomach_content')];
  const main = r.chance(0.5) ? fluid : food;
  const wall = {
    label: label('stomach'),
    tissue: tissue('bowel_wall'),
    over: over([tissue('visceral_fat')], [label('liver')]),
    noise: 1.4,
  };
  canvas.hollow(tract.stomach, wall, 5, (_d, _x, y) => (y < gasFront ? gas : main));
  // The gullet's mouth joins the stomach.
  canvas.tube([{ at: tract.cardia, radius: 9 }, knot(46, 12, 166, 14)], {
    label: label('stomach'),
    tissue: tissue('bowel_wall'),
    over: over([tissue('visceral_fat')], [label('liver')]),
  });
}

/** Pancreas: head in the loop of the duodenum, tail at the spleen's hilum. */
export function paintPancreas(canvas: Canvas, tract: UpperTract): void {
  const free = over(
    [tissue('visceral_fat'), tissue('arterial_blood'), tissue('venous_blood'), tissue('urine')],
    [label('stomach'), label('liver'), ...SIDES.map((s) => sided('kidney', s))],
  );
  // Only the rim of neighbours gives way; the head must not eat the liver, hence the small noise.
  canvas.tube(tract.pancreas, {
    label: label('pancreas'),
    tissue: tissue('pancreas'),
    over: free,
    noise: 1.2,
  });
}

/** Duodenum around the pancreas' head, under the mesenteric vessels, to the first jejunal loop. */
export function paintDuodenum(canvas: Canvas, patient: Patient, tract: UpperTract): void {
  const r = patient.random.fork('duodenum');
  const content = r.chance(0.7) ? tissue('bowel_fluid') : tissue('gas');
  const free = over(
    [tissue('visceral_fat'), tissue('urine')],
    ['liver', 'pancreas', 'stomach', 'gallbladder'].map((n) => label(n as 'liver')),
  );
  canvas.hollow(
    tract.duodenum,
    { label: label('duodenum'), tissue: tissue('bowel_wall'), over: free, noise: 0.6 },
    3.5,
    content,
  );
}
