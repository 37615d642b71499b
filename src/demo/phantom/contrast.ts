import type { Random } from './random.ts';
import { TISSUES, type Tissue } from './tissues.ts';
import { PI, abs, cos, exp, min, sin } from './maths.ts';

export type FieldStrength = 1.5 | 3;

/**
 * What a sequence makes of each tissue, by position in the tissue table. Water and fat are kept apart
 * because they add in phase and cancel in opposed phase inside a voxel that holds both.
 */
export interface Contrast {
  readonly water: Float64Array;
  readonly fat: Float64Array;
  /** +1 when fat and water add, −1 when they cancel. */
  readonly fatSign: 1 | -1;
  /** Standard deviation of the texture, in the same unit. */
  readonly texture: Float64Array;
}

/** How a patient's tissues stray from the table; one draw serves all scans of a study. */
export interface Variation {
  readonly density: Float64Array;
  readonly t1: Float64Array;
  readonly t2: Float64Array;
  readonly hu: Float64Array;
  /** Uptake of contrast agent relative to the table. */
  readonly uptake: number;
  /** Additional fat share of the liver (steatosis is common). */
  readonly liverFat: number;
}

/** Draws a patient's variation. */
export function drawVariation(random: Random): Variation {
  const r = random.fork('variation');
  const factors = (sd: number): Float64Array =>
    Float64Array.from(TISSUES, () => exp(r.normal(0, sd)));
  return {
    density: factors(0.03),
    t1: factors(0.05),
    t2: factors(0.06),
    hu: Float64Array.from(TISSUES, (t) => r.normal(0, min(8, 2 + 0.03 * abs(t.hu)))),
    uptake: r.normal(1, 0.1),
    liverFat: r.chance(0.35) ? r.uniform(0.03, 0.15) : 0,
  };
}

/** Relaxation of fat itself, whatever the tissue around it (de Bazelaire 2004), ms. */
const FAT = { 1.5: { t1: 343, t2: 58 }, 3: { t1: 382, t2: 68 } } as const;
const BLOOD = new Set(['arterial_blood', 'venous_blood', 'portal_blood']);

interface Relaxed {
  readonly tissue: Tissue;
  readonly density: number;
  readonly fat: number;
  readonly water: number;
  readonly t1: number;
  readonly t2: number;
}

function relaxed(variation: Variation, field: FieldStrength): Relaxed[] {
  const key = field === 3 ? 't30' : 't15';
  return TISSUES.map((tissue, i) => {
    const extra = tissue.name === 'liver' ? variation.liverFat : 0;
    return {
      tissue,
      density: tissue.protonDensity * (variation.density[i] ?? 1),
      fat: tissue.fat + extra,
      water: tissue.water - extra,
      t1: tissue.t1[key] * (variation.t1[i] ?? 1),
      t2: tissue.t2[key] * (variation.t2[i] ?? 1),
    };
  });
}

/** Steady state of a spoiled gradient echo for unit proton density (times in ms, flip in degrees). */
export function spoiledGradientEcho(
  t1: number,
  t2star: number,
  tr: number,
  te: number,
  flip: number,
): number {
  const a = (flip * PI) / 180;
  const e1 = exp(-tr / t1);
  return ((sin(a) * (1 - e1)) / (1 - cos(a) * e1)) * exp(-te / t2star);
}

/** Echo times (ms) at which fat and water oppose and join: 3.4 ppm apart, so 2.3 and 4.6 ms at 1.5 T. */
export function echoTimes(field: FieldStrength): { opposed: number; inPhase: number } {
  return field === 3 ? { opposed: 1.15, inPhase: 2.3 } : { opposed: 2.3, inPhase: 4.6 };
}

function contrast(
  tissues: readonly Relaxed[],
  fatSign: 1 | -1,
  signal: (t: Relaxed) => { water: number; fat: number },
): Contrast {
  const parts = tissues.map(signal);
  return {
    water: Float64Array.from(parts, (p) => p.water),
    fat: Float64Array.from(parts, (p) => p.fat),
    fatSign,
    texture: Float64Array.from(
      parts,
      (p, i) => abs(p.water + fatSign * p.fat) * (tissues[i]?.tissue.texture ?? 0),
    ),
  };
}

