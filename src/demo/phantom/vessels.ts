import { over, type Canvas } from './canvas.ts';
import { knot, type Knot, type Point } from './curve.ts';
import { SIDES, label, sided } from './labels.ts';
import { jittered, type Patient } from './patient.ts';
import { tissue } from './tissues.ts';

/** Where vessels meet, canonical mm. */
export interface VesselTree {
  aorta: Knot[];
  venaCava: Knot[];
  portal: Knot[];
  splenic: Knot[];
  hilum: Point;
  venaCavaTop: Point;
  arteryFork: Point;
  veinFork: Point;
}

/** Draws the courses of the great vessels. */
export function drawVessels(patient: Patient): VesselTree {
  const r = patient.random.fork('vessels');
  const wide = r.normal(1, 0.06);
  const sway = r.normal(0, 2.5);
  const arteryFork = jittered(r, [4, 0, 4], 2);
  const veinFork: Point = [arteryFork[0] - 18, arteryFork[1] + 7, arteryFork[2] - 11];
  const a = 11 * wide;
  const v = 11.5 * r.normal(1, 0.07);
  const confluence = jittered(r, [-6, -22, 106], 2);
  const hilum = jittered(r, [-46, -14, 140], 2);
  const p = 7 * r.normal(1, 0.05);
  return {
    aorta: [
      knot(24, 28, 320, a * 1.1),
      knot(22, 28, 260, a * 1.1),
      knot(17, 24, 205, a * 1.05),
      knot(10 + sway, 10, 150, a),
      knot(8 + sway, -1, 100, a * 0.97),
      knot(7 + sway / 2, -5, 50, a * 0.92),
      { at: arteryFork, radius: a * 0.88 },
    ],
    venaCava: [
      { at: veinFork, radius: v * 0.9 },
      knot(-19 + sway, -2, 45, v),
      knot(-22 + sway, -5, 100, v),
      knot(-24, -2, 150, v * 1.05),
      knot(-22, 0, 190, v * 1.1),
      knot(-14, -14, 222, v * 1.1),
    ],
    portal: [
      { at: confluence, radius: p * 1.05 },
      knot(-26, -20, 124, p),
      { at: hilum, radius: p },
      knot(-74, 0, 148, p * 0.85),
    ],
    splenic: [
      { at: confluence, radius: p },
      knot(18, -24, 111, p * 0.95),
      knot(48, -2, 122, p * 0.92),
      knot(76, 20, 128, p * 0.92),
    ],
    hilum,
    venaCavaTop: [-22, 0, 190],
    arteryFork,
    veinFork,
  };
}

const softTissue = (): number[] => [tissue('visceral_fat'), tissue('muscle')];

/** Aorta, inferior vena cava, and the roots of the mesenteric vessels (no label). */
export function paintGreatVessels(canvas: Canvas, tree: VesselTree): void {
  const arterial = tissue('arterial_blood');
  const venous = tissue('venous_blood');
  const psoas = SIDES.map((s) => sided('iliopsoas_muscle', s));
  const lungs = SIDES.map((s) => sided('lung', s));
  const free = over(softTissue(), [
    label('liver'),
    label('heart'),
    label('esophagus'),
    ...lungs,
    ...psoas,
    ...SIDES.map((s) => sided('kidney', s)),
    ...SIDES.map((s) => sided('adrenal_gland', s)),
  ]);
  canvas.tube(tree.aorta, { label: label('aorta'), tissue: arterial, over: free, noise: 0.4 });
  canvas.tube(tree.venaCava, {
    label: label('inferior_vena_cava'),
    tissue: venous,
    over: free,
    noise: 0.6,
  });
  const fat = over([tissue('visceral_fat')]);
  canvas.tube(
    [knot(8, -6, 108, 4), knot(6, -28, 92, 4), knot(0, -34, 40, 3.5), knot(-20, -35, -5, 3)],
    { tissue: arterial, over: fat },
  );
  canvas.tube(
    [knot(-6, -22, 106, 5), knot(-10, -34, 80, 5), knot(-12, -38, 35, 4), knot(-28, -40, 0, 3)],
    { tissue: venous, over: fat },
  );
  for (const side of SIDES)
    canvas.tube([knot(6, -3, 95, 3.5), knot(side * 36, 24, side === 1 ? 92 : 78, 3.5)], {
      tissue: arterial,
      over: fat,
    });
}

/** Portal vein to the liver's hilum, and the splenic vein along the pancreas. */
export function paintPortalVein(canvas: Canvas, tree: VesselTree): void {
  const names = ['liver', 'pancreas', 'duodenum', 'stomach', 'spleen', 'gallbladder'] as const;
  const free = over(
    [...softTissue(), tissue('arterial_blood'), tissue('venous_blood')],
    names.map(label),
  );
  const stroke = {
    label: label('portal_vein_and_splenic_vein'),
    tissue: tissue('portal_blood'),
    over: free,
    noise: 0.3,
  };
  canvas.tube(tree.splenic, stroke);
  canvas.tube(tree.portal, stroke);
}

/** Common and external iliac arteries and veins down to the groin. */
export function paintIliacs(canvas: Canvas, patient: Patient, tree: VesselTree): void {
  const r = patient.random.fork('iliacs');
  const wide = r.normal(1, 0.06);
  const free = (side: 1 | -1): ReturnType<typeof over> =>
    over([...softTissue(), tissue('urine')], [sided('iliopsoas_muscle', side)]);
  for (const side of SIDES) {
    const bow = r.normal(0, 2);
    const artery: Knot[] = [
      { at: tree.arteryFork, radius: 7 * wide },
      knot(side * (20 + bow), 2, -22, 7 * wide),
      knot(side * (40 + bow), 8, -55, 6.8 * wide),
      knot(side * (58 + bow), -4, -90, 6.6 * wide),
      knot(side * 68, -36, -124, 6.5 * wide),
      knot(side * 72, -52, -142, 6.5 * wide),
    ];
    const x = (n: number): number => side * (n + bow);
    const vein: Knot[] = [
      { at: tree.veinFork, radius: 7.5 * wide },
      knot(side === 1 ? 8 : -24, 14, -28, 7.5 * wide),
      knot(x(32), 21, -58, 7.3 * wide),
      knot(x(48), 11, -96, 7 * wide),
      knot(side * 56, -26, -127, 7 * wide),
      knot(side * 59, -45, -146, 7 * wide),
    ];
    canvas.tube(vein, {
      label: sided('iliac_vena', side),
      tissue: tissue('venous_blood'),
      over: free(side),
      noise: 0.3,
    });
    const overVein = free(side);
    overVein.labels[sided('iliac_vena', side)] = 1;
    canvas.tube(artery, {
      label: sided('iliac_artery', side),
      tissue: tissue('arterial_blood'),
      over: overVein,
      noise: 0.3,
    });
  }
}
