import type { Measure } from '../types.ts';

/** How a measure is called, read and drawn. */
export interface MeasureWords {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  /** Which way is better, for readers. */
  readonly better: string;
  /** Ends of the axis that never move. */
  readonly range: readonly [number | null, number | null];
}

export const WORDS: Readonly<Record<Measure, MeasureWords>> = {
  dice: { title: 'Dice', unit: '', digits: 3, better: 'higher is better', range: [0, 1] },
  surfaceDice: {
    title: 'Surface Dice',
    unit: '',
    digits: 3,
    better: 'higher is better',
    range: [0, 1],
  },
  hd95: { title: 'HD95', unit: 'mm', digits: 1, better: 'lower is better', range: [0, null] },
  hd: { title: 'HD', unit: 'mm', digits: 1, better: 'lower is better', range: [0, null] },
  volumeErrorMl: {
    title: 'Volume error',
    unit: 'mL',
    digits: 1,
    better: '0 is best; positive: predicted too large',
    range: [null, null],
  },
  volumeErrorPercent: {
    title: 'Relative volume error',
    unit: '%',
    digits: 1,
    better: '0 is best; positive: predicted too large',
    range: [null, null],
  },
};

/** Measures with a plot, in the order of the tabs. */
export const PLOTTED: readonly Measure[] = [
  'dice',
  'surfaceDice',
  'hd95',
  'hd',
  'volumeErrorPercent',
];

export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A number for readers; a dash where there is none. */
export function figure(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined) return '–';
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

export function nameOf(structure: string): string {
  return structure.replaceAll('_', ' ');
}
