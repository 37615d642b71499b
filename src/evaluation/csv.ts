import type { Summary } from './summary.ts';
import { MEASURES, type CaseMeasures } from './types.ts';

const METRIC_COLUMNS: Readonly<Record<(typeof MEASURES)[number], string>> = {
  dice: 'dice',
  surfaceDice: 'surface_dice',
  hd95: 'hd95_mm',
  hd: 'hd_mm',
  volumeErrorMl: 'volume_error_ml',
  volumeErrorPercent: 'volume_error_percent',
};
const STATISTICS = ['n', 'mean', 'sd', 'minimum', 'q1', 'median', 'q3', 'maximum'] as const;

/** One row a case and structure; a measure without a value is an empty cell. */
export function metricsCsv(cases: readonly CaseMeasures[]): string {
  const header = [
    'case',
    'scan_type',
    'group',
    'structure',
    'presence',
    'reference_ml',
    'prediction_ml',
    ...MEASURES.map((measure) => METRIC_COLUMNS[measure]),
  ];
  const rows = cases.flatMap((one) =>
    one.structures.map((measures) => [
      one.case,
      one.scanType,
      one.group,
      measures.structure,
      measures.presence,
      measures.referenceMl,
      measures.predictionMl,
      ...MEASURES.map((measure) => measures[measure]),
    ]),
  );
  return csv([header, ...rows]);
}

/** One row a scan type, group, structure and measure; the structure `(mean)` is the mean over structures. */
export function summaryCsv(summary: Summary): string {
  const header = [
    'scan_type',
    'group',
    'structure',
    'measure',
    'cases',
    'both',
    'missed',
    'invented',
    'absent',
    ...STATISTICS,
  ];
  const rows = summary.structures.flatMap((one) =>
    MEASURES.map((measure) => [
      one.scanType,
      one.group,
      one.structure,
      METRIC_COLUMNS[measure],
      one.cases,
      one.both,
      one.missed,
      one.invented,
      one.absent,
      ...STATISTICS.map((statistic) => one.measures[measure][statistic]),
    ]),
  );
  const means = summary.overall.flatMap((one) =>
    MEASURES.map((measure) => [
      one.scanType,
      one.group,
      '(mean)',
      METRIC_COLUMNS[measure],
      one.cases,
      null,
      one.missed,
      one.invented,
      null,
      one.structures,
      one.mean[measure],
      ...Array.from({ length: 3 }, () => null),
      one.meanOfMedians[measure],
      null,
      null,
    ]),
  );
  return csv([header, ...rows, ...means]);
}

type Cell = string | number | null;

/** RFC 4180; text that a spreadsheet would run as a formula gets a leading apostrophe. */
function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
