import type { TreeItem } from './content-tree.ts';

/** A row of a template: `relationship type concept`, how often, and what lies below it. */
export interface TemplateRow {
  readonly row: string;
  /** At least and at most. */
  readonly times: readonly [number, number];
  /** Code values that are allowed; any when left out. */
  readonly values?: readonly string[];
  readonly children?: readonly TemplateRow[];
}

const once = [1, 1] as const;
const maybe = [0, 1] as const;
const many = [1, Number.POSITIVE_INFINITY] as const;

const DERIVATIONS = ['373098007', '386136009', '373099004', '255605001', '56851009'];

/** A TID 1411 group in the row order of dicom-seg-sr §2.2. */
function measurementGroup(quantity: string): TemplateRow {
  return {
    row: 'CONTAINS CONTAINER 125007',
    times: many,
    children: [
      { row: 'HAS OBS CONTEXT TEXT 112039', times: once },
      { row: 'HAS OBS CONTEXT UIDREF 112040', times: once },
      { row: 'CONTAINS CODE 276214006', times: once, values: ['123037004'] },
      { row: 'CONTAINS CODE 121071', times: once },
      { row: 'CONTAINS IMAGE 121191', times: once },
      { row: 'CONTAINS UIDREF 121232', times: once },
      {
        row: 'HAS CONCEPT MOD CODE 363698007',
        times: once,
        children: [
          { row: 'HAS CONCEPT MOD CODE 272741003', times: maybe, values: ['7771000', '24028007'] },
        ],
      },
      { row: 'HAS CONCEPT MOD TEXT 111001', times: once },
      { row: 'HAS CONCEPT MOD TEXT 111003', times: once },
      { row: 'HAS CONCEPT MOD TEXT 122405', times: maybe },
      { row: 'HAS CONCEPT MOD TEXT 111002', times: [0, Number.POSITIVE_INFINITY] },
      { row: 'HAS CONCEPT MOD CODE 111000', times: once, values: ['123110'] },
      {
        row: 'CONTAINS NUM 118565006',
        times: once,
        children: [{ row: 'HAS CONCEPT MOD CODE 370129005', times: once, values: ['126030'] }],
      },
      {
        row: `CONTAINS NUM ${quantity}`,
        times: [DERIVATIONS.length, DERIVATIONS.length],
        children: [{ row: 'HAS CONCEPT MOD CODE 121401', times: once, values: DERIVATIONS }],
      },
      { row: 'CONTAINS CODE TRUNC_FOV', times: once, values: ['373066001', '373067005'] },
    ],
  };
}

/** The whole report (TID 1500) of dicom-seg-sr §2.2 on a CT or an MR. */
export function reportTemplate(modality: 'CT' | 'MR'): readonly TemplateRow[] {
  const numbers = ['110910', '110911', '111026', '111066', '112226', '112225'];
  return [
    { row: 'HAS CONCEPT MOD CODE 121049', times: once, values: ['en-US'] },
    { row: 'HAS OBS CONTEXT CODE 121005', times: once, values: ['121007'] },
    { row: 'HAS OBS CONTEXT UIDREF 121012', times: once },
    { row: 'HAS OBS CONTEXT TEXT 121013', times: once },
    { row: 'HAS OBS CONTEXT TEXT 121014', times: once },
    { row: 'HAS OBS CONTEXT TEXT 121015', times: once },
    { row: 'HAS OBS CONTEXT TEXT 121016', times: once },
    {
      row: 'HAS CONCEPT MOD CODE 121058',
      times: once,
      values: [modality === 'MR' ? '25056-3' : '25045-6'],
    },
    {
      row: 'CONTAINS CONTAINER 111028',
      times: once,
      children: [
        {
          row: 'CONTAINS CONTAINER 126200',
          times: once,
          children: [
            { row: 'HAS ACQ CONTEXT CODE 121139', times: once, values: [modality] },
            { row: 'HAS ACQ CONTEXT UIDREF 112227', times: once },
            ...numbers.map((concept) => ({ row: `HAS ACQ CONTEXT NUM ${concept}`, times: once })),
            { row: 'CONTAINS IMAGE -', times: many },
          ],
        },
      ],
    },
    {
      row: 'CONTAINS CONTAINER 126010',
      times: once,
      children: [measurementGroup(modality === 'CT' ? '112031' : '110852')],
    },
  ];
}

/** What breaks the template: order, relationship, value type, concept, value and how often. */
export function againstTemplate(
  items: readonly TreeItem[],
  template: readonly TemplateRow[],
  path = '',
): string[] {
  const found: string[] = [];
  let at = 0;
  for (const { row, times, values, children } of template) {
    const place = `${path}/${row}`;
    let count = 0;
    for (; at < items.length; at += 1) {
      const item = items[at];
      if (item === undefined || lineOf(item) !== row) break;
      count += 1;
      if (values !== undefined && !values.includes(item.value ?? '')) {
        found.push(`${place} has the value ${item.value}`);
      }
      found.push(...againstTemplate(item.children, children ?? [], place));
    }
    if (count < times[0] || count > times[1]) found.push(`${place} is there ${count} times`);
  }
  const rest = items[at];
  if (rest !== undefined) found.push(`${path}/${lineOf(rest)} is out of place`);
  return found;
}

function lineOf({ relationship, type, name }: TreeItem): string {
  return `${relationship} ${type} ${name ?? '-'}`;
}
