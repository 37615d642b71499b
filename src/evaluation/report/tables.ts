import type { Evaluation } from '../evaluation.ts';
import { ALL, counted, type StructureSummary } from '../summary.ts';
import type { StructureMeasures } from '../types.ts';
import { escape, figure, nameOf, WORDS } from './text.ts';

/** Worst cases in the list; the whole lies in metrics.csv. */
const WORST = 200;

interface Column<Item> {
  readonly title: string;
  /** Text is sorted as text, numbers as numbers. */
  readonly text?: boolean;
  readonly value: (item: Item) => string | number | null;
  readonly shown?: (item: Item) => string;
}

/** One line a scan type and group: the figures that a paper's first table has. */
export function overviewTable({ summary }: Evaluation): string {
  const columns: readonly Column<Evaluation['summary']['overall'][number]>[] = [
    { title: 'Scan type', text: true, value: (one) => typeName(one.scanType) },
    { title: 'Group', text: true, value: (one) => (one.group === ALL ? 'all' : one.group) },
    { title: 'Cases', value: (one) => one.cases },
    { title: 'Structures', value: (one) => one.structures },
    numeric('Mean Dice', (one) => one.mean.dice, WORDS.dice.digits),
    numeric('Mean surface Dice', (one) => one.mean.surfaceDice, WORDS.surfaceDice.digits),
    numeric('Median HD95, mm', (one) => one.meanOfMedians.hd95, WORDS.hd95.digits),
    numeric('Median volume error, %', (one) => one.meanOfMedians.volumeErrorPercent, 1),
    { title: 'Missed', value: (one) => one.missed },
    { title: 'Invented', value: (one) => one.invented },
  ];
  const grouped = summary.overall.some((one) => one.group !== ALL);
  return table(
    'Means over structures, every structure counting once',
    grouped ? columns : columns.filter(({ title }) => title !== 'Group'),
    summary.overall,
    'overview',
  );
}

/** One line a structure, scan type and group, sortable. */
export function structureTable({ summary }: Evaluation): string {
  const grouped = summary.structures.some((one) => one.group !== ALL);
  const typed = new Set(summary.structures.map((one) => one.scanType)).size > 1;
  const { dice, surfaceDice, hd95, hd, volumeErrorMl, volumeErrorPercent } = WORDS;
  const columns: readonly Column<StructureSummary>[] = [
    { title: 'Structure', text: true, value: (one) => nameOf(one.structure) },
    ...(typed ? [{ title: 'Scan type', text: true, value: (one: StructureSummary) => typeName(one.scanType) }] : []),
    ...(grouped ? [{ title: 'Group', text: true, value: (one: StructureSummary) => one.group }] : []),
    { title: 'n', value: (one) => one.measures.dice.n },
    { title: 'Missed', value: (one) => one.missed },
    { title: 'Invented', value: (one) => one.invented },
    {
      title: 'Dice, mean ± SD',
      value: (one) => one.measures.dice.mean,
      shown: ({ measures: { dice: d } }) =>
        `${figure(d.mean, dice.digits)}${d.sd === null ? '' : ` ± ${figure(d.sd, dice.digits)}`}`,
    },
    numeric('Dice, median', (one) => one.measures.dice.median, dice.digits),
    numeric('Surface Dice, mean', (one) => one.measures.surfaceDice.mean, surfaceDice.digits),
    {
      title: 'HD95, median [quartiles], mm',
      value: (one) => one.measures.hd95.median,
      shown: ({ measures: { hd95: h } }) =>
        h.median === null
          ? '–'
          : `${figure(h.median, hd95.digits)} [${figure(h.q1, hd95.digits)}, ${figure(h.q3, hd95.digits)}]`,
    },
    numeric('HD, median, mm', (one) => one.measures.hd.median, hd.digits),
    numeric('Volume error, mean, mL', (one) => one.measures.volumeErrorMl.mean, volumeErrorMl.digits),
    numeric('Volume error, median, %', (one) => one.measures.volumeErrorPercent.median, volumeErrorPercent.digits),
  ]; // prettier-ignore
  const shown = summary.structures.filter((one) => one.cases > one.absent);
  return table('Every structure', columns, shown, 'structures', true);
}