/** T1-weighted spoiled gradient echo at a phase of fat and water. T2* is taken as 0.6 T2. */
export function gradientEcho(
  variation: Variation,
  field: FieldStrength,
  phase: 'in_phase' | 'opposed_phase',
  timing: { readonly tr: number; readonly flip: number; readonly te: number },
): Contrast {
  const { tr, flip, te } = timing;
  const fatSignal = spoiledGradientEcho(FAT[field].t1, 0.6 * FAT[field].t2, tr, te, flip);
  return contrast(relaxed(variation, field), phase === 'in_phase' ? 1 : -1, (t) => {
    // Fresh blood flows in unsaturated.
    const inflow = t.tissue.name === 'arterial_blood' ? 1.5 : BLOOD.has(t.tissue.name) ? 1.15 : 1;
    const water = spoiledGradientEcho(t.t1, 0.6 * t.t2, tr, te, flip);
    return { water: t.density * t.water * water * inflow, fat: t.density * t.fat * fatSignal };
  });
}

/** Single-shot fast spin echo: proton density and T2 only; flowing blood is dark, fat brighter than its T2 says. */
export function singleShotSpinEcho(
  variation: Variation,
  field: FieldStrength,
  te: number,
): Contrast {
  return contrast(relaxed(variation, field), 1, (t) => {
    const flow =
      t.tissue.name === 'arterial_blood'
        ? 0.15
        : BLOOD.has(t.tissue.name)
          ? 0.4
          : t.tissue.name === 'myocardium'
            ? 0.6
            : 1;
    // Refocusing pulses in quick succession undo J-coupling, which lengthens the T2 of fat.
    return {
      water: t.density * t.water * flow * exp(-te / t.t2),
      fat: t.density * t.fat * exp(-te / (2.2 * FAT[field].t2)),
    };
  });
}

/** Apparent diffusion coefficients by tissue, 1e-3 mm²/s (fluids 3.0; else about 1.2). */
const DIFFUSION: Readonly<Record<string, number>> = {
  csf: 3, urine: 3, bile: 2.9, bowel_fluid: 2.6, stomach_content: 2.2, spleen: 0.85, liver: 1.15,
  kidney_cortex: 2, kidney_medulla: 1.9, muscle: 1.5, red_marrow: 0.5, pancreas: 1.3,
}; // prettier-ignore

/** Fat-suppressed echo-planar diffusion image at a b-value, s/mm². */
export function diffusion(variation: Variation, field: FieldStrength, b: number): Contrast {
  return contrast(relaxed(variation, field), 1, (t) => {
    const adc = DIFFUSION[t.tissue.name] ?? 1.2;
    const flow = BLOOD.has(t.tissue.name) ? 0.1 : 1;
    return {
      water: t.density * t.water * flow * exp(-65 / t.t2) * exp((-b * adc) / 1000),
      fat: t.density * t.fat * 0.03,
    };
  });
}

/** Apparent diffusion coefficient itself, 1e-6 mm²/s. */
export function diffusionMap(variation: Variation, field: FieldStrength): Contrast {
  return contrast(relaxed(variation, field), 1, (t) => ({
    water: t.density * t.water > 0.1 ? 1000 * (DIFFUSION[t.tissue.name] ?? 1.2) : 0,
    fat: 0,
  }));
}

/** Difference of fat-suppressed T1 images after and before gadolinium: follows the uptake of the tissue. */
export function enhancement(variation: Variation, field: FieldStrength): Contrast {
  return contrast(relaxed(variation, field), 1, (t) => ({
    water: (t.density * (variation.uptake * (t.tissue.huEnhanced - t.tissue.hu))) / 150,
    fat: 0,
  }));
}

/** CT numbers in HU, plain or in the portal venous phase. HU are carried as "water"; there is no fat signal. */
export function computedTomography(variation: Variation, enhanced: boolean): Contrast {
  const uptake = enhanced ? variation.uptake : 0;
  return {
    water: Float64Array.from(TISSUES, (t, i) =>
      t.name === 'air' ? t.hu : t.hu + uptake * (t.huEnhanced - t.hu) + (variation.hu[i] ?? 0),
    ),
    fat: new Float64Array(TISSUES.length),
    fatSign: 1,
    texture: Float64Array.from(TISSUES, (t) => t.huTexture),
  };
}
