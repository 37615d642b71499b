import { ALL, counted } from '../summary.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Measure } from '../types.ts';
import { describe, heightOf, marks, scaleOf, shareOf, type Row, type Scale } from './box-plot.ts';
import { PALETTE_SIZE } from './style.ts';
import { escape, figure, nameOf, PLOTTED, WORDS, type MeasureWords } from './text.ts';

/** Scan types in the order of their colours. */
export function scanTypesOf({ cases }: Pick<Evaluation, 'cases'>): string[] {
  return [...new Set(cases.map((one) => one.scanType))].sort();
}

/** A row a structure, a box a scan type; structures that no case has are left out. */
export function rowsOf(
  evaluation: Pick<Evaluation, 'cases' | 'summary' | 'parameters'>,
  measure: Measure,
): Row[] {
  const types = scanTypesOf(evaluation);
  const names = evaluation.summary.structures
    .filter((one) => one.group === ALL && one.cases > one.absent)
    .map((one) => one.structure);
  return [...new Set(names)].map((structure) => ({
    label: structure,
    boxes: types.map((scanType, colour) => ({
      label: types.length === 1 ? '' : scanType,
      colour: colour % PALETTE_SIZE,
      values: evaluation.cases
        .filter((one) => one.scanType === scanType)
        .flatMap((one) => one.structures.filter((s) => s.structure === structure))
        .flatMap((one) => counted(one, measure, evaluation.parameters.invented) ?? []),
    })),
  }));
}

/** Box plots of every measure as tabs that need no script. */
export function plotSection(evaluation: Evaluation): string {
  const types = scanTypesOf(evaluation);
  const tabs = PLOTTED.map((measure, index) => {
    const words = WORDS[measure];
    return {
      radio: `<input type="radio" name="measure" id="m-${measure}"${index === 0 ? ' checked' : ''}><label for="m-${measure}">${escape(words.title)}</label>`,
      panel: panelOf(evaluation, measure),
    };
  });
  const legend =
    types.length < 2
      ? ''
      : `<ul class="legend">${types
          .map(
            (type, index) =>
              `<li><span class="swatch c${index % PALETTE_SIZE}"></span>${escape(type)}</li>`,
          )
          .join('')}</ul>`;
  return `<section aria-labelledby="plots"><h2 id="plots">By structure${types.length > 1 ? ' and scan type' : ''}</h2>
<p class="hint">Box: quartiles, line: median, whiskers: most extreme values within 1.5 box lengths, dots: cases beyond; ▸ lies beyond the axis. Point at a box for its numbers.</p>
${legend}<div class="tabs" role="group" aria-label="Measure">${tabs.map((tab) => tab.radio).join('')}${tabs.map((tab) => tab.panel).join('')}</div></section>`;
}

function panelOf(evaluation: Evaluation, measure: Measure): string {
  const words = WORDS[measure];
  const rows = rowsOf(evaluation, measure);
  const scale = scaleOf(rows, words);
  const unit = words.unit === '' ? '' : ` in ${words.unit}`;
  const tolerance =
    measure === 'surfaceDice' ? ` within ${evaluation.parameters.toleranceMm} mm` : '';
  return `<div class="panel p-${measure}"><p class="caption"><strong>${escape(words.title)}</strong>${escape(tolerance + unit)} <span>(${escape(words.better)})</span></p>
<div class="plot">${axisOf(scale, words)}${rows.map((row) => rowOf(row, scale, words)).join('')}${axisOf(scale, words)}</div></div>`;
}

function rowOf(row: Row, scale: Scale, words: MeasureWords): string {
  const height = heightOf(row.boxes.length);
  const text = `${nameOf(row.label)}. ${row.boxes.map((box) => describe(box, words)).join('; ')}`;
  const lines = scale.ticks
    .map((tick) => {
      const at = percent(shareOf(tick, scale));
      const zero = tick === 0 && scale.from < 0 ? ' zero' : '';
      return `<line class="grid${zero}" x1="${at}" x2="${at}" y1="0" y2="${height}"/>`;
    })
    .join('');
  return `<div class="row"><span class="name">${escape(nameOf(row.label))}</span><svg role="img" aria-label="${escape(text)}" width="100%" height="${height}">${lines}${marks(row.boxes, scale, words, percent)}</svg></div>`;
}

function axisOf(scale: Scale, words: MeasureWords): string {
  const ticks = scale.ticks
    .map((tick, index) => {
      const last = index === scale.ticks.length - 1;
      const anchor = index === 0 ? 'start' : last ? 'end' : 'middle';
      return `<text x="${percent(shareOf(tick, scale))}" y="11" text-anchor="${anchor}">${tickText(tick, scale, words)}</text>`;
    })
    .join('');
  return `<div class="row axis" aria-hidden="true"><span class="name"></span><svg width="100%" height="14">${ticks}</svg></div>`;
}

/** As many digits as the distance of the ticks needs. */
export function tickText(tick: number, { ticks }: Scale, words: MeasureWords): string {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return figure(tick, Math.min(digits, Math.max(words.digits, 1)));
}

function percent(share: number): string {
  return `${Math.round(share * 1e5) / 1e3}%`;
}
