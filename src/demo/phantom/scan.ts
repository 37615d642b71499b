import {
  computedTomography, drawVariation, echoTimes, gradientEcho, singleShotSpinEcho, type FieldStrength,
} from './contrast.ts'; // prettier-ignore
import { bodyBox, heightOf, planGrid, type Orientation, type ScanGrid } from './geometry.ts';
import { label } from './labels.ts';
import type { Phantom } from './phantom.ts';
import { random } from './random.ts';
import { attenuationImage, expose, magnitudeImage, receiverGain, sample } from './render.ts';
import { ceil, max, min, round } from './maths.ts';

export type ScanKind = 't1_dual_echo' | 'haste' | 'ct';
export type ImageName = 'in_phase' | 'opposed_phase' | 'haste' | 'ct';

/** A scan of a phantom, and the truth on its grid. */
export interface Scan extends ScanGrid {
  readonly kind: ScanKind;
  readonly orientation: Orientation;
  readonly fieldStrength: FieldStrength | null;
  /** HU for CT, arbitrary whole numbers for MR; [slices, rows, columns], column fastest. */
  readonly images: Partial<Readonly<Record<ImageName, Int16Array>>>;
  /** 0 background, 1..40 the structures. */
  readonly labels: Uint8Array;
}

/** How a scan is taken; what is left out is drawn from the seed of the phantom. */
export interface ScanOptions {
  readonly kind: ScanKind;
  readonly orientation?: Orientation;
  readonly fieldStrength?: FieldStrength;
  /** Pixel size, mm. */
  readonly pixel?: number;
  /** Centre-to-centre distance of slices, mm. */
  readonly sliceSpacing?: number;
  /** Extent from the lowest to the highest slice of an axial scan, mm, hung below the top of the liver. */
  readonly coverage?: number;
  /** Degrees the grid is turned about x, y, z. */
  readonly tilt?: readonly [number, number, number];
}

/** Typical extent of an axial scan, mm. */
const COVERAGE: Readonly<Record<ScanKind, number>> = { t1_dual_echo: 330, haste: 330, ct: 460 };

/** The grid of a scan: the whole body across; along the body, the abdomen from above the liver downwards. */
export function scanGrid(phantom: Phantom, options: ScanOptions): ScanGrid {
  const r = random(phantom.seed).fork(`grid ${options.kind}`);
  const body = bodyBox(phantom);
  const orientation = options.orientation ?? 'axial';
  const pixel = options.pixel ?? round(r.uniform(1.9, 2.3) * 100) / 100;
  const sliceSpacing = options.sliceSpacing ?? (options.kind === 'ct' ? 5 : 6);
  const coverage = min(options.coverage ?? COVERAGE[options.kind], body.size[2]);
  const top = min(heightOf(phantom, label('liver')).top + 25, phantom.origin[2] + body.size[2]);
  const middle = top - coverage / 2;
  // Even numbers of pixels, a little air around the body.
  const pixels = (mm: number): number => 8 * ceil((mm + 16) / pixel / 8);
  const slices = (mm: number): number => ceil(mm / sliceSpacing);
  const [x, y] = body.size;
  const across: Readonly<
    Record<Orientation, readonly [rows: number, columns: number, deep: number]>
  > = {
    axial: [pixels(y), pixels(x), slices(coverage)],
    coronal: [pixels(coverage), pixels(x), slices(y)],
    sagittal: [pixels(coverage), pixels(y), slices(x)],
  };
  const [rows, columns, deep] = across[orientation];
  const square = max(rows, columns);
  return planGrid({
    orientation,
    // CT images are square.
    matrix: options.kind === 'ct' && orientation === 'axial' ? [square, square] : [rows, columns],
    slices: deep,
    pixel,
    sliceSpacing,
    // HASTE and dual echo leave gaps of about a sixth between slices.
    thickness: options.kind === 'ct' ? sliceSpacing : (sliceSpacing * 5) / 6,
    centre: [body.centre[0], body.centre[1], middle],
    ...(options.tilt === undefined ? {} : { tilt: options.tilt }),
  });
}

/** Takes a scan of a phantom. Deterministic: the same phantom and options give the same voxels. */
export function takeScan(phantom: Phantom, options: ScanOptions): Scan {
  const { kind } = options;
  const root = random(phantom.seed).fork(`scan ${kind} ${options.orientation ?? 'axial'}`);
  const variation = drawVariation(random(phantom.seed));
  const grid = scanGrid(phantom, options);
  const sampling = sample(phantom, grid);
  const fieldStrength = options.fieldStrength ?? 1.5;
  const common = {
    ...grid,
    kind,
    orientation: options.orientation ?? 'axial',
    labels: sampling.labels,
  };
  if (kind === 'ct') {
    const clean = expose(sampling, computedTomography(variation, true));
    const ct = attenuationImage(clean, grid, root, root.uniform(9, 15));
    return { ...common, fieldStrength: null, images: { ct } };
  }
  const level = root.uniform(0.012, 0.025);
  if (kind === 'haste') {
    const clean = expose(sampling, singleShotSpinEcho(variation, fieldStrength, 92));
    const haste = magnitudeImage(clean, grid, root, level, 0.75 * receiverGain(clean));
    return { ...common, fieldStrength, images: { haste } };
  }
  const te = echoTimes(fieldStrength);
  const timing = { tr: 140, flip: 70 };
  const inPhase = expose(
    sampling,
    gradientEcho(variation, fieldStrength, 'in_phase', { ...timing, te: te.inPhase }),
  );
  const opposed = expose(
    sampling,
    gradientEcho(variation, fieldStrength, 'opposed_phase', { ...timing, te: te.opposed }),
  );
  // Both echoes are read with one receiver gain and through the same coils.
  const gain = receiverGain(inPhase);
  return {
    ...common,
    fieldStrength,
    images: {
      in_phase: magnitudeImage(inPhase, grid, root, level, gain),
      opposed_phase: magnitudeImage(opposed, grid, root, level, gain, 'opposed'),
    },
  };
}