interface WorstCase {
  readonly case: string;
  readonly scanType: string;
  readonly measures: StructureMeasures;
}

/** The structures with the lowest Dice, sortable. */
export function worstTable({ cases, parameters }: Evaluation): string {
  const worst: WorstCase[] = cases
    .flatMap((one) =>
      one.structures
        .filter((measures) => counted(measures, 'dice', parameters.invented) !== null)
        .map((measures) => ({ case: one.case, scanType: one.scanType, measures })),
    )
    .sort(
      (a, b) =>
        (a.measures.dice ?? 0) - (b.measures.dice ?? 0) ||
        Math.abs(b.measures.volumeErrorMl) - Math.abs(a.measures.volumeErrorMl),
    )
    .slice(0, WORST);
  const columns: readonly Column<WorstCase>[] = [
    { title: 'Case', text: true, value: (one) => one.case },
    { title: 'Scan type', text: true, value: (one) => one.scanType },
    { title: 'Structure', text: true, value: (one) => nameOf(one.measures.structure) },
    { title: 'Found', text: true, value: (one) => FOUND[one.measures.presence] },
    numeric('Dice', (one) => one.measures.dice, WORDS.dice.digits),
    numeric('Surface Dice', (one) => one.measures.surfaceDice, WORDS.surfaceDice.digits),
    numeric('HD95, mm', (one) => one.measures.hd95, WORDS.hd95.digits),
    numeric('Reference, mL', (one) => one.measures.referenceMl, 1),
    numeric('Prediction, mL', (one) => one.measures.predictionMl, 1),
    numeric('Volume error, %', (one) => one.measures.volumeErrorPercent, 1),
  ];
  return table(`The ${worst.length} lowest Dice`, columns, worst, 'worst', true);
}

const FOUND = { both: 'yes', missed: 'missed', invented: 'invented', absent: 'absent' } as const;

function typeName(scanType: string): string {
  return scanType === ALL ? 'all scan types' : scanType;
}

function numeric<Item>(
  title: string,
  value: (item: Item) => number | null,
  digits: number,
): Column<Item> {
  return { title, value, shown: (item) => figure(value(item), digits) };
}

function table<Item>(
  caption: string,
  columns: readonly Column<Item>[],
  items: readonly Item[],
  id: string,
  sortable = false,
): string {
  const head = columns
    .map(({ title, text }) => {
      const kind = text === true ? ' class="text"' : '';
      const label = sortable
        ? `<button type="button">${escape(title)}<span aria-hidden="true"></span></button>`
        : escape(title);
      return `<th scope="col"${kind}>${label}</th>`;
    })
    .join('');
  const body = items
    .map((item) => {
      const cells = columns.map((column, index) => {
        const value = column.value(item);
        const shown = column.shown?.(item) ?? (value === null ? '–' : String(value));
        const sort = column.text === true ? '' : ` data-v="${value ?? ''}"`;
        if (index === 0) return `<th scope="row">${escape(shown)}</th>`;
        return `<td${column.text === true ? ' class="text"' : ''}${sort}>${escape(shown)}</td>`;
      });
      return `<tr>${cells.join('')}</tr>`;
    })
    .join('\n');
  const filter = sortable
    ? `<label class="filter">Show rows with <input type="search" data-for="${id}" placeholder="e.g. liver"></label>`
    : '';
  return `${filter}<div class="scroll" tabindex="0" role="region" aria-label="${escape(caption)}"><table id="${id}"${sortable ? ' class="sortable"' : ''}><caption>${escape(caption)}</caption><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>`;
}
