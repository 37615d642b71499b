import { statisticsOf } from '../statistics.ts';
import { escape, figure, type MeasureWords } from './text.ts';

/** One box: the values of one scan type in one row. */
export interface Box {
  readonly label: string;
  /** Place in the palette, from 0. */
  readonly colour: number;
  readonly values: readonly number[];
}

export interface Row {
  readonly label: string;
  readonly boxes: readonly Box[];
}

/** Value axis of a plot; values beyond its ends are marked at the end. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

interface Drawn {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  /** Most extreme values within 1.5 interquartile ranges of the box (Tukey). */
  readonly low: number;
  readonly high: number;
  readonly outliers: readonly number[];
}

const BOX = 9;
const GAP = 3;
const PADDING = 5;

/** Height in pixels of a row of the plot. */
export function heightOf(boxes: number): number {
  return 2 * PADDING + boxes * BOX + (boxes - 1) * GAP;
}

/** An axis for all rows, ending where the whiskers do. */
export function scaleOf(rows: readonly Row[], words: MeasureWords): Scale {
  const drawn = rows.flatMap((row) => row.boxes.flatMap((box) => drawnOf(box.values) ?? []));
  const lowest = words.range[0] ?? Math.min(0, ...drawn.map((one) => one.low));
  const highest = words.range[1] ?? Math.max(0, ...drawn.map((one) => one.high));
  const span = highest - lowest || 1;
  const step = niceStep(span / 5);
  const from = Math.floor(lowest / step + 1e-9) * step;
  const to = Math.ceil(highest / step - 1e-9) * step || step;
  const count = Math.round((to - from) / step);
  return { from, to, ticks: Array.from({ length: count + 1 }, (_, i) => from + i * step) };
}

/**
 * The marks of one row as SVG elements.
 * @param across share of the axis (0 to 1) → horizontal coordinate, with its unit.
 */
export function marks(
  boxes: readonly Box[],
  scale: Scale,
  words: MeasureWords,
  across: (share: number) => string,
): string {
  return boxes
    .map((box, place) => {
      const drawn = drawnOf(box.values);
      if (drawn === null) return '';
      const at = (value: number): string => across(shareOf(value, scale));
      const middle = PADDING + place * (BOX + GAP) + BOX / 2;
      const top = middle - BOX / 2;
      const line = (x1: number, x2: number, y1: number, y2: number, name: string): string =>
        `<line class="${name}" x1="${at(x1)}" x2="${at(x2)}" y1="${y1}" y2="${y2}"/>`;
      const width = across(shareOf(drawn.q3, scale) - shareOf(drawn.q1, scale));
      return [
        `<g class="box c${box.colour}"><title>${escape(describe(box, words))}</title>`,
        line(drawn.low, drawn.q1, middle, middle, 'whisker'),
        line(drawn.q3, drawn.high, middle, middle, 'whisker'),
        line(drawn.low, drawn.low, top + 2, top + BOX - 2, 'whisker'),
        line(drawn.high, drawn.high, top + 2, top + BOX - 2, 'whisker'),
        `<rect x="${at(drawn.q1)}" y="${top}" width="${width}" height="${BOX}"/>`,
        line(drawn.median, drawn.median, top, top + BOX, 'median'),
        ...drawn.outliers.map((value) =>
          value < scale.from || value > scale.to
            ? `<text class="beyond" x="${at(value)}" y="${middle + 3}" text-anchor="${value > scale.to ? 'end' : 'start'}">${value > scale.to ? '▸' : '◂'}</text>`
            : `<circle cx="${at(value)}" cy="${middle}" r="1.7"/>`,
        ),
        '</g>',
      ].join('');
    })
    .join('');
}

/** A box in words: what a reader who cannot see it gets. */
export function describe(box: Box, words: MeasureWords): string {
  const drawn = drawnOf(box.values);
  const name = box.label === '' ? '' : `${box.label}: `;
  if (drawn === null) return `${name}no value`;
  const value = (one: number): string => figure(one, words.digits);
  const unit = words.unit === '' ? '' : ` ${words.unit}`;
  return `${name}median ${value(drawn.median)}${unit}, quartiles ${value(drawn.q1)} to ${value(drawn.q3)}, n ${box.values.length}`;
}

/** Where a value lies on the axis, 0 to 1, values beyond the ends at the ends. */
export function shareOf(value: number, { from, to }: Scale): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

function drawnOf(values: readonly number[]): Drawn | null {
  const { q1, median, q3 } = statisticsOf(values);
  if (q1 === null || median === null || q3 === null) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const reach = 1.5 * (q3 - q1);
  const inside = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
  return {
    q1,
    median,
    q3,
    low: Math.min(q1, inside[0] ?? q1),
    high: Math.max(q3, inside.at(-1) ?? q3),
    outliers: sorted.filter((value) => value < q1 - reach || value > q3 + reach),
  };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const mantissa = rough / power;
  const nice =
    mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 2.5 ? 2.5 : mantissa <= 5 ? 5 : 10;
  return nice * power;
}
