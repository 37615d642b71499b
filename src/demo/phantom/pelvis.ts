import { over, type Canvas } from './canvas.ts';
import type { Point } from './curve.ts';
import { SIDES, sided, type Side } from './labels.ts';
import { jittered, type Patient } from './patient.ts';
import { capsule, ellipsoid, mirrored, plate, union, type Shape } from './shapes.ts';
import { tissue } from './tissues.ts';

/** Landmarks of the left half of the pelvis in canonical LPS mm; the right half is their mirror image. */
export const LANDMARKS = {
  sacroiliacLow: [53, 52, -88],
  sacroiliacHigh: [61, 58, -28],
  crest: [108, 10, 3],
  anteriorSpine: [116, -46, -52],
  acetabulum: [90, 0, -110],
  anteriorInferiorSpine: [99, -38, -96],
  head: [91, -3, -136],
  trochanter: [134, 12, -152],
  ischium: [68, 38, -186],
  symphysis: [9, -46, -158],
} as const satisfies Record<string, Point>;

/** The landmarks of one side, jittered alike for every bone and muscle that is hung on them. */
export type PelvisSide = Record<keyof typeof LANDMARKS, Point>;

/** Draws the two sides: mostly symmetric, a little of each its own. */
export function drawPelvis(patient: Patient): (side: Side) => PelvisSide {
  const both = patient.random.fork('pelvis');
  const common = Object.entries(LANDMARKS).map(
    ([name, p]) => [name, jittered(both, p, 2)] as const,
  );
  const make = (side: Side): PelvisSide => {
    const own = patient.random.fork(`pelvis${String(side)}`);
    return Object.fromEntries(
      common.map(([name, p]) => [name, mirrored(jittered(own, p, 0.8), side)]),
    ) as PelvisSide;
  };
  const left = make(1);
  const right = make(-1);
  return (side) => (side === 1 ? left : right);
}

/** Point between a and b. */
export function between(a: Point, b: Point, t: number): Point {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** The iliac wing as plates moved `offset` mm outwards (inwards if negative) and `half` mm thick to each side. */
export function wing(p: PelvisSide, side: Side, offset: number, half: number): Shape[] {
  const out = (q: Point): Point => [q[0] + side * 0.88 * offset, q[1] + 0.47 * offset, q[2]];
  const [low, high, crest, front, socket, lowFront] = [
    p.sacroiliacLow,
    p.sacroiliacHigh,
    p.crest,
    p.anteriorSpine,
    p.acetabulum,
    p.anteriorInferiorSpine,
  ].map(out) as [Point, Point, Point, Point, Point, Point];
  return [
    plate(socket, low, high, half),
    plate(socket, high, crest, half),
    plate(socket, crest, front, half),
    plate(socket, front, lowFront, half),
  ];
}

/** Hip bones with sockets, and the femurs in them. */
export function paintPelvis(
  canvas: Canvas,
  patient: Patient,
  pelvis: (side: Side) => PelvisSide,
): void {
  const r = patient.random.fork('bones');
  const cortex = tissue('bone_cortex');
  const marrow = tissue('red_marrow');
  const yellow = tissue('yellow_marrow');
  const thick = r.normal(6, 0.4);
  const headRadius = r.normal(23.5, 0.8);
  for (const side of SIDES) {
    const p = pelvis(side);
    const hip = union(
      [
        ...wing(p, side, 0, thick),
        ellipsoid(
          [p.head[0] - side * 5, p.head[1] + 4, p.head[2] + 8],
          [headRadius + 8, headRadius + 8, headRadius + 7],
        ),
        capsule(between(p.acetabulum, p.ischium, 0.3), p.ischium, 14, 15),
        capsule(p.ischium, [side * 16, -30, p.symphysis[2] - 18], 8, 7),
        capsule(between(p.anteriorInferiorSpine, p.head, 0.5), p.symphysis, 9.5, 9.5),
        capsule(p.symphysis, [side * 13, -38, p.symphysis[2] - 18], 8, 7),
      ],
      6,
    );
    const label = sided('hip', side);
    const free = over(
      [tissue('visceral_fat'), tissue('muscle'), tissue('subcutaneous_fat')],
      [
        sided('iliopsoas_muscle', side),
        sided('gluteus_maximus', side),
        sided('gluteus_medius', side),
        sided('gluteus_minimus', side),
        label,
      ],
    );
    canvas.paint(hip, {
      label,
      tissue: (d) => (d > -2.4 ? cortex : marrow),
      over: free,
      noise: 0.5,
    });
    // The socket is open to the side and below: only the part around the head's upper inner half stays bone.
    const opening: Point = [p.head[0] + side * 14, p.head[1] - 2, p.head[2] - 12];
    canvas.paint(ellipsoid(opening, [25, 29, 24]), {
      label: 0,
      tissue: tissue('muscle'),
      over: over([], [label]),
    });
    canvas.paint(ellipsoid(p.head, [headRadius + 3, headRadius + 3, headRadius + 3]), {
      label: 0,
      tissue: tissue('cartilage'),
      over: over([], [label]),
    });

    const neck = between(p.head, p.trochanter, 0.8);
    const shaftTop: Point = [
      p.trochanter[0] - side * 12,
      p.trochanter[1] - 2,
      p.trochanter[2] - 14,
    ];
    const femur = union(
      [
        ellipsoid(p.head, [headRadius, headRadius, headRadius]),
        capsule(p.head, neck, 15, 15),
        capsule(p.trochanter, shaftTop, 15, 17),
        capsule(shaftTop, [side * 112, 8, -280], 16.5, 14.5),
        capsule(shaftTop, [side * 102, 20, shaftTop[2] - 20], 11, 9),
      ],
      6,
    );
    canvas.paint(femur, {
      label: sided('femur', side),
      tissue: (d) => (d > -3 ? cortex : yellow),
      noise: 0.4,
    });
  }
}
