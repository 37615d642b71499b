import type { Evaluation } from '../evaluation.ts';
import type { Measure } from '../types.ts';
import { heightOf, marks, scaleOf, shareOf } from './box-plot.ts';
import { rowsOf, scanTypesOf, tickText } from './plots.ts';
import { DARK, LIGHT, PALETTE_SIZE } from './style.ts';
import { escape, nameOf, WORDS } from './text.ts';

const NAMES = 210;
const AXIS = 640;
const MARGIN = 20;
const TOP = 64;

/** The box plot of a measure by structure and scan type as a picture of its own (SVG). */
export function boxPlotPicture(
  evaluation: Pick<Evaluation, 'cases' | 'summary' | 'parameters'>,
  measure: Measure,
): string {
  const words = WORDS[measure];
  const rows = rowsOf(evaluation, measure);
  const scale = scaleOf(rows, words);
  const types = scanTypesOf(evaluation);
  const across = (share: number): string => (share * AXIS).toFixed(2);
  const rowHeight = heightOf(types.length);
  const height = TOP + rows.length * rowHeight + 24;
  const width = NAMES + AXIS + MARGIN;
  const ticks = scale.ticks.map((tick) => {
    const x = NAMES + shareOf(tick, scale) * AXIS;
    const text = tickText(tick, scale, words);
    return `<line class="grid" x1="${x}" x2="${x}" y1="${TOP}" y2="${height - 24}"/><text x="${x}" y="${TOP - 6}" text-anchor="middle">${text}</text><text x="${x}" y="${height - 8}" text-anchor="middle">${text}</text>`;
  });
  const legend = types.map(
    (type, index) =>
      `<g class="c${index % PALETTE_SIZE}" transform="translate(${NAMES + index * 130} 30)"><rect class="swatch" width="22" height="10" rx="2"/><text x="28" y="9">${escape(type)}</text></g>`,
  );
  const body = rows.map(
    (row, index) =>
      `<g transform="translate(0 ${TOP + index * rowHeight})">${index % 2 === 1 ? `<rect class="band" width="${width}" height="${rowHeight}"/>` : ''}<text class="name" x="${NAMES - 10}" y="${rowHeight / 2 + 4}" text-anchor="end">${escape(nameOf(row.label))}</text><g transform="translate(${NAMES} 0)">${marks(row.boxes, scale, words, across)}</g></g>`,
  );
  const unit = words.unit === '' ? '' : ` in ${words.unit}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(words.title)} by structure and scan type">
<style>${styleOf()}</style><rect class="paper" width="${width}" height="${height}"/>
<text class="title" x="${NAMES}" y="20">${escape(words.title + unit)} (${escape(words.better)})</text>
${legend.join('')}
${body.map((row) => row.replaceAll('\n', '')).join('\n')}
${ticks.join('')}</svg>
`;
}

function styleOf(): string {
  const colours = (palette: readonly string[]): string =>
    palette.map((colour, index) => `.c${index}{color:${colour}}`).join('');
  return `text{font:11px system-ui,sans-serif;fill:#5b6168}.name,.title{fill:#1a1c1f}.title{font-size:14px;font-weight:600}.paper{fill:#fff}.band{fill:#f4f6f8}.grid{stroke:#c8ced6;stroke-width:.7}.box line,.box rect,.box circle,.swatch{stroke:currentColor;stroke-width:1.2;fill:none}.box rect,.swatch{fill:currentColor;fill-opacity:.3}.box .median{stroke-width:2.4}.box .beyond{fill:currentColor}${colours(LIGHT)}@media (prefers-color-scheme:dark){text{fill:#a2a9b1}.name,.title{fill:#e8eaed}.paper{fill:#14171a}.band{fill:#1d2125}.grid{stroke:#3c434b}${colours(DARK)}}`;
}
