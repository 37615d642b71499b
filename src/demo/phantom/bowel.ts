import type { Torso } from './body.ts';
import { over, type Canvas } from './canvas.ts';
import { knot, smoothCurve, type Knot, type Point } from './curve.ts';
import { label } from './labels.ts';
import { jittered, type Patient } from './patient.ts';
import { ellipsoid } from './shapes.ts';
import { tissue } from './tissues.ts';
import type { Random } from './random.ts';
import { PI, hypot, sin } from './maths.ts';

/** Colon from the rectum round the frame to the caecum, with haustra, stool, fluid and gas. */
export function paintColon(canvas: Canvas, patient: Patient): void {
  const r = patient.random.fork('colon');
  const wide = r.normal(1, 0.08);
  const sag = r.normal(0, 10);
  const course: Knot[] = [
    knot(0, 34, -186, 13),
    knot(0, 46, -158, 19),
    knot(2, 50, -128, 20),
    knot(8, 38, -102, 17),
    knot(38, 10, -88, 16),
    knot(64, -16, -70, 16),
    knot(92, -18, -42, 18),
    knot(106, 0, -8, 19),
    knot(108, 22, 40, 19),
    knot(108, 16, 84, 20),
    knot(106, -14, 110, 20),
    knot(78, -56, 84, 22),
    knot(36, -62, 52 + sag, 23),
    knot(-12, -62, 44 + sag, 23),
    knot(-60, -56, 42, 23),
    knot(-98, -30, 44, 24),
    knot(-104, 10, 34, 24),
    knot(-104, 16, 0, 25),
    knot(-94, -4, -34, 27),
    knot(-86, -14, -56, 22),
  ].map((k) => ({ at: jittered(r, k.at, 3.5), radius: k.radius * wide }));
  const line = smoothCurve(course, 5);
  const beads = line.map((k, i): Knot => ({
    at: k.at,
    radius: k.radius * (1 + 0.1 * sin((i * 5 * 2 * PI) / 34)),
  }));
  const [gas, stool, fluid] = [tissue('gas'), tissue('stool'), tissue('bowel_fluid')];
  const wall = {
    label: label('colon'),
    tissue: tissue('bowel_wall'),
    over: over(
      [tissue('visceral_fat'), tissue('urine'), tissue('arterial_blood'), tissue('venous_blood')],
      [label('liver'), label('stomach'), label('spleen')],
    ),
    noise: 0.9,
  };
  canvas.tube(beads, wall);
  for (let i = 0; i + 1 < beads.length; i += 14) {
    const piece = beads.slice(i, i + 15);
    const level = (piece[7] ?? piece[0])?.at[1] ?? 0;
    const main = r.chance(0.65) ? stool : fluid;
    const gasLevel = level + r.uniform(-24, 6);
    canvas.tube(
      piece,
      {
        tissue: (_d, _x, y) => (y < gasLevel ? gas : main),
        over: over([], [wall.label]),
        noise: 0.9,
      },
      3.2,
    );
  }
}

/** Urinary bladder, rectally bounded pelvic organs (no label) below and behind it. */
export function paintPelvicOrgans(canvas: Canvas, patient: Patient): void {
  const r = patient.random.fork('bladder');
  const fill = r.uniform(0.78, 1.15);
  const centre = jittered(r, [0, -28, -138 + 14 * (fill - 1)], 2.5);
  const organ = tissue('pelvic_organ');
  const free = over([tissue('visceral_fat'), tissue('muscle'), tissue('urine')]);
  if (patient.sex === 'F')
    canvas.paint(ellipsoid(jittered(r, [0, 8, -116], 3), [24, 18, 32], [35, 0, 0]), {
      tissue: organ,
      over: free,
      noise: 1,
    });
  else
    canvas.paint(ellipsoid(jittered(r, [0, -14, -172], 2), [21, 16, 16]), {
      tissue: organ,
      over: free,
      noise: 0.6,
    });
  const stroke = {
    label: label('urinary_bladder'),
    over: over([tissue('visceral_fat'), tissue('muscle'), tissue('urine'), organ]),
    noise: 0.8,
  };
  const half: Point = [40 * fill, 29 * fill, 29 * fill];
  canvas.paint(ellipsoid(centre, half), { ...stroke, tissue: tissue('bowel_wall') });
  canvas.paint(ellipsoid(centre, [half[0] - 3, half[1] - 3, half[2] - 3]), {
    tissue: tissue('urine'),
    over: over([], [stroke.label]),
    noise: 0.8,
  });
}

/** A place for the bowel to wander to: jejunum upper left at t = 0, ileum lower right at t = 1. */
function destination(r: Random, t: number): Point {
  return [
    r.uniform(-96, 96) + 26 * (1 - 2 * t),
    r.uniform(-76, 22),
    r.uniform(-112, 58) + 18 * (1 - 2 * t),
  ];
}

/** Small bowel: a long random walk inside the frame of the colon, painted only where there is free fat. */
export function paintSmallBowel(
  canvas: Canvas,
  patient: Patient,
  torso: Torso,
  start: Point,
): void {
  const r = patient.random.fork('small bowel');
  const steps = 330;
  const stride = 13;
  let at = start;
  let direction: Point = [0.3, -0.6, -0.7];
  let goal = destination(r, 0);
  const walk: Knot[] = [];
  const radius = r.normal(12.5, 0.8);
  for (let i = 0; i < steps; i++) {
    walk.push({ at, radius: radius * r.uniform(0.85, 1.12) });
    const far = hypot(goal[0] - at[0], goal[1] - at[1], goal[2] - at[2]);
    if (far < 2 * stride || r.chance(0.08)) goal = destination(r, i / steps);
    const turn = (k: 0 | 1 | 2): number =>
      0.75 * direction[k] + (0.55 * (goal[k] - at[k])) / (far + 1) + r.normal(0, 0.4);
    const d: Point = [turn(0), turn(1), turn(2)];
    const n = hypot(...d) || 1;
    direction = [d[0] / n, d[1] / n, d[2] / n];
    const next: Point = [
      at[0] + stride * direction[0],
      at[1] + stride * direction[1],
      at[2] + stride * direction[2],
    ];
    if (torso.cavity(next[0], next[1], next[2]) < -radius + 2) at = next;
    else {
      direction = [-direction[0], -direction[1], -direction[2]];
      goal = destination(r, i / steps);
    }
  }
  const wall = {
    label: label('small_bowel'),
    tissue: tissue('bowel_wall'),
    over: over([tissue('visceral_fat'), tissue('urine')]),
    noise: 0.4,
  };
  const [gas, fluid, food] = [tissue('gas'), tissue('bowel_fluid'), tissue('stomach_content')];
  canvas.tube(walk, wall);
  // Lumen piece by piece with gaps of wall between, so that loops stay apart.
  for (let i = 0; i + 5 < walk.length; i += 6) {
    const content = r.chance(0.12)
      ? gas
      : r.chance(0.5)
        ? fluid
        : r.chance(0.5)
          ? food
          : wall.tissue;
    canvas.tube(
      walk.slice(i, i + 6),
      { tissue: content, over: over([], [wall.label]) },
      r.uniform(2.5, 5),
    );
  }
}
