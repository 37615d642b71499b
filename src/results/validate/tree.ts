import { sameCode } from '../codes.ts';
import { itemOf, itemsOf, textOf, type ReadDataset } from '../read/dataset.ts';
import { readCode } from '../read/segmentation.ts';
import type { ValidationReport } from './report.ts';
import type { TemplateRow } from './template.ts';

/** The content tree follows the template: relationship, value type, concept, order, multiplicity. */
export function checkTree(
  dataset: ReadDataset,
  identifier: string,
  rows: readonly TemplateRow[],
  report: ValidationReport,
): void {
  const template = itemOf(dataset, 'ContentTemplateSequence');
  report.expect(
    textOf(template, 'TemplateIdentifier') === identifier,
    'template',
    'ContentTemplateSequence',
    `The root must name template ${identifier}.`,
  );
  checkChildren(dataset, rows, '', report);
}

function checkChildren(
  parent: ReadDataset,
  rows: readonly TemplateRow[],
  path: string,
  report: ValidationReport,
): void {
  const children = itemsOf(parent, 'ContentSequence');
  let next = 0;
  for (const row of rows) {
    let count = 0;
    for (; count < row.most; count += 1) {
      const child = children[next];
      if (child === undefined || !fits(child, row)) break;
      next += 1;
      checkItem(child, row, `${path}${path === '' ? '' : '/'}ContentSequence[${next}]`, report);
    }
    if (count < row.least) {
      const name = row.concept?.meaning ?? 'an unnamed item';
      const message = `${row.relationship} ${row.valueType} ${name} is missing, or stands elsewhere.`;
      report.error('template', `${path}${path === '' ? '' : '/'}ContentSequence`, message);
    }
  }
  if (next < children.length) {
    const extra = children[next];
    const name = extra === undefined ? null : readCode(extra, 'ConceptNameCodeSequence');
    report.error(
      'template',
      `${path}${path === '' ? '' : '/'}ContentSequence[${next + 1}]`,
      `${name?.meaning ?? 'An unnamed item'} has no place here in the template.`,
    );
  }
}

function fits(item: ReadDataset, row: TemplateRow): boolean {
  if (textOf(item, 'RelationshipType') !== row.relationship) return false;
  if (textOf(item, 'ValueType') !== row.valueType) return false;
  const name = readCode(item, 'ConceptNameCodeSequence');
  if (row.concept === null || name === null) return row.concept === null && name === null;
  return sameCode(name, row.concept);
}

function checkItem(
  item: ReadDataset,
  row: TemplateRow,
  path: string,
  report: ValidationReport,
): void {
  switch (row.valueType) {
    case 'CODE': {
      const value = readCode(item, 'ConceptCodeSequence');
      const known = value !== null && (row.values?.some((one) => sameCode(one, value)) ?? true);
      report.expect(
        known,
        'template-value',
        path,
        `${value?.meaning ?? 'No code'} is not allowed here.`,
      );
      break;
    }
    case 'TEXT':
      report.expect(
        textOf(item, 'TextValue') !== null,
        'template-value',
        path,
        'The text is empty.',
      );
      break;
    case 'UIDREF':
      report.expect(textOf(item, 'UID') !== null, 'template-value', path, 'The UID is empty.');
      break;
    case 'NUM':
      checkNumber(item, row, path, report);
      break;
    case 'CONTAINER': {
      const id = textOf(itemOf(item, 'ContentTemplateSequence'), 'TemplateIdentifier');
      const named = row.templates === undefined || row.templates.includes(id ?? '');
      report.expect(named, 'template', path, `Template ${id ?? 'none'} is not allowed here.`);
      report.expect(
        textOf(item, 'ContinuityOfContent') === 'SEPARATE',
        'template',
        `${path}/ContinuityOfContent`,
        'A container must be SEPARATE.',
      );
      break;
    }
    case 'COMPOSITE':
    case 'IMAGE': {
      const references = itemsOf(item, 'ReferencedSOPSequence').length;
      report.expect(
        references === 1,
        'template-value',
        path,
        `It refers to ${references} instances.`,
      );
      break;
    }
  }
  checkChildren(item, row.children, path, report);
}

/** A value with an allowed unit, or no value and the reason (PS3.3 C.18.1). */
function checkNumber(
  item: ReadDataset,
  row: TemplateRow,
  path: string,
  report: ValidationReport,
): void {
  const measured = itemsOf(item, 'MeasuredValueSequence');
  const [value] = measured;
  if (value === undefined) {
    const said = itemsOf(item, 'NumericValueQualifierCodeSequence').length === 1;
    report.expect(said, 'number', path, 'A number without a value must say why.');
    return;
  }
  const unit = readCode(value, 'MeasurementUnitsCodeSequence');
  const known = unit !== null && (row.units?.some((one) => sameCode(one, unit)) ?? true);
  report.expect(known, 'number', path, `The unit ${unit?.value ?? 'none'} is not allowed here.`);
  const digits = Number(textOf(value, 'NumericValue') ?? 'NaN');
  const [float] = value.get('FloatingPointValue')?.values ?? [];
  const near =
    typeof float === 'number' &&
    Math.abs(float - digits) <= 1e-8 * Math.max(1e-30, Math.abs(float));
  report.expect(near, 'number', path, `${digits} and ${float ?? 'nothing'} are not one number.`);
}
