import type { Code } from '../contracts/index.ts';
import { REPORT_TEMPLATE, rejectionTemplate, type TemplateRow } from '../results/index.ts';
import { table } from './markdown.ts';

const HEADINGS = ['Nesting', 'Relationship', 'Value type', 'Concept name', 'How often', 'Value'];

/** `(121071, DCM, "Finding")` */
export function codeText({ value, scheme, meaning }: Code): string {
  return `(${value}, ${scheme}, "${meaning}")`;
}

/** The report's content tree below its root, row by row. */
export function reportTree(): string {
  return table(HEADINGS, REPORT_TEMPLATE.flatMap(rowsOf(1)));
}

/** The same of a rejection note; instances are images or other composite objects. */
export function rejectionTree(): string {
  const rows = rejectionTemplate([true, false]);
  const shown = rows.map((row, index) =>
    index < rows.length - 2 ? row : { ...row, least: 0, most: Infinity },
  );
  return table(HEADINGS, shown.flatMap(rowsOf(1)));
}

function rowsOf(depth: number): (row: TemplateRow) => string[][] {
  return (row) => [
    [
      '>'.repeat(depth),
      row.relationship,
      row.valueType,
      row.concept === null ? '(none)' : codeText(row.concept),
      row.least === row.most
        ? String(row.least)
        : `${row.least}-${row.most === Infinity ? 'n' : row.most}`,
      valueText(row),
    ],
    ...row.children.flatMap(rowsOf(depth + 1)),
  ];
}

function valueText({ values, units, templates }: TemplateRow): string {
  return [
    ...(values === undefined ? [] : [values.map(codeText).join(' or ')]),
    ...(units === undefined ? [] : [`in ${units.map(codeText).join(' or ')}`]),
    ...(templates === undefined ? [] : [`TID ${templates.join(' or ')}`]),
  ].join('; ');
}
