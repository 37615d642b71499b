import type { HeaderValue } from '../contracts/index.ts';

/** Chemical shift between water and the main fat peak (CH2) in parts per million. */
const FAT_SHIFT_PPM = 3.4;
/** Larmor frequency of hydrogen in MHz per tesla. */
const HYDROGEN_MHZ_PER_TESLA = 42.577;
/** Fractions of a water-fat cycle that still count as in phase or opposed. */
const TOLERANCE_CYCLES = 0.17;
/** Later echoes lose the meaning of "in phase": they are T2* weighted. */
const LATEST_ECHO_MS = 15;

export type EchoPhase = 'in-phase' | 'opposed-phase' | 'between';

/**
 * Milliseconds in which water and fat come back in phase: 1000 / (3.4 · f) with the imaging
 * frequency f in MHz, about 4.6 ms at 1.5 T and 2.3 ms at 3 T. Null when neither frequency nor field
 * is plausible for hydrogen (0.2 to 7.1 T; fields written in gauss are read as such).
 */
export function waterFatPeriod(
  imagingFrequency: HeaderValue | undefined,
  fieldStrength: HeaderValue | undefined,
): number | null {
  const mhz =
    plausible(numberOf(imagingFrequency)) ?? plausible(fromField(numberOf(fieldStrength)));
  return mhz === null ? null : 1000 / (FAT_SHIFT_PPM * mhz);
}

/**
 * Where an echo time in ms falls in the water-fat cycle; null when it cannot be told. An echo before
 * a third of the first cycle is `between`: at time zero everything is in phase and means nothing.
 */
export function echoPhase(
  echoTime: HeaderValue | undefined,
  period: number | null,
): EchoPhase | null {
  const time = numberOf(echoTime);
  if (time === null || period === null || time <= 0 || time > LATEST_ECHO_MS) return null;
  const cycles = time / period;
  if (cycles < 1 / 3) return 'between';
  const toWhole = Math.abs(cycles - Math.round(cycles));
  if (toWhole <= TOLERANCE_CYCLES) return 'in-phase';
  return toWhole >= 0.5 - TOLERANCE_CYCLES ? 'opposed-phase' : 'between';
}

export function numberOf(value: HeaderValue | undefined): number | null {
  const single = typeof value === 'object' ? value[0] : value;
  if (single === undefined || single === '') return null;
  const number = Number(single);
  return Number.isFinite(number) ? number : null;
}

function fromField(field: number | null): number | null {
  if (field === null) return null;
  const tesla = field > 100 ? field / 10_000 : field;
  return tesla * HYDROGEN_MHZ_PER_TESLA;
}

function plausible(mhz: number | null): number | null {
  return mhz !== null && mhz >= 0.2 * HYDROGEN_MHZ_PER_TESLA && mhz <= 7.1 * HYDROGEN_MHZ_PER_TESLA
    ? mhz
    : null;
}
