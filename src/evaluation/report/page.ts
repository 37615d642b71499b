import type { Evaluation } from '../evaluation.ts';
import { ALL } from '../summary.ts';
import { plotSection, scanTypesOf } from './plots.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { overviewTable, structureTable, worstTable } from './tables.ts';
import { escape, nameOf } from './text.ts';

/**
 * An evaluation as one HTML page that asks for nothing over the network: overview, box plots by structure
 * and scan type, sortable tables, the worst cases, and what everything means and was made with.
 */
export function htmlReport(evaluation: Evaluation): string {
  const { cases, summary, parameters } = evaluation;
  const types = scanTypesOf(evaluation);
  const structures = summary.overall.find((one) => one.group === ALL)?.structures ?? 0;
  const lead = [
    `${cases.length} ${cases.length === 1 ? 'case' : 'cases'}`,
    `${structures} structures`,
    ...(types.length > 1 ? [`${types.length} scan types: ${types.join(', ')}`] : []),
  ].join(' · ');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline';script-src 'unsafe-inline';base-uri 'none';form-action 'none'">
<meta name="generator" content="Situs ${escape(evaluation.situs)}"><title>Segmentation evaluation</title><style>${STYLE}</style></head>
<body><main>
<header><h1>Segmentation evaluation</h1><p class="lead">${escape(lead)}</p></header>
${notices(evaluation)}
${
  cases.length === 0
    ? '<p>No pair of label files could be compared.</p>'
    : `<section aria-labelledby="overview-h"><h2 id="overview-h">Overview</h2>
${overviewTable(evaluation)}</section>
${plotSection(evaluation)}
<section aria-labelledby="structures-h"><h2 id="structures-h">Structures in numbers</h2>
${structureTable(evaluation)}</section>
<section aria-labelledby="worst-h"><h2 id="worst-h">Worst cases</h2>
<p class="hint">Where to look first. Click a column's head to sort by it; every case is in <code>metrics.csv</code>.</p>
${worstTable(evaluation)}</section>`
}
${definitions(evaluation)}
<footer>Situs ${escape(evaluation.situs)} · ${escape(evaluation.madeAt)} · ${escape(parameters.reference)} against ${escape(parameters.prediction)}. Research software, not a medical device.</footer>
</main><script>${SCRIPT}</script></body></html>
`;
}

/** What did not go into the figures: first what a reader must know, then what may be looked up. */
function notices({ refused, unpaired, leftOut, notes }: Evaluation): string {
  const list = (items: readonly string[]): string =>
    `<ul>${items.map((item) => `<li>${escape(item)}</li>`).join('')}</ul>`;
  const parts: string[] = [];
  if (refused.length > 0) {
    const items = refused.map((one) => `${one.case}: ${one.code}: ${one.message}`);
    parts.push(`<div class="notice" role="note"><h3>${refused.length} ${refused.length === 1 ? 'pair' : 'pairs'} could not be compared</h3>${list(items)}</div>`); // prettier-ignore
  }
  if (unpaired.length > 0) {
    const items = unpaired.map((one) => `${one.path} (${one.side})`);
    parts.push(`<div class="notice" role="note"><h3>${unpaired.length} label ${unpaired.length === 1 ? 'file has' : 'files have'} no partner and ${unpaired.length === 1 ? 'was' : 'were'} not compared</h3>${list(items)}</div>`); // prettier-ignore
  }
  if (leftOut.length > 0) {
    const items = leftOut.map((one) => `${nameOf(one.structure)} (${one.side})`);
    parts.push(`<details><summary>${leftOut.length} structures that only one side knows were left out</summary>${list(items)}</details>`); // prettier-ignore
  }
  if (notes.length > 0) {
    parts.push(`<details><summary>${notes.length} notes on the files</summary>${list(notes)}</details>`); // prettier-ignore
  }
  return parts.join('\n');
}

function definitions({ parameters, situs }: Evaluation): string {
  const invented =
    parameters.invented === 'zero'
      ? 'counts as Dice 0 (as in nnU-Net)'
      : 'is left out of all statistics (as in TotalSegmentator and MONAI)';
  const terms: readonly (readonly [string, string])[] = [
    ['Dice', 'twice the common volume over the sum of both volumes'],
    [
      'Surface Dice',
      `share of both surfaces that lies within ${parameters.toleranceMm} mm of the other one (normalised surface distance)`,
    ],
    [
      'HD95, HD',
      'distance in mm that 95 % (all) of the surface area keeps to the other surface, the worse of both directions; only where both have the structure',
    ],
    ['Volume error', 'prediction minus reference, in mL and in percent of the reference'],
    ['Missed', 'in the reference, not in the prediction: Dice and surface Dice 0, no distance'],
    ['Invented', `in the prediction, not in the reference: ${invented}, no distance`],
    ['n', 'cases that count; a structure that both lack counts nowhere'],
    ['Means', 'over cases first, then over structures, each counting once'],
    ['Definitions', 'those of Google DeepMind’s surface-distance 0.1; SD with n − 1; quartiles interpolated linearly'],
    ['Reference labels', parameters.referenceLabels],
    ['Prediction labels', parameters.predictionLabels],
    ['Structures', parameters.structures?.map(nameOf).join(', ') ?? 'all that both sides know'],
    ['Made with', `Situs ${situs}`],
  ]; // prettier-ignore
  return `<section aria-labelledby="meaning"><h2 id="meaning">What the figures mean</h2><dl>${terms
    .map(([term, text]) => `<dt>${escape(term)}</dt><dd>${escape(text)}</dd>`)
    .join('')}</dl></section>`;
}
