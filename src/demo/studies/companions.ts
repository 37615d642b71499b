import {
  computedTomography, diffusion, diffusionMap, drawVariation, enhancement, gradientEcho, singleShotSpinEcho,
  type Contrast, type FieldStrength,
} from '../phantom/contrast.ts'; // prettier-ignore
import { bodyBox, heightOf, planGrid, type Plan, type ScanGrid } from '../phantom/geometry.ts';
import { label } from '../phantom/labels.ts';
import type { Phantom } from '../phantom/phantom.ts';
import { random } from '../phantom/random.ts';
import { expose, magnitudeImage, receiverGain, sample } from '../phantom/render.ts';

/** A rendered stack before it has headers. */
export interface Picture {
  readonly grid: ScanGrid;
  readonly voxels: Int16Array;
}

/** Middle of the upper abdomen: between the top of the liver and the lower pole of the right kidney. */
function abdomen(phantom: Phantom): readonly [number, number, number] {
  const body = bodyBox(phantom);
  const top = heightOf(phantom, label('liver')).top;
  const bottom = heightOf(phantom, label('right_kidney')).bottom;
  return [body.centre[0], body.centre[1], (top + bottom) / 2];
}

function shoot(
  phantom: Phantom,
  name: string,
  plan: Plan,
  contrasts: readonly Contrast[],
  noiseLevel: number,
): Picture[] {
  const grid = planGrid(plan);
  const sampling = sample(phantom, grid);
  const root = random(phantom.seed).fork(`companion ${name}`);
  const clean = contrasts.map((c) => expose(sampling, c));
  const [first] = clean;
  const gain = first === undefined ? 1 : receiverGain(first);
  return clean.map((c, i) => ({
    grid,
    voxels: magnitudeImage(c, grid, root, noiseLevel, gain, String(i)),
  }));
}

/** Three planes with three thick slices each. */
export function localizer(phantom: Phantom, field: FieldStrength): Picture[] {
  const centre = abdomen(phantom);
  const contrast = singleShotSpinEcho(drawVariation(random(phantom.seed)), field, 60);
  return (['axial', 'coronal', 'sagittal'] as const).flatMap((orientation) =>
    shoot(
      phantom,
      `localizer ${orientation}`,
      {
        orientation,
        centre,
        matrix: [112, 128],
        pixel: 3.4,
        slices: 3,
        sliceSpacing: 40,
        thickness: 8,
      },
      [contrast],
      0.04,
    ),
  );
}

/** Diffusion images at the b-values, and the map of the apparent diffusion coefficient (1e-6 mm²/s) last. */
export function diffusionSet(
  phantom: Phantom,
  field: FieldStrength,
  bValues: readonly number[],
): { readonly images: Picture[]; readonly map: Picture } {
  const variation = drawVariation(random(phantom.seed));
  const plan: Plan = {
    orientation: 'axial',
    centre: abdomen(phantom),
    matrix: [96, 128],
    pixel: 3.1,
    slices: 20,
    sliceSpacing: 9,
    thickness: 7,
  };
  const images = shoot(
    phantom,
    'diffusion',
    plan,
    bValues.map((b) => diffusion(variation, field, b)),
    0.03,
  );
  const grid = planGrid(plan);
  const clean = expose(sample(phantom, grid), diffusionMap(variation, field));
  return { images, map: { grid, voxels: Int16Array.from(clean.signal, (v) => Math.round(v)) } };
}

/** Contrast-enhanced minus plain T1. */
export function subtraction(phantom: Phantom, field: FieldStrength): Picture[] {
  return shoot(
    phantom,
    'subtraction',
    {
      orientation: 'axial',
      centre: abdomen(phantom),
      matrix: [96, 128],
      pixel: 3,
      slices: 24,
      sliceSpacing: 6,
      thickness: 6,
    },
    [enhancement(drawVariation(random(phantom.seed)), field)],
    0.03,
  );
}

/** Fat-suppressed T1 before contrast agent: the water part of a short spoiled gradient echo. */
export function fatSuppressedT1(phantom: Phantom, field: FieldStrength): Picture[] {
  const variation = drawVariation(random(phantom.seed));
  const timing = { tr: 4.2, flip: 10, te: 1.9 };
  const both = gradientEcho(variation, field, 'in_phase', timing);
  return shoot(
    phantom,
    'fat suppressed',
    {
      orientation: 'axial',
      centre: abdomen(phantom),
      matrix: [96, 128],
      pixel: 3,
      slices: 30,
      sliceSpacing: 5,
      thickness: 5,
    },
    [{ ...both, fat: both.fat.map((f) => 0.06 * f) }],
    0.02,
  );
}

/** Heavily T2-weighted coronal thick slabs turned about the long axis: bile and bowel fluid only. */
export function thickSlabs(phantom: Phantom, field: FieldStrength): Picture[] {
  const contrast = singleShotSpinEcho(drawVariation(random(phantom.seed)), field, 750);
  return [-20, 0, 20].flatMap((angle) =>
    shoot(
      phantom,
      `slab ${String(angle)}`,
      {
        orientation: 'coronal',
        centre: abdomen(phantom),
        matrix: [128, 128],
        pixel: 2.5,
        slices: 1,
        sliceSpacing: 40,
        thickness: 40,
        tilt: [0, 0, angle],
      },
      [contrast],
      0.02,
    ),
  );
}

/** Projections of the whole body from the front and from the side, as a CT scout; values like HU. */
export function scout(phantom: Phantom): Picture[] {
  const density = computedTomography(drawVariation(random(phantom.seed)), false).water;
  const body = bodyBox(phantom);
  return (['coronal', 'sagittal'] as const).map((orientation) => {
    const deep = orientation === 'coronal' ? body.size[1] : body.size[0];
    const grid = planGrid({
      orientation,
      centre: body.centre,
      matrix: [8 * Math.ceil(body.size[2] / 20), 160],
      pixel: 2.5,
      slices: 1,
      sliceSpacing: deep,
      thickness: deep,
    });
    const sampling = sample(phantom, grid);
    const voxels = new Int16Array(sampling.labels.length);
    for (let i = 0, t = 0; i < voxels.length; i++) {
      let sum = 0;
      for (let o = 0; o < sampling.count; o++, t++)
        sum += 1000 + Math.min(1000, density[sampling.tissues[t] ?? 0] ?? -1000);
      voxels[i] = Math.round(Math.min(2000, (0.9 * sum) / sampling.count) - 700);
    }
    return { grid, voxels };
  });
}

/** A dose report as CT consoles paint it: a table of rules and bars on black, 8 bits. */
export function doseReportPicture(seed: number): {
  readonly rows: number;
  readonly columns: number;
  readonly pixels: Uint8Array;
} {
  const [rows, columns] = [128, 192];
  const pixels = new Uint8Array(rows * columns);
  const r = random(seed).fork('dose report');
  const bar = (x: number, y: number, width: number, height: number, value: number): void => {
    for (let j = y; j < y + height; j++)
      pixels.fill(value, j * columns + x, j * columns + x + width);
  };
  bar(8, 24, 176, 1, 200);
  for (let line = 0; line < 4; line++) {
    const y = 36 + 18 * line;
    for (const x of [10, 60, 104, 148]) bar(x, y, r.integer(14, 34), 6, 230);
    bar(8, y + 11, 176, 1, 90);
  }
  bar(10, 8, 90, 8, 255);
  return { rows, columns, pixels };
}
